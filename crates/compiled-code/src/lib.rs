//! Compiled components, kept in the user's cache directory so that a second start takes milliseconds.
//!
//! Comes in: an engine and a component's bytes. Goes out: the compiled component, if an earlier process of this user has kept it.
//! What is found is executed, so three things are asked of it:
//!
//! - It lies in a directory that nobody else can change, and is read through the descriptor of that directory
//!   ([`user_folders::Folder`]).
//! - Behind the code is a keyed hash (BLAKE3) of the code and of the entry's name. The key is in a file that only the user can
//!   read, away from the caches: who can write into the cache, by an archive that is unpacked there for example, still cannot
//!   write code that is executed.
//! - What is loaded is the file that was hashed: it is mapped through the same descriptor, or loaded from the bytes in memory.
//!
//! Whatever is wrong with an entry, it counts as missing; the caller is told the reason.

mod key;

use std::ffi::OsString;
use std::fs::File;
use std::hash::{Hash as _, Hasher};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use user_folders::{Folder, Refusal};
use wasmtime::Engine;
use wasmtime::component::Component;

use key::{Key, TAG};

/// The oldest entries go when all together take more.
const CAPACITY: u64 = 1 << 30;
/// No entry is larger.
const LARGEST: u64 = 1 << 29;
/// How the name of an entry ends.
const END: &str = ".cwasm";
/// The directory of the entries in our folder for caches.
const DIRECTORY: &str = "compiled";

/// Why an entry, or the whole cache, is not used.
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

/// The place of one component's code.
pub struct Entry {
    cache: Arc<Cache>,
    name: String,
}

impl Cache {
    /// Where this user's entries lie.
    pub fn of_user() -> Result<Self, Unusable> {
        Self::open(
            &user_folders::cache()?.join(DIRECTORY),
            &user_folders::state()?,
        )
    }

    /// Entries in `folder`, whose key is in `secrets`.
    pub fn open(folder: &Path, secrets: &Path) -> Result<Self, Unusable> {
        let folder = Folder::open(folder)?;
        let key = Key::of_user(&Folder::open(secrets)?)?;
        Ok(Self { folder, key })
    }

    /// The place of what this engine makes of a component.
    pub fn entry(self: &Arc<Self>, engine: &Engine, component: &[u8]) -> Entry {
        let mut hasher = Named(blake3::Hasher::new());
        // It covers Wasmtime's version, the target and every setting that the code depends on.
        engine.precompile_compatibility_hash().hash(&mut hasher);
        hasher.0.update(env!("CARGO_PKG_VERSION").as_bytes());
        hasher.0.update(component);
        Entry {
            cache: self.clone(),
            name: format!("{}{END}", hasher.0.finalize().to_hex()),
        }
    }
}

impl Entry {
    /// The code, if it is there.
    pub fn read(&self, engine: &Engine) -> Result<Option<Component>, Unusable> {
        let file = match self.cache.folder.read(&self.name, LARGEST) {
            Ok(file) => file,
            Err(refusal) if refusal.is_missing() => return Ok(None),
            Err(refusal) => return Err(refusal.into()),
        };
        let component = self.load(engine, &file)?;
        // Entries that are in use are the last to go.
        let _ = file.set_modified(SystemTime::now());
        Ok(Some(component))
    }

    fn load(&self, engine: &Engine, file: &File) -> Result<Component, Unusable> {
        if let Some(path) = reopened(file) {
            self.authenticate(file)?;
            // SAFETY: the hash says that the code is what Wasmtime gave to a process that has the user's key. `path` is the file that
            // was hashed, and nobody but the user can write to it (`Folder::read`), so it stays as it is while it is mapped.
            if let Ok(component) = unsafe { Component::deserialize_file(engine, path) } {
                return Ok(component);
            }
            // A file system from which nothing may be executed, perhaps.
        }
        let code = self.read_authentic(file)?;
        // SAFETY: the hash says that exactly these bytes are what Wasmtime gave to a process that has the user's key.
        unsafe { Component::deserialize(engine, code) }.map_err(|reason| Unusable::NotLoaded {
            path: self.path(),
            reason,
        })
    }

    /// Hashes the file piece by piece: what is mapped afterwards need not be in memory as a whole.
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
        // Comparing takes the same time wherever they differ.
        match blake3::Hash::from_slice(tag) {
            Ok(tag) if tag == seal.finalize() => Ok(()),
            _ => Err(Unusable::Unauthentic { path: self.path() }),
        }
    }

    /// Keeps the code for later processes, and removes the oldest if there is too much.
    pub fn write(&self, component: &Component) -> Result<(), Unusable> {
        let code = component.serialize().map_err(Unusable::NotKept)?;
        let path = self.path();
        let size = code.len() as u64 + TAG;
        if size > LARGEST {
            return Err(Refusal::Size { path, size }.into());
        }
        let mut seal = self.cache.key.seal(&self.name);
        seal.update(&code);
        let tag = seal.finalize();
        // Not synchronised with the disk: what a crash leaves half written is not authentic.
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
        // What is too large to be read is of no use, however new it is.
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

/// The path by which Linux opens what a descriptor stands for once more, as Wasmtime takes no open file for a component.
#[cfg(target_os = "linux")]
fn reopened(file: &File) -> Option<PathBuf> {
    use std::os::fd::AsRawFd as _;
    use std::os::unix::fs::MetadataExt as _;
    let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
    let (ours, found) = (file.metadata().ok()?, std::fs::metadata(&path).ok()?);
    // Where there is no such file system, something else may have that name.
    (ours.dev() == found.dev() && ours.ino() == found.ino()).then_some(path)
}

/// Other systems have no such path, so code is loaded from memory.
#[cfg(not(target_os = "linux"))]
fn reopened(_: &File) -> Option<PathBuf> {
    None
}

/// Feeds what can be hashed into BLAKE3: the 64 bits of other hashers are too few to name a file by.
struct Named(blake3::Hasher);

impl Hasher for Named {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}
