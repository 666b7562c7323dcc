//! `componentize_py._native`: the functions for the Python package `componentize_py`. Its only interface is the
//! command line, so that options mean the same everywhere; the package adds names and types.

mod failure;
mod progress;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use clap::Parser as _;
use componentize_py::cli::{self, Args};
use ground::ui::{self, Observer};
use pyo3::prelude::*;

use failure::Failure;
use progress::Progress;

/// The program: prints its messages and returns the exit code.
#[pyfunction]
fn main(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    // The hook has reported the panic; the binary would end with this code too.
    py.detach(|| catch_unwind(|| cli::main(arguments)).unwrap_or(ui::BUG))
}

/// One build. Returns its failure, if any, in parts. Raises only the exceptions of `progress` or of a signal handler.
#[pyfunction]
fn run(
    py: Python<'_>,
    arguments: Vec<OsString>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Option<Failure>> {
    let progress = Arc::new(Progress::new(progress));
    let observer: Arc<dyn Observer> = Arc::clone(&progress) as _;
    let outcome = py.detach(|| {
        catch_unwind(AssertUnwindSafe(|| {
            Args::try_parse_from(arguments)?.run(Some(observer))
        }))
    });
    // The caller gets the exception that ended the build, whatever became of the build.
    if let Some(exception) = progress.take_exception() {
        return Err(exception);
    }
    Ok(match outcome {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(Failure::from_error(&error)),
        Err(panic) => Some(Failure::from_panic(panic.as_ref())),
    })
}

#[pymodule(name = "_native")]
fn native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("VERSION", env!("CARGO_PKG_VERSION"))?;
    module.add_function(wrap_pyfunction!(main, module)?)?;
    module.add_function(wrap_pyfunction!(run, module)?)
}
