//! Links shared libraries into one component.
//!
//! Comes in: dylink.0 modules; those that talk to the host carry their world in a `component-type` section.
//! Goes out: [`Linked`], a component that exports the application's world and, until the snapshot is taken, the
//! contract between us and the guest runtime (`wit/init.wit`).
//!
//! [`merge`] makes one core module of them. `wit_component::Linker` ([`component`]) keeps them apart; it is there to
//! compare with.

mod check;
mod component;
mod extensions;
mod interface;
mod isolate;
mod mangle;
pub mod merge;
mod own;
mod preview1;
mod signatures;
mod sizes;
mod unusable;

pub use extensions::{Extensions, Shelf};
pub use interface::Unfit;
pub use mangle::world_exports as mangle_world_exports;
pub use own::Own;
pub use sizes::{LinkedLibrary, Sizes};
pub use unusable::Unusable;

use std::borrow::Cow;

use anyhow::{Context as _, Result};
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The contract that [`crate::symbols`] mirrors.
const INIT_WIT: &str = include_str!("../../wit/init.wit");

/// The interface in it that the runtime exports.
pub const INIT_INTERFACE: &str = "componentize-py:runtime/init";

/// Bytes for the C stack, at the start of linear memory. The host's own stack ends long before this one
/// does; memory that is not touched costs nothing, and the snapshot leaves this part out.
pub const STACK_SIZE: u32 = 8 << 20;

/// A shared library for the guest.
#[derive(Clone)]
pub struct Library {
    /// As other libraries name it in their list of needed ones.
    pub name: String,
    pub wasm: Cow<'static, [u8]>,
    /// Whether it lies on the search path; those that come with us take no symbols from it.
    pub is_foreign: bool,
    /// Whether `dlopen` finds it at run time.
    pub dl_openable: bool,
}

/// What makes a component of libraries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Linker {
    /// Ours, into one core module.
    #[default]
    Merge,
    /// That of `wit-component`, with a core module for each library.
    Component,
}

/// Linked libraries.
pub enum Linked<'a> {
    Merged(Box<merge::Program<'a>>),
    Component { component: Vec<u8>, sizes: Sizes },
}

/// Links `libraries`. Where two define a symbol, the earlier one wins.
pub fn link(libraries: &[Library], linker: Linker, keep_names: bool) -> Result<Linked<'_>> {
    Ok(match linker {
        Linker::Merge => {
            let program = merge::Program::link(libraries, keep_names)?;
            Linked::Merged(Box::new(program))
        }
        Linker::Component => {
            let component = component::link(libraries, keep_names)?;
            let sizes = Sizes::of_modules(libraries, &component)?;
            Linked::Component { component, sizes }
        }
    })
}

fn embed_init_world(wasm: &mut Vec<u8>) -> Result<()> {
    let mut resolve = Resolve::default();
    let package = resolve
        .push_str("init.wit", INIT_WIT)
        .context("failed to parse `wit/init.wit`")?;
    let world = resolve.select_world(&[package], Some("runtime"))?;
    embed_component_metadata(wasm, &resolve, world, StringEncoding::UTF8)
}
