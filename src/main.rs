//! The program: the command line in, an exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(componentize_py::cli::main(std::env::args_os()))
}
