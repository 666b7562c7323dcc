//! `componentize-py` as a library: [`Componentize`] builds a component from a Python app, [`Bindings`] writes the Python stubs of a
//! world, [`Install`] gets an app's dependencies, [`Wheel`] builds those with native code, [`Run`] and [`Serve`] run components. Each has
//! a field for each option of the command, and `run` does what the command does.
//!
//! ```no_run
//! use componentize_py::{Componentize, Run, UserError};
//!
//! let built = Componentize::new("app").wit_path("wit").world("command").output("app.wasm").run();
//! if let Err(error) = &built
//!     && let Some(mistake) = error.downcast_ref::<UserError>()
//! {
//!     // The app, the WIT or an option is at fault, and not this program.
//!     eprintln!("{mistake}\n{}", mistake.hint().unwrap_or_default());
//! }
//! built?;
//! let exit_code = Run::new("app.wasm").argument("--help").run()?;
//! # Ok::<(), anyhow::Error>(())
//! ```
//!
//! An error that holds no [`UserError`], nor an error of the file system, is a bug of ours. `pipeline.rs` is the table of contents for
//! readers of the code.

#![deny(missing_docs)]

mod api;
mod artifacts;
pub mod cli;
mod contract;
mod emit;
mod files;
mod install;
mod link;
mod pipeline;
mod preinit;
mod project;
pub mod report;
mod scratch;
mod settings;
mod signals;
mod symbols;
mod wheel;

pub use ground::ui::{Observer, Stopped, Verbosity};
pub use ground::{Kind, UserError};
pub use host::serve::Limits;
pub use host::{Directory, Permissions, Run, Serve};
pub use install::{Install, Installer};
pub use report::Report;
pub use settings::{
    Bindings, Compiler, Componentize, FileSettings, Linker, ReportFormat, SitePackages, Stdlib,
    Wasi, WorldSettings,
};
pub use wheel::{Buildable, Wheel};
