//! The compiler for native extensions: programs that look like a cross compiler for the guest.
//!
//! Comes in: the toolchain, wasi-libc, libc++, CPython. Goes out: a folder with `bin/wasm32-wasip2-clang`, `-clang++`, `-ar`
//! and `-ranlib`, which need no further flags, and `lib` with libraries to link.
//!
//! As on other systems, extensions are not linked with libpython. Symbols of libpython and of other libraries in every
//! component are listed in `lib/undefined.txt`. Any other missing symbol is an error.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::cpython::{self, CPython};
use crate::hash::Key;
use crate::libc::{self, Libc};
use crate::libcxx::{self, Libcxx};
use crate::recipe::recipe;
use crate::toolchain::{TARGET, Toolchain};
use crate::{Build, audit, native, stage};

const DRIVE: &str = include_str!("sdk/drive.sh");

/// Symbols that the runtime or the linker of components defines.
const FROM_THE_RUNTIME: [&str; 4] = ["dlopen", "dlsym", "dlclose", "dlerror"];

pub struct Sdk {
    pub folder: PathBuf,
    pub toolchain: Toolchain,
    pub libc: Libc,
    pub cpython: CPython,
}

impl Sdk {
    pub fn bin(&self) -> PathBuf {
        self.folder.join("bin")
    }

    pub fn program(&self, name: &str) -> PathBuf {
        self.bin().join(format!("{TARGET}-{name}"))
    }

    /// A command that finds the compiler, cmake and ninja by name.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Result<Command> {
        let mut command = self
            .toolchain
            .command(&program.as_ref().to_string_lossy())?;
        let found = command.get_envs().find(|(name, _)| *name == "PATH");
        let found = found
            .and_then(|(_, value)| value)
            .unwrap_or_default()
            .to_owned();
        let folders = [self.bin()]
            .into_iter()
            .chain(std::env::split_paths(&found));
        command.env("PATH", std::env::join_paths(folders)?);
        Ok(command)
    }
}

pub fn key(cpython: &str, libcxx: &str) -> Result<String> {
    let code = [include_str!("audit.rs"), include_str!("sdk.rs")];
    Ok(Key::new("sdk")
        .text("cpython", cpython)
        .text("libcxx", libcxx)
        .text("drive", DRIVE)
        .text("recipe", &recipe(&code)?)
        .finish())
}

/// Needs the lock of the cache.
pub fn build(build: &Build) -> Result<Sdk> {
    let native = native::build(build)?;
    let (toolchain, libc, libs, openssl) = build.run_libraries()?;
    let cpython = cpython::build(build, &toolchain, &native, &libc, (&libs, &openssl))?;
    let libcxx = libcxx::build(build, &toolchain, &libc)?;
    let key = key(&cpython.key, &libcxx.key)?;
    let folder = build.cache.stage("sdk", &key);
    stage::build(&folder, |folder| {
        write_libraries(folder, &libc, &cpython, &libcxx)?;
        write_programs(folder, &toolchain, &libc, &cpython, &libcxx)
    })?;
    Ok(Sdk {
        folder,
        toolchain,
        libc,
        cpython,
    })
}

fn write_libraries(folder: &Path, libc: &Libc, cpython: &CPython, libcxx: &Libcxx) -> Result<()> {
    let lib = folder.join("lib");
    fs_err::create_dir_all(&lib)?;
    // Only to link with: the variants with exceptions have all symbols.
    for name in ["libc++", "libc++abi"] {
        fs_err::copy(
            libcxx.library(&format!("{name}-eh.so")),
            lib.join(format!("{name}.so")),
        )?;
    }
    let mut undefined: BTreeSet<String> = FROM_THE_RUNTIME.map(str::to_owned).into();
    undefined.insert(libcxx::TAG.to_owned());
    let emulations = libc::LIBRARIES.iter().filter(|name| **name != "libc.so");
    for library in emulations
        .map(|name| libc.library(name))
        .chain([cpython.library()])
    {
        let exports = audit::library(&fs_err::read(library)?)?.exports;
        undefined.extend(
            exports
                .into_iter()
                .filter(|name| !name.starts_with("__wasm_")),
        );
    }
    let lines: Vec<String> = undefined.into_iter().collect();
    Ok(fs_err::write(
        lib.join("undefined.txt"),
        lines.join("\n") + "\n",
    )?)
}

fn write_programs(
    folder: &Path,
    toolchain: &Toolchain,
    libc: &Libc,
    cpython: &CPython,
    libcxx: &Libcxx,
) -> Result<()> {
    let bin = folder.join("bin");
    fs_err::create_dir_all(&bin)?;
    let wheel = libcxx::wheel(toolchain)?;
    let drive = [
        ("@folder@", folder.to_owned()),
        ("@zig@", wheel.with_file_name("zig")),
        ("@headers@", libcxx.headers()),
        ("@resource@", libcxx::resource(toolchain)),
        ("@bin@", bin.clone()),
        ("@sysroot@", libc.sysroot.clone()),
        ("@python@", cpython.headers()),
    ]
    .iter()
    .fold(DRIVE.to_owned(), |text, (name, path)| {
        text.replace(name, &path.to_string_lossy())
    });
    let same = |program: &str| {
        format!(
            "#!/bin/sh\nexec '{}' \"$@\"\n",
            toolchain.program(program).display()
        )
    };
    for (name, text) in [
        (format!("{TARGET}-clang"), drive.replace("@mode@", "")),
        (
            format!("{TARGET}-clang++"),
            drive.replace("@mode@", "--driver-mode=g++"),
        ),
        (format!("{TARGET}-ar"), same("ar")),
        (format!("{TARGET}-ranlib"), same("ranlib")),
        (
            format!("{TARGET}-strip"),
            "#!/bin/sh\n# Nothing is left to strip.\n".to_owned(),
        ),
        (
            "wasm-ld".to_owned(),
            format!(
                "#!/bin/sh\nexec '{}' wasm-ld \"$@\"\n",
                wheel.with_file_name("zig").display()
            ),
        ),
    ] {
        let path = bin.join(name);
        fs_err::write(&path, text)?;
        fs_err::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    }
    Ok(())
}
