//! Temporary directories and files that are gone when the build is, however it ends.
//!
//! A build that ends by itself removes its own; one that a signal ends does so on the way out (`signals.rs`). Each is locked
//! for as long as its process lives, so that what a killed build has left can be told from what is in use, and goes when a later
//! build starts.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::error::UserError;

/// How the names of all begin.
pub const PREFIX: &str = "componentize-py-";
/// The file in a directory that is locked.
const LOCK: &str = "lock";
/// What has no lock yet may be about to get one.
const GRACE: Duration = Duration::from_secs(600);
/// Entries of a directory to look at: one with more is not worth the time.
const LOOKED_AT: usize = 10_000;

/// What a signal has to remove.
static LIVE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn live() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A directory in the system's directory for temporary files.
pub struct Scratch {
    directory: tempfile::TempDir,
    _registered: Registered,
    _lock: File,
}

impl Scratch {
    /// An empty one; removes those that killed builds have left.
    pub fn new() -> Result<Self, UserError> {
        let parent = std::env::temp_dir();
        let made = Self::in_directory(&parent);
        made.map_err(|source| UserError::TemporaryUnavailable {
            path: parent,
            source: without_path(&source),
        })
    }

    fn in_directory(parent: &Path) -> std::io::Result<Self> {
        sweep(parent, PREFIX);
        let directory = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        let registered = Registered::new(directory.path());
        let lock = File::create_new(directory.path().join(LOCK))?;
        lock.lock()?;
        Ok(Self {
            directory,
            _registered: registered,
            _lock: lock,
        })
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Says of a failure that it is this directory's, if it is: it may have no room left.
    pub fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        let ours = self.path().to_string_lossy();
        let io = error
            .chain()
            .find_map(|cause| cause.downcast_ref::<std::io::Error>());
        match io {
            Some(io)
                if error
                    .chain()
                    .any(|cause| cause.to_string().contains(&*ours)) =>
            {
                UserError::TemporaryUnavailable {
                    path: std::env::temp_dir(),
                    source: without_path(io),
                }
                .into()
            }
            _ => error,
        }
    }
}

/// The system's reason alone: names of temporary files would only confuse.
pub fn without_path(error: &std::io::Error) -> std::io::Error {
    let code = error.raw_os_error().or_else(|| {
        // `fs_err` and `tempfile` wrap it.
        let inner = std::error::Error::source(error.get_ref()?)?;
        inner.downcast_ref::<std::io::Error>()?.raw_os_error()
    });
    match code {
        Some(code) => std::io::Error::from_raw_os_error(code),
        None => std::io::Error::from(error.kind()),
    }
}

/// Something that a signal removes, until this is dropped.
pub struct Registered(PathBuf);

impl Registered {
    pub fn new(path: &Path) -> Self {
        live().insert(path.to_owned());
        Self(path.to_owned())
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        live().remove(&self.0);
    }
}

/// For the end of the process: nothing can be registered any more.
pub fn remove_all() {
    let mut live = live();
    for path in std::mem::take(&mut *live) {
        remove(&path);
    }
    // Whoever makes another one now waits for ever, which is not long.
    std::mem::forget(live);
}

/// How often a directory is tried to be removed.
const REMOVALS: usize = 200;

/// Neither function follows links.
fn remove(path: &Path) {
    if path.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        // The build may be writing to it at this moment, but not for long: what it has not begun, it can no longer put there.
        for _ in 0..REMOVALS {
            if std::fs::remove_dir_all(path).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    } else {
        let _ = std::fs::remove_file(path);
    }
}

/// Removes what builds of this user have left in a directory under names that begin so and nobody uses.
pub fn sweep(directory: &Path, prefix: &str) {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
    for entry in entries.take(LOOKED_AT).flatten() {
        if entry.file_name().to_string_lossy().starts_with(prefix) && is_left(&entry.path()) {
            remove(&entry.path());
        }
    }
}

fn is_left(path: &Path) -> bool {
    let Ok(found) = path.symlink_metadata() else {
        return false;
    };
    if found.is_symlink() || !is_ours(&found) {
        return false;
    }
    let lock = if found.is_dir() {
        path.join(LOCK)
    } else {
        path.to_owned()
    };
    match open_unlinked(&lock) {
        // The lock goes with the process that held it.
        Some(file) => file.try_lock().is_ok(),
        None => {
            let modified = found.modified().unwrap_or_else(|_| SystemTime::now());
            modified.elapsed().is_ok_and(|age| age > GRACE)
        }
    }
}

/// A file, and not what a link leads to.
fn open_unlinked(path: &Path) -> Option<File> {
    let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file());
    // On Windows, a lock needs the right to write.
    let file = File::options().read(true).write(true).open(path);
    file.ok().filter(|_| is_file)
}

#[cfg(unix)]
fn is_ours(found: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    // SAFETY: takes nothing, touches no memory and cannot fail.
    found.uid() == unsafe { libc::geteuid() }
}

/// The directory for temporary files is a user's own there.
#[cfg(not(unix))]
fn is_ours(_: &std::fs::Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::{LOCK, PREFIX, Scratch, sweep};

    #[test]
    fn only_what_nobody_uses_goes() {
        let parent = tempfile::tempdir().unwrap();
        let at = |name: &str| parent.path().join(format!("{PREFIX}{name}"));
        let living = Scratch::in_directory(parent.path()).unwrap();
        // As a killed build leaves it.
        fs::create_dir_all(at("left").join("python")).unwrap();
        fs::write(at("left").join("python/file"), "text").unwrap();
        fs::write(at("left").join(LOCK), "").unwrap();
        // One that is being made, one of something else's.
        fs::create_dir(at("young")).unwrap();
        fs::create_dir(parent.path().join("other")).unwrap();
        fs::write(parent.path().join("other").join(LOCK), "").unwrap();
        sweep(parent.path(), PREFIX);
        assert!(!at("left").exists());
        assert!(at("young").exists());
        assert!(parent.path().join("other").exists());
        assert!(living.path().join(LOCK).exists());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        let precious = tempfile::tempdir().unwrap();
        fs::write(precious.path().join(LOCK), "").unwrap();
        let link = parent.path().join(format!("{PREFIX}link"));
        std::os::unix::fs::symlink(precious.path(), &link).unwrap();
        // A directory that was left, with a link in it.
        let left = parent.path().join(format!("{PREFIX}left"));
        fs::create_dir(&left).unwrap();
        File::create(left.join(LOCK)).unwrap();
        std::os::unix::fs::symlink(precious.path(), left.join("inside")).unwrap();
        // And one whose lock is a link to a file that nobody has locked.
        let odd = parent.path().join(format!("{PREFIX}odd"));
        fs::create_dir(&odd).unwrap();
        std::os::unix::fs::symlink(precious.path().join(LOCK), odd.join(LOCK)).unwrap();
        sweep(parent.path(), PREFIX);
        assert!(link.symlink_metadata().is_ok());
        assert!(!left.exists());
        assert!(odd.exists());
        assert!(precious.path().join(LOCK).exists());
    }
}
