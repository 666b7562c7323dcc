//! The destination of the component: a file, which is replaced in one go, or something that takes a stream.
//!
//! A file is either complete or, if anything fails, unchanged. Destinations without contents to keep are written to
//! directly: a device, a FIFO, standard output. A link stays a link, and its target is written.

use std::fs::File;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Component, Path, PathBuf};

use super::error::{OutputError, unwritable};
use crate::scratch::{self, Registered, without_path};
use ground::UserError;

/// The name that stands for standard output.
const STDOUT: &str = "-";
/// The limit of the system for links in a row.
const MAX_LINKS: usize = 40;

/// The destination, which is written to at the end.
pub struct Output<'a> {
    /// The path in the user's words.
    path: &'a Path,
    target: Target,
}

enum Target {
    Stdout,
    /// Written to in place.
    Stream(PathBuf),
    /// Replaced, or created; the end of the path is not a link.
    File(PathBuf),
}

impl<'a> Output<'a> {
    /// Checks now, before the long work, whether it can be written.
    pub fn prepare(path: &'a Path) -> Result<Self, UserError> {
        let target = Target::of(path).map_err(|source| unwritable(path, source))?;
        if matches!(target, Target::Stdout) && std::io::stdout().is_terminal() {
            return Err(OutputError::Terminal.into());
        }
        Ok(Self { path, target })
    }

    /// Returns `true` if standard output is for the component alone.
    pub fn is_stdout(&self) -> bool {
        matches!(self.target, Target::Stdout)
    }

    /// The last part of the path, if a file of that name will be written.
    pub fn file_name(&self) -> Option<String> {
        match self.target {
            Target::File(_) => Some(self.path.file_name()?.to_string_lossy().into_owned()),
            Target::Stdout | Target::Stream(_) => None,
        }
    }

    /// Creates the directories above, if it is a file.
    pub fn write(&self, component: &[u8]) -> Result<(), UserError> {
        let written = match &self.target {
            Target::Stdout => {
                let mut stdout = std::io::stdout().lock();
                stdout.write_all(component).and_then(|()| stdout.flush())
            }
            Target::Stream(path) => write_through(path, component),
            Target::File(path) => replace(path, component),
        };
        written.map_err(|source| unwritable(self.path, source))
    }
}

impl Target {
    fn of(path: &Path) -> std::io::Result<Self> {
        if path == Path::new(STDOUT) {
            return Ok(Self::Stdout);
        }
        let path = behind_links(path)?;
        if is_own_descriptor(&path, 1) {
            return Ok(Self::Stdout);
        }
        match std::fs::metadata(&path) {
            Ok(found) if found.is_dir() => Err(std::io::Error::other("it is a directory")),
            Ok(found) if !found.is_file() || is_descriptor(&path) => Ok(Self::Stream(path)),
            Ok(_) => match probe(&directory_of(&path)) {
                Ok(()) => Ok(Self::File(path)),
                // Perhaps only the file is ours to write, for example if it is mounted into a container.
                Err(error) => match File::options().append(true).open(&path) {
                    Ok(_) => Ok(Self::Stream(path)),
                    Err(_) => Err(error),
                },
            },
            Err(_) => {
                probe(&directory_of(&path))?;
                Ok(Self::File(path))
            }
        }
    }
}

/// The target of the path's last part, even if it does not exist. A descriptor, which looks like a link, is not
/// followed.
fn behind_links(path: &Path) -> std::io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let is_link = path
            .symlink_metadata()
            .is_ok_and(|found| found.is_symlink());
        if !is_link || is_descriptor(&path) {
            return Ok(path);
        }
        let target = std::fs::read_link(&path)?;
        path = directory_of(&path).join(target);
    }
    Err(std::io::Error::other("it leads from link to link"))
}

/// `true` for `/dev/fd/1`, `/proc/self/fd/1`: an open file, pipe or terminal, whatever its name is elsewhere.
fn is_descriptor(path: &Path) -> bool {
    let directory = directory_of(path);
    let of_process = || {
        let mut parts = directory.components().rev();
        parts.next() == Some(Component::Normal("fd".as_ref())) && directory.starts_with("/proc")
    };
    cfg!(unix) && (directory == Path::new("/dev/fd") || of_process())
}

fn is_own_descriptor(path: &Path, number: u32) -> bool {
    let is_own = |directory: &str| *path == Path::new(directory).join(number.to_string());
    // On some systems `/dev/stdout` is not a link.
    cfg!(unix)
        && (["/dev/fd", "/proc/self/fd"].into_iter().any(is_own)
            || number == 1 && path == Path::new("/dev/stdout"))
}

fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Checks whether files can be made in a directory, or in the nearest existing one above it.
fn probe(directory: &Path) -> std::io::Result<()> {
    let nearest = directory
        .ancestors()
        .map(|ancestor| {
            if ancestor.as_os_str().is_empty() {
                Path::new(".")
            } else {
                ancestor
            }
        })
        .find(|ancestor| ancestor.exists())
        .unwrap_or(Path::new("."));
    if !nearest.is_dir() {
        let text = format!("`{}` is not a directory", nearest.display());
        return Err(std::io::Error::other(text));
    }
    // Only trying shows it; the probe is gone before the app's directory is read.
    tempfile::tempfile_in(nearest)
        .map(drop)
        .map_err(|error| without_path(&error))
}

fn write_through(path: &Path, component: &[u8]) -> std::io::Result<()> {
    let mut file = File::options().write(true).truncate(true).open(path)?;
    file.write_all(component)?;
    file.flush()
}

/// Writes a file beside the target, and renames it once it is complete and on the disk.
fn replace(path: &Path, component: &[u8]) -> std::io::Result<()> {
    let directory = directory_of(path);
    std::fs::create_dir_all(&directory)?;
    let mut file = scratch::file_in(&directory).map_err(|error| without_path(&error))?;
    let _registered = Registered::new(file.path());
    file.write_all(component)
        .and_then(|()| keep_mode(path, file.as_file()))
        .and_then(|()| file.as_file().sync_all())
        .map_err(|error| without_path(&error))?;
    match file.persist(path) {
        Ok(_) => {
            sync_directory(&directory);
            Ok(())
        }
        Err(error) if is_busy(&error.error) => write_through(path, component),
        Err(error) => Err(without_path(&error.error)),
    }
}

/// Gives the new file the permissions of the replaced one.
#[cfg(unix)]
fn keep_mode(path: &Path, file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    match std::fs::metadata(path) {
        Ok(old) => {
            let mode = old.permissions().mode() & 0o777;
            file.set_permissions(std::fs::Permissions::from_mode(mode))
        }
        Err(_) => Ok(()),
    }
}

#[cfg(not(unix))]
fn keep_mode(_: &Path, _: &File) -> std::io::Result<()> {
    Ok(())
}

/// Makes the new name permanent. Errors do not matter, since the component is written; on Windows, directories cannot
/// be opened.
fn sync_directory(directory: &Path) {
    if let Ok(directory) = File::open(directory) {
        let _ = directory.sync_all();
    }
}

/// Returns `true` if something is mounted on the file, so that it can be written but not renamed.
fn is_busy(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::ResourceBusy
}
