//! The command line: arguments in, [`Componentize`] or [`Bindings`] out.
//!
//! The environment of a build is read here and nowhere else, and every default is resolved here, once.

mod args;
mod entry;
mod host_args;
mod install_args;
mod package_args;
mod web_args;
mod wheel_args;

pub use args::{Args, Command};
pub use entry::main;
