//! Running other programs.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

pub fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    // Cargo passes variables about this package to us. Build scripts that read them would run again, since they were not set
    // before.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let of_package = ["CARGO_PKG_", "CARGO_MANIFEST_"];
        if of_package.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}

/// Where Cargo puts what it has built.
pub fn target(root: &Path) -> PathBuf {
    let chosen = env::var_os("CARGO_TARGET_DIR").filter(|value| !value.is_empty());
    chosen.map_or_else(|| root.join("target"), |folder| root.join(folder))
}

/// Runs a program to its end; its output goes to our own.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| {
        format!(
            "failed to start {}",
            command.get_program().to_string_lossy()
        )
    })?;
    if !status.success() {
        bail!(
            "{} failed: {status}",
            command.get_program().to_string_lossy()
        );
    }
    Ok(())
}

/// Runs Cargo while the guest is built: linking CPython keeps one core busy for minutes, and the tool's own build script waits for it.
pub fn run_beside(cargo: &mut Command, guest: impl FnOnce() -> Result<()>) -> Result<()> {
    let mut running = cargo.stdin(Stdio::null()).spawn()?;
    if let Err(error) = guest() {
        // Its build script would only try the same once more.
        running.kill()?;
        running.wait()?;
        return Err(error);
    }
    let status = running.wait()?;
    if !status.success() {
        bail!("cargo failed: {status}");
    }
    Ok(())
}

/// The arguments of a command that runs named tests: their names, and whether `--bless` is among them.
pub fn names_to_bless(arguments: &[String]) -> Result<(Vec<&str>, bool)> {
    let (options, names): (Vec<&str>, Vec<&str>) = arguments
        .iter()
        .map(String::as_str)
        .partition(|argument| argument.starts_with('-'));
    if let Some(option) = options.iter().find(|option| **option != "--bless") {
        bail!("unknown option `{option}`");
    }
    Ok((names, !options.is_empty()))
}
