//! CMake for the guest: a toolchain file, which it finds by a variable.
//!
//! Comes in: the SDK, the Python for build systems. Goes out: variables for CMake, whoever calls it.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::sdk::Sdk;
use crate::wheels::build_python::BuildPython;

const TOOLCHAIN: &str = include_str!("toolchain.cmake");

pub fn variables(
    sdk: &Sdk,
    python: &BuildPython,
    scratch: &Path,
    command: &mut Command,
) -> Result<()> {
    let text = [
        ("@bin@", sdk.bin()),
        ("@headers@", sdk.python()),
        ("@python@", python.program.clone()),
    ]
    .iter()
    .fold(TOOLCHAIN.to_owned(), |text, (name, path)| {
        text.replace(name, &path.to_string_lossy())
    });
    let file = scratch.join("wasi.cmake");
    fs_err::write(&file, text)?;
    command
        .env("CMAKE_TOOLCHAIN_FILE", file)
        .env("CMAKE_GENERATOR", "Ninja");
    Ok(())
}
