//! The program as a function: the binary and the wheel's command both call it.

use std::ffi::OsString;
use std::io::Write as _;

use clap::Parser as _;

use super::Args;
use ground::ui;

/// Exit code of an invalid command line, unless it asks for help.
const USAGE: u8 = 2;

/// Runs the command line, whose first argument is the program's name; prints errors; returns the exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let outcome = match Args::try_parse_from(&arguments) {
        Ok(arguments) => arguments.run(None),
        Err(error) => {
            print_usage(&error, &arguments);
            return u8::try_from(error.exit_code()).unwrap_or(USAGE);
        }
    };
    match outcome {
        Ok(()) => 0,
        Err(error) => ui::print_error(&error),
    }
}

/// Prints as clap itself would, with its colours, unless the message may quote text that must not reach a terminal: a
/// script may have put a stranger's words into its command line. A closed pipe is the reader's business.
fn print_usage(error: &clap::Error, arguments: &[OsString]) {
    let is_safe = |argument: &OsString| {
        let text = argument.to_string_lossy();
        foreign_text::line(&text) == text
    };
    let _ = if arguments.iter().all(is_safe) {
        error.print()
    } else {
        let text = error.render().to_string();
        std::io::stderr().write_all(foreign_text::lines(&text).as_bytes())
    };
    let _ = std::io::stdout().flush();
}
