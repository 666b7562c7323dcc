//! Running other programs.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

pub fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// Runs to the end; its output goes where ours goes.
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
