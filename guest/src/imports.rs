//! The imports of the standard library's modules, and the native modules of CPython that an application needs if it imports
//! them.
//!
//! Comes in: the packed standard library, the native modules' names, `runtime/`. Goes out: `imports.txt`, for
//! `runtime/imports.py`, and `native-modules.txt`, a line for each module that needs any: `name: native native`. The line
//! without a name is for every component, `"name"` for code with this name of a codec, `()` for code that runs other code.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::cpython::CPython;
use crate::hash::{self, Key};
use crate::native::Native;
use crate::recipe::recipe;
use crate::run::command;
use crate::{Build, stage};

pub const FILES: [&str; 2] = ["native-modules.txt", "imports.txt"];

pub fn key(build: &Build, stdlib: &str) -> Result<String> {
    let mut key = Key::new("imports")
        .text("stdlib", stdlib)
        .text("recipe", &recipe(&[include_str!("imports.rs")])?)
        .text("script", include_str!("imports.py"));
    for folder in [build.root.join("runtime"), build.stdlib().join("support")] {
        for file in hash::files_below(&folder)? {
            if file.extension().is_some_and(|extension| extension == "py") {
                key = key.file(&file)?;
            }
        }
    }
    Ok(key.finish())
}

pub fn build(
    build: &Build,
    key: &str,
    native: &Native,
    cpython: &CPython,
    stdlib: &Path,
) -> Result<[PathBuf; 2]> {
    let folder = build.cache.stage("imports", key);
    stage::build(&folder, |folder| {
        build
            .progress
            .step("finding out what the standard library imports");
        let output = command(&native.python)
            .args(["-S", "-s", "-P", "-X", "utf8", "-c"])
            .arg(include_str!("imports.py"))
            .arg(stdlib)
            .arg(build.root.join("runtime"))
            .arg(build.stdlib().join("support"))
            .args(FILES.map(|name| folder.join(name)))
            .args(cpython.module_names()?)
            .output()
            .context("failed to run the native CPython")?;
        if !output.status.success() {
            bail!(
                "failed to find out what the standard library imports\n{}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(())
    })?;
    Ok(FILES.map(|name| folder.join(name)))
}
