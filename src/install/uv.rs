//! uv, which resolves requirements for all platforms at once. It has no platform that is WASI, so the choice among the packages
//! and wheels of its lock is made by `guest_pip.py`.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Result;
use ground::Mistake as _;

use super::error::InstallError;
use super::requirements::Requirements;
use super::{Install, guest};
use crate::project::declared::Form;
use crate::scratch::Scratch;

/// Returns `true` if uv can be started.
pub fn is_there() -> bool {
    let status = Command::new("uv")
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

/// A Python with pip in an environment of uv's own.
pub fn python_with_pip() -> Command {
    let mut uv = Command::new("uv");
    uv.args(["run", "--quiet", "--no-project", "--isolated"]);
    uv.args(["--with", "pip>=25.1", "python"]);
    uv
}

/// Writes what `uv.lock` has for the project as a `pylock.toml`.
pub fn export(
    settings: &Install,
    requirements: &Requirements,
    scratch: &Scratch,
) -> Result<PathBuf> {
    let (lock, _) = requirements.lock().expect("it is `uv.lock`");
    let project = lock.with_file_name("");
    let project = match project.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => project,
    };
    let mut uv = Command::new("uv");
    uv.args([
        "export",
        "--locked",
        "--no-emit-project",
        "--no-default-groups",
    ]);
    uv.arg("--project").arg(project);
    finish(uv, settings, scratch)
}

/// Writes a `pylock.toml` for requirements and tables.
pub fn compile(
    settings: &Install,
    requirements: &Requirements,
    scratch: &Scratch,
) -> Result<PathBuf> {
    let [major, minor, _] = guest::PYTHON;
    let mut uv = Command::new("uv");
    uv.args(["pip", "compile", "--universal", "--python-version"]);
    uv.arg(format!("{major}.{minor}"));
    if !settings.build {
        uv.args(["--only-binary", ":all:"]);
    }
    for place in &settings.find_links {
        uv.arg(format!("--find-links={place}"));
    }
    for source in &requirements.sources {
        uv.arg(&source.file);
    }
    let project = requirements
        .sources
        .iter()
        .find(|source| source.form == Form::Project);
    if let Some(project) = project {
        // Alone, a name would be looked up in the current directory.
        let file = project.file.display();
        let groups = settings.groups.iter();
        uv.args(groups.map(|group| format!("--group={file}:{group}")));
    }
    finish_with(uv, settings, scratch, &[])
}

fn finish(uv: Command, settings: &Install, scratch: &Scratch) -> Result<PathBuf> {
    finish_with(uv, settings, scratch, &settings.groups)
}

fn finish_with(
    mut uv: Command,
    settings: &Install,
    scratch: &Scratch,
    groups: &[String],
) -> Result<PathBuf> {
    let lock = scratch.path().join("pylock.toml");
    uv.args(["--quiet", "--no-header", "--no-python-downloads"]);
    uv.args(["--format", "pylock.toml", "--output-file"]);
    uv.arg(&lock);
    uv.args(
        settings
            .extras
            .iter()
            .map(|extra| format!("--extra={extra}")),
    );
    uv.args(groups.iter().map(|group| format!("--group={group}")));
    let output = uv.env("NO_COLOR", "1").stdin(Stdio::null()).output();
    let Ok(output) = output else {
        return InstallError::NoUv.raise();
    };
    if output.status.success() {
        return Ok(lock);
    }
    let detail = String::from_utf8_lossy(&output.stderr).into_owned();
    match detail.contains("needs to be updated") {
        true => InstallError::LockStale.raise(),
        false if detail.contains("No solution found") => {
            InstallError::Unresolvable { detail }.raise()
        }
        false => InstallError::Failed {
            program: "uv",
            detail,
        }
        .raise(),
    }
}
