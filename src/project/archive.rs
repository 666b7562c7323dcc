//! Archives on the search path: wheels, eggs and other ZIP files, from which Python imports as from directories.
//!
//! Comes in: a path as the user typed it. Goes out: a directory of this build's with the archive's content, so that
//! native extensions, WIT and data in it are found as usual. Archives are not trusted: names stay inside the directory,
//! links are refused, and sizes are counted while unpacking.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};
use std::path::{Component, Path, PathBuf};

use anyhow::Result;
use zip::ZipArchive;
use zip::read::ZipFile;

use ground::files::{self, Unusable};
use ground::wording::about;

/// The suffixes of archives, even if their content does not look like one.
const SUFFIXES: [&str; 4] = ["whl", "zip", "egg", "pyz"];
/// The first bytes of archives under other names, including empty archives.
const MAGIC: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// The largest archive that is read.
const LARGEST_ARCHIVE: u64 = 256 << 20;
const MOST_ENTRIES: usize = 100_000;
/// Most directories have no entry, so there may be many more than entries.
const MOST_DIRECTORIES: usize = 100_000;
const MOST_LEVELS: usize = 64;
/// The largest data file in a component, and the largest component.
const LARGEST_FILE: u64 = 512 << 20;
const LARGEST_SUM: u64 = 1 << 30;
/// File systems have different limits of this kind.
const LONGEST_NAME: usize = 255;
const LONGEST_PATH: usize = 1000;

/// A file that Python would import from.
pub struct Archive {
    pub file: PathBuf,
    /// The directory in it: `lib` of `x.zip/lib`.
    pub inner: PathBuf,
}

impl Archive {
    /// The archive at a path, or above it.
    pub fn at(path: &Path) -> Option<Self> {
        let file = path.ancestors().find(|part| part.exists())?;
        let inner = path.strip_prefix(file).ok()?.to_owned();
        let is_below = |part: Component<'_>| matches!(part, Component::Normal(_));
        if file.is_dir() || !inner.components().all(is_below) || !is_archive(file) {
            return None;
        }
        Some(Self {
            file: file.to_owned(),
            inner,
        })
    }

    /// Writes everything in it into an empty directory.
    pub fn unpack(&self, directory: &Path) -> Result<()> {
        let unusable = |reason| files::unusable(&self.file, reason);
        let bytes = files::read(&self.file, LARGEST_ARCHIVE).map_err(unusable)?;
        let mut archive =
            ZipArchive::new(Cursor::new(bytes)).map_err(|error| unusable(damaged(&error)))?;
        if archive.len() > MOST_ENTRIES {
            let reason = format!(
                "has {} entries, and at most {MOST_ENTRIES} are read",
                archive.len()
            );
            return Err(unusable(Unusable::Archive(reason)).into());
        }
        let mut unpacking = Unpacking {
            directory,
            is_wheel: has_suffix(&self.file, &["whl"]),
            files: BTreeSet::new(),
            directories: BTreeSet::new(),
            left: LARGEST_SUM,
        };
        for index in 0..archive.len() {
            let entry = archive
                .by_index(index)
                .map_err(|error| unusable(damaged(&error)))?;
            unpacking.entry(entry).map_err(|failure| match failure {
                Failure::Entry(reason) => unusable(reason).into(),
                Failure::Disk(error) => anyhow::Error::from(error),
            })?;
        }
        Ok(())
    }

    /// The system of a wheel whose compiled files cannot be used here.
    pub fn foreign_platform(&self) -> Option<&str> {
        if !has_suffix(&self.file, &["whl"]) {
            return None;
        }
        let (_, platform) = self.file.file_stem()?.to_str()?.rsplit_once('-')?;
        let is_ours = platform.split('.').any(|one| one == "any") || platform.contains("wasi");
        (!is_ours).then_some(platform)
    }
}

fn has_suffix(file: &Path, suffixes: &[&str]) -> bool {
    let suffix = file.extension().and_then(|suffix| suffix.to_str());
    suffix.is_some_and(|suffix| suffixes.contains(&suffix.to_ascii_lowercase().as_str()))
}

fn is_archive(file: &Path) -> bool {
    has_suffix(file, &SUFFIXES)
        || files::begins(file).is_ok_and(|bytes| MAGIC.contains(&bytes.as_slice()))
}

fn damaged(error: &dyn std::fmt::Display) -> Unusable {
    Unusable::Archive(format!("cannot be read as a ZIP archive ({error})"))
}

/// The reason why an entry is not unpacked.
enum Failure {
    Entry(Unusable),
    Disk(std::io::Error),
}

/// An archive that is being unpacked into a directory.
struct Unpacking<'a> {
    directory: &'a Path,
    is_wheel: bool,
    files: BTreeSet<PathBuf>,
    directories: BTreeSet<PathBuf>,
    /// The number of bytes that are still allowed.
    left: u64,
}

