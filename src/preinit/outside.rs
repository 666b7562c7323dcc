//! Links that lead out of a directory of the sandbox. WASI follows none. Those that lead into allowed directories
//! ([`Grounds`]) are followed here, and failed requests of the guest are noted for messages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use wasmtime::component::Resource;
use wasmtime_wasi::FsPerms;
use wasmtime_wasi::filesystem::{Descriptor, Dir, File, OpenMode, WasiFilesystemView as _};

use super::sandbox::Sandbox;
use crate::project::{Grounds, NotThere, Stray};
use ground::files::{self, Unusable};

/// A directory that the guest has open.
struct Place {
    /// Its real path.
    host: PathBuf,
    guest: String,
}

/// The state that the sandbox keeps for it.
pub struct Outside {
    grounds: Grounds,
    /// By the number of the descriptor. Each open notes it again, so that numbers may be reused.
    places: BTreeMap<u32, Place>,
    /// Failed requests of the guest, by the path there.
    refused: BTreeMap<String, Unusable>,
}

impl Outside {
    pub fn new(grounds: &Grounds) -> Self {
        Self {
            grounds: grounds.clone(),
            places: BTreeMap::new(),
            refused: BTreeMap::new(),
        }
    }

    /// Notes a directory that is opened for the guest.
    pub fn note(&mut self, descriptor: u32, host: PathBuf, guest: String) {
        self.places.insert(descriptor, Place { host, guest });
    }

    /// Notes a path opened below a directory; nothing lies below a file.
    pub fn note_below(&mut self, directory: u32, path: &str, opened: u32, is_directory: bool) {
        let place = self.places.get(&directory).filter(|_| is_directory);
        let below = place.and_then(|place| {
            let host = self.grounds.follow(&place.host, Path::new(path)).ok()?;
            let guest = place.guest_path(path);
            Some(Place { host, guest })
        });
        match below {
            Some(below) => self.places.insert(opened, below),
            None => self.places.remove(&opened),
        };
    }

    /// The real path behind links that may be followed. A path that leads upwards is not one of them.
    fn follow(&self, directory: u32, path: &str) -> Result<PathBuf, NotThere> {
        let place = self.places.get(&directory).ok_or(NotThere::Missing)?;
        if path.starts_with('/') || path.split('/').any(|part| part == "..") {
            return Err(NotThere::Missing);
        }
        self.grounds.follow(&place.host, Path::new(path))
    }

    /// Notes a link that is not followed.
    fn note_stray(&mut self, directory: u32, path: &str, stray: Stray) {
        if let Some(place) = self.places.get(&directory) {
            let target = stray.target;
            let guest = place.guest_path(path);
            self.refused.insert(guest, Unusable::Stray { target });
        }
    }

    /// Notes a path that is not a file: opening it might block for ever.
    pub fn note_special(&mut self, directory: u32, path: &str) {
        if let Ok(real) = self.follow(directory, path)
            && let Ok(metadata) = std::fs::metadata(real)
            && let Some(kind) = files::kind(&metadata)
            && let Some(place) = self.places.get(&directory)
        {
            let guest = place.guest_path(path);
            self.refused.insert(guest, Unusable::Kind(kind));
        }
    }

    /// The failed requests, by their path in the guest.
    pub fn refused(&self) -> impl Iterator<Item = (String, Unusable)> {
        let refused = self.refused.iter();
        refused.map(|(path, reason)| (path.clone(), reason.clone()))
    }
}

impl Place {
    fn guest_path(&self, path: &str) -> String {
        match path.trim_start_matches("./") {
            "" | "." => self.guest.clone(),
            path => format!("{}/{path}", self.guest),
        }
    }
}

/// Opens the directory that contains a path, for functions that take the path's last part as it is; returns that part,
/// too.
pub fn open_parent<'a>(
    sandbox: &mut Sandbox,
    directory: u32,
    path: &'a str,
) -> wasmtime::Result<Option<(Resource<Descriptor>, &'a str)>> {
    let Some((parent, name)) = path.trim_end_matches('/').rsplit_once('/') else {
        return Ok(None);
    };
    let opened = open(sandbox, directory, parent)?;
    Ok(opened.map(|opened| (opened, name)))
}

/// Opens the target of links below a directory for reading, if they may be followed.
pub fn open(
    sandbox: &mut Sandbox,
    directory: u32,
    path: &str,
) -> wasmtime::Result<Option<Resource<Descriptor>>> {
    if let Err(NotThere::Stray(stray)) = sandbox.stillness.outside.follow(directory, path) {
        sandbox.stillness.outside.note_stray(directory, path, stray);
    }
    open_quietly(sandbox, directory, path)
}

/// The same as [`open`], for functions that accept a missing file.
pub fn open_quietly(
    sandbox: &mut Sandbox,
    directory: u32,
    path: &str,
) -> wasmtime::Result<Option<Resource<Descriptor>>> {
    let Ok(real) = sandbox.stillness.outside.follow(directory, path) else {
        return Ok(None);
    };
    let Some(descriptor) = descriptor(&real) else {
        return Ok(None);
    };
    let is_directory = matches!(descriptor, Descriptor::Dir(_));
    let opened = sandbox.filesystem().table.push(descriptor)?;
    let outside = &mut sandbox.stillness.outside;
    outside.note_below(directory, path, opened.rep(), is_directory);
    Ok(Some(opened))
}

/// A file or directory, opened for reading by its real path.
pub fn descriptor(real: &Path) -> Option<Descriptor> {
    let file = files::open_real(real).ok()?;
    let kind = file.metadata().ok()?.file_type();
    let (perms, mode) = (FsPerms::ReadOnly, OpenMode::READ);
    if kind.is_dir() {
        Some(Descriptor::Dir(Dir::new(file, perms, mode, true)))
    } else {
        let file = kind.is_file().then_some(file)?;
        Some(Descriptor::File(File::new(file, perms, mode, true)))
    }
}
