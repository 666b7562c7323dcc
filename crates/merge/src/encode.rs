//! Wraps the merged module into a component.

use anyhow::{Context as _, Result};
use wasm_encoder::{ComponentSectionId, Encode as _};
use wasmparser::BinaryReader;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::State;
use super::emit::{Draft, Phase};
use super::error::check_size;
use crate::embed_init_world;

/// The interface through which the build reads the memory.
const STATE_WIT: &str = include_str!("../../../wit/state.wit");

/// Bytes before the first section.
const HEADER: usize = 8;

impl Draft<'_, '_> {
    /// The component around [`Draft::module`].
    ///
    /// The encoder copies and parses its module several times, so it gets the skeleton, and the real module replaces
    /// that afterwards.
    pub fn component(&self, state: Option<&State>) -> Result<Vec<u8>> {
        let mut skeleton = self.skeleton()?;
        if self.phase() == Phase::Build {
            embed_build_worlds(&mut skeleton)?;
        }
        exchange(&around(&skeleton)?, &self.module(state)?)
    }
}

/// The component around a module with worlds.
pub fn around(skeleton: &[u8]) -> Result<Vec<u8>> {
    ComponentEncoder::default()
        // The result is validated as a whole, once, before it is written.
        .validate(false)
        .module(skeleton)
        .and_then(|mut encoder| encoder.encode())
        .context("failed to turn the linked module into a component")
}

/// Adds the worlds of the build to a module.
pub fn embed_build_worlds(module: &mut Vec<u8>) -> Result<()> {
    embed_init_world(module)?;
    embed_state_world(module)
}

fn embed_state_world(module: &mut Vec<u8>) -> Result<()> {
    let mut resolve = Resolve::default();
    let package = resolve
        .push_str("state.wit", STATE_WIT)
        .context("failed to parse `wit/state.wit`")?;
    let world = resolve.select_world(&[package], Some("build"))?;
    embed_component_metadata(module, &resolve, world, StringEncoding::UTF8)
}

/// Replaces the first module of the component, which is the encoded one, by `module`. The encoder's other modules refer
/// to it.
fn exchange(component: &[u8], module: &[u8]) -> Result<Vec<u8>> {
    check_size(module.len())?;
    let mut out = Vec::with_capacity(component.len() + module.len());
    let mut reader = BinaryReader::new(component, 0);
    reader.read_bytes(HEADER)?;
    loop {
        let start = reader.current_position();
        let id = reader.read_u8().context("the component has no module")?;
        let size = reader.read_var_u32()? as usize;
        reader.read_bytes(size)?;
        if id == ComponentSectionId::CoreModule as u8 {
            out.extend_from_slice(&component[..start]);
            out.push(id);
            module.encode(&mut out);
            out.extend_from_slice(&component[reader.current_position()..]);
            return Ok(out);
        }
    }
}
