//! `cargo xtask test [FILTER]`: the whole test suite, in the one profile that everything is built in. Before it come the checks of
//! `cargo xtask lint` that take seconds; clippy compiles Wasmtime once more and stays there.

use std::path::Path;

use anyhow::Result;

use crate::lint;
use crate::process::{cargo, run};

pub fn test(
    root: &Path,
    guest: impl FnOnce(&Path) -> Result<()>,
    arguments: &[String],
) -> Result<()> {
    if arguments.is_empty() {
        lint::quick(root)?;
    }
    guest(root)?;
    run(cargo(root)
        .args(["test", "--release", "--workspace", "--no-fail-fast"])
        .args(arguments))
}
