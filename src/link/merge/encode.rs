//! Wraps the merged module into a component.

use anyhow::{Context as _, Result};
use wasmparser::Parser;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::{Program, State, emit};
use crate::link::embed_init_world;

/// What the build reads the memory through.
const STATE_WIT: &str = include_str!("../../../wit/state.wit");

/// The interface in it.
pub const STATE_INTERFACE: &str = "componentize-py:link/state";

impl Program<'_> {
    /// The component that starts everything and then shows what has become of it (`wit/state.wit`).
    pub fn for_build(&self) -> Result<Vec<u8>> {
        let mut module = emit::module(self, None)?.finish();
        embed_init_world(&mut module)?;
        let mut resolve = Resolve::default();
        let package = resolve
            .push_str("state.wit", STATE_WIT)
            .context("failed to parse `wit/state.wit`")?;
        let world = resolve.select_world(&[package], Some("build"))?;
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
        encode(&module)
    }

    /// The component as it is after a run that left `state` behind.
    pub fn with_state(&self, state: &State) -> Result<Vec<u8>> {
        encode(&emit::module(self, Some(state))?.finish())
    }
}

fn encode(module: &[u8]) -> Result<Vec<u8>> {
    debug_assert!(Parser::is_core_wasm(module));
    ComponentEncoder::default()
        // The result is validated as a whole, once, before it is written.
        .validate(false)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .context("failed to turn the linked module into a component")
}
