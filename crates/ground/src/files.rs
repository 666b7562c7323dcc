//! Reads files that strangers may have made: regular files only, up to a sensible size, and never waiting for a writer.
//!
//! Everything that reads the user's input does it through here.

use std::fmt;
use std::fs::{DirEntry, File, FileType, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::wording::about;
use crate::{Kind, Mistake, UserError};

/// The largest text that is read: Python, WIT, TOML.
pub const TEXT: u64 = 64 << 20;
/// The largest binary that is read: libraries, components, wasm-encoded WIT.
pub const BINARY: u64 = 1 << 30;

/// The reason why a file is not read. Its text is the end of "`file` ...".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is of this kind, and not a regular file.
    Kind(&'static str),
    /// It has more bytes than are read.
    TooLarge {
        /// Its bytes.
        size: u64,
        /// The most that are read.
        limit: u64,
    },
    /// The system refuses to read it, for this reason.
    Unreadable(String),
    /// It is not UTF-8.
    NotText,
    /// It is reached through a link that is not followed.
    Stray {
        /// The target written in the link.
        target: PathBuf,
    },
    /// It is a link in a place for WIT, to something with another kind of name.
    LinkToOther {
        /// The target in the link.
        target: PathBuf,
    },
    /// It is an archive with this fault, a text such as "has a link in it".
    Archive(String),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind) => write!(f, "is {kind}, not a file"),
            Self::TooLarge { size, limit } => write!(
                f,
                "is too large: {}, and at most {} are read",
                about(*size),
                about(*limit)
            ),
            Self::Unreadable(reason) => write!(f, "cannot be read ({reason})"),
            Self::NotText => write!(f, "is not text in UTF-8"),
            Self::Archive(fault) => write!(f, "{fault}"),
            Self::Stray { target } => write!(
                f,
                "is a link out of the search path, to `{}`",
                target.display()
            ),
            Self::LinkToOther { target } => {
                write!(f, "is a link to `{}`, which is not WIT", target.display())
            }
        }
    }
}

impl Unusable {
    /// A hint for the user.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Kind(_) => "put a regular file in its place",
            Self::TooLarge { .. } => "check that it is the right file",
            Self::Unreadable(_) => "make the file readable",
            Self::NotText => "save it as UTF-8",
            Self::Archive(_) => "get it again, or unpack it and name the directory",
            Self::LinkToOther { .. } => {
                "copy it, or give the file that it leads to the suffix `.wit`"
            }
            Self::Stray { .. } => {
                "copy it, or allow links into its directory with `--follow-links DIRECTORY`"
            }
        }
    }
}

/// A file that the build needs but cannot read.
#[derive(Debug)]
pub struct InputUnusable {
    /// The path, as the user would type it.
    pub path: PathBuf,
    /// The reason.
    pub reason: Unusable,
    /// The traceback of the import that asked for the file, if one did.
    pub detail: String,
}

/// The error for a file that no import asked for.
pub fn unusable(path: &Path, reason: Unusable) -> UserError {
    let path = path.to_owned();
    let detail = String::new();
    UserError::from(InputUnusable {
        path,
        reason,
        detail,
    })
}

impl fmt::Display for InputUnusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.path.display(), self.reason)
    }
}

impl Mistake for InputUnusable {
    fn kind(&self) -> Kind {
        Kind::File
    }

    fn hint(&self) -> Option<String> {
        Some(self.reason.hint().to_owned())
    }

    fn detail(&self) -> Option<&str> {
        Some(&self.detail)
    }
}

impl From<io::Error> for Unusable {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// The content of a regular file of at most `limit` bytes. Links in the path are followed.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Unusable> {
    content(open(path, false)?, limit)
}

/// The same as [`read`], for text in UTF-8.
pub fn read_text(path: &Path, limit: u64) -> Result<String, Unusable> {
    text(read(path, limit)?)
}

/// The same as [`read`], for a path in which no part is a link, not even for a moment.
pub fn read_real(path: &Path, limit: u64) -> Result<Vec<u8>, Unusable> {
    content(open_real(path)?, limit)
}

/// The same as [`read_real`], for text in UTF-8.
pub fn read_real_text(path: &Path, limit: u64) -> Result<String, Unusable> {
    text(read_real(path, limit)?)
}

fn text(bytes: Vec<u8>) -> Result<String, Unusable> {
    String::from_utf8(bytes).map_err(|_| Unusable::NotText)
}

/// The names in a directory with their kinds, sorted; none if it cannot be read. Names that are not Unicode are left out: no
/// path of WASI can have them.
pub fn entries(directory: &Path) -> Vec<(String, FileType)> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let named = |entry: DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        Some((name, entry.file_type().ok()?))
    };
    let mut entries: Vec<_> = entries.flatten().filter_map(named).collect();
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    entries
}

