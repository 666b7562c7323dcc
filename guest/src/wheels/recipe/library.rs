//! `[[library]]` of a recipe: a C, C++ or Fortran library that extensions are linked with.

use anyhow::{Result, ensure};
use serde::Deserialize;

use crate::sources::Source;

/// A static library, compiled from all C files of some folders, by CMake, or by `make` once a program has configured it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Library {
    /// `yaml` for `-lyaml`.
    pub name: String,
    /// Without one, the sdist contains the library, or a folder of ours does.
    pub source: Option<Source>,
    /// The folder of a library of our own, beside `recipe.toml`.
    pub local: Option<String>,
    #[serde(default)]
    pub folders: Vec<String>,
    /// Files of the folders that are left out, by patterns of their names without the ending.
    #[serde(default)]
    pub except: Vec<String>,
    /// The source of f2c, if the folders have files in Fortran 77. A library before this one has `f2c.h` and f2c's functions.
    pub f2c: Option<Source>,
    /// `true` for a shared library, which comes into the wheel, and contains the libraries before it.
    #[serde(default, rename = "shared")]
    pub is_shared: bool,
    #[serde(default)]
    pub includes: Vec<String>,
    /// Flags for C and C++.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Arguments of CMake, if that builds and installs it.
    pub cmake: Option<Vec<String>>,
    /// A program that configures it, and its arguments, if `make` builds and installs it. It runs in the folder of the source, with the
    /// compiler in `CC` and so on, and `--prefix` as its last argument: `["./configure", "--disable-shared"]`.
    pub configure: Option<Vec<String>>,
    /// Targets and variables (`NAME=VALUE`) of `make`. Without a target it is `install`.
    #[serde(default)]
    pub make: Vec<String>,
}

impl Library {
    pub(super) fn validate(&self) -> Result<()> {
        let sources = self.source.iter().chain(&self.f2c);
        let mut archives = sources.flat_map(|source| &source.archives);
        let pinned = archives.all(|archive| archive.sha256.is_some());
        ensure!(pinned, "the source of `{}` is not pinned", self.name);
        ensure!(
            self.source.is_none() || self.local.is_none(),
            "`{}` has `source` and `local`",
            self.name
        );
        let ways = [
            !self.folders.is_empty(),
            self.cmake.is_some(),
            self.configure.is_some(),
        ];
        let number = ways.iter().filter(|&&way| way).count();
        ensure!(
            number == 1,
            "`{}` has none of `folders`, `cmake` and `configure`, or more than one",
            self.name
        );
        let names_program = self
            .configure
            .as_ref()
            .is_none_or(|words| !words.is_empty());
        ensure!(
            names_program,
            "`configure` of `{}` names no program",
            self.name
        );
        let needs_folders = self.is_shared || self.f2c.is_some() || !self.except.is_empty();
        ensure!(
            !needs_folders || !self.folders.is_empty(),
            "`{}` has `shared`, `f2c` or `except` without `folders`",
            self.name
        );
        ensure!(
            self.make.is_empty() || self.configure.is_some(),
            "`{}` has `make` without `configure`",
            self.name
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_compiled_in_one_way() {
        let library = |keys: &str| -> Result<()> {
            toml::from_str::<Library>(&format!("name = \"x\"\n{keys}"))?.validate()
        };
        let message = |keys: &str| library(keys).unwrap_err().to_string();
        for right in [
            "folders = [\"src\"]",
            "cmake = []",
            "configure = [\"./configure\"]\nmake = [\"install-lib\"]",
        ] {
            library(right).unwrap();
        }
        for wrong in [
            "",
            "folders = [\"src\"]\ncmake = []",
            "cmake = []\nconfigure = [\"./configure\"]",
        ] {
            assert_eq!(
                message(wrong),
                "`x` has none of `folders`, `cmake` and `configure`, or more than one"
            );
        }
        assert_eq!(
            message("cmake = []\nshared = true"),
            "`x` has `shared`, `f2c` or `except` without `folders`"
        );
        assert_eq!(
            message("configure = []"),
            "`configure` of `x` names no program"
        );
        assert_eq!(
            message("cmake = []\nmake = [\"install\"]"),
            "`x` has `make` without `configure`"
        );
    }
}
