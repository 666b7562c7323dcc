//! Emscripten's version of the C++ library, for wheels from there: LLVM's ABI 2, whose names are in `std::__2`.
//!
//! Comes in: libc++'s sources, and our pair with exceptions (`libcxx.rs`). Goes out: `libc++2.so`, with exceptions, since such
//! wheels throw them. It needs our `libc++abi.so`, which is the same for both versions: its classes have no version.
//!
//! A stage of its own, so that wheels for the guest do not depend on it: nothing is compiled for this version here. The sources are
//! LLVM 20's, Emscripten's are newer; `libcxx2/newer.cpp` has the functions that came since.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::compile::{Unit, compile_all};
use crate::hash::{self, Key};
use crate::libc::Libc;
use crate::libcxx::{self, Libcxx};
use crate::recipe::recipe;
use crate::run::run;
use crate::toolchain::Toolchain;
use crate::{Build, stage};

pub const LIBRARY: &str = "libc++2.so";

/// What the linker of components calls the pair's other half, with exceptions or without.
const ABI: &str = "libc++abi.so";
const ABI_WITH_EXCEPTIONS: &str = "libc++abi-eh.so";

/// What is newer than the sources.
const NEWER: &str = include_str!("libcxx2/newer.cpp");

/// Lines of headers, and what Emscripten has in their place.
const CHANGES: [(&str, &str, &str); 3] = [
    (
        "__config_site",
        "#define _LIBCPP_ABI_VERSION 1\n",
        "#define _LIBCPP_ABI_VERSION 2\n",
    ),
    (
        "__config_site",
        "#define _LIBCPP_ABI_NAMESPACE __1\n",
        "#define _LIBCPP_ABI_NAMESPACE __2\n",
    ),
    // ABI 2 has another `std::function`, which Emscripten does without.
    (
        "__configuration/abi.h",
        "#  define _LIBCPP_ABI_OPTIMIZED_FUNCTION\n",
        "",
    ),
];

const CXXFLAGS: [&str; 12] = [
    "-std=c++23",
    "-O2",
    "-g0",
    "-DNDEBUG",
    "-fPIC",
    "-fvisibility=hidden",
    "-fvisibility-inlines-hidden",
    "-w",
    "-D_LIBCPP_BUILDING_LIBRARY",
    "-D_LIBCXXABI_BUILDING_LIBRARY",
    "-DLIBCXX_BUILDING_LIBCXXABI",
    // For the number conversions, which it shares with LLVM's C library.
    "-DLIBC_NAMESPACE=__llvm_libc_common_utils",
];

/// Sources for other systems, for other libraries, and for experiments. libc++abi has `new.cpp`.
const LEFT_OUT: [&str; 5] = [
    "/support/",
    "/pstl/",
    "/experimental/",
    "/filesystem/int128_builtins.cpp",
    "/src/new.cpp",
];

pub fn key(libcxx: &str) -> Result<String> {
    Ok(Key::new("libcxx2")
        .text("libcxx", libcxx)
        .text("newer", NEWER)
        .text("recipe", &recipe(&[include_str!("libcxx2.rs")])?)
        .finish())
}

/// Returns the library.
pub fn build(
    build: &Build,
    toolchain: &Toolchain,
    libc: &Libc,
    libcxx: &Libcxx,
) -> Result<PathBuf> {
    let folder = build.cache.stage("libcxx2", &key(&libcxx.key)?);
    stage::build(&folder, |folder| {
        build.progress.step("building libc++ as Emscripten has it");
        let source = libcxx::wheel(toolchain)?;
        let include = folder.join("include");
        libcxx::install_headers(&source, &include)?;
        for (name, ours, theirs) in CHANGES {
            change(&include.join(name), ours, theirs)?;
        }
        let scratch = folder.join("objects");
        fs_err::create_dir_all(&scratch)?;
        let units = units(&source, &scratch)?;
        let flags = flags(folder, &source, &libc.sysroot);
        let arguments = [&CXXFLAGS[..], &libcxx::EXCEPTIONS].concat();
        let arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
        let log = folder.join("build.log");
        compile_all(toolchain, &flags, &arguments, &units, &log)
            .context("failed to build Emscripten's version of libc++")?;
        link(toolchain, &flags, &units, libcxx, folder)?;
        fs_err::remove_dir_all(include)?;
        Ok(fs_err::remove_dir_all(scratch)?)
    })?;
    Ok(folder.join(LIBRARY))
}

fn change(header: &Path, ours: &str, theirs: &str) -> Result<()> {
    let text = fs_err::read_to_string(header)?;
    ensure!(
        text.matches(ours).count() == 1,
        "`{}` is not the one of LLVM 20: it has no line `{}`",
        header.display(),
        ours.trim_end()
    );
    Ok(fs_err::write(header, text.replacen(ours, theirs, 1))?)
}

fn units(source: &Path, scratch: &Path) -> Result<Vec<Unit>> {
    let mut files = hash::files_below(&source.join("libcxx/src"))?;
    files.retain(|file| {
        let name = file.to_string_lossy();
        name.ends_with(".cpp") && !LEFT_OUT.iter().any(|part| name.contains(part))
    });
    let newer = scratch.join("newer.cpp");
    fs_err::write(&newer, NEWER)?;
    files.push(newer);
    let units = files.into_iter().map(|file| Unit::new(file, scratch));
    units.collect()
}

fn flags(folder: &Path, source: &Path, sysroot: &Path) -> String {
    format!(
        "--sysroot={} -stdlib++-isystem {} -I{} -I{} -I{} -I{} -ffile-prefix-map={}/= -ffile-prefix-map={}/=",
        sysroot.display(),
        folder.join("include").display(),
        source.join("libcxx/src").display(),
        source.join("libcxx/libc").display(),
        source.join("libcxxabi/src").display(),
        source.join("libunwind/include").display(),
        source.display(),
        folder.display(),
    )
}

fn link(
    toolchain: &Toolchain,
    flags: &str,
    units: &[Unit],
    libcxx: &Libcxx,
    folder: &Path,
) -> Result<()> {
    let scratch = folder.join("objects");
    // A needed library is named after its file.
    let needed = scratch.join(ABI);
    fs_err::copy(libcxx.library(ABI_WITH_EXCEPTIONS), &needed)?;
    let undefined = scratch.join("undefined.txt");
    fs_err::write(&undefined, format!("{}\n", libcxx::TAG))?;
    run(
        toolchain
            .clang(flags)
            .args([
                "-shared",
                "-nostartfiles",
                "-Wl,--no-entry",
                "-Wl,--export-if-defined=__wasm_call_ctors",
                "-O2",
                "-Wl,--strip-all",
                "-Wl,--gc-sections",
            ])
            .args(units.iter().map(|unit| &unit.object))
            .arg(needed)
            .arg(format!(
                "-Wl,--allow-undefined-file={}",
                undefined.display()
            ))
            .arg("-o")
            .arg(folder.join(LIBRARY)),
        &folder.join("build.log"),
    )
    .with_context(|| format!("failed to link `{LIBRARY}`"))
}