/// The first four bytes of a regular file.
pub fn begins(path: &Path) -> Result<Vec<u8>, Unusable> {
    let file = open(path, false)?;
    check_metadata(&file.metadata()?, u64::MAX)?;
    let mut bytes = Vec::new();
    file.take(4).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Fails unless the path leads to a regular file of at most `limit` bytes; opens nothing.
pub fn check(path: &Path, limit: u64) -> Result<(), Unusable> {
    check_metadata(&std::fs::metadata(path)?, limit)
}

fn check_metadata(metadata: &Metadata, limit: u64) -> Result<(), Unusable> {
    if let Some(kind) = kind(metadata) {
        return Err(Unusable::Kind(kind));
    }
    let size = metadata.len();
    if size > limit {
        return Err(Unusable::TooLarge { size, limit });
    }
    Ok(())
}

fn content(file: File, limit: u64) -> Result<Vec<u8>, Unusable> {
    let metadata = file.metadata()?;
    check_metadata(&metadata, limit)?;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // It may grow while it is being read.
    let read = file.take(limit + 1).read_to_end(&mut bytes)? as u64;
    if read > limit {
        return Err(Unusable::TooLarge { size: read, limit });
    }
    Ok(bytes)
}

/// The kind of a file that is not a regular one.
pub fn kind(metadata: &Metadata) -> Option<&'static str> {
    let kind = metadata.file_type();
    if kind.is_file() {
        return None;
    }
    if kind.is_dir() {
        return Some("a directory");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return Some("a named pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
        if kind.is_char_device() || kind.is_block_device() {
            return Some("a device");
        }
    }
    Some("something else")
}

/// Opens without waiting for the writer of a named pipe.
fn open(path: &Path, is_real: bool) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        if is_real {
            flags |= OFlags::NOFOLLOW;
        }
        options.custom_flags(flags.bits() as i32);
    }
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt as _;
        // `FILE_FLAG_BACKUP_SEMANTICS`, without which directories cannot be opened; `FILE_FLAG_OPEN_REPARSE_POINT`.
        options.custom_flags(0x0200_0000 | if is_real { 0x0020_0000 } else { 0 });
    }
    options.open(path)
}

/// Opens a file or directory by an absolute path in which no part is a link. Checked parts cannot be swapped for links
/// meanwhile.
#[cfg(target_os = "linux")]
pub fn open_real(path: &Path) -> io::Result<File> {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    use std::path::Component;

    let mut parts = path.components().peekable();
    let mut directory: Option<rustix::fd::OwnedFd> = None;
    while let Some(part) = parts.next() {
        let name = match part {
            Component::RootDir => Path::new("/"),
            Component::Normal(name) => Path::new(name),
            _ => return Err(io::Error::from(io::ErrorKind::InvalidInput)),
        };
        let flags = match parts.peek() {
            Some(_) => OFlags::PATH | OFlags::DIRECTORY,
            None => OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY,
        };
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = match &directory {
            Some(directory) => openat(directory, name, flags, Mode::empty()),
            None => openat(CWD, name, flags, Mode::empty()),
        };
        directory = Some(opened?);
    }
    directory
        .map(File::from)
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))
}

/// On Linux, a directory can be opened just to continue from it. Elsewhere the path is checked once more afterwards.
#[cfg(not(target_os = "linux"))]
pub fn open_real(path: &Path) -> io::Result<File> {
    let file = open(path, true)?;
    if std::fs::canonicalize(path)? == path {
        Ok(file)
    } else {
        Err(io::Error::other("a link has come in between"))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_regular_files_up_to_a_size() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        std::fs::write(root.join("file"), "12345").unwrap();
        assert_eq!(read_text(&root.join("file"), 5).unwrap(), "12345");
        let too_large = Unusable::TooLarge { size: 5, limit: 4 };
        assert_eq!(read(&root.join("file"), 4), Err(too_large.clone()));
        assert_eq!(check(&root.join("file"), 4), Err(too_large));
        assert_eq!(read(&root, 9), Err(Unusable::Kind("a directory")));
        assert_eq!(
            read(Path::new("/dev/zero"), 9),
            Err(Unusable::Kind("a device"))
        );
        let made = std::process::Command::new("mkfifo")
            .arg(root.join("pipe"))
            .status();
        assert!(made.unwrap().success());
        assert_eq!(
            read(&root.join("pipe"), 9),
            Err(Unusable::Kind("a named pipe"))
        );
        let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
        assert_eq!(
            check(&root.join("socket"), 9),
            Err(Unusable::Kind("a socket"))
        );
        // Ten gigabytes that take no space.
        let sparse = File::create(root.join("sparse")).unwrap();
        sparse.set_len(10 << 30).unwrap();
        let message = read(&root.join("sparse"), TEXT).unwrap_err().to_string();
        assert_eq!(message, "is too large: 10 GiB, and at most 64 MiB are read");
    }

    #[test]
    fn real_paths_have_no_links() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("real")).unwrap();
        std::fs::write(root.join("real/file"), "text").unwrap();
        symlink("real", root.join("link")).unwrap();
        symlink("file", root.join("real/link")).unwrap();
        assert_eq!(
            read_real_text(&root.join("real/file"), TEXT).unwrap(),
            "text"
        );
        assert!(open_real(&root.join("real")).is_ok());
        for through_a_link in ["link/file", "real/link", "link"] {
            assert!(
                open_real(&root.join(through_a_link)).is_err(),
                "{through_a_link}"
            );
        }
    }
}
