//! The compiler for native extensions: programs that look like a cross compiler for the guest.
//!
//! Comes in: the toolchain, wasi-libc, libc++, CPython. Goes out: a folder with `bin/wasm32-wasip2-clang`, `-clang++`, `-ar`
//! and `-ranlib`, which need no further flags, and all that they read but clang itself.
//!
//! As on other systems, extensions are not linked with libpython. Symbols of libpython and of other libraries in every
//! component are listed in `lib/undefined.txt`. Any other missing symbol is an error.
//!
//! [`packed`] is the part of it that a machine without the guest's build needs: the tool has it inside, and `sdk/packed.rs`
//! makes the folder from it there.

mod packed;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

pub use packed::Packed;

use crate::cpython::{self, CPython};
use crate::hash::{self, Key};
use crate::libc::{self, Libc};
use crate::libcxx::{self, Libcxx};
use crate::libs::Libs;
use crate::recipe::recipe;
use crate::toolchain::{self, BUILTINS, TARGET, Toolchain};
use crate::{Build, audit, copy, native, pack, run, setjmp, stage};

const DRIVE: &str = include_str!("sdk/drive.sh");

/// The variable with flags that are split at blanks and put before the other arguments of the compiler.
pub const FLAGS_VARIABLE: &str = "SDK_FLAGS";

/// Symbols that the runtime or the linker of components defines.
const FROM_THE_RUNTIME: [&str; 4] = ["dlopen", "dlsym", "dlclose", "dlerror"];

/// The libraries of C++, by their names for extensions and their names in the guest. The variants with exceptions have all
/// symbols, and extensions are only linked with them.
const CPLUSPLUS: [(&str, &str); 2] = [
    ("libc++.so", "libc++-eh.so"),
    ("libc++abi.so", "libc++abi-eh.so"),
];

/// The folder of static libraries.
const LIBRARIES: &str = "libraries";

/// zlib, which many packages expect on every machine. Each has a copy of its own.
const ZLIB: [&str; 3] = ["include/zconf.h", "include/zlib.h", "lib/libz.a"];

/// libffi is in every component that needs it, so that there is nothing in the archive that build systems name.
const FFI: (&str, &[u8]) = ("lib/libffi.a", b"!<arch>\n");
/// The beginning of the names of its functions and variables.
const OF_FFI: &str = "ffi_";

pub struct Sdk {
    pub folder: PathBuf,
    /// The folder with cmake, ninja and other programs that build systems call.
    tools: PathBuf,
}

impl Sdk {
    pub fn bin(&self) -> PathBuf {
        self.folder.join("bin")
    }

    pub fn program(&self, name: &str) -> PathBuf {
        self.bin().join(format!("{TARGET}-{name}"))
    }

    /// CPython's headers.
    pub fn python(&self) -> PathBuf {
        self.folder.join("python")
    }

    /// The folder with the module by which build systems know the guest.
    pub fn sysconfig(&self) -> PathBuf {
        self.folder.join("sysconfig")
    }

    pub fn sysroot(&self) -> PathBuf {
        self.folder.join("sysroot")
    }

    /// Static libraries that packages may be linked with: a folder with `include` and `lib`.
    pub fn libraries(&self) -> PathBuf {
        self.folder.join(LIBRARIES)
    }

    /// The functions that clang calls for operations without an instruction.
    pub fn builtins(&self) -> PathBuf {
        self.folder.join("resource").join(BUILTINS)
    }

    /// A command that finds the compiler, cmake and ninja by name.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Result<Command> {
        let found = std::env::var_os("PATH").unwrap_or_default();
        let folders = [self.bin(), self.tools.clone()]
            .into_iter()
            .chain(std::env::split_paths(&found));
        let mut command = run::command(program);
        command.env("PATH", std::env::join_paths(folders)?);
        Ok(command)
    }
}

pub fn key(cpython: &str, libcxx: &str) -> Result<String> {
    let code = [
        include_str!("audit.rs"),
        include_str!("sdk.rs"),
        include_str!("sdk/packed.rs"),
        include_str!("setjmp.rs"),
    ];
    Ok(Key::new("sdk")
        .text("cpython", cpython)
        .text("libcxx", libcxx)
        .text("drive", DRIVE)
        .text("recipe", &recipe(&code)?)
        .finish())
}

/// The stages before this one.
struct Parts {
    toolchain: Toolchain,
    libc: Libc,
    libs: Libs,
    cpython: CPython,
    libcxx: Libcxx,
}

impl Parts {
    fn build(build: &Build) -> Result<Self> {
        let native = native::build(build)?;
        let (toolchain, libc, libs, openssl) = build.run_libraries()?;
        let cpython = cpython::build(build, &toolchain, &native, &libc, (&libs, &openssl))?;
        let libcxx = libcxx::build(build, &toolchain, &libc)?;
        Ok(Self {
            toolchain,
            libc,
            libs,
            cpython,
            libcxx,
        })
    }
}

