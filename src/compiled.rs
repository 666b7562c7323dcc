//! Compiled components, kept in the user's cache directory so that a second start takes milliseconds.
//!
//! An entry is the code with its checksum behind it, under a name that says what it was compiled from and by what. It is
//! written under another name and renamed. Whatever is wrong with an entry, it counts as missing. What is found is executed,
//! so the directory is one that only its user can write to.

use std::ffi::OsStr;
use std::hash::{Hash as _, Hasher};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

/// The oldest entries go when all together take more.
const CAPACITY: u64 = 1 << 30;
const EXTENSION: &str = "cwasm";
/// Length of the checksum behind the code.
const CHECKSUM: usize = 4;

/// The place of one component's code.
pub struct Entry {
    path: PathBuf,
}

impl Entry {
    /// `None` where the user has no cache directory, or none that is safe.
    pub fn new(engine: &Engine, component: &[u8]) -> Option<Self> {
        // It covers Wasmtime's version, the target and every setting that the code depends on.
        let mut compiler = Keyed(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut compiler);
        compiler.0.update(env!("CARGO_PKG_VERSION"));
        compiler.0.update(component);
        let key: String = compiler.0.finalize()[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let directory = directory()?;
        make_private(&directory).ok()?;
        let path = directory.join(key).with_extension(EXTENSION);
        Some(Self { path })
    }

    pub fn read(&self, engine: &Engine) -> Option<Component> {
        let file = std::fs::read(&self.path).ok()?;
        let (code, checksum) = file.split_at_checked(file.len().checked_sub(CHECKSUM)?)?;
        if crc32fast::hash(code).to_le_bytes() != *checksum {
            return None;
        }
        // SAFETY: the code is what Wasmtime gave `write` below: the checksum rules out damage, and the directory
        // is under nobody's control but the user's (`make_private`). Wasmtime itself refuses code of other versions and settings.
        let component = unsafe { Component::deserialize_file(engine, &self.path) }.ok()?;
        // Entries that are in use are the last to go.
        if let Ok(file) = std::fs::File::options().append(true).open(&self.path) {
            let _ = file.set_modified(SystemTime::now());
        }
        Some(component)
    }

    /// A cache that cannot be written is no reason to fail.
    pub fn write(&self, component: &Component) {
        let Ok(code) = component.serialize() else {
            return;
        };
        if self.store(&code).is_ok() {
            self.make_room();
        }
    }

    fn store(&self, code: &[u8]) -> std::io::Result<()> {
        use std::io::Write as _;
        let directory = self.directory();
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.write_all(code)?;
        file.write_all(&crc32fast::hash(code).to_le_bytes())?;
        file.persist(&self.path)?;
        Ok(())
    }

    fn make_room(&self) {
        let Ok(files) = std::fs::read_dir(self.directory()) else {
            return;
        };
        let mut entries: Vec<(SystemTime, u64, PathBuf)> = files
            .flatten()
            .filter(|file| Path::new(&file.file_name()).extension() == Some(OsStr::new(EXTENSION)))
            .filter_map(|file| {
                let metadata = file.metadata().ok()?;
                Some((metadata.modified().ok()?, metadata.len(), file.path()))
            })
            .collect();
        entries.sort();
        let mut total: u64 = entries.iter().map(|(_, size, _)| size).sum();
        for (_, size, path) in entries {
            if total <= CAPACITY || path == self.path {
                break;
            }
            total -= size;
            let _ = std::fs::remove_file(path);
        }
    }

    fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }
}

/// `COMPONENTIZE_PY_CACHE`, or where the system keeps caches; the same directory as that of the guest's build.
fn directory() -> Option<PathBuf> {
    let variable = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let cache = if let Some(cache) = variable("COMPONENTIZE_PY_CACHE") {
        cache
    } else if cfg!(windows) {
        variable("LOCALAPPDATA")?
    } else if let Some(cache) = variable("XDG_CACHE_HOME") {
        cache
    } else {
        variable("HOME")?.join(if cfg!(target_os = "macos") {
            "Library/Caches"
        } else {
            ".cache"
        })
    };
    Some(cache.join("componentize-py").join("compiled"))
}

/// Makes the directory, and refuses one that others own or may write to: their code would be executed.
#[cfg(unix)]
fn make_private(directory: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)?;
    let found = std::fs::metadata(directory)?;
    // A new file shows who we are.
    let us = tempfile::tempfile()?.metadata()?.uid();
    if found.uid() != us || found.mode() & 0o022 != 0 {
        return Err(std::io::ErrorKind::PermissionDenied.into());
    }
    Ok(())
}

/// Makes the directory; a profile on Windows is its user's.
#[cfg(not(unix))]
fn make_private(directory: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)
}

/// Feeds what is hashed into SHA-256: 64 bits are too few to name a file by.
struct Keyed(Sha256);

impl Hasher for Keyed {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}
