//! Native extensions from C and C++ files, for tests and benchmarks.
//!
//! Comes in: sources and the libraries to link. Goes out: a shared library in the cache, built once for each input.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::hash::Key;
use crate::progress::Progress;
use crate::recipe::recipe;
use crate::run::run;
use crate::sdk::{self, Sdk};
use crate::{Build, libcxx, stage};

/// The extension to build.
#[derive(Default)]
pub struct Extension<'a> {
    /// The name of the file: for a module `x`, `x.cpython-314-wasm32-wasi.so`. Other libraries name it as needed.
    pub name: &'a str,
    /// C, or C++ if the name does not end in `.c`.
    pub sources: &'a [PathBuf],
    pub flags: &'a [&'a str],
    /// Shared libraries that are linked with it: it names their file names as needed.
    pub libraries: &'a [PathBuf],
    /// `true` if `throw` and `catch` work. Otherwise throwing ends the program with a message, and nothing is ever caught.
    pub exceptions: bool,
}

/// Builds the extension unless that has already been done.
pub fn extension(root: &Path, extension: &Extension, progress: &dyn Progress) -> Result<PathBuf> {
    let build = Build::new(root, progress)?;
    let key = extension.key(&build.sdk_key()?)?;
    let folder = build.cache.stage("extension", &key);
    let target = folder.join(extension.name);
    if stage::is_complete(&folder) {
        return Ok(target);
    }
    let _lock = build.cache.lock(progress)?;
    let sdk = sdk::build(&build)?;
    stage::build(&folder, |folder| extension.build(&sdk, folder))
        .with_context(|| format!("failed to build the extension `{}`", extension.name))?;
    Ok(target)
}

impl Extension<'_> {
    fn key(&self, sdk: &str) -> Result<String> {
        let mut key = Key::new("extension")
            .text("sdk", sdk)
            .text("recipe", &recipe(&[include_str!("extension.rs")])?)
            .text("name", self.name)
            .text("flags", &format!("{:?} {}", self.flags, self.exceptions));
        for file in self.sources.iter().chain(self.libraries) {
            key = key.file(file)?;
        }
        Ok(key.finish())
    }

    fn build(&self, sdk: &Sdk, folder: &Path) -> Result<()> {
        let c = self
            .sources
            .iter()
            .all(|file| file.extension().is_some_and(|end| end == "c"));
        let mut compiler = sdk.command(sdk.program(if c { "clang" } else { "clang++" }))?;
        compiler.args(["-shared", "-O2", "-g0", "-Wl,--strip-all"]);
        match (c, self.exceptions) {
            (true, _) => {}
            (false, true) => drop(compiler.args(libcxx::EXCEPTIONS)),
            (false, false) => drop(compiler.args(["-fexceptions", "-fignore-exceptions"])),
        }
        compiler
            .args(self.flags)
            .args(self.sources)
            .args(self.libraries);
        compiler.arg("-o").arg(folder.join(self.name));
        run(&mut compiler, &folder.join("build.log"))
    }
}
