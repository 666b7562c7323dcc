//! The environment of build systems: their own packages, and variables that make them build for the guest.
//!
//! Comes in: pinned requirements, the SDK. Goes out: a command that runs the CPython for build systems.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::copy;
use crate::fetch::SOURCES_VARIABLE;
use crate::hash::{self, Key};
use crate::recipe::recipe;
use crate::run::{command, jobs, run};
use crate::sdk::Sdk;
use crate::stage;
use crate::toolchain::TARGET;
use crate::wheels::build_python::BuildPython;
use crate::wheels::library;
use crate::wheels::recipe::Requirement;
use crate::workshop::Workshop;

const PIP: &str = include_str!("pip.py");
/// The Python that runs build systems.
pub const VERSION: &str = "3.14";

/// Name of the guest's sysconfig data, and its name for the platform.
const SYSCONFIG: &str = "_sysconfigdata__wasi_wasm32-wasi";
const PLATFORM: &str = "wasi-0.0.0-wasm32";

/// Installs pinned requirements into a folder of the cache, and then lays the `foundations` over them.
pub fn requirements(
    workshop: &Workshop,
    python: &BuildPython,
    requirements: &[Requirement],
    foundations: &[PathBuf],
) -> Result<PathBuf> {
    let mut lines = String::new();
    for requirement in requirements {
        lines += &format!("{}=={}", requirement.name, requirement.version);
        for sha256 in &requirement.sha256 {
            lines += &format!(" --hash=sha256:{sha256}");
        }
        lines += "\n";
    }
    let mut key = Key::new("requirements");
    for foundation in foundations {
        key = key.text("foundation", &hash::tree(foundation)?);
    }
    let key = key
        .text("lines", &lines)
        .text("recipe", &recipe(&[include_str!("environment.rs")])?)
        .text("pip", PIP)
        .finish();
    let folder = workshop.cache.stage("requirements", &key);
    stage::build(&folder, |folder| {
        workshop.progress.step("installing build systems with pip");
        install(
            workshop,
            python,
            &lines,
            // pip compares with the Python in which it runs, though another is named.
            &["--no-deps", "--require-hashes", "--ignore-requires-python"],
            folder,
        )?;
        foundations
            .iter()
            .try_for_each(|foundation| copy::tree(foundation, folder))
    })?;
    Ok(folder)
}

/// Lets pip install requirements for the CPython that will import them. pip itself runs in the machine's Python, which can download.
pub fn install(
    workshop: &Workshop,
    python: &BuildPython,
    lines: &str,
    flags: &[&str],
    folder: &Path,
) -> Result<()> {
    let list = folder.join("requirements.txt");
    fs_err::write(&list, lines)?;
    let mut pip = command("python3");
    pip.args(["-c", PIP, VERSION])
        .args([
            "install",
            "--disable-pip-version-check",
            "--only-binary=:all:",
        ])
        .args(["--python-version", VERSION, "--no-compile", "--upgrade"])
        .args(flags)
        .arg("--target")
        .arg(folder)
        .arg("-r")
        .arg(&list)
        .env("PIP_ROOT_USER_ACTION", "ignore");
    if let Some(supplied) = &workshop.places.supplied {
        pip.arg("--find-links").arg(supplied);
    }
    run(&mut pip, &folder.join("pip.log")).with_context(|| {
        format!("pip could not install what builds the package; wheels are also taken from the folder in `{SOURCES_VARIABLE}`")
    })?;
    correct_scripts(&folder.join("bin"), python)
}

/// pip makes scripts for the Python in which it runs itself.
fn correct_scripts(bin: &Path, python: &BuildPython) -> Result<()> {
    if !bin.exists() {
        return Ok(());
    }
    for file in hash::files_below(bin)? {
        let bytes = fs_err::read(&file)?;
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        if let Some((first, rest)) = text.split_once('\n')
            && first.starts_with("#!")
            && first.contains("python")
        {
            fs_err::write(&file, format!("#!{}\n{rest}", python.program.display()))?;
        }
    }
    Ok(())
}

/// The variables by which build systems know the programs of the SDK.
pub fn compilers() -> [(&'static str, String); 4] {
    [
        ("CC", "clang"),
        ("CXX", "clang++"),
        ("AR", "ar"),
        ("RANLIB", "ranlib"),
    ]
    .map(|(variable, program)| (variable, format!("{TARGET}-{program}")))
}

/// Runs a script in the CPython for build systems, with the packages in `requirements`, and with libraries that are asked for by
/// programs of their own (`xml2-config`), or by pkg-config, if that is among the packages (`pkgconf`).
pub fn python(
    sdk: &Sdk,
    python: &BuildPython,
    requirements: &Path,
    libraries: &[PathBuf],
) -> Result<Command> {
    let mut command = sdk.command(&python.program)?;
    let found = command.get_envs().find(|(name, _)| *name == "PATH");
    let found = found
        .and_then(|(_, value)| value)
        .unwrap_or_default()
        .to_owned();
    let folders = [requirements.join("bin")]
        .into_iter()
        .chain(libraries.iter().map(|one| one.join("bin")))
        .chain(std::env::split_paths(&found));
    command.env("PATH", std::env::join_paths(folders)?);
    let packages = std::env::join_paths([sdk.sysconfig(), requirements.to_owned()])?;
    command
        .env("PYTHONPATH", packages)
        .env("_PYTHON_SYSCONFIGDATA_NAME", SYSCONFIG)
        .env("_PYTHON_HOST_PLATFORM", PLATFORM)
        .envs(compilers())
        .env("LDSHARED", format!("{TARGET}-clang -shared"))
        .env("LDCXXSHARED", format!("{TARGET}-clang++ -shared"))
        .env("ARFLAGS", "rcsD")
        .env("LDFLAGS", "-Wl,--strip-all")
        .envs([library::known_to_pkg_config(libraries)?])
        .env("CARGO_BUILD_JOBS", jobs());
    Ok(command)
}
