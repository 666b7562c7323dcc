//! `componentize-py` as a library: [`Componentize`] builds a component from a Python app, [`Bindings`]
//! writes the Python stubs of a world, [`Run`] and [`Serve`] run components. `pipeline.rs` is the table of contents.

mod api;
mod artifacts;
pub mod cli;
mod contract;
mod emit;
mod link;
mod pipeline;
mod preinit;
mod project;
pub mod report;
mod scratch;
mod settings;
mod signals;
mod symbols;

pub use ground::ui::{Observer, Stopped, Verbosity};
pub use ground::{Kind, UserError};
pub use host::{Run, Serve};
pub use report::Report;
pub use settings::{Bindings, Componentize, WorldSettings};
