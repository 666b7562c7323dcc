//! Libraries whose source has a program that configures it; `make` then builds and installs them.
//!
//! Comes in: the SDK, the words of a recipe, a folder of sources that may be written to. Goes out: what `make` installs.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::run::{jobs, run};
use crate::sdk::{FLAGS_VARIABLE, Sdk};
use crate::wheels::library::known_to_pkg_config;
use crate::wheels::{environment, flags};

/// What `make` does if the recipe names no target.
const INSTALL: &str = "install";

pub struct Configure<'a> {
    pub sdk: &'a Sdk,
    /// A program with its arguments; `--prefix` follows.
    pub words: &'a [String],
    /// Targets and variables of `make`.
    pub make: &'a [String],
    /// Flags for C, and more for C++.
    pub flags: (&'a [String], &'a [String]),
    /// The folders of libraries that were built before.
    pub before: &'a [PathBuf],
}

impl Configure<'_> {
    /// Installs the library into `folder`.
    pub fn build(&self, source: &Path, folder: &Path) -> Result<()> {
        let log = folder.join("build.log");
        run(&mut self.configure(source, folder)?, &log)?;
        let mut make = self.command("make", source)?;
        make.args(["-j", &jobs()]).args(targets(self.make));
        run(&mut make, &log)
    }

    fn configure(&self, source: &Path, folder: &Path) -> Result<Command> {
        let (program, arguments) = self.words.split_first().context("no program is named")?;
        let (c, cplusplus) = self.flags;
        let mut configure = self.command(program_of(source, program), source)?;
        configure
            .args(arguments)
            .arg(format!("--prefix={}", folder.display()))
            .envs(environment::compilers())
            .env("CFLAGS", c.join(" "))
            .env("CXXFLAGS", [c, cplusplus].concat().join(" "));
        Ok(configure)
    }

    /// A command in the folder of the source. Such programs write flags into what they build, so those with paths are in a variable.
    fn command(&self, program: impl AsRef<OsStr>, source: &Path) -> Result<Command> {
        let mut command = self.sdk.command(program)?;
        command
            .current_dir(source)
            .env(FLAGS_VARIABLE, flags::paths(self.before, source).join(" "))
            .envs([known_to_pkg_config(self.before)?]);
        Ok(command)
    }
}

/// A program of the source, or one of the machine's.
fn program_of(source: &Path, name: &str) -> PathBuf {
    let own = source.join(name);
    if own.is_file() { own } else { name.into() }
}

fn targets(words: &[String]) -> Vec<&str> {
    let words = words.iter().map(String::as_str);
    let is_target = |word: &str| !word.contains('=');
    let default = (!words.clone().any(is_target)).then_some(INSTALL);
    words.chain(default).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_of_the_source_comes_first() {
        let source = tempfile::tempdir().unwrap();
        let name = || program_of(source.path(), "configure");
        assert_eq!(name(), Path::new("configure"));
        fs_err::write(source.path().join("configure"), "").unwrap();
        assert_eq!(name(), source.path().join("configure"));
    }

    #[test]
    fn make_installs_unless_targets_are_named() {
        let words = |words: &[&str]| {
            words
                .iter()
                .map(|&word| word.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(targets(&[]), ["install"]);
        assert_eq!(targets(&words(&["A=1"])), ["A=1", "install"]);
        assert_eq!(targets(&words(&["A=1", "libs"])), ["A=1", "libs"]);
    }
}
