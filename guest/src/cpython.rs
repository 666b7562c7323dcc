//! CPython for the guest: one shared library for every component, and one for each module that few apps need.
//!
//! Comes in: its patched source, the native CPython, sysroot, C libraries and OpenSSL. Goes out: `libpython3.14.so`, the modules'
//! libraries (`cpython_modules.rs`), the headers, the patched `Lib`, and the sysconfig data. None of them contains a path of
//! this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::cpython_modules::{Module, library_of};
use crate::hash::{self, Key};
use crate::libc::Libc;
use crate::libs::{self, Libs};
use crate::native::Native;
use crate::openssl::{self, OpenSsl};
use crate::recipe::recipe;
use crate::run::{jobs, run};
use crate::toolchain::{FLAGS_VARIABLE, TARGET, Toolchain};
use crate::{Build, stage, stdlib, unpack};

pub const LIBRARY: &str = "libpython3.14.so";
/// CPython's own archives, for its modules.
const ARCHIVES: [&str; 8] = [
    "Modules/expat/libexpat.a",
    "Modules/_decimal/libmpdec/libmpdec.a",
    "Modules/_hacl/libHacl_Hash_MD5.a",
    "Modules/_hacl/libHacl_Hash_SHA1.a",
    "Modules/_hacl/libHacl_Hash_SHA2.a",
    "Modules/_hacl/libHacl_Hash_SHA3.a",
    "Modules/_hacl/libHacl_Hash_BLAKE2.a",
    "Modules/_hacl/libHacl_HMAC.a",
];
/// The folder of OpenSSL's headers and libraries, a link.
const OPENSSL: &str = "openssl";
/// The folder of the modules' libraries.
const MODULES: &str = "modules";

/// The folder of `_ctypes`, which gets our files for calls by address.
const CTYPES: &str = "source/Modules/_ctypes";
/// The header that they are used with.
const CALLS: &str = "ffi.h";

/// Symbols that the runtime or the linker of components defines.
const FROM_ELSEWHERE: &str = "dlopen\ndlsym\ndlerror\ncomponentize_py_parameters\n";

const CFLAGS: &str = "-O3 -flto -g0 -fPIC -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_GETPID \
                      -D_WASI_EMULATED_PROCESS_CLOCKS -D_WASI_EMULATED_MMAN";

const EMULATIONS: [&str; 4] = [
    "-lwasi-emulated-signal",
    "-lwasi-emulated-getpid",
    "-lwasi-emulated-process-clocks",
    "-lwasi-emulated-mman",
];

/// zig's own version string is long enough to truncate `sys.version`.
const COMPILER: &str = "#define COMPILER \"[Clang 20.1.2]\"\n";

pub struct CPython {
    pub folder: PathBuf,
    pub key: String,
}

impl CPython {
    pub fn library(&self) -> PathBuf {
        self.folder.join(LIBRARY)
    }

    /// Libraries of single modules.
    pub fn modules(&self) -> Result<Vec<PathBuf>> {
        hash::files_below(&self.folder.join(MODULES))
    }

    /// Names of the modules that have a library.
    pub fn module_names(&self) -> Result<Vec<String>> {
        let libraries = self.modules()?;
        let names = libraries.iter().filter_map(|path| Module::of_library(path));
        Ok(names.collect())
    }

    pub fn headers(&self) -> PathBuf {
        self.folder.join("include")
    }

    /// The header of functions that call by address, and the library that exports them.
    pub fn calls(&self) -> (PathBuf, PathBuf) {
        let library = self.folder.join(MODULES).join(library_of("_ctypes"));
        (self.folder.join(CALLS), library)
    }
}

pub fn key(build: &Build, native: &str, libs: &str, openssl: &str) -> Result<String> {
    let code = [
        include_str!("cpython.rs"),
        include_str!("cpython_modules.rs"),
    ];
    let key = Key::new("cpython")
        .text("native", native)
        .text("libs", libs)
        .text("openssl", openssl)
        .text("recipe", &recipe(&code)?);
    let mut key = build.profile.key(build, key)?;
    for file in own_modules(build)?.into_iter().chain(calls(build)?) {
        key = key.file(&file)?;
    }
    Ok(build.source_key(key, "cpython", true)?.finish())
}

