//! `cargo xtask test [FILTER]`: the whole test suite, in the one profile that everything is built in.

use std::path::Path;

use anyhow::Result;

use crate::process::{cargo, run};

pub fn test(
    root: &Path,
    guest: impl FnOnce(&Path) -> Result<()>,
    arguments: &[String],
) -> Result<()> {
    guest(root)?;
    run(cargo(root)
        .args(["test", "--release", "--workspace", "--no-fail-fast"])
        .args(arguments))
}
