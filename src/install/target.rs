//! The directory that is filled. A new one is prepared beside it and takes its place once it is complete.

use std::path::{Path, PathBuf};

use anyhow::Result;
use ground::Mistake as _;
use ground::files;
use serde::{Deserialize, Serialize};

use super::error::InstallError;
use crate::project::LIBRARY_SUFFIXES;
use crate::project::declared::STAMP;
use crate::scratch::Scratch;

/// The content of the stamp: what the directory was made from, and what is in it.
#[derive(Deserialize, Serialize)]
struct Stamp {
    digest: String,
    entries: Vec<String>,
}

pub struct Target {
    shown: PathBuf,
}

/// The new directory.
pub struct Staging {
    pub directory: PathBuf,
    _scratch: Scratch,
}

impl Target {
    /// Refuses a directory with anything that was not installed here: it would be lost.
    pub fn open(shown: PathBuf) -> Result<Self> {
        let found = shown.symlink_metadata();
        let is_directory = found.as_ref().is_ok_and(|found| found.is_dir());
        let is_ours = || shown.join(STAMP).is_file() || files::entries(&shown).is_empty();
        if found.is_ok() && !(is_directory && is_ours()) {
            return InstallError::TargetTaken { target: shown }.raise();
        }
        Ok(Self { shown })
    }

    pub fn shown(&self) -> &Path {
        &self.shown
    }

    /// Returns `true` if it was made from the same, and nothing has been added or removed since.
    pub fn holds(&self, digest: &str) -> bool {
        let text = files::read_text(&self.shown.join(STAMP), files::TEXT);
        let stamp = text.ok().and_then(|text| serde_json::from_str(&text).ok());
        stamp.is_some_and(|stamp: Stamp| {
            stamp.digest == digest && stamp.entries == entries(&self.shown)
        })
    }

    /// An empty directory beside it: on the same file system, so that it can be moved.
    pub fn staging(&self) -> Result<Staging> {
        let parent = match self.shown.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => Path::new("."),
        };
        fs_err::create_dir_all(parent)?;
        let parent = fs_err::canonicalize(parent)?;
        let scratch = Scratch::beside(&parent)?;
        let directory = scratch.path().join("new");
        fs_err::create_dir(&directory)?;
        Ok(Staging {
            directory,
            _scratch: scratch,
        })
    }

    /// Puts the new directory in the place of the old one.
    pub fn replace(&self, staging: Staging, digest: &str) -> Result<()> {
        let new = &staging.directory;
        let stamp = Stamp {
            digest: digest.to_owned(),
            entries: entries(new),
        };
        fs_err::write(new.join(STAMP), serde_json::to_string(&stamp)?)?;
        let old = new.with_file_name("old");
        let had_old = self.shown.exists();
        if had_old {
            fs_err::rename(&self.shown, &old)?;
        }
        if let Err(error) = fs_err::rename(new, &self.shown) {
            if had_old {
                fs_err::rename(&old, &self.shown)?;
            }
            return Err(error.into());
        }
        Ok(())
    }
}

impl Staging {
    /// Removes what is of no use in a component, refuses code for this machine, and counts the packages.
    pub fn check(&self) -> Result<usize> {
        let root = &self.directory;
        for scripts in ["bin", "Scripts"] {
            let scripts = root.join(scripts);
            if scripts.is_dir() && !scripts.join("__init__.py").exists() {
                fs_err::remove_dir_all(scripts)?;
            }
        }
        let mut packages = Vec::new();
        for (name, _) in files::entries(root) {
            if name.ends_with(".dist-info") {
                // It may name a place of this machine.
                let origin = root.join(&name).join("direct_url.json");
                if origin.exists() {
                    fs_err::remove_file(origin)?;
                }
                packages.push(name);
            }
        }
        if let Some(file) = foreign_code(root, root) {
            let owner = packages
                .iter()
                .find(|name| records(&root.join(name), &file));
            return InstallError::NotPure {
                package: owner.map_or_else(String::new, |name| {
                    name.split('-').next().unwrap_or(name).to_owned()
                }),
                file,
            }
            .raise();
        }
        Ok(packages.len())
    }
}

/// The names in a directory, but for the stamp and for what Python leaves.
fn entries(directory: &Path) -> Vec<String> {
    let entries = files::entries(directory).into_iter().map(|(name, _)| name);
    let mut entries: Vec<String> = entries
        .filter(|name| name != STAMP && name != "__pycache__")
        .collect();
    entries.sort();
    entries
}

/// The first compiled file that is not WebAssembly, below the root.
fn foreign_code(root: &Path, directory: &Path) -> Option<PathBuf> {
    for (name, kind) in files::entries(directory) {
        let path = directory.join(&name);
        if kind.is_dir() {
            if let Some(found) = foreign_code(root, &path) {
                return Some(found);
            }
            continue;
        }
        let is_code = LIBRARY_SUFFIXES.iter().any(|end| name.ends_with(end));
        if is_code && !files::begins(&path).is_ok_and(|bytes| bytes.starts_with(b"\0asm")) {
            return Some(path.strip_prefix(root).unwrap_or(&path).to_owned());
        }
    }
    None
}

/// Returns `true` if a package's `RECORD` has a file.
fn records(dist_info: &Path, file: &Path) -> bool {
    let record = files::read_text(&dist_info.join("RECORD"), files::TEXT).unwrap_or_default();
    let name = file.to_string_lossy().replace('\\', "/");
    record.lines().any(|line| line.starts_with(&name))
}
