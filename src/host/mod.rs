//! What `run` and `serve` share: a component and its limits in, a store that a host would make for it out.
//!
//! Wasmtime as hosts have it by default, with the asynchronous part of the Component Model and the types that our own
//! bindings know. Nothing of this is needed to build components, and no stage of the build uses it.

use crate::error::UserError;

mod engine;
mod outgoing;
mod output;
mod program;
mod settings;
mod state;

pub use engine::{Purpose, Ticker};
pub use output::{Output, Target};
pub use program::{Interface, Program};
pub use settings::{Directory, Permissions};
pub use state::Guest;
pub use store_limits::Memory;

/// Whether a component is beyond the bounds of the pool of instances. Wasmtime has no type for that, but says so.
pub fn is_about_the_pool(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(UserError::ComponentInvalid { reason, .. }) if reason.contains("pooling allocator")
    )
}

/// Whether an exception ended it: our runtime prints the traceback and then executes `unreachable`.
pub fn has_raised(error: &wasmtime::Error, stderr: &Output) -> bool {
    error.downcast_ref() == Some(&wasmtime::Trap::UnreachableCodeReached) && stderr.has_traceback()
}
