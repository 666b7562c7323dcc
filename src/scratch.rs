//! Temporary directories and files that are removed when the build ends, however it ends.
//!
//! A build that ends normally removes its own. One that a signal ends removes them on the way out (`signals.rs`). Each
//! is locked while its process lives. So the files of a killed build can be told from those in use, and a later build
//! removes them.

use std::collections::BTreeSet;
use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use derive_more::Display;
use ground::{Kind, Mistake, UserError};

/// The system's directory for temporary files cannot be used.
#[derive(Debug, Display)]
#[display("cannot use the directory for temporary files, `{}`", path.display())]
pub struct TemporaryUnavailable {
    path: PathBuf,
    source: std::io::Error,
}

impl Mistake for TemporaryUnavailable {
    fn kind(&self) -> Kind {
        Kind::File
    }

    fn hint(&self) -> Option<String> {
        Some(
            "make room there, or name another directory, that exists and can be written to, in the environment variable `TMPDIR`"
                .to_owned(),
        )
    }

    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// The beginning of the directories' names.
const PREFIX: &str = "componentize-py-";
/// The beginning and end of the names of files beside an output.
const FILE_PREFIX: &str = ".componentize-py-";
const FILE_SUFFIX: &str = ".partial";
/// The number of letters and digits in a name.
const RANDOM: usize = 10;
/// The locked file in a directory, which tells it from directories of users.
pub const LOCK: &str = ".componentize-py-lock";
/// A directory without a lock may be about to get one.
const GRACE: Duration = Duration::from_secs(600);
/// The most entries of a directory to check: a larger one is not worth the time.
const LOOKED_AT: usize = 10_000;

/// The paths that a signal has to remove.
static LIVE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn live() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A directory in the system's directory for temporary files, or a hidden one beside an output.
pub struct Scratch {
    directory: tempfile::TempDir,
    _registered: Registered,
    _lock: File,
}

impl Scratch {
    /// Makes an empty one, and removes those that killed builds have left.
    pub fn new() -> Result<Self, UserError> {
        let parent = std::env::temp_dir();
        let made = Self::in_directory(&parent, PREFIX);
        made.map_err(|source| {
            let source = without_path(&source);
            TemporaryUnavailable {
                path: parent,
                source,
            }
            .into()
        })
    }

    /// Makes an empty one on the file system of an output, where that can take its place.
    pub fn beside(parent: &Path) -> std::io::Result<Self> {
        Self::in_directory(parent, &format!(".{PREFIX}"))
    }

