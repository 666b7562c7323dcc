//! `spin-host`; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    spin_host::cli::main(std::env::args_os())
}
