//! An opened folder that only this user can change. Everything in it is reached through its descriptor.
//!
//! The path is walked from the root, one directory at a time. Each is opened relative to the one before, without following
//! links, and checked once it is open. So the directory that was checked is the one that is used, whatever is renamed in the
//! meantime. The rules are those of ssh's `StrictModes`, for every directory on the way and not only for those below the home
//! directory:
//!
//! - The owner is this user or root. Root itself trusts nothing that belongs to somebody else, such as the home directory that
//!   `sudo -E` leaves in the environment: that user's code would be executed as root.
//! - Nobody else may write to it. A directory with the sticky bit (`/tmp`) may be passed through, since nobody there can remove
//!   or replace what the rules above accept. A group does not count if it is the owner's own, as many systems give one to each
//!   user and let it write. Neither exception holds for the last directory.
//! - Links on the way are followed if they belong to this user or root. They lie in directories that have been checked.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use crate::{Refusal, TEMPORARY, temporary_name};

/// The limit of Linux.
const LINKS: usize = 40;
/// A file of ours that is still being written is younger than this.
const ABANDONED: Duration = Duration::from_secs(3600);

/// Directories on the way need not be readable. Other systems have no such way to open one.
#[cfg(any(target_os = "linux", target_os = "android"))]
const PASS: OFlags = OFlags::PATH;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const PASS: OFlags = OFlags::RDONLY;

/// An opened directory that only this user, or root, can change.
#[derive(Debug)]
pub struct Folder {
    descriptor: OwnedFd,
    path: PathBuf,
}

