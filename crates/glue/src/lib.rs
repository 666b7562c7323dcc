//! The glue: a dylink.0 module, made by `wit-dylib`, that lifts and lowers the canonical ABI of one world and calls the
//! guest runtime for everything that concerns Python.
//!
//! In: a resolved world. Out: the module with its `component-type` section, and metadata with the index of each
//! function and type. The runtime and the printed bindings refer to those indices.

mod clock;
mod error_context;
mod rewrite;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use bindings::bindgen::Indices;
use bindings::world::ResolvedWorld;
use wit_component::StringEncoding;
use wit_dylib::{DylibOpts, Metadata};
use wit_parser::TypeId;

pub use error_context::INTERFACE as ERROR_CONTEXT;

/// The guest runtime, which implements the functions that the glue calls (`wit_dylib.h`).
pub const RUNTIME_LIBRARY: &str = "libcomponentize_py_runtime.so";
/// Its part for worlds with asynchronous functions, streams or futures.
pub const ASYNC_LIBRARY: &str = "libcomponentize_py_async.so";

pub struct Glue {
    pub wasm: Vec<u8>,
    pub metadata: Metadata,
    pub rewritten: Rewritten,
    /// The index of the import that timers wait with.
    pub clock: Option<usize>,
    /// Imports that the world itself lacks: they have no Python function.
    pub added: Vec<Added>,
}

/// An import that the world does not name.
#[derive(Clone)]
pub struct Added {
    pub interface: String,
    pub name: &'static str,
    pub params: &'static [&'static str],
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
    /// `needs_async` comes from the plan, which must have accepted the world: `wit-dylib` panics at some that it
    /// refuses.
    pub fn new(world: &ResolvedWorld, needs_async: bool) -> Result<Self> {
        let mut resolve = world.resolve.clone();
        let clock = if needs_async {
            clock::ensure(&mut resolve, world.world)
        } else {
            clock::Clock::default()
        };
        let mut simple = resolve.clone();
        let error_context = error_context::replace(&mut simple, world.world)?;
        let rewritten = rewrite::simplify(&mut simple, world.world);
        // The linker leaves out libraries that nobody names; the asynchronous part names the other.
        let library = if needs_async {
            ASYNC_LIBRARY
        } else {
            RUNTIME_LIBRARY
        };
        let mut options = DylibOpts {
            interpreter: Some(library.to_owned()),
            ..DylibOpts::default()
        };
        let (mut wasm, metadata) =
            wit_dylib::create_with_metadata(&simple, world.world, Some(&mut options));
        if !error_context.is_empty() {
            wasm = error_context::import_builtins(&wasm)?;
        }
        // The simpler types have the same core signatures. Hosts see those of the world.
        wit_component::embed_component_metadata(
            &mut wasm,
            &resolve,
            world.world,
            StringEncoding::UTF8,
        )
        .context("failed to embed the world's type into the glue module")?;
        let mut glue = Self {
            wasm,
            metadata,
            rewritten,
            clock: None,
            added: [clock.added, error_context].concat(),
        };
        glue.clock = clock
            .interface
            .and_then(|interface| glue.import_index(Some(&interface), clock::WAIT_FOR));
        Ok(glue)
    }

    /// The index under which the runtime calls an imported function. `interface` is a result of
    /// `Resolve::name_world_key`; `None` stands for a function of the world itself.
    pub fn import_index(&self, interface: Option<&str>, name: &str) -> Option<usize> {
        self.metadata
            .import_funcs
            .iter()
            .position(|func| func.interface.as_deref() == interface && func.name == name)
    }
}

impl Indices for Glue {
    fn import(&self, interface: Option<&str>, name: &str) -> Option<usize> {
        self.import_index(interface, name)
    }

    fn stream(&self, ty: TypeId) -> Option<usize> {
        let streams = &self.metadata.streams;
        streams.iter().position(|stream| stream.id == ty)
    }

    fn future(&self, ty: TypeId) -> Option<usize> {
        let futures = &self.metadata.futures;
        futures.iter().position(|future| future.id == ty)
    }
}
