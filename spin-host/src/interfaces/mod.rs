//! The imports of a component beyond WASI, interface by interface: first the checks against its grants, then the part that does
//! the work.
//!
//! Each file has both generations of an interface: `fermyon:spin@2.0.0`, whose functions are synchronous for the guest (the
//! host may wait in them), and `spin:*@3.x`, whose functions are `async` in the Component Model's sense.

mod databases;
mod key_value;
mod llm;
mod redis;
mod sqlite;
mod unknown;
mod variables;
mod wasi_key_value;

use wasmtime::Result;
use wasmtime::component::{Component, Linker};

use crate::state::{Spin, State};

/// Generated from `wit/`.
mod generated {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "imports",
        imports: { default: async | trappable },
        with: {
            "fermyon:spin/key-value@2.0.0.store": crate::parts::key_value::Store,
            "fermyon:spin/redis@2.0.0.connection": crate::parts::redis::Connection,
            "fermyon:spin/sqlite@2.0.0.connection": crate::parts::sqlite::Database,
            "spin:key-value/key-value@3.0.0.store": crate::parts::key_value::Store,
            "spin:redis/redis@3.0.0.connection": crate::parts::redis::Connection,
            "spin:sqlite/sqlite@3.1.0.connection": crate::parts::sqlite::Database,
            "wasi:keyvalue/atomics@0.2.0-draft2.cas": crate::parts::key_value::Compared,
            "wasi:keyvalue/store@0.2.0-draft2.bucket": crate::parts::key_value::Store,
        },
    });
}

/// The trigger of the first generation, for which `wasmtime-wasi-http` has no bindings.
pub mod inbound {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "http-trigger",
        exports: { default: async },
    });
}

/// A linker with all imports of `component`. Imports that this host lacks trap when they are called.
pub fn link(component: &Component, linker: &mut Linker<State>) -> Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasmtime_wasi::p3::add_to_linker(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    wasmtime_wasi_http::p3::add_to_linker(linker)?;
    generated::Imports::add_to_linker::<State, Spin>(linker, |state| state)?;
    unknown::link(component, linker)
}
