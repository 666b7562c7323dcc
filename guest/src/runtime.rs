//! The guest runtime: the C files of `runtime/`, over CPython's C API.
//!
//! Comes in: those files, the headers, libpython. Goes out: `libcomponentize_py_runtime.so`. Nothing else depends on
//! it, so that a change of the runtime builds in a second.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::c_sources::CSources;
use crate::compile::{Unit, compile_all};
use crate::cpython::CPython;
use crate::hash::{self, Key};
use crate::libc::Libc;
use crate::run::run;
use crate::toolchain::Toolchain;
use crate::{Build, stage};

pub const LIBRARY: &str = "libcomponentize_py_runtime.so";

const FLAGS: [&str; 9] = [
    "-std=c11",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-O2",
    "-g0",
    "-DNDEBUG",
    "-fPIC",
    // Exported is what says so.
    "-fvisibility=hidden",
];

pub fn key(build: &Build, cpython: &str) -> Result<String> {
    let mut key = Key::new("runtime")
        .text("cpython", cpython)
        .text("recipe", include_str!("runtime.rs"))
        .file(&build.c_sources().join("Cargo.lock"))?;
    for extension in ["c", "h"] {
        for file in files(build, extension)? {
            key = key.file(&file)?;
        }
    }
    Ok(key.finish())
}

pub fn build(
    build: &Build,
    toolchain: &Toolchain,
    libc: &Libc,
    cpython: &CPython,
) -> Result<PathBuf> {
    let folder = build.cache.stage("runtime", &key(build, &cpython.key)?);
    stage::build(&folder, |folder| {
        build.progress.step("building the runtime");
        let crates = CSources::locate(&build.c_sources())?;
        let source = build.root.join("runtime");
        let headers = cpython.headers();
        let flags = format!(
            "--sysroot={} -isystem {} -isystem {} -isystem {} -ffile-prefix-map={}/=",
            libc.sysroot.display(),
            headers.display(),
            headers.join("internal").display(),
            crates.folder("wit-dylib")?.display(),
            build.root.display()
        );
        let scratch = folder.join("objects");
        let units = files(build, "c")?
            .into_iter()
            .map(|file| Unit::new(file, &scratch))
            .collect::<Result<Vec<Unit>>>()?;
        ensure!(!units.is_empty(), "`{}` holds no C files", source.display());
        let log = folder.join("build.log");
        compile_all(toolchain, &flags, &FLAGS.map(str::to_owned), &units, &log)?;
        link(toolchain, &flags, &units, cpython, folder, &log)?;
        Ok(fs_err::remove_dir_all(scratch)?)
    })?;
    Ok(folder.join(LIBRARY))
}

fn link(
    toolchain: &Toolchain,
    flags: &str,
    units: &[Unit],
    cpython: &CPython,
    folder: &Path,
    log: &Path,
) -> Result<()> {
    run(
        toolchain
            .clang(flags)
            .args(["-shared", "-O2", "-Wl,--strip-all"])
            .args(units.iter().map(|unit| &unit.object))
            .arg(format!("-L{}", cpython.folder.display()))
            .args(["-lpython3.14", "-o"])
            .arg(folder.join(LIBRARY)),
        log,
    )
    .context("failed to link the runtime")
}

/// The runtime's files with this extension, sorted.
fn files(build: &Build, extension: &str) -> Result<Vec<PathBuf>> {
    let mut files = hash::files_below(&build.root.join("runtime"))?;
    files.retain(|file| file.extension().is_some_and(|found| found == extension));
    Ok(files)
}
