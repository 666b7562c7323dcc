//! CPython's own tests, with the library that they test and the modules in C that only they need: for `cargo xtask
//! cpython-tests`.
//!
//! Comes in: the pinned source, the guest's patched `Lib` and our own modules. Goes out: a folder like CPython's `Lib`, with
//! the sources, compiled code beside them, and `test`; and a folder of native extensions. No component of a user's contains
//! any of it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::copy;
use crate::cpython::CPython;
use crate::hash::Key;
use crate::native::{self, Native};
use crate::progress::Progress;
use crate::recipe::recipe;
use crate::run::{command, run};
use crate::sdk::{self, Sdk};
use crate::{Build, fetch, stage, stdlib, unpack};

const SCRIPT: &str = include_str!("compile_tests.py");

/// Where the component sees the folder. Compiled code names files there, as that of the packed standard library does.
pub const MOUNTED_AT: &str = "/python";

/// What a component needs for CPython's tests.
pub struct Tests {
    /// To mount.
    pub library: PathBuf,
    /// For the search path of the build.
    pub modules: PathBuf,
}

/// Builds the tests for the repository at `root`, and all that they need, unless they exist.
pub fn tests(root: &Path, progress: &dyn Progress) -> Result<Tests> {
    let build = Build::new(root, progress)?;
    let folder = build.cache.stage("tests", &key(&build)?);
    let tests = Tests {
        library: folder.join("Lib"),
        modules: folder.join("modules"),
    };
    if stage::is_complete(&folder) {
        return Ok(tests);
    }
    let _lock = build.cache.lock(progress)?;
    let native = native::build(&build)?;
    let sdk = sdk::build(&build)?;
    stage::build(&folder, |folder| {
        let source = folder.join("source");
        build.progress.step("unpacking CPython's tests");
        let pinned = build.sources.source("cpython")?;
        let (archive, _) = fetch::archive(pinned, &build.places, build.progress)?;
        unpack::archive(&archive, &source)?;
        fill(&build, &native, &sdk::cpython(&build)?, folder)?;
        compile_modules(&build, &sdk, folder)?;
        Ok(fs_err::remove_dir_all(source)?)
    })?;
    Ok(tests)
}

/// The standard library's key is over our own modules, too.
fn key(build: &Build) -> Result<String> {
    let (cpython, _) = build.library_keys()?;
    Ok(Key::new("tests")
        .text("sdk", &build.sdk_key()?)
        .text("stdlib", &stdlib::key(build, &cpython)?)
        .text("recipe", &recipe(&[include_str!("cpython_tests.rs")])?)
        .text("script", SCRIPT)
        .finish())
}

fn fill(build: &Build, native: &Native, cpython: &CPython, folder: &Path) -> Result<()> {
    let library = folder.join("Lib");
    for part in ["Lib", "sysconfig"] {
        copy::tree(&cpython.folder.join(part), &library)?;
    }
    copy::tree(&build.stdlib().join(stdlib::OWN_MODULES), &library)?;
    // For other interpreters in the same process, which some tests start: they search where the first one started.
    let packed = stdlib::build(build, native, cpython)?;
    fs_err::copy(packed, library.join(stdlib::ARCHIVE))?;
    fs_err::rename(folder.join("source/Lib/test"), library.join("test"))?;
    build.progress.step("compiling CPython's tests");
    run(
        command(&native.python)
            .args(["-S", "-s", "-P", "-X", "utf8", "-W", "ignore", "-c", SCRIPT])
            .arg(&library)
            .arg(MOUNTED_AT),
        &folder.join("compile.log"),
    )
    .context("failed to compile CPython's tests")
}

/// Compiles the modules that CPython's own table lists for its tests, each as a native extension.
fn compile_modules(build: &Build, sdk: &Sdk, folder: &Path) -> Result<()> {
    build
        .progress
        .step("compiling the modules of CPython's tests");
    let source = folder.join("source/Modules");
    let modules = folder.join("modules");
    fs_err::create_dir_all(&modules)?;
    let include = sdk.python();
    for (name, files) in listed(&fs_err::read_to_string(source.join("Setup.stdlib.in"))?) {
        run(
            sdk.command(sdk.program("clang"))?
                .args([
                    "-shared",
                    "-O1",
                    "-g0",
                    "-std=c11",
                    "-w",
                    "-DNDEBUG",
                    "-Wl,--strip-all",
                ])
                .arg("-DPy_BUILD_CORE_MODULE")
                .arg("-I")
                .arg(include.join("internal"))
                .arg("-I")
                .arg(include.join("internal/mimalloc"))
                .arg("-I")
                .arg(&source)
                .args(files.iter().map(|file| source.join(file)))
                .arg("-o")
                .arg(modules.join(format!("{name}.cpython-314-wasm32-wasi.so"))),
            &folder.join("modules.log"),
        )
        .with_context(|| format!("failed to compile the module {name}"))?;
    }
    Ok(())
}

/// Names and sources of the modules for tests, from lines such as `@MODULE__TESTBUFFER_TRUE@_testbuffer _testbuffer.c`.
fn listed(setup: &str) -> Vec<(&str, Vec<&str>)> {
    setup
        .lines()
        .filter_map(|line| {
            let tests = ["@MODULE__TEST", "@MODULE__CTYPES_TEST"];
            let rest = tests.iter().find_map(|start| line.strip_prefix(start))?;
            rest.split_once('@')
        })
        .filter_map(|(_, line)| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words.collect()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn modules_for_tests_are_those_with_such_names() {
        let setup = "# @MODULE__TESTCAPI_TRUE@_old x.c\n@MODULE__CSV_TRUE@_csv _csv.c\n\
                     @MODULE__TESTCAPI_TRUE@_testcapi _testcapimodule.c _testcapi/long.c\n\
                     @MODULE__CTYPES_TEST_TRUE@_ctypes_test _ctypes/_ctypes_test.c\n";
        let expected = [
            ("_testcapi", vec!["_testcapimodule.c", "_testcapi/long.c"]),
            ("_ctypes_test", vec!["_ctypes/_ctypes_test.c"]),
        ];
        assert_eq!(listed(setup), expected);
    }
}
