//! The profile: how often each part of CPython's code runs. The compiler decides from it what to inline and what to keep
//! small.
//!
//! Comes in: `python-stdlib/profile/cpython.profdata.zst`, which `cargo xtask profile` makes. Goes out: flags for the
//! compiler. A profile of another version of the code is used as far as it fits.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::Build;
use crate::hash::Key;
use crate::recipe::recipe;

/// The values of variables are not counted: the counters alone are small, and nearly as useful.
const COMMON: &str = "-mllvm -disable-vp=true";
const RECORDER: &str = include_str!("profile.c");

/// The purpose of a build of CPython.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    Use,
    Record,
}

impl Profile {
    pub fn key(self, build: &Build, key: Key) -> Result<Key> {
        let key = key.text("recipe", &recipe(&[include_str!("profile.rs")])?);
        match self {
            Self::Use => key.file(&file(build)),
            Self::Record => Ok(key.text("recorder", RECORDER)),
        }
    }

    /// Flags for compiling. Files that they name are written to `folder`.
    pub fn flags(self, build: &Build, folder: &Path) -> Result<String> {
        Ok(match self {
            Self::Use => {
                let profile = folder.join("cpython.profdata");
                fs_err::write(
                    &profile,
                    zstd::decode_all(fs_err::File::open(file(build))?)?,
                )?;
                format!("{COMMON} -fprofile-use={}", profile.display())
            }
            Self::Record => {
                format!("{COMMON} -fprofile-generate -mllvm -enable-name-compression=false")
            }
        })
    }

    /// Sources that are also linked into each library.
    pub fn sources(self, folder: &Path) -> Result<Vec<PathBuf>> {
        if self == Self::Use {
            return Ok(Vec::new());
        }
        let recorder = folder.join("profile.c");
        fs_err::write(&recorder, RECORDER)?;
        Ok(vec![recorder])
    }
}

fn file(build: &Build) -> PathBuf {
    build.stdlib().join("profile/cpython.profdata.zst")
}
