//! The command line: arguments in, [`Componentize`] or [`Bindings`] out.
//!
//! What the environment says about a build is read here and nowhere else; every default is resolved here, once.

mod args;
mod entry;
mod host_args;

pub use args::{Args, Command};
pub use entry::main;
