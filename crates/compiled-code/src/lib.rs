//! Compiled components and modules, kept in the user's cache directory so that a second start takes milliseconds.
//!
//! Comes in: an engine and the bytes of a component or a core module. Goes out: the compiled one, if an earlier process of this user
//! has kept it. The code in the cache is executed, so an entry must fulfil three conditions:
//!
//! - It lies in a directory that nobody else can change, and is read through the descriptor of that directory
//!   ([`user_folders::Folder`]).
//! - A keyed hash (BLAKE3) of the code and of the entry's name follows the code. The key is in a file that only the user can
//!   read, away from the caches. So anybody who can write into the cache, by an archive that is unpacked there for example,
//!   still cannot write code that is executed.
//! - The loaded file is the one that was hashed: it is mapped through the same descriptor, or loaded from the bytes in memory.
//!
//! An entry with any fault counts as missing, and the caller is told the reason.

mod key;
mod loaded;

use std::ffi::OsString;
use std::fs::File;
use std::hash::{Hash as _, Hasher};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use user_folders::{Folder, Refusal};
use wasmtime::Engine;

use key::{Key, TAG};
pub use loaded::Loaded;

/// The oldest entries are removed when all together take more.
const CAPACITY: u64 = 1 << 30;
/// No entry is larger.
const LARGEST: u64 = 1 << 29;
/// The end of an entry's name.
const END: &str = ".cwasm";
/// The directory of the entries in our cache folder.
const DIRECTORY: &str = "compiled";

/// The reason why an entry, or the whole cache, is not used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("`{path}` is damaged, or was written by somebody else")]
    Unauthentic { path: PathBuf },
    #[error("`{path}`: {reason}")]
    NotLoaded {
        path: PathBuf,
        reason: wasmtime::Error,
    },
    #[error("the code cannot be kept: {0}")]
    NotKept(wasmtime::Error),
}

/// The entries of one user.
#[derive(Debug)]
pub struct Cache {
    folder: Folder,
    key: Key,
}

/// The place of the code of one component or module.
pub struct Entry {
    cache: Arc<Cache>,
    name: String,
}

impl Cache {
    /// The entries of this user.
    pub fn of_user() -> Result<Self, Unusable> {
        Self::open(
            &user_folders::cache()?.join(DIRECTORY),
            &user_folders::state()?,
        )
    }

    /// The entries in `folder`, whose key is in `secrets`.
    pub fn open(folder: &Path, secrets: &Path) -> Result<Self, Unusable> {
        let folder = Folder::open(folder)?;
        let key = Key::of_user(&Folder::open(secrets)?)?;
        Ok(Self { folder, key })
    }

    /// The entry for this engine's code of a component or module.
    pub fn entry(self: &Arc<Self>, engine: &Engine, wasm: &[u8]) -> Entry {
        let mut hasher = Named(blake3::Hasher::new());
        // The hash covers Wasmtime's version, the target and every setting that the code depends on.
        engine.precompile_compatibility_hash().hash(&mut hasher);
        hasher.0.update(env!("CARGO_PKG_VERSION").as_bytes());
        hasher.0.update(wasm);
        Entry {
            cache: self.clone(),
            name: format!("{}{END}", hasher.0.finalize().to_hex()),
        }
    }
}

impl Entry {
    /// The code, if it is in the cache.
    pub fn read<T: Loaded>(&self, engine: &Engine) -> Result<Option<T>, Unusable> {
        let file = match self.cache.folder.read(&self.name, LARGEST) {
            Ok(file) => file,
            Err(refusal) if refusal.is_missing() => return Ok(None),
            Err(refusal) => return Err(refusal.into()),
        };
        let loaded = self.load(engine, &file)?;
        // Recently used entries are removed last.
        let _ = file.set_modified(SystemTime::now());
        Ok(Some(loaded))
    }

    fn load<T: Loaded>(&self, engine: &Engine, file: &File) -> Result<T, Unusable> {
        if let Some(path) = reopened(file) {
            self.authenticate(file)?;
            // SAFETY: the hash proves that Wasmtime gave this code to a process that has the user's key. `path` is the file
            // that was hashed, and nobody but the user can write to it (`Folder::read`), so it does not change while it is
            // mapped.
            if let Ok(loaded) = unsafe { T::deserialize_file(engine, path) } {
                return Ok(loaded);
            }
            // The file system may forbid execution.
        }
        let code = self.read_authentic(file)?;
        // SAFETY: the hash proves that Wasmtime gave exactly these bytes to a process that has the user's key.
        unsafe { T::deserialize(engine, code) }.map_err(|reason| Unusable::NotLoaded {
            path: self.path(),
            reason,
        })
    }

