//! The code that `run` and `serve` share: a component and its limits in, a store like a host's out.
//!
//! Wasmtime with the defaults of hosts, the asynchronous part of the Component Model, and the types that our own
//! bindings support. No stage of the build uses it.

#![deny(missing_docs)]

pub mod compiled;
mod engine;
mod error;
mod outgoing;
mod output;
mod program;
mod run;
pub mod serve;
mod settings;
mod state;

pub use engine::Compiler;
pub(crate) use engine::{Purpose, Ticker};
pub(crate) use error::HostError;
pub(crate) use output::{Output, Target};
pub(crate) use program::{ComponentFile, Interface};
pub use run::Run;
pub use serve::Serve;
pub use settings::{Directory, Permissions};
pub(crate) use state::StoreState;
pub use store_limits::Memory;

/// Returns `true` if an exception ended it: our runtime prints the traceback and then executes `unreachable`.
pub(crate) fn has_raised(error: &wasmtime::Error, stderr: &Output) -> bool {
    error.downcast_ref() == Some(&wasmtime::Trap::UnreachableCodeReached) && stderr.has_traceback()
}