pub fn build(
    build: &Build,
    toolchain: &Toolchain,
    native: &Native,
    libc: &Libc,
    (libs, openssl): (&Libs, &OpenSsl),
) -> Result<CPython> {
    let key = key(build, &native.key, &libs.key, &openssl.key)?;
    let folder = build.cache.stage("cpython", &key);
    stage::build(&folder, |folder| {
        unpack::source(
            build.sources.source("cpython")?,
            Some(&build.patches()),
            &build.places,
            &folder.join("source"),
            build.progress,
        )?;
        for (files, to) in [
            (own_modules(build)?, "source/Modules"),
            (calls(build)?, CTYPES),
        ] {
            for file in files {
                let name = file.file_name().context("a file has a name")?;
                fs_err::copy(&file, folder.join(to).join(name))?;
            }
        }
        // Through a link, so that the Makefile names no folder of this machine.
        fs_err::os::unix::fs::symlink(&openssl.folder, folder.join(OPENSSL))?;
        let flags = flags(folder, libc, libs)?;
        build.progress.step("configuring CPython for the guest");
        configure(folder, toolchain, native, &flags)?;
        let modules = Module::set_aside(&folder.join("build"))?;
        build.progress.step("building CPython for the guest");
        let profiled = format!("{flags} {}", build.profile.flags(build, folder)?);
        make(folder, toolchain, &profiled, &modules)?;
        build.progress.step("linking CPython for the guest");
        let more = build.profile.sources(folder)?;
        link(folder, toolchain, &flags, &more)?;
        link_modules(folder, toolchain, &flags, &modules, &more)?;
        keep(folder, native)
    })?;
    Ok(CPython { folder, key })
}

/// Our own modules in C, which a patch adds to CPython's list.
fn own_modules(build: &Build) -> Result<Vec<PathBuf>> {
    let mut files = hash::files_below(&build.stdlib().join(stdlib::OWN_MODULES))?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "c"));
    Ok(files)
}

/// Our files in C with the interface of libffi, which a patch adds to `_ctypes`.
fn calls(build: &Build) -> Result<Vec<PathBuf>> {
    hash::files_below(&build.stdlib().join("ffi"))
}

/// Flags with paths in them, for [`FLAGS_VARIABLE`].
fn flags(folder: &Path, libc: &Libc, libs: &Libs) -> Result<String> {
    let compiler = folder.join("compiler.h");
    fs_err::write(&compiler, COMPILER)?;
    Ok(format!(
        "--sysroot={} -isystem {} -L{} -ffile-prefix-map={}/= -include {} -Wno-unused-command-line-argument",
        libc.sysroot.display(),
        libs.folder.join("include").display(),
        libs.folder.join("lib").display(),
        folder.display(),
        compiler.display(),
    ))
}

fn configure(folder: &Path, toolchain: &Toolchain, native: &Native, flags: &str) -> Result<()> {
    let scratch = folder.join("build");
    fs_err::create_dir_all(&scratch)?;
    let mut configure = toolchain.command("../source/configure")?;
    configure
        .current_dir(&scratch)
        .env(FLAGS_VARIABLE, flags)
        .env("CC", format!("{TARGET}-clang"))
        .env("AR", format!("{TARGET}-ar"))
        .env("RANLIB", format!("{TARGET}-ranlib"))
        .env("OPT", "-DNDEBUG -Wall")
        .env("CFLAGS", CFLAGS)
        .env("LIBS", format!("-ldl {}", EMULATIONS.join(" ")))
        .env("HOSTRUNNER", "wasmtime")
        .env(
            "CONFIG_SITE",
            "../source/Tools/wasm/wasi/config.site-wasm32-wasi",
        )
        // The machine's own libraries are not for the guest.
        .env("PKG_CONFIG_LIBDIR", "/nonexistent")
        // It is found by compiling, but missing when linking.
        .env("ac_cv_func_memfd_create", "no")
        // The emulation copies; malloc serves pymalloc's arenas just as well.
        .env("ac_cv_func_mmap", "no")
        // Found by a program that cannot run here; `patches/wasi-libc-time-zones.patch` has it.
        .env("ac_cv_working_tzset", "yes");
    for (name, library) in [
        ("ZLIB", "z"),
        ("BZIP2", "bz2"),
        ("LIBLZMA", "lzma"),
        ("LIBZSTD", "zstd"),
        ("LIBSQLITE3", "sqlite3"),
    ] {
        // A value that is not empty makes configure skip pkg-config.
        configure.env(format!("{name}_CFLAGS"), "-DNDEBUG");
        configure.env(format!("{name}_LIBS"), format!("-l{library}"));
    }
    // `_ctypes` is compiled with our files, and needs no library.
    configure
        .env("LIBFFI_CFLAGS", format!("-I../{CTYPES}"))
        .env("LIBFFI_LIBS", "-lm");
    configure
        .arg("--host=wasm32-unknown-wasip2")
        .arg(format!("--build={}", build_triple()))
        .arg(format!("--with-build-python={}", native.python.display()))
        .arg(format!("--with-openssl=../{OPENSSL}"))
        .args([
            "--prefix=/python",
            "--disable-shared",
            "--disable-test-modules",
        ])
        .args(["--enable-ipv6", "--with-pymalloc", "--without-ensurepip"]);
    run(&mut configure, &folder.join("configure.log"))
        .context("failed to configure CPython for the guest")
}

