//! Archives: found in the user's folder or our cache, or downloaded, and verified in any case.
//!
//! Comes in: a source of sources.toml. Goes out: the path of an archive whose bytes are pinned, or else one whose content is
//! pinned; the caller must verify that after unpacking.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::progress::Progress;
use crate::sources::{Archive, Source};
use crate::stage::Cache;
use crate::{apt, crates, hash};

/// A folder of archives that the user supplies.
pub const SOURCES_VARIABLE: &str = "COMPONENTIZE_PY_SOURCES";

/// The places where archives may come from.
pub struct Places {
    /// [`SOURCES_VARIABLE`].
    pub supplied: Option<PathBuf>,
    pub cache: PathBuf,
    /// Whether to use the network.
    pub online: bool,
}

impl Places {
    /// Those that the environment names, and a cache.
    pub fn of(cache: &Cache) -> Self {
        let supplied = std::env::var_os(SOURCES_VARIABLE).filter(|value| !value.is_empty());
        Self {
            supplied: supplied.map(PathBuf::from),
            cache: cache.archives(),
            online: true,
        }
    }
}

/// The places that failed, each with the reason.
#[derive(Default)]
struct Attempts(Vec<(String, String)>);

impl Attempts {
    fn note(&mut self, place: impl ToString, reason: impl ToString) {
        self.0.push((place.to_string(), reason.to_string()));
    }

    fn into_error(self, source: &Source) -> anyhow::Error {
        let mut text = format!(
            "could not get the source of {} {}\n\ntried:\n",
            source.name, source.version
        );
        for (place, reason) in &self.0 {
            text += &format!("  {place}: {reason}\n");
        }
        text += "\nhint: put one of these files into a folder and set ";
        text += &format!("`{SOURCES_VARIABLE}` to it:\n");
        for archive in &source.archives {
            text += &format!("  {}", archive.file);
            match &archive.sha256 {
                Some(sha256) => text += &format!(" (sha256 {sha256})\n"),
                None => text += " (its files are verified once unpacked)\n",
            }
        }
        anyhow::anyhow!("{}", text.trim_end())
    }
}

/// Gets one of the source's archives.
pub fn archive<'a>(
    source: &'a Source,
    places: &Places,
    progress: &dyn Progress,
) -> Result<(PathBuf, &'a Archive)> {
    let mut attempts = Attempts::default();
    for folder in places.supplied.iter().chain([&places.cache]) {
        for archive in &source.archives {
            let path = folder.join(&archive.file);
            if !path.exists() {
                attempts.note(path.display(), "not there");
                continue;
            }
            match verify(&path, archive) {
                Ok(()) => return Ok((path, archive)),
                Err(reason) => attempts.note(path.display(), reason),
            }
        }
    }
    if places.online {
        for address in addresses(source) {
            progress.step(&format!("downloading {}", address.text));
            match download(&address, &places.cache)? {
                Ok(path) => return Ok((path, address.archive)),
                Err(reason) => attempts.note(&address.text, reason),
            }
        }
    }
    Err(attempts.into_error(source))
}

/// An address of an archive.
struct Address<'a> {
    text: String,
    archive: &'a Archive,
    downloader: Downloader,
}

#[derive(Clone, Copy)]
enum Downloader {
    Python,
    Apt,
    Cargo,
}

fn addresses(source: &Source) -> Vec<Address<'_>> {
    let mut addresses = Vec::new();
    for archive in &source.archives {
        if let Some(url) = &archive.url {
            addresses.push(Address {
                text: url.clone(),
                archive,
                downloader: Downloader::Python,
            });
        }
        if let Some(of_crate) = &archive.of_crate {
            addresses.push(Address {
                text: of_crate.clone(),
                archive,
                downloader: Downloader::Cargo,
            });
        }
    }
    for root in apt::archives() {
        for archive in &source.archives {
            if let Some(path) = &archive.debian {
                addresses.push(Address {
                    text: format!("{root}/{path}"),
                    archive,
                    downloader: Downloader::Apt,
                });
            }
        }
    }
    addresses
}

