//! Mistakes of users, and the tool's message for each: cases as in `cli.rs`, below `tests/errors`. The reference of errors
//! is made from them.

use libtest_mimic::Trial;

use super::cli;

pub fn trials() -> Vec<Trial> {
    cli::trials_of("errors")
}
