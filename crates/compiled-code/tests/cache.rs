//! Attacks on the cache of compiled code: whatever lies in place of an entry, its key or its directories, no code is executed
//! that this user's own process has not written, and the component still runs.
//!
//! Tests that need files of another user need root, and are listed as ignored for anybody else.

#[path = "cache/attacks.rs"]
mod attacks;
#[path = "cache/keys.rs"]
mod keys;
#[path = "cache/others.rs"]
mod others;
#[path = "cache/place.rs"]
mod place;
#[path = "cache/race.rs"]
mod race;
#[path = "cache/room.rs"]
mod room;

use std::process::ExitCode;

use anyhow::{Result, anyhow};
use libtest_mimic::{Arguments, Failed, Trial};

/// With this as its first argument, the program is one process that uses the cache: `place.rs`.
const CHILD: &str = "--as-a-process";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == CHILD) {
        return place::child(&arguments[2..]);
    }
    let test = |name: &str, run: fn() -> Result<()>| {
        Trial::test(name, move || {
            run().map_err(|error| Failed::from(format!("{error:?}")))
        })
    };
    let is_root = rustix::process::geteuid().is_root();
    let as_root = |name: &str, run: fn() -> Result<()>| test(name, run).with_ignored_flag(!is_root);
    let trials = vec![
        test("kept", attacks::kept),
        test("forged", attacks::forged),
        test("damaged", attacks::damaged),
        test("other_kinds_of_files", attacks::other_kinds_of_files),
        test("modes", attacks::modes),
        test("links_on_the_way", attacks::links_on_the_way),
        test("key_is_made", keys::is_made),
        test("key_is_replaced", keys::is_replaced),
        test("key_is_a_directory", keys::is_a_directory),
        as_root("other_owners", others::owners),
        as_root("other_groups", others::groups),
        as_root("home_of_another_user", others::home),
        test("processes_at_once", room::processes_at_once),
        test("full_disk", room::full_disk),
        test("read_only", room::read_only),
        test("eviction", room::eviction),
        test("abandoned_files", room::abandoned_files),
        test("swaps", race::swaps),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A failure unless it holds.
fn ensure(holds: bool, text: impl std::fmt::Display) -> Result<()> {
    holds.then_some(()).ok_or_else(|| anyhow!("{text}"))
}