impl Folder {
    /// Opens the directory, and creates the missing parts of its path for this user alone.
    pub fn open(path: &Path) -> Result<Self, Refusal> {
        let absolute = std::path::absolute(path).map_err(|source| Refusal::System {
            path: path.to_owned(),
            source,
        })?;
        let mut walk = Walk::start()?;
        walk.add(&absolute);
        while let Some(step) = walk.steps.pop_front() {
            walk.step(step)?;
        }
        walk.end()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a plain file for reading that only this user or root can have written.
    pub fn read(&self, name: &str, most: u64) -> Result<File, Refusal> {
        self.open_file(name, most).map(|(file, _)| file)
    }

    /// The same for a file that nobody else may read either.
    pub fn read_secret(&self, name: &str, most: u64) -> Result<File, Refusal> {
        let (file, stat) = self.open_file(name, most)?;
        if Mode::from_raw_mode(stat.st_mode).intersects(Mode::RWXG | Mode::RWXO) {
            return Err(Refusal::Readable {
                path: self.path.join(name),
            });
        }
        Ok(file)
    }

    fn open_file(&self, name: &str, most: u64) -> Result<(File, Stat), Refusal> {
        let path = || self.path.join(name);
        let kind = || Refusal::Kind {
            path: path(),
            expected: "a plain file",
        };
        // Without `NONBLOCK` a FIFO would wait for a writer.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let descriptor = match rustix::fs::openat(&self.descriptor, name, flags, Mode::empty()) {
            Ok(descriptor) => descriptor,
            // It is a link, or a socket.
            Err(Errno::LOOP | Errno::MLINK | Errno::NXIO) => return Err(kind()),
            Err(errno) => return Err(system(path(), errno)),
        };
        let stat = rustix::fs::fstat(&descriptor).map_err(|errno| system(path(), errno))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(kind());
        }
        check_owner(&stat, path)?;
        if Mode::from_raw_mode(stat.st_mode).intersects(Mode::WGRP | Mode::WOTH) {
            return Err(Refusal::Shared { path: path() });
        }
        let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
        if size > most {
            return Err(Refusal::Size { path: path(), size });
        }
        Ok((File::from(descriptor), stat))
    }

    /// Replaces the file of this name, completely or not at all. `write` fills it, and may read what it has written.
    pub fn replace(
        &self,
        name: &str,
        write: impl FnOnce(&mut File) -> std::io::Result<()>,
    ) -> Result<(), Refusal> {
        self.write_aside(name, write, |temporary| {
            rustix::fs::renameat(&self.descriptor, temporary, &self.descriptor, name)
        })
    }

    /// Adds a file. If one of this name exists already, from another process for example, that one stays.
    pub fn add(
        &self,
        name: &str,
        write: impl FnOnce(&mut File) -> std::io::Result<()>,
    ) -> Result<(), Refusal> {
        self.write_aside(name, write, |temporary| {
            let (folder, none) = (&self.descriptor, AtFlags::empty());
            let linked = rustix::fs::linkat(folder, temporary, folder, name, none);
            rustix::fs::unlinkat(folder, temporary, none)?;
            match linked {
                Err(Errno::EXIST) => Ok(()),
                linked => linked,
            }
        })
    }

    fn write_aside(
        &self,
        name: &str,
        write: impl FnOnce(&mut File) -> std::io::Result<()>,
        publish: impl FnOnce(&str) -> rustix::io::Result<()>,
    ) -> Result<(), Refusal> {
        let failed = |source: std::io::Error| Refusal::System {
            path: self.path.join(name),
            source,
        };
        let temporary = temporary_name().map_err(failed)?;
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let descriptor = rustix::fs::openat(&self.descriptor, &*temporary, flags, mode)
            .map_err(|errno| failed(errno.into()))?;
        let done = write(&mut File::from(descriptor))
            .and_then(|()| publish(&temporary).map_err(Into::into));
        done.map_err(|error| {
            // A full disk should not get fuller.
            let _ = self.remove(&temporary);
            failed(error)
        })
    }

    /// Removes a file, or a link without its target.
    pub fn remove(&self, name: impl AsRef<OsStr>) -> std::io::Result<()> {
        let name = name.as_ref();
        Ok(rustix::fs::unlinkat(
            &self.descriptor,
            name,
            AtFlags::empty(),
        )?)
    }

    /// The plain files whose names have this end, with the time of their last use and their size.
    pub fn files(&self, end: &str) -> std::io::Result<Vec<(SystemTime, u64, OsString)>> {
        let mut files = Vec::new();
        for (name, stat) in self.plain_files()? {
            if name.as_bytes().ends_with(end.as_bytes()) {
                let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
                files.push((modified(&stat), size, name));
            }
        }
        Ok(files)
    }

    /// Removes incomplete files of killed processes.
    pub fn remove_abandoned(&self) -> std::io::Result<()> {
        let now = SystemTime::now();
        for (name, stat) in self.plain_files()? {
            let age = now.duration_since(modified(&stat)).unwrap_or_default();
            if name.as_bytes().starts_with(TEMPORARY.as_bytes()) && age > ABANDONED {
                self.remove(&name)?;
            }
        }
        Ok(())
    }

    fn plain_files(&self) -> std::io::Result<Vec<(OsString, Stat)>> {
        let mut files = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.descriptor)? {
            let entry = entry?;
            let name = entry.file_name();
            // Another process may have removed it.
            let Ok(stat) = rustix::fs::statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW)
            else {
                continue;
            };
            if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
                files.push((OsString::from_vec(name.to_bytes().to_owned()), stat));
            }
        }
        Ok(files)
    }
}

/// The walk from the root to a directory, as far as it has got.
struct Walk {
    /// The directory that it has reached.
    here: OwnedFd,
    /// The path of that directory.
    path: PathBuf,
    stat: Stat,
    steps: VecDeque<OsString>,
    links: usize,
}

impl Walk {
    fn start() -> Result<Self, Refusal> {
        let path = PathBuf::from("/");
        let flags = PASS | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let here = rustix::fs::open("/", flags, Mode::empty())
            .map_err(|errno| system(path.clone(), errno))?;
        let stat = look(&here, &path)?;
        Ok(Self {
            here,
            path,
            stat,
            steps: VecDeque::new(),
            links: 0,
        })
    }

    /// Puts `path` in front of the remaining steps.
    fn add(&mut self, path: &Path) {
        for component in path.components().rev() {
            match component {
                Component::CurDir | Component::Prefix(_) => {}
                Component::RootDir | Component::ParentDir | Component::Normal(_) => {
                    self.steps.push_front(component.as_os_str().to_owned());
                }
            }
        }
    }

