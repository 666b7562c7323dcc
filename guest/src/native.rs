//! A CPython of the same version for this machine: it freezes modules, runs the cross build's scripts and compiles the
//! standard library.
//!
//! Comes in: CPython's source, unpatched. Goes out: the interpreter, run from its build folder.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::hash::Key;
use crate::recipe::recipe;
use crate::run::{command, jobs, run};
use crate::{Build, hash, stage, unpack};

pub struct Native {
    pub python: PathBuf,
    pub key: String,
}

pub fn key(build: &Build) -> Result<String> {
    let key = Key::new("native").text("recipe", &recipe(&[include_str!("native.rs")])?);
    Ok(build.source_key(key, "cpython", false)?.finish())
}

pub fn build(build: &Build) -> Result<Native> {
    let key = key(build)?;
    let folder = build.cache.stage("native", &key);
    stage::build(&folder, |folder| {
        let source = folder.join("source");
        let scratch = folder.join("build");
        let log = folder.join("build.log");
        unpack::source(
            build.sources.source("cpython")?,
            None,
            &build.places,
            &source,
            build.progress,
        )?;
        build.progress.step("building CPython for this machine");
        fs_err::create_dir_all(&scratch)?;
        run(
            command("../source/configure")
                .args([
                    // Compiling it takes longer than all that it runs.
                    "CFLAGS=-O0 -g0",
                    "--without-ensurepip",
                    "--disable-test-modules",
                ])
                .current_dir(&scratch),
            &log,
        )
        .context("failed to configure CPython for this machine")?;
        run(
            command("make")
                .args(["-j", &jobs(), "python"])
                .current_dir(&scratch),
            &log,
        )
        .context("failed to build CPython for this machine")?;
        for file in hash::files_below(&scratch)? {
            let object = file
                .extension()
                .is_some_and(|extension| extension == "o" || extension == "a");
            if object {
                fs_err::remove_file(file)?;
            }
        }
        Ok(())
    })?;
    Ok(Native {
        python: folder.join("build/python"),
        key,
    })
}