/// Needs the lock of the cache.
pub fn build(build: &Build) -> Result<Sdk> {
    let parts = Parts::build(build)?;
    let folder = build
        .cache
        .stage("sdk", &key(&parts.cpython.key, &parts.libcxx.key)?);
    stage::build(&folder, |folder| {
        collect(folder, &parts)?;
        for name in libc::LIBRARIES {
            copy::file(&parts.libc.library(name), &library(folder, name))?;
        }
        for (name, source) in CPLUSPLUS {
            copy::file(
                &parts.libcxx.library(source),
                &folder.join("lib").join(name),
            )?;
        }
        finish(folder, &libcxx::wheel(&parts.toolchain)?)
    })?;
    Ok(Sdk {
        folder,
        tools: parts.toolchain.tools,
    })
}

/// CPython as the SDK has it. Needs the lock of the cache.
pub fn cpython(build: &Build) -> Result<CPython> {
    Ok(Parts::build(build)?.cpython)
}

/// The SDK without the guest's libraries and without clang, as one file. Needs the lock of the cache.
pub fn packed(build: &Build) -> Result<PathBuf> {
    let parts = Parts::build(build)?;
    let key = Key::new("packed-sdk")
        .text("sdk", &key(&parts.cpython.key, &parts.libcxx.key)?)
        .text("recipe", &recipe(&[include_str!("pack.rs")])?)
        .finish();
    let folder = build.cache.stage("packed-sdk", &key);
    stage::build(&folder, |folder| {
        let content = folder.join("content");
        collect(&content, &parts)?;
        let pins = toolchain::requirements(&build.sources.tools);
        fs_err::write(content.join(packed::TOOLS), pins)?;
        pack::pack(&content, &folder.join(packed::FILE))?;
        Ok(fs_err::remove_dir_all(content)?)
    })?;
    Ok(folder.join(packed::FILE))
}

/// Everything that is neither in the guest nor in the wheel of clang.
fn collect(folder: &Path, parts: &Parts) -> Result<()> {
    let sysroot = &parts.libc.sysroot;
    copy::tree(&sysroot.join("include"), &folder.join("sysroot/include"))?;
    let libraries = sysroot.join("lib").join(TARGET);
    for file in hash::files_below(&libraries)? {
        let name = hash::relative_name(&libraries, &file)?;
        // Extensions are linked with the shared libraries.
        let is_static = file.extension().is_some_and(|end| end == "a");
        let is_shared_too = file.with_extension("so").exists();
        let is_in_the_guest = libc::LIBRARIES.contains(&&*name);
        let is_superfluous = name == setjmp::SHARED || (is_static && is_shared_too);
        if !is_in_the_guest && !is_superfluous {
            copy::file(&file, &library(folder, &name))?;
        }
    }
    setjmp::build(
        &parts.toolchain,
        &parts.libc,
        &folder.join("sysroot/lib").join(TARGET),
    )?;
    for name in ZLIB {
        let target = folder.join(LIBRARIES).join(name);
        copy::file(&parts.libs.folder.join(name), &target)?;
    }
    let (calls, _) = parts.cpython.calls();
    copy::file(&calls, &folder.join(LIBRARIES).join("include/ffi.h"))?;
    fs_err::write(folder.join(LIBRARIES).join(FFI.0), FFI.1)?;
    copy::tree(&parts.cpython.headers(), &folder.join("python"))?;
    copy::tree(
        &parts.cpython.folder.join("sysconfig"),
        &folder.join("sysconfig"),
    )?;
    copy::file(
        &parts.toolchain.builtins(),
        &folder.join("resource").join(BUILTINS),
    )?;
    write_undefined(&folder.join("lib"), &parts.libc, &parts.cpython)
}

fn write_undefined(lib: &Path, libc: &Libc, cpython: &CPython) -> Result<()> {
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
    let (_, calls) = cpython.calls();
    let exports = audit::library(&fs_err::read(calls)?)?.exports;
    undefined.extend(exports.into_iter().filter(|name| name.starts_with(OF_FFI)));
    let lines: Vec<String> = undefined.into_iter().collect();
    fs_err::create_dir_all(lib)?;
    Ok(fs_err::write(
        lib.join("undefined.txt"),
        lines.join("\n") + "\n",
    )?)
}

/// Adds the headers of clang and of libc++, and the programs. `wheel` is `lib` in the wheel of clang.
fn finish(folder: &Path, wheel: &Path) -> Result<()> {
    libcxx::install_headers(wheel, &folder.join("c++"))?;
    fs_err::os::unix::fs::symlink(wheel.join("include"), folder.join("resource/include"))?;
    write_programs(folder, &wheel.with_file_name("zig"))
}

fn write_programs(folder: &Path, zig: &Path) -> Result<()> {
    let bin = folder.join("bin");
    fs_err::create_dir_all(&bin)?;
    let drive = DRIVE
        .replace("@folder@", &folder.to_string_lossy())
        .replace("@zig@", &zig.to_string_lossy());
    let same = |program: &str| format!("#!/bin/sh\nexec '{}' {program} \"$@\"\n", zig.display());
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
        ("wasm-ld".to_owned(), same("wasm-ld")),
        // For programs that run while a package is built.
        ("host-clang".to_owned(), same("cc")),
    ] {
        let path = bin.join(name);
        fs_err::write(&path, text)?;
        fs_err::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    }
    Ok(())
}

/// The place of a library of the C library.
fn library(folder: &Path, name: &str) -> PathBuf {
    folder.join("sysroot/lib").join(TARGET).join(name)
}
