//! Facts that the linkers, the build and the guest's runtime agree on: the shape of a library, the interface of the runtime, the
//! size of the C stack.

use std::borrow::Cow;
use std::ops::Range;

use anyhow::{Context as _, Result};
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The contract that the tool and the runtime (`runtime/symbols.h`) share.
const INIT_WIT: &str = include_str!("../../../wit/init.wit");

/// The interface in it that the runtime exports.
pub const INIT_INTERFACE: &str = "componentize-py:runtime/init";

/// The interface of `wit/state.wit`, through which the build reads the memory.
pub const STATE_INTERFACE: &str = "componentize-py:link/state";

/// Bytes of the C stack, at the start of linear memory. The host's own stack ends long before this one does. Untouched
/// memory costs nothing, and the snapshot leaves this part out.
pub const STACK_SIZE: u32 = 8 << 20;

/// A shared library for the guest.
#[derive(Clone)]
pub struct Library {
    /// The name in other libraries' lists of needed ones.
    pub name: String,
    pub wasm: Cow<'static, [u8]>,
    /// `true` if it lies on the search path. Our own libraries take no symbols from it.
    pub is_foreign: bool,
    /// `true` if `dlopen` finds it at run time.
    pub dl_openable: bool,
}

/// Adds the world of the runtime to its library.
pub fn embed_init_world(wasm: &mut Vec<u8>) -> Result<()> {
    let mut resolve = Resolve::default();
    let package = resolve
        .push_str("init.wit", INIT_WIT)
        .context("failed to parse `wit/init.wit`")?;
    let world = resolve.select_world(&[package], Some("runtime"))?;
    embed_component_metadata(wasm, &resolve, world, StringEncoding::UTF8)
}

/// The contributions of all libraries, in the order in which they were linked.
#[derive(Clone, Debug, Default)]
pub struct Sizes {
    pub libraries: Vec<LinkedLibrary>,
    /// The address at which static data ends and the heap begins.
    pub heap_base: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedLibrary {
    pub name: String,
    /// Bytes of its function bodies in the component.
    pub code: u64,
    /// Addresses of its static data.
    pub memory: Range<u32>,
}