    /// Hashes the file piece by piece, since the file that is mapped afterwards need not fit into memory as a whole.
    fn authenticate(&self, mut file: &File) -> Result<(), Unusable> {
        let mut seal = self.cache.key.seal(&self.name);
        let mut tag = Vec::new();
        let mut read = || {
            file.rewind()?;
            let code = file.metadata()?.len().saturating_sub(TAG);
            seal.update_reader(file.take(code))?;
            file.read_to_end(&mut tag)
        };
        read().map_err(|source| self.system(source))?;
        self.compare(seal, &tag)
    }

    fn read_authentic(&self, mut file: &File) -> Result<Vec<u8>, Unusable> {
        let mut code = Vec::new();
        file.rewind()
            .and_then(|()| file.take(LARGEST).read_to_end(&mut code))
            .map_err(|source| self.system(source))?;
        let tag = code.split_off(code.len().saturating_sub(TAG as usize));
        let mut seal = self.cache.key.seal(&self.name);
        seal.update(&code);
        self.compare(seal, &tag)?;
        Ok(code)
    }

    fn compare(&self, seal: blake3::Hasher, tag: &[u8]) -> Result<(), Unusable> {
        // Comparing takes the same time wherever the hashes differ.
        match blake3::Hash::from_slice(tag) {
            Ok(tag) if tag == seal.finalize() => Ok(()),
            _ => Err(Unusable::Unauthentic { path: self.path() }),
        }
    }

    /// Keeps the code for later processes, and removes the oldest entries if there is too much.
    pub fn write(&self, loaded: &impl Loaded) -> Result<(), Unusable> {
        let code = loaded.serialize().map_err(Unusable::NotKept)?;
        let path = self.path();
        let size = code.len() as u64 + TAG;
        if size > LARGEST {
            return Err(Refusal::Size { path, size }.into());
        }
        let mut seal = self.cache.key.seal(&self.name);
        seal.update(&code);
        let tag = seal.finalize();
        // Not synchronised with the disk: an entry that a crash leaves incomplete fails its check.
        self.cache.folder.replace(&self.name, |file| {
            file.write_all(&code)?;
            file.write_all(tag.as_bytes())
        })?;
        self.make_room().map_err(|source| self.system(source))
    }

    fn make_room(&self) -> std::io::Result<()> {
        let folder = &self.cache.folder;
        folder.remove_abandoned()?;
        let mut entries = folder.files(END)?;
        // An entry that is too large to be read is useless, however new it is.
        entries.sort_by_key(|(used, size, name)| (*size <= LARGEST, *used, name.clone()));
        let mut total = entries
            .iter()
            .fold(0, |total: u64, (_, size, _)| total.saturating_add(*size));
        let own = OsString::from(&self.name);
        for (_, size, name) in entries.iter().filter(|(_, _, name)| *name != own) {
            if total <= CAPACITY {
                break;
            }
            // Another process may have been faster.
            let _ = folder.remove(name);
            total = total.saturating_sub(*size);
        }
        Ok(())
    }

    fn path(&self) -> PathBuf {
        self.cache.folder.path().join(&self.name)
    }

    fn system(&self, source: std::io::Error) -> Unusable {
        let path = self.path();
        Refusal::System { path, source }.into()
    }
}

/// The path through which Linux reopens a descriptor's file, since Wasmtime takes no open file for a component.
#[cfg(target_os = "linux")]
fn reopened(file: &File) -> Option<PathBuf> {
    use std::os::fd::AsRawFd as _;
    use std::os::unix::fs::MetadataExt as _;
    let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
    let (ours, found) = (file.metadata().ok()?, std::fs::metadata(&path).ok()?);
    // Without that file system, something else may have the name.
    (ours.dev() == found.dev() && ours.ino() == found.ino()).then_some(path)
}

/// Other systems have no such path, so code is loaded from memory.
#[cfg(not(target_os = "linux"))]
fn reopened(_: &File) -> Option<PathBuf> {
    None
}

/// Feeds hashable values into BLAKE3: the 64 bits of other hashers are too few to name a file.
struct Named(blake3::Hasher);

impl Hasher for Named {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}