fn build_triple() -> String {
    let system = if cfg!(target_os = "macos") {
        "apple-darwin"
    } else {
        "pc-linux-gnu"
    };
    format!("{}-{system}", std::env::consts::ARCH)
}

fn make(folder: &Path, toolchain: &Toolchain, flags: &str, modules: &[Module]) -> Result<()> {
    run(
        toolchain
            .command("make")?
            .args(["-j", &jobs(), "libpython3.14.a", "pybuilddir.txt"])
            .args(modules.iter().flat_map(|module| &module.objects))
            .args(ARCHIVES)
            .current_dir(folder.join("build"))
            .env(FLAGS_VARIABLE, flags),
        &folder.join("make.log"),
    )
    .context("failed to build CPython for the guest")
}

fn link(folder: &Path, toolchain: &Toolchain, flags: &str, more: &[PathBuf]) -> Result<()> {
    let undefined = folder.join("undefined.txt");
    fs_err::write(&undefined, FROM_ELSEWHERE)?;
    let mut clang = linker(folder, toolchain, flags);
    clang
        .arg(format!(
            "-Wl,--allow-undefined-file={}",
            undefined.display()
        ))
        .args([
            "-Wl,--whole-archive",
            "libpython3.14.a",
            "-Wl,--no-whole-archive",
        ])
        // For the files inside the component (`runtime/files.c`): zlib's names are hidden otherwise.
        .args(["inflateInit2_", "inflate", "inflateEnd"].map(|name| format!("-Wl,--export={name}")))
        .args(more)
        .args(libs::link_flags())
        .args(EMULATIONS)
        .arg("-o")
        .arg(folder.join(LIBRARY));
    run(&mut clang, &folder.join("link.log")).context("failed to link CPython for the guest")
}

/// Links each module with the parts of archives that it needs. The rest comes from libpython and the C library.
fn link_modules(
    folder: &Path,
    toolchain: &Toolchain,
    flags: &str,
    modules: &[Module],
    more: &[PathBuf],
) -> Result<()> {
    fs_err::create_dir_all(folder.join(MODULES))?;
    for module in modules {
        let mut clang = linker(folder, toolchain, flags);
        clang
            .arg("-Wl,--unresolved-symbols=import-dynamic")
            .args(&module.objects)
            .args(more)
            .args(ARCHIVES)
            .arg(format!("-L../{OPENSSL}/lib"))
            .args(openssl::link_flags())
            .args(libs::link_flags())
            .arg("-o")
            .arg(folder.join(MODULES).join(module.library()));
        run(&mut clang, &folder.join("link.log"))
            .with_context(|| format!("failed to link the module {}", module.name))?;
    }
    Ok(())
}

fn linker(folder: &Path, toolchain: &Toolchain, flags: &str) -> Command {
    let mut clang = toolchain.clang(flags);
    clang.current_dir(folder.join("build")).args([
        "-shared",
        "-O3",
        "-Wl,--strip-all",
        "-Wl,--gc-sections",
    ]);
    clang
}

/// Keeps the files that later stages need, and removes the rest.
fn keep(folder: &Path, native: &Native) -> Result<()> {
    let scratch = folder.join("build");
    let source = folder.join("source");
    fs_err::rename(source.join("Include"), folder.join("include"))?;
    fs_err::rename(
        scratch.join("pyconfig.h"),
        folder.join("include/pyconfig.h"),
    )?;
    fs_err::rename(source.join("Lib"), folder.join("Lib"))?;
    fs_err::rename(folder.join(CTYPES).join(CALLS), folder.join(CALLS))?;

    let name = "_sysconfigdata__wasi_wasm32-wasi.py";
    let at = fs_err::read_to_string(scratch.join("pybuilddir.txt"))?;
    let data = fs_err::read_to_string(scratch.join(at.trim()).join(name))?
        .replace(&native.python.display().to_string(), "python3.14")
        .replace(&folder.display().to_string(), "/python");
    fs_err::create_dir_all(folder.join("sysconfig"))?;
    fs_err::write(folder.join("sysconfig").join(name), data)?;

    fs_err::remove_file(folder.join(OPENSSL))?;
    fs_err::remove_dir_all(scratch)?;
    Ok(fs_err::remove_dir_all(source)?)
}
