//! Emscripten's version of the C++ library, for wheels from there: LLVM's ABI 2, whose names are in `std::__2`.
//!
//! Comes in: libc++'s sources, and our pair with exceptions (`libcxx.rs`). Goes out: `libc++2.so`, with exceptions, since such
//! wheels throw them. It needs our `libc++abi.so`, which is the same for both versions: its classes have no version.
//!
//! A stage of its own, so that wheels for the guest do not depend on it: nothing is compiled for this version here. The sources are
//! LLVM 20's, Emscripten's are newer; `libcxx2/newer.cpp` has the functions that came since.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::hash::Key;
use crate::libc::Libc;
use crate::libcxx::{self, Libcxx, Variant};
use crate::recipe::recipe;
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
        let variant = Variant {
            exceptions: true,
            source: &source,
            folder,
            scratch: scratch.clone(),
            toolchain,
            sysroot: &libc.sysroot,
        };
        compile_and_link(&variant, libcxx)
            .context("failed to build Emscripten's version of libc++")?;
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

fn compile_and_link(variant: &Variant, libcxx: &Libcxx) -> Result<()> {
    let newer = variant.scratch.join("newer.cpp");
    fs_err::write(&newer, NEWER)?;
    let mut sources = variant.library_sources()?;
    sources.push(newer);
    let units = variant.compile("library", sources, &variant.cxxflags())?;
    // A needed library is named after its file.
    let needed = variant.scratch.join(ABI);
    fs_err::copy(libcxx.library(ABI_WITH_EXCEPTIONS), &needed)?;
    variant.link(&variant.folder.join(LIBRARY), &units, &[needed])
}