impl Unpacking<'_> {
    fn entry<R: Read>(&mut self, mut entry: ZipFile<'_, R>) -> Result<(), Failure> {
        let of_entry = |reason: String| Failure::Entry(Unusable::Archive(reason));
        let name = entry
            .name()
            .map_err(|error| Failure::Entry(damaged(&error)))?
            .into_owned();
        let path = safe(&name)
            .ok_or_else(|| of_entry(format!("has an entry with the impossible name `{name}`")))?;
        if entry.is_symlink() {
            return Err(of_entry(format!("has a link in it, `{name}`")));
        }
        let path = match self.is_wheel {
            true => as_installed(path),
            false => path,
        };
        let target = self.directory.join(&path);
        let is_file_above = path.ancestors().skip(1).any(|up| self.files.contains(up));
        if is_file_above || target.is_dir() != entry.is_dir() && target.exists() {
            return Err(of_entry(format!(
                "has a file and a directory of the same name in it, at `{name}`"
            )));
        }
        self.count(&path, entry.is_dir(), &name)?;
        if entry.is_dir() {
            return fs_err::create_dir_all(&target).map_err(Failure::Disk);
        }
        let limit = self.left.min(LARGEST_FILE);
        let mut content = Vec::new();
        let read = (&mut entry).take(limit + 1).read_to_end(&mut content);
        let read =
            read.map_err(|error| Failure::Entry(damaged(&format!("`{name}`: {error}"))))? as u64;
        if read > limit {
            let (file, sum) = (about(LARGEST_FILE), about(LARGEST_SUM));
            return Err(of_entry(format!(
                "has too much in it, at `{name}`: at most {file} in one file and {sum} in all are read"
            )));
        }
        self.left -= read;
        if let Some(parent) = target.parent() {
            fs_err::create_dir_all(parent).map_err(Failure::Disk)?;
        }
        fs_err::write(&target, content).map_err(Failure::Disk)?;
        self.files.insert(path);
        Ok(())
    }

    /// Refuses an entry that would exceed the limits of any package.
    fn count(&mut self, path: &Path, is_directory: bool, name: &str) -> Result<(), Failure> {
        let refused = |reason: String| Err(Failure::Entry(Unusable::Archive(reason)));
        let own = path.ancestors().skip(usize::from(!is_directory));
        let directories: Vec<&Path> = own.filter(|up| *up != Path::new("")).collect();
        if directories.len() > MOST_LEVELS {
            return refused(format!(
                "has more than {MOST_LEVELS} directories within each other, at `{name}`"
            ));
        }
        for directory in directories {
            if !self.directories.insert(directory.to_owned()) {
                break;
            }
        }
        if self.directories.len() > MOST_DIRECTORIES {
            return refused(format!(
                "has more than {MOST_DIRECTORIES} directories in it, at `{name}`"
            ));
        }
        Ok(())
    }
}

/// The path of an entry's name below any directory, on any system.
fn safe(name: &str) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    let is_odd = |char: char| char.is_control() || matches!(char, '\\' | ':');
    if name.starts_with('/') || name.len() > LONGEST_PATH || name.contains(is_odd) {
        return None;
    }
    for part in name.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." || part.len() > LONGEST_NAME {
            return None;
        }
        path.push(part);
    }
    (path.iter().next().is_some()).then_some(path)
}

/// The place where an installer puts a wheel's file: `x-1.0.data/purelib/x.py` is `x.py`.
fn as_installed(path: PathBuf) -> PathBuf {
    let mut parts = path.iter();
    let (top, scheme) = (parts.next(), parts.next());
    let is_data = top
        .and_then(|top| top.to_str())
        .is_some_and(|top| top.ends_with(".data"));
    match scheme.and_then(|scheme| scheme.to_str()) {
        Some("purelib" | "platlib") if is_data => parts.as_path().to_owned(),
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_below() {
        for name in [
            "", "/", "../x", "x/../y", "/etc/x", "a\\b", "c:/x", "x\0", "x\ny", ".", "./..",
        ] {
            assert_eq!(safe(name), None, "{name:?}");
        }
        assert_eq!(safe(&"x".repeat(256)), None);
        assert_eq!(safe(&"x/".repeat(600)), None);
        assert_eq!(safe("./x//y..py"), Some(PathBuf::from("x/y..py")));
        assert_eq!(safe("Ürün/x.py"), Some(PathBuf::from("Ürün/x.py")));
    }

    #[test]
    fn platforms_of_wheels() {
        let platform = |name: &str| {
            let archive = Archive {
                file: PathBuf::from(name),
                inner: PathBuf::new(),
            };
            archive.foreign_platform().map(str::to_owned)
        };
        assert_eq!(platform("a-1.0-py3-none-any.whl"), None);
        assert_eq!(platform("a-1.0-cp314-cp314-wasi_0_0_0_wasm32.whl"), None);
        assert_eq!(platform("a-1.0-cp314-cp314-linux_x86_64.zip"), None);
        assert_eq!(
            platform("a-1.0-cp314-cp314-macosx_11_0_arm64.whl").as_deref(),
            Some("macosx_11_0_arm64")
        );
    }

    #[test]
    fn files_of_wheels_lie_where_installers_put_them() {
        let at = |path: &str| as_installed(PathBuf::from(path));
        assert_eq!(at("a-1.0.data/purelib/a/b.py"), Path::new("a/b.py"));
        assert_eq!(at("a-1.0.data/platlib/a.so"), Path::new("a.so"));
        assert_eq!(
            at("a-1.0.data/scripts/a"),
            Path::new("a-1.0.data/scripts/a")
        );
        assert_eq!(at("a/purelib/b.py"), Path::new("a/purelib/b.py"));
    }
}
