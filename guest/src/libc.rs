//! wasi-libc for WASI 0.2, position independent, with our patches and with the files inside the component
//! (`python-stdlib/libc`).
//!
//! Comes in: its source and the toolchain. Goes out: a sysroot.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::hash::{self, Key};
use crate::recipe::recipe;
use crate::run::{jobs, run};
use crate::toolchain::{TARGET, Toolchain};
use crate::{Build, stage, unpack};

/// The libraries in every component.
pub const LIBRARIES: [&str; 5] = [
    "libc.so",
    "libwasi-emulated-getpid.so",
    "libwasi-emulated-mman.so",
    "libwasi-emulated-process-clocks.so",
    "libwasi-emulated-signal.so",
];

pub struct Libc {
    pub sysroot: PathBuf,
    pub key: String,
}

impl Libc {
    pub fn library(&self, name: &str) -> PathBuf {
        self.sysroot.join("lib").join(TARGET).join(name)
    }
}

pub fn key(build: &Build, toolchain: &str) -> Result<String> {
    let mut key = Key::new("libc")
        .text("toolchain", toolchain)
        .text("recipe", &recipe(&[include_str!("libc.rs")])?);
    for file in own_files(build)? {
        key = key.file(&file)?;
    }
    Ok(build.source_key(key, "wasi-libc", true)?.finish())
}

/// Our files, which become part of the C library.
fn own_files(build: &Build) -> Result<Vec<PathBuf>> {
    let mut files = hash::files_below(&build.stdlib().join("libc"))?;
    files.retain(|file| {
        let extension = file.extension();
        extension.is_some_and(|extension| extension == "c" || extension == "h")
    });
    Ok(files)
}

pub fn build(build: &Build, toolchain: &Toolchain) -> Result<Libc> {
    let key = key(build, &toolchain.key)?;
    let folder = build.cache.stage("libc", &key);
    stage::build(&folder, |folder| {
        let source = folder.join("source");
        let scratch = folder.join("build");
        let log = folder.join("build.log");
        unpack::source(
            build.sources.source("wasi-libc")?,
            Some(&build.patches()),
            &build.places,
            &source,
            build.progress,
        )?;
        for file in own_files(build)? {
            let name = file.file_name().unwrap_or_default();
            fs_err::copy(&file, source.join("libc-bottom-half/sources").join(name))?;
        }
        build.progress.step("building wasi-libc");
        let define = |name: &str, value: PathBuf| format!("-D{name}={}", value.display());
        let flags = format!("-fPIC -ffile-prefix-map={}/=", folder.display());
        run(
            toolchain
                .command("cmake")?
                .args(["-G", "Ninja", "-S"])
                .arg(&source)
                .arg("-B")
                .arg(&scratch)
                .arg(format!("-DTARGET_TRIPLE={TARGET}"))
                .args([
                    "-DUSE_WASM_COMPONENT_LD=OFF",
                    "-DBINDINGS_TARGET=OFF",
                    "-DCMAKE_C_COMPILER_WORKS=1",
                ])
                .args([
                    "-DCMAKE_SHARED_LINKER_FLAGS=-Wl,--strip-all",
                    "-DWKG_EXECUTABLE=/bin/false",
                ])
                .arg(format!("-DCMAKE_C_FLAGS={flags}"))
                .arg(define("CMAKE_C_COMPILER", toolchain.program("clang")))
                .arg(define("CMAKE_AR", toolchain.program("ar")))
                .arg(define("CMAKE_RANLIB", toolchain.program("ranlib")))
                .arg(define("WASM_TOOLS_EXECUTABLE", toolchain.program("embed")))
                .arg(define("BUILTINS_LIB", toolchain.builtins())),
            &log,
        )
        .context("failed to configure wasi-libc")?;
        run(
            toolchain
                .command("ninja")?
                .args(["-j", &jobs(), "-C"])
                .arg(&scratch)
                .arg("sysroot"),
            &log,
        )
        .context("failed to build wasi-libc")?;
        fs_err::rename(scratch.join("sysroot"), folder.join("sysroot"))?;
        fs_err::remove_dir_all(scratch)?;
        Ok(fs_err::remove_dir_all(source)?)
    })?;
    Ok(Libc {
        sysroot: folder.join("sysroot"),
        key,
    })
}
