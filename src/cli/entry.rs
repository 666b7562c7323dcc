//! The program as a function: the binary and the wheel's command are calls of it.

use std::ffi::OsString;
use std::io::Write as _;

use clap::Parser as _;

use super::Args;
use crate::ui;

/// Exit code of a command line that makes no sense, unless it asks for help.
const USAGE: u8 = 2;

/// Runs the command line, of which the first argument is the program's name; prints what goes wrong; gives the exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let outcome = match Args::try_parse_from(arguments) {
        Ok(arguments) => arguments.run(None),
        Err(error) => {
            // As clap itself would: a closed pipe is the reader's business.
            let _ = error.print();
            let _ = std::io::stdout().flush();
            return u8::try_from(error.exit_code()).unwrap_or(USAGE);
        }
    };
    match outcome {
        Ok(()) => 0,
        Err(error) => ui::print_error(&error),
    }
}
