//! The CPython that runs build systems: of the guest's version, for this machine, with its extension modules.
//!
//! Comes in: CPython's source, zlib's. Goes out: a separate installation. The one in `native.rs` has no modules, and the
//! machine's Python may be of any version, so neither can tell a build system the target. The tool that users install builds none
//! but looks for one on the machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::c_sources::CSources;
use crate::hash::{self, Key};
use crate::recipe::recipe;
use crate::run::{command, jobs, run};
use crate::{Build, stage, unpack};

pub struct BuildPython {
    pub program: PathBuf,
}

pub fn key(build: &Build) -> Result<String> {
    let key = Key::new("build-python")
        .text("recipe", &recipe(&[include_str!("build_python.rs")])?)
        .file(&build.c_sources().join("Cargo.lock"))?;
    Ok(build.source_key(key, "cpython", false)?.finish())
}

pub fn build(build: &Build) -> Result<BuildPython> {
    let folder = build.cache.stage("build-python", &key(build)?);
    stage::build(&folder, |folder| {
        let work = Work {
            source: folder.join("source"),
            scratch: folder.join("build"),
            log: folder.join("build.log"),
            folder,
        };
        unpack::source(
            build.sources.source("cpython")?,
            None,
            &build.places,
            &work.source,
            build.progress,
        )?;
        build
            .progress
            .step("building the CPython that runs build systems");
        let crates = CSources::locate(&build.c_sources())?;
        work.build_zlib(&crates.folder("libz-sys")?.join("src/zlib"))?;
        work.make()?;
        work.install()
    })?;
    Ok(BuildPython {
        program: folder.join("bin/python3.14"),
    })
}

/// The CPython of this machine, where the guest is not built from its sources.
pub fn find() -> Result<BuildPython> {
    let environment = std::env::var_os("VIRTUAL_ENV").filter(|one| !one.is_empty());
    let environment = environment.map(|one| Path::new(&one).join("bin/python"));
    let names = ["python3.14", "python3", "python"].map(PathBuf::from);
    for program in environment.into_iter().chain(names) {
        if let Some(program) = path_of(command(program).args(["-c", ITSELF])) {
            return Ok(BuildPython { program });
        }
    }
    if let Some(program) = path_of(command("uv").args(["python", "find", "--offline", "3.14"])) {
        return Ok(BuildPython { program });
    }
    bail!(
        "no CPython 3.14 found on this machine\n\nhint: build systems of packages must run in the version of Python that components \
         have: install it (`uv python install 3.14`), or put it on `PATH` as `python3.14`"
    )
}

/// Prints the program's path if it is the one that is looked for.
const ITSELF: &str = "
import sys
if sys.implementation.name == 'cpython' and sys.version_info[:2] == (3, 14): print(sys.executable)
";

/// The path that a command prints, if it succeeds.
fn path_of(command: &mut Command) -> Option<PathBuf> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    let path = Path::new(path.trim());
    (output.status.success() && path.is_absolute()).then(|| path.to_owned())
}

struct Work<'a> {
    folder: &'a Path,
    source: PathBuf,
    scratch: PathBuf,
    log: PathBuf,
}

impl Work<'_> {
    /// Wheels are zip archives, and a machine with a compiler need not have zlib's headers.
    fn build_zlib(&self, zlib: &Path) -> Result<()> {
        let objects = self.folder.join("zlib");
        fs_err::create_dir_all(&objects)?;
        let mut sources = hash::files_below(zlib)?;
        sources.retain(|file| {
            file.parent() == Some(zlib)
                && file.extension().is_some_and(|extension| extension == "c")
        });
        run(
            command("cc")
                .args(["-O2", "-fPIC", "-DHAVE_UNISTD_H", "-DHAVE_STDARG_H", "-c"])
                .args(sources)
                .current_dir(&objects),
            &self.log,
        )?;
        for entry in fs_err::read_dir(zlib)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "h") {
                fs_err::copy(&path, objects.join(path.file_name().unwrap_or_default()))?;
            }
        }
        let mut objects_in_archive = hash::files_below(&objects)?;
        objects_in_archive
            .retain(|file| file.extension().is_some_and(|extension| extension == "o"));
        run(
            command("ar")
                .arg("rcs")
                .arg(objects.join("libz.a"))
                .args(objects_in_archive),
            &self.log,
        )
    }

    fn make(&self) -> Result<()> {
        fs_err::create_dir_all(&self.scratch)?;
        let zlib = self.folder.join("zlib");
        run(
            command("../source/configure")
                .args([
                    "CFLAGS=-O1 -g0",
                    "--without-ensurepip",
                    "--disable-test-modules",
                    "--prefix=/python",
                ])
                .env("PKG_CONFIG_LIBDIR", "/nonexistent")
                .env("ZLIB_CFLAGS", format!("-I{}", zlib.display()))
                .env("ZLIB_LIBS", format!("-L{} -lz", zlib.display()))
                .current_dir(&self.scratch),
            &self.log,
        )
        .context("failed to configure CPython for this machine")?;
        run(
            command("make")
                .args(["-j", &jobs()])
                .current_dir(&self.scratch),
            &self.log,
        )
        .context("failed to build CPython for this machine")
    }

    /// Done by hand: `make install` compiles all of the standard library, and again for two levels of optimisation.
    fn install(&self) -> Result<()> {
        let at = fs_err::read_to_string(self.scratch.join("pybuilddir.txt"))?;
        let modules = self.scratch.join(at.trim());
        let library = self.folder.join("lib/python3.14");
        fs_err::create_dir_all(self.folder.join("bin"))?;
        fs_err::create_dir_all(self.folder.join("lib"))?;
        fs_err::copy(
            self.scratch.join("python"),
            self.folder.join("bin/python3.14"),
        )?;
        fs_err::rename(self.source.join("Lib"), &library)?;
        let dynamic = library.join("lib-dynload");
        fs_err::create_dir_all(&dynamic)?;
        for file in hash::files_below(&modules)? {
            let name = file.file_name().unwrap_or_default();
            if file.extension().is_some_and(|extension| extension == "so") {
                // The build folder holds links to files beside its objects.
                fs_err::copy(fs_err::canonicalize(&file)?, dynamic.join(name))?;
            } else if name.to_string_lossy().starts_with("_sysconfig") {
                fs_err::copy(&file, library.join(name))?;
            }
        }
        fs_err::remove_dir_all(&self.scratch)?;
        fs_err::remove_dir_all(self.folder.join("zlib"))?;
        Ok(fs_err::remove_dir_all(&self.source)?)
    }
}
