//! Wheels for the guest, built once, and installed as in the README.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use guest::Silent;

use super::command::succeeds;

/// The wheel of a recipe: `NAME` or `NAME==VERSION`.
pub fn wheel(request: &str) -> Result<PathBuf> {
    guest::wheels::wheel(Path::new(env!("CARGO_MANIFEST_DIR")), request, &Silent)
}

/// pip's options for wheels with native code for Emscripten.
pub const EMSCRIPTEN: [&str; 4] = [
    "--platform",
    "pyemscripten_2026_0_wasm32",
    "--python-version",
    "3.14",
];

/// Installs the wheels that a case lists: that of a recipe by its name, PyPI's for Emscripten by `NAME==VERSION`.
pub fn install_listed(directory: &Path, list: &[String]) -> Result<()> {
    for one in list {
        if one.contains("==") {
            let mut pip = pip(directory);
            pip.arg("--only-binary=:all:").args(EMSCRIPTEN).arg(one);
            succeeds(&mut pip)?;
        } else {
            install(directory, &[wheel(one)?])?;
        }
    }
    Ok(())
}

/// `pip install --target DIRECTORY --no-deps`, to which packages and options are added.
pub fn pip(directory: &Path) -> Command {
    let mut pip = Command::new("python3");
    let quiet = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    pip.args(quiet).arg("--target").arg(directory);
    pip.arg("--no-deps");
    // The guest's version counts, not that of the Python in which pip runs.
    pip.arg("--ignore-requires-python");
    pip
}

pub fn install(directory: &Path, packages: &[impl AsRef<std::ffi::OsStr>]) -> Result<()> {
    succeeds(pip(directory).args(packages)).map(drop)
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
