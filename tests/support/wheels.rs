//! Wheels for the guest, built once, and installed as the README says.
#![allow(dead_code, reason = "each test uses its part")]

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};
use guest::Silent;

/// The wheel of a recipe: `NAME` or `NAME==VERSION`.
pub fn wheel(request: &str) -> Result<PathBuf> {
    guest::wheels::wheel(Path::new(env!("CARGO_MANIFEST_DIR")), request, &Silent)
}

/// `pip install --target DIRECTORY --no-deps ...`
pub fn install(directory: &Path, packages: &[impl AsRef<std::ffi::OsStr>]) -> Result<()> {
    let output = Command::new("python3")
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ])
        .arg("--target")
        .arg(directory)
        .arg("--no-deps")
        .args(packages)
        .output()?;
    ensure!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// A program `cargo` for the commands of READMEs: `cargo xtask wheel NAME --out DIRECTORY`, with wheels that are built already.
pub fn stand_in(folder: &Path, names: &[&str]) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut script = String::from("#!/bin/sh\nmkdir -p \"$5\"\ncase \"$1 $2 $3 $4\" in\n");
    for name in names {
        let wheel = wheel(name)?;
        let file = wheel.file_name().unwrap_or_default().display().to_string();
        let path = wheel.display();
        script +=
            &format!("'xtask wheel {name} --out') cp '{path}' \"$5\" && echo \"$5/{file}\" ;;\n");
    }
    script += "*) echo \"unexpected: $*\" >&2; exit 1 ;;\nesac\n";
    fs_err::create_dir_all(folder)?;
    let program = folder.join("cargo");
    fs_err::write(&program, script)?;
    fs_err::set_permissions(program, std::fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// A directory with all that is in it.
pub fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs_err::create_dir_all(to)?;
    for entry in fs_err::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else {
            fs_err::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
