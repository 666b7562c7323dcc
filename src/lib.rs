//! `componentize-py` as a library: [`Componentize`] builds a component from a Python app, [`Bindings`]
//! writes the Python stubs of a world, [`Run`] and [`Serve`] run components. `pipeline.rs` is the table of contents.

mod artifacts;
pub mod bindgen;
pub mod cli;
mod compiled;
mod emit;
mod error;
pub mod files;
pub mod glue;
pub mod host;
pub mod link;
mod pipeline;
pub mod plan;
pub mod preinit;
pub mod project;
pub mod report;
pub mod run;
mod scratch;
pub mod serve;
mod signals;
pub mod symbols;
pub mod ui;
pub mod world;

pub use cli::{Bindings, Componentize, WorldSettings};
pub use error::UserError;
pub use report::Report;
pub use run::Run;
pub use serve::Serve;