    fn in_directory(parent: &Path, prefix: &str) -> std::io::Result<Self> {
        sweep(parent, left_directory);
        let directory = tempfile::Builder::new()
            .prefix(prefix)
            .rand_bytes(RANDOM)
            .tempdir_in(parent)?;
        let registered = Registered::new(directory.path());
        // It gets its name when it is locked: otherwise a build that starts now would take it for an abandoned one.
        let unnamed = directory.path().join("lock");
        let lock = File::create_new(&unnamed)?;
        lock.lock()?;
        std::fs::rename(unnamed, directory.path().join(LOCK))?;
        Ok(Self {
            directory,
            _registered: registered,
            _lock: lock,
        })
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Attributes a failure to this directory if it is the cause: it may have no space left.
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
                let refused = TemporaryUnavailable {
                    path: std::env::temp_dir(),
                    source: without_path(io),
                };
                UserError::from(refused).into()
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

/// A path that a signal removes, until this is dropped.
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

/// Called at the end of the process: nothing can be registered any more.
pub fn remove_all() {
    let mut live = live();
    for path in std::mem::take(&mut *live) {
        remove(&path);
    }
    // A thread that makes another one now waits for ever, which is not long.
    std::mem::forget(live);
}

/// The time for which the removal of a directory is tried.
const REMOVAL: Duration = Duration::from_secs(2);

/// Does not follow links.
fn remove(path: &Path) {
    if path.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        // The build may still be writing to it, but not for long: it can no longer begin anything new there.
        let start = Instant::now();
        while std::fs::remove_dir_all(path).is_err() && start.elapsed() < REMOVAL {
            std::thread::sleep(Duration::from_millis(10));
        }
    } else {
        let _ = std::fs::remove_file(path);
    }
}

/// Files that a build of this user may have left.
struct Left {
    path: PathBuf,
    found: Metadata,
}

impl Left {
    fn is_old(&self) -> bool {
        let modified = self.found.modified();
        let modified = modified.unwrap_or_else(|_| SystemTime::now());
        modified.elapsed().is_ok_and(|age| age > GRACE)
    }
}

/// A file that gets its own name once it is complete. Removes those that killed builds have left in the directory.
pub fn file_in(directory: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    sweep(directory, left_file);
    let mut builder = tempfile::Builder::new();
    builder
        .prefix(FILE_PREFIX)
        .rand_bytes(RANDOM)
        .suffix(FILE_SUFFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The permissions that any program would give it, less the user's mask.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(directory)?;
    let _ = file.as_file().lock();
    Ok(file)
}

fn sweep(directory: &Path, remove_left: impl Fn(&str, &Left)) {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
    for entry in entries.take(LOOKED_AT).flatten() {
        if let Some(name) = entry.file_name().to_str()
            && let path = entry.path()
            && let Ok(found) = path.symlink_metadata()
            && is_ours(&found)
        {
            remove_left(name, &Left { path, found });
        }
    }
}

/// Removes a directory if its name and its lock are ours, and nobody holds the lock: the lock ends with the process.
fn left_directory(name: &str, left: &Left) {
    let visible = name.strip_prefix('.').unwrap_or(name);
    if !visible.strip_prefix(PREFIX).is_some_and(is_made) || !left.found.is_dir() {
        return;
    }
    match open_unlinked(&left.path.join(LOCK)) {
        Some(lock) if lock.try_lock().is_ok() => remove(&left.path),
        // The build was killed before it had a lock. This removes only empty directories.
        None if left.is_old() => drop(std::fs::remove_dir(&left.path)),
        _ => {}
    }
}

/// The same for a file, which is itself locked, but only shortly after its creation.
fn left_file(name: &str, left: &Left) {
    let name = name.strip_prefix(FILE_PREFIX);
    let name = name.and_then(|name| name.strip_suffix(FILE_SUFFIX));
    if name.is_some_and(is_made)
        && left.is_old()
        && open_unlinked(&left.path).is_some_and(|file| file.try_lock().is_ok())
    {
        remove(&left.path);
    }
}

fn is_made(name: &str) -> bool {
    name.len() == RANDOM && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Opens a file, but not the target of a link.
fn open_unlinked(path: &Path) -> Option<File> {
    let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file());
    // On Windows, a lock needs write access.
    let file = File::options().read(true).write(true).open(path);
    file.ok().filter(|_| is_file)
}

#[cfg(unix)]
fn is_ours(found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    // SAFETY: takes nothing, touches no memory and cannot fail.
    found.uid() == unsafe { libc::geteuid() }
}

/// On Windows, the directory for temporary files belongs to the user.
#[cfg(not(unix))]
fn is_ours(_: &Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::{LOCK, PREFIX, Scratch, file_in, left_directory, sweep};

    /// Makes a file or directory older than any that is in use without a lock.
    fn age(path: &std::path::Path) {
        let file = File::open(path).unwrap();
        let long_ago = std::time::SystemTime::now() - 2 * super::GRACE;
        file.set_modified(long_ago).unwrap();
    }

    #[test]
    fn only_what_nobody_uses_goes() {
        let parent = tempfile::tempdir().unwrap();
        let at = |name: &str| parent.path().join(format!("{PREFIX}{name}"));
        let living = Scratch::in_directory(parent.path(), PREFIX).unwrap();
        // The state that a killed build leaves, also before it had a lock.
        fs::create_dir_all(at("leftleft12/python")).unwrap();
        fs::write(at("leftleft12/python/file"), "text").unwrap();
        fs::write(at("leftleft12").join(LOCK), "").unwrap();
        let beside = parent.path().join(format!(".{PREFIX}besidebesi"));
        fs::create_dir(&beside).unwrap();
        fs::write(beside.join(LOCK), "").unwrap();
        fs::create_dir(at("emptyempty")).unwrap();
        fs::create_dir(at("youngyoung")).unwrap();
        // A user's own files: a checkout, and one with exactly our kind of name.
        fs::create_dir(at("main")).unwrap();
        fs::write(at("main").join(LOCK), "").unwrap();
        fs::create_dir(at("mycheckout")).unwrap();
        fs::write(at("mycheckout/lock"), "").unwrap();
        for name in ["emptyempty", "main", "mycheckout"] {
            age(&at(name));
        }
        sweep(parent.path(), left_directory);
        assert!(!at("leftleft12").exists());
        assert!(!beside.exists());
        assert!(!at("emptyempty").exists());
        assert!(at("youngyoung").exists());
        assert!(at("main").exists());
        assert!(at("mycheckout/lock").exists());
        assert!(living.path().join(LOCK).exists());
    }

    #[test]
    fn only_files_of_killed_builds_go() {
        let parent = tempfile::tempdir().unwrap();
        let names = [
            (".componentize-py-abcdefghij.partial", false),
            (".componentize-py-todo", true),
            (".componentize-py-notes.partial", true),
            ("abcdefghij.partial", true),
        ];
        for (name, _) in names {
            fs::write(parent.path().join(name), "text").unwrap();
            age(&parent.path().join(name));
        }
        let young = parent.path().join(".componentize-py-0123456789.partial");
        fs::write(&young, "text").unwrap();
        let living = file_in(parent.path()).unwrap();
        age(living.path());
        let _second = file_in(parent.path()).unwrap();
        for (name, stays) in names {
            assert_eq!(parent.path().join(name).exists(), stays, "{name}");
        }
        assert!(young.exists());
        assert!(living.path().exists());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        let precious = tempfile::tempdir().unwrap();
        fs::write(precious.path().join(LOCK), "").unwrap();
        let link = parent.path().join(format!("{PREFIX}linklink12"));
        std::os::unix::fs::symlink(precious.path(), &link).unwrap();
        // An abandoned directory with a link in it.
        let left = parent.path().join(format!("{PREFIX}leftleft12"));
        fs::create_dir(&left).unwrap();
        File::create(left.join(LOCK)).unwrap();
        std::os::unix::fs::symlink(precious.path(), left.join("inside")).unwrap();
        // A directory whose lock is a link to a file that nobody has locked.
        let odd = parent.path().join(format!("{PREFIX}oddodd1234"));
        fs::create_dir(&odd).unwrap();
        std::os::unix::fs::symlink(precious.path().join(LOCK), odd.join(LOCK)).unwrap();
        sweep(parent.path(), left_directory);
        assert!(link.symlink_metadata().is_ok());
        assert!(!left.exists());
        assert!(odd.exists());
        assert!(precious.path().join(LOCK).exists());
    }
}
