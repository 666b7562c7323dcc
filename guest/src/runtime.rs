//! The guest runtime: the C files of `runtime/`, over CPython's C API, and those of `adapters/`, over the C library.
//!
//! Comes in: those files, the headers, libpython. Goes out: one library for all worlds, one for those with asynchronous
//! functions, and three for extensions that call WASI preview 1 or were built for Emscripten. Nothing else depends on them, so that
//! a change of the runtime builds in a second.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::builtins;
use crate::c_sources::CSources;
use crate::compile::{Unit, compile_all};
use crate::cpython::CPython;
use crate::hash::{self, Key};
use crate::libc::Libc;
use crate::libs::Libs;
use crate::recipe::recipe;
use crate::run::run;
use crate::toolchain::Toolchain;
use crate::{Build, stage};

/// A library and the folder of the repository that holds its C files.
struct Part {
    library: &'static str,
    folder: &'static str,
    /// The libraries that it is linked with, in addition to the C library.
    needs: &'static [&'static str],
    /// `true` if it exports the compiler's own functions.
    has_builtins: bool,
    /// `true` if it throws exceptions of the tag for jumps.
    jumps: bool,
}

const PARTS: [Part; 5] = [
    Part {
        library: "libcomponentize_py_runtime.so",
        folder: "runtime",
        needs: &["-lpython3.14"],
        has_builtins: false,
        jumps: false,
    },
    Part {
        library: "libcomponentize_py_async.so",
        folder: "runtime/async",
        needs: &["-lcomponentize_py_runtime", "-lpython3.14"],
        has_builtins: false,
        jumps: false,
    },
    Part {
        library: "libcomponentize_py_preview1.so",
        folder: "adapters",
        needs: &[],
        has_builtins: false,
        jumps: false,
    },
    Part {
        library: "libcomponentize_py_emscripten.so",
        folder: "adapters/emscripten",
        needs: &["-lwasi-emulated-process-clocks"],
        has_builtins: true,
        jumps: false,
    },
    Part {
        library: "libcomponentize_py_jumps.so",
        folder: "adapters/emscripten/jumps",
        needs: &[],
        has_builtins: false,
        jumps: true,
    },
];

/// The tag of jumps, which the linker of components defines.
const JUMP: &str = "__c_longjmp";

const FLAGS: [&str; 10] = [
    "-std=c11",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-O2",
    "-g0",
    "-DNDEBUG",
    "-fPIC",
    // Only marked functions are exported.
    "-fvisibility=hidden",
    "-D_WASI_EMULATED_PROCESS_CLOCKS",
];

pub fn key(build: &Build, cpython: &str) -> Result<String> {
    let mut key = Key::new("runtime")
        .text("cpython", cpython)
        .text(
            "recipe",
            &recipe(&[include_str!("runtime.rs"), include_str!("builtins.rs")])?,
        )
        .text("contract", &build.contract)
        .file(&build.c_sources().join("Cargo.lock"))?;
    for folder in ["adapters", "runtime"] {
        for file in hash::files_below(&build.root.join(folder))? {
            if has_extension(&file, "c") || has_extension(&file, "h") {
                key = key.file(&file)?;
            }
        }
    }
    Ok(key.finish())
}

pub fn build(
    build: &Build,
    toolchain: &Toolchain,
    libc: &Libc,
    cpython: &CPython,
    libs: &Libs,
) -> Result<Vec<PathBuf>> {
    let folder = build.cache.stage("runtime", &key(build, &cpython.key)?);
    stage::build(&folder, |folder| {
        build.progress.step("building the runtime");
        let crates = CSources::locate(&build.c_sources())?;
        let headers = cpython.headers();
        let flags = format!(
            "--sysroot={} -isystem {} -isystem {} -isystem {} -isystem {} -ffile-prefix-map={}/=",
            libc.sysroot.display(),
            headers.display(),
            headers.join("internal").display(),
            libs.folder.join("include").display(),
            crates.folder("wit-dylib")?.display(),
            build.root.display()
        );
        let scratch = folder.join("objects");
        let contract = scratch.join("contract.c");
        fs_err::create_dir_all(&scratch)?;
        let symbols = build.root.join("runtime/symbols.h");
        let include = format!("#include \"{}\"\n", symbols.display());
        fs_err::write(&contract, include + &build.contract)?;
        let log = folder.join("build.log");
        for part in PARTS {
            let source = build.root.join(part.folder);
            // It contains no code. Compiling it succeeds, or reports an error in the runtime.
            let contract = (part.folder == "runtime").then(|| contract.clone());
            let units = c_files(&source)?
                .into_iter()
                .chain(contract)
                .map(|file| Unit::new(file, &scratch.join(part.library)))
                .collect::<Result<Vec<Unit>>>()?;
            ensure!(!units.is_empty(), "`{}` holds no C files", source.display());
            let exceptions = part.jumps.then_some("-mexception-handling");
            let arguments = FLAGS.into_iter().chain(exceptions);
            let arguments: Vec<String> = arguments.map(str::to_owned).collect();
            compile_all(toolchain, &flags, &arguments, &units, &log)?;
            link(toolchain, &flags, &part, &units, cpython, folder, &log)?;
        }
        Ok(fs_err::remove_dir_all(scratch)?)
    })?;
    Ok(PARTS.map(|part| folder.join(part.library)).into())
}

fn link(
    toolchain: &Toolchain,
    flags: &str,
    part: &Part,
    units: &[Unit],
    cpython: &CPython,
    folder: &Path,
    log: &Path,
) -> Result<()> {
    let undefined = folder.join("undefined.txt");
    fs_err::write(&undefined, if part.jumps { JUMP } else { "" })?;
    run(
        toolchain
            .clang(flags)
            .args(["-shared", "-O2", "-Wl,--strip-all"])
            .arg(format!(
                "-Wl,--allow-undefined-file={}",
                undefined.display()
            ))
            .args(units.iter().map(|unit| &unit.object))
            .arg(format!("-L{}", cpython.folder.display()))
            .arg(format!("-L{}", folder.display()))
            .args(part.needs)
            .args(builtins::exports(toolchain, part.has_builtins))
            .arg("-o")
            .arg(folder.join(part.library)),
        log,
    )
    .with_context(|| format!("failed to link `{}`", part.library))
}

/// The C files that lie in `folder` itself, sorted.
fn c_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = hash::files_below(folder)?;
    files.retain(|file| has_extension(file, "c") && file.parent() == Some(folder));
    Ok(files)
}

fn has_extension(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found == extension)
}
