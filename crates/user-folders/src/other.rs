//! The same folder on systems without owners and modes: on Windows, a profile belongs to its user by the access lists that it
//! inherits.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::{Refusal, TEMPORARY, temporary_name};

/// A file of ours that is still being written is younger than this.
const ABANDONED: Duration = Duration::from_secs(3600);

/// A directory of this user.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Creates the missing parts of the path.
    pub fn open(path: &Path) -> Result<Self, Refusal> {
        let made = std::path::absolute(path)
            .and_then(|absolute| std::fs::create_dir_all(&absolute).map(|()| absolute));
        match made {
            Ok(path) => Ok(Self { path }),
            Err(source) => Err(Refusal::System {
                path: path.to_owned(),
                source,
            }),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a plain file for reading.
    pub fn read(&self, name: &str, most: u64) -> Result<File, Refusal> {
        let path = self.path.join(name);
        let system = |source| Refusal::System {
            path: path.clone(),
            source,
        };
        if !std::fs::symlink_metadata(&path).map_err(system)?.is_file() {
            let expected = "a plain file";
            return Err(Refusal::Kind { path, expected });
        }
        let file = File::open(&path).map_err(system)?;
        let size = file.metadata().map_err(system)?.len();
        if size > most {
            return Err(Refusal::Size { path, size });
        }
        Ok(file)
    }

    /// The same as `read`: the profile decides who may read.
    pub fn read_secret(&self, name: &str, most: u64) -> Result<File, Refusal> {
        self.read(name, most)
    }

    /// Replaces the file of this name, completely or not at all.
    pub fn replace(
        &self,
        name: &str,
        write: impl FnOnce(&mut File) -> std::io::Result<()>,
    ) -> Result<(), Refusal> {
        self.write_aside(name, write, |temporary, path| {
            std::fs::rename(temporary, path)
        })
    }

    /// Adds a file. If one of this name exists already, from another process for example, that one stays.
    pub fn add(
        &self,
        name: &str,
        write: impl FnOnce(&mut File) -> std::io::Result<()>,
    ) -> Result<(), Refusal> {
        self.write_aside(name, write, |temporary, path| {
            let linked = std::fs::hard_link(temporary, path);
            std::fs::remove_file(temporary)?;
            match linked {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
                linked => linked,
            }
        })
    }

    fn write_aside(
        &self,
        name: &str,
        write: impl FnOnce(&mut File) -> std::io::Result<()>,
        publish: impl FnOnce(&Path, &Path) -> std::io::Result<()>,
    ) -> Result<(), Refusal> {
        let path = self.path.join(name);
        let done = temporary_name().and_then(|temporary| {
            let temporary = self.path.join(temporary);
            let mut options = File::options();
            let mut file = options
                .read(true)
                .write(true)
                .create_new(true)
                .open(&temporary)?;
            let written = write(&mut file);
            // Open files cannot be renamed.
            drop(file);
            written
                .and_then(|()| publish(&temporary, &path))
                .inspect_err(|_| {
                    // A full disk should not get fuller.
                    let _ = std::fs::remove_file(&temporary);
                })
        });
        done.map_err(|source| Refusal::System { path, source })
    }

    /// Removes a file.
    pub fn remove(&self, name: impl AsRef<OsStr>) -> std::io::Result<()> {
        std::fs::remove_file(self.path.join(name.as_ref()))
    }

    /// The plain files whose names have this end, with the time of their last use and their size.
    pub fn files(&self, end: &str) -> std::io::Result<Vec<(SystemTime, u64, OsString)>> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let entry = entry?;
            // Another process may have removed it.
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            let name = entry.file_name();
            if metadata.is_file() && name.to_string_lossy().ends_with(end) {
                files.push((metadata.modified()?, metadata.len(), name));
            }
        }
        Ok(files)
    }

    /// Removes incomplete files of killed processes.
    pub fn remove_abandoned(&self) -> std::io::Result<()> {
        let now = SystemTime::now();
        for (modified, _, name) in self.files("")? {
            let age = now.duration_since(modified).unwrap_or_default();
            if name.to_string_lossy().starts_with(TEMPORARY) && age > ABANDONED {
                self.remove(&name)?;
            }
        }
        Ok(())
    }
}
