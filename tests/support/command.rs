//! Programs that tests run.

use std::process::{Command, Output};

use anyhow::{Context as _, Result, ensure};

/// The output of a program that succeeds; otherwise its output is the error.
pub fn succeeds(command: &mut Command) -> Result<Output> {
    let output = command
        .output()
        .with_context(|| format!("cannot run {command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?} failed ({}):\n{}{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    );
    Ok(output)
}

/// The output of a program, as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
