//! The glue: a dylink.0 module, made by `wit-dylib`, that lifts and lowers the canonical ABI of one world
//! and calls the guest runtime for everything that concerns Python.
//!
//! In: a resolved world. Out: the module with its `component-type` section, and the metadata that says
//! which index each function and type got. The runtime and the printed bindings refer to those indices.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use wit_component::StringEncoding;
use wit_dylib::{DylibOpts, Metadata};
use wit_parser::TypeId;

use crate::world::ResolvedWorld;

/// The guest runtime, which implements what the glue calls (`wit_dylib.h`).
pub const RUNTIME_LIBRARY: &str = "libcomponentize_py_runtime.so";

pub struct Glue {
    pub wasm: Vec<u8>,
    pub metadata: Metadata,
    pub rewritten: Rewritten,
    /// The index of the import that timers wait with.
    pub clock: Option<usize>,
}

/// The types that the glue sees as simpler ones.
#[derive(Debug, Default)]
pub struct Rewritten {
    /// `map<K, V>`, to the glue a `list<tuple<K, V>>`.
    pub maps: BTreeSet<TypeId>,
    /// `list<T, N>`, to the glue a tuple of `N` times `T`.
    pub fixed_lists: BTreeSet<TypeId>,
}

impl Glue {
    pub fn new(world: &ResolvedWorld) -> Result<Self> {
        let mut options = DylibOpts {
            interpreter: Some(RUNTIME_LIBRARY.to_owned()),
            ..DylibOpts::default()
        };
        let (mut wasm, metadata) =
            wit_dylib::create_with_metadata(&world.resolve, world.world, Some(&mut options));
        wit_component::embed_component_metadata(
            &mut wasm,
            &world.resolve,
            world.world,
            StringEncoding::UTF8,
        )
        .context("failed to embed the world's type into the glue module")?;
        Ok(Self {
            wasm,
            metadata,
            rewritten: Rewritten::default(),
            clock: None,
        })
    }

    /// The index under which the runtime calls an imported function. `interface` is what
    /// `Resolve::name_world_key` gives, and `None` stands for a function of the world itself.
    pub fn import_index(&self, interface: Option<&str>, name: &str) -> Option<usize> {
        self.metadata
            .import_funcs
            .iter()
            .position(|func| func.interface.as_deref() == interface && func.name == name)
    }
}