    fn step(&mut self, step: OsString) -> Result<(), Refusal> {
        if step == "/" {
            let steps = std::mem::take(&mut self.steps);
            let links = self.links;
            *self = Self {
                steps,
                links,
                ..Self::start()?
            };
            return Ok(());
        }
        let path = if step == ".." {
            self.path.parent().unwrap_or(&self.path).to_owned()
        } else {
            self.path.join(&step)
        };
        let flags = PASS | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let open = || rustix::fs::openat(&self.here, &*step, flags, Mode::empty());
        let mut opened = open();
        if opened.as_ref().err() == Some(&Errno::NOENT) {
            match rustix::fs::mkdirat(&self.here, &*step, Mode::RWXU) {
                Ok(()) | Err(Errno::EXIST) => opened = open(),
                Err(errno) => return Err(system(path, errno)),
            }
        }
        match opened {
            Ok(here) => {
                self.stat = look(&here, &path)?;
                (self.here, self.path) = (here, path);
                Ok(())
            }
            // Systems report a link differently.
            Err(Errno::NOTDIR | Errno::LOOP | Errno::MLINK) => self.follow(&step, path),
            Err(errno) => Err(system(path, errno)),
        }
    }

    fn follow(&mut self, step: &OsStr, path: PathBuf) -> Result<(), Refusal> {
        let stat = rustix::fs::statat(&self.here, step, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|errno| system(path.clone(), errno))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::Symlink {
            let expected = "a directory";
            return Err(Refusal::Kind { path, expected });
        }
        check_owner(&stat, || path.clone())?;
        self.links += 1;
        if self.links > LINKS {
            return Err(Refusal::Links { path });
        }
        let target = rustix::fs::readlinkat(&self.here, step, Vec::new())
            .map_err(|errno| system(path, errno))?;
        self.add(Path::new(OsStr::from_bytes(target.to_bytes())));
        Ok(())
    }

    /// The directory at the end of the walk, in which files are made. Nobody else at all may write to it, since we have made
    /// it.
    fn end(self) -> Result<Folder, Refusal> {
        let path = self.path;
        if Mode::from_raw_mode(self.stat.st_mode).intersects(Mode::WGRP | Mode::WOTH) {
            return Err(Refusal::Shared { path });
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let descriptor = rustix::fs::openat(&self.here, ".", flags, Mode::empty())
            .map_err(|errno| system(path.clone(), errno))?;
        Ok(Folder { descriptor, path })
    }
}

/// Checks a directory on the way.
fn look(directory: impl AsFd, path: &Path) -> Result<Stat, Refusal> {
    let stat = rustix::fs::fstat(directory).map_err(|errno| system(path.to_owned(), errno))?;
    check_owner(&stat, || path.to_owned())?;
    let sticky = Mode::from_raw_mode(stat.st_mode).contains(Mode::SVTX);
    if writable_by_others(&stat) && !sticky {
        let path = path.to_owned();
        return Err(Refusal::Shared { path });
    }
    Ok(stat)
}

fn check_owner(stat: &Stat, path: impl FnOnce() -> PathBuf) -> Result<(), Refusal> {
    let owner = stat.st_uid;
    if owner == 0 || owner == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    let path = path();
    Err(Refusal::Foreign { path, owner })
}

fn writable_by_others(stat: &Stat) -> bool {
    let mode = Mode::from_raw_mode(stat.st_mode);
    mode.contains(Mode::WOTH) || mode.contains(Mode::WGRP) && !is_private(stat)
}

/// Returns `true` if the file's group contains only its owner: the group has the owner's number and, if the owner is this user,
/// is also the group that this process's files get.
fn is_private(stat: &Stat) -> bool {
    let ours = stat.st_uid == rustix::process::geteuid().as_raw();
    stat.st_gid == stat.st_uid && (!ours || stat.st_gid == rustix::process::getegid().as_raw())
}

fn modified(stat: &Stat) -> SystemTime {
    let seconds = u64::try_from(stat.st_mtime).unwrap_or_default();
    let nanoseconds = u32::try_from(stat.st_mtime_nsec).unwrap_or_default();
    SystemTime::UNIX_EPOCH
        .checked_add(Duration::new(seconds, nanoseconds))
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

fn system(path: PathBuf, errno: Errno) -> Refusal {
    Refusal::System {
        path,
        source: errno.into(),
    }
}