/// Downloads to a temporary name and renames once verified. The inner error is a reason to try the next address.
fn download(address: &Address, cache: &Path) -> Result<Result<PathBuf, String>> {
    fs_err::create_dir_all(cache)?;
    let folder = tempfile::Builder::new()
        .prefix("download-")
        .tempdir_in(cache)
        .context("failed to create a folder for downloads")?;
    let part = folder.path().join("part");
    let done = match address.downloader {
        Downloader::Python => download_with_python(&address.text, &part),
        Downloader::Apt => apt::download(&address.text, &part),
        Downloader::Cargo => crates::download(&address.text, &part),
    };
    if let Err(reason) = done.and_then(|()| verify(&part, address.archive)) {
        return Ok(Err(reason));
    }
    let target = cache.join(&address.archive.file);
    fs_err::rename(&part, &target)?;
    Ok(Ok(target))
}

/// Python is needed anyway, and knows the system's proxies and certificates.
const DOWNLOAD_SCRIPT: &str = "
import shutil, sys, urllib.request
try:
    with urllib.request.urlopen(sys.argv[1], timeout=20) as reply, open(sys.argv[2], 'wb') as file:
        shutil.copyfileobj(reply, file, 1 << 20)
except Exception as error:
    sys.exit(str(error))
";

fn download_with_python(url: &str, target: &Path) -> Result<(), String> {
    let output = Command::new("python3")
        .args([
            OsStr::new("-c"),
            DOWNLOAD_SCRIPT.as_ref(),
            url.as_ref(),
            target.as_os_str(),
        ])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("`python3` cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let talk = String::from_utf8_lossy(&output.stderr);
    Err(talk
        .trim()
        .lines()
        .next_back()
        .unwrap_or("failed")
        .to_owned())
}

/// Compares a file with its pin; the error names the difference.
fn verify(path: &Path, archive: &Archive) -> Result<(), String> {
    let size = fs_err::metadata(path)
        .map_err(|error| error.to_string())?
        .len();
    if let Some(expected) = archive.size
        && size != expected
    {
        return Err(format!("has {size} bytes, not {expected}"));
    }
    if let Some(expected) = &archive.sha256 {
        let actual = hash::file(path).map_err(|error| error.to_string())?;
        if actual != *expected {
            return Err(format!("has sha256 {actual}, not {expected}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;

    fn source() -> Source {
        toml::from_str(
            "name = \"x\"\nversion = \"1\"\nlicence = \"MIT\"\n[[archive]]\nfile = \"x-1.tar.xz\"\nsize = 3\n\
             sha256 = \"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"\n",
        )
        .unwrap()
    }

    fn places(root: &Path) -> Places {
        Places {
            supplied: Some(root.join("mine")),
            cache: root.join("cache"),
            online: false,
        }
    }

    #[test]
    fn what_the_user_supplies_is_taken() {
        let root = tempfile::tempdir().unwrap();
        fs_err::create_dir(root.path().join("mine")).unwrap();
        fs_err::write(root.path().join("mine/x-1.tar.xz"), "abc").unwrap();
        let source = source();
        let (path, _) = archive(&source, &places(root.path()), &Silent).unwrap();
        assert_eq!(path, root.path().join("mine/x-1.tar.xz"));
    }

    #[test]
    fn a_failure_says_what_was_tried_and_how_to_supply_the_file() {
        let root = tempfile::tempdir().unwrap();
        fs_err::create_dir(root.path().join("mine")).unwrap();
        fs_err::write(root.path().join("mine/x-1.tar.xz"), "xyz").unwrap();
        let error = archive(&source(), &places(root.path()), &Silent).unwrap_err();
        let text = error
            .to_string()
            .replace(&root.path().display().to_string(), "ROOT");
        assert_eq!(
            text,
            "could not get the source of x 1\n\n\
             tried:\n  \
             ROOT/mine/x-1.tar.xz: has sha256 \
             3608bca1e44ea6c4d268eb6db02260269892c0b42b86bbf1e77a6fa16c3c9282, not \
             ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n  \
             ROOT/cache/x-1.tar.xz: not there\n\n\
             hint: put one of these files into a folder and set `COMPONENTIZE_PY_SOURCES` to it:\n  \
             x-1.tar.xz (sha256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad)"
        );
    }

    #[test]
    fn a_wrong_size_is_named() {
        let root = tempfile::tempdir().unwrap();
        fs_err::create_dir(root.path().join("mine")).unwrap();
        fs_err::write(root.path().join("mine/x-1.tar.xz"), "too long").unwrap();
        let error = archive(&source(), &places(root.path()), &Silent)
            .unwrap_err()
            .to_string();
        assert!(error.contains("x-1.tar.xz: has 8 bytes, not 3"), "{error}");
    }
}
