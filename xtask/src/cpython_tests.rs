//! `cargo xtask cpython-tests [NAME]... [--bless]`: CPython's own tests in a component, on all cores.

use std::path::Path;
use std::thread::available_parallelism;

use anyhow::Result;

use crate::process::{cargo, names_to_bless, run};

/// Runs the named test files, or all: `test_json`, or `test_asyncio.test_locks` for a package whose files run one by one.
pub fn run_tests(
    root: &Path,
    guest: impl FnOnce(&Path) -> Result<()>,
    arguments: &[String],
) -> Result<()> {
    let (names, blesses) = names_to_bless(arguments)?;
    let names: Vec<&str> = names
        .into_iter()
        .map(|name| name.strip_prefix("test.").unwrap_or(name))
        .collect();
    let names = if names.is_empty() {
        "all".to_owned()
    } else {
        names.join(",")
    };
    guest(root)?;
    let cores = available_parallelism().map_or(1, usize::from);
    let mut tests = cargo(root);
    tests
        .args(["test", "--release", "--workspace", "--test", "cases"])
        .args(["--", "cpython/", "--test-threads", &cores.to_string()])
        .env("CPYTHON_TESTS", names);
    if blesses {
        tests.env("BLESS", "1");
    }
    run(&mut tests)
}
