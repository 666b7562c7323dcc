//! The program: parses the command line, runs it, renders the error, sets the exit code.

use std::process::ExitCode;

use clap::Parser as _;
use componentize_py::cli::Args;
use componentize_py::ui;

fn main() -> ExitCode {
    match Args::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => ExitCode::from(ui::print_error(&error)),
    }
}
