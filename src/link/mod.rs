//! Links shared libraries into one component.
//!
//! Comes in: dylink.0 modules; those that call the host carry their world in a `component-type` section. Goes out:
//! [`Linked`], a component that exports the application's world and, until the snapshot is taken, the contract between
//! the tool and the guest runtime (`wit/init.wit`).
//!
//! [`mod@merge`] makes one core module of them. `wit_component::Linker` ([`component`]) keeps them apart, and serves
//! for comparison.

mod calls;
mod check;
mod component;
mod dylink;
mod emscripten;
mod extensions;
mod imports;
mod interface;
mod isolate;
mod mangle;
mod own;
mod preview1;
mod signatures;
mod sizes;
mod unusable;

pub use calls::signatures;
pub use extensions::{Extensions, Shelf};
pub use mangle::world_exports as mangle_world_exports;
pub use own::Own;
pub use unusable::{Unusable, WASI_WHEEL};

use anyhow::Result;
use merge::{Library, Sizes};

use crate::settings::Linker;

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
            let sizes = sizes::of_modules(libraries, &component)?;
            Linked::Component { component, sizes }
        }
    })
}
