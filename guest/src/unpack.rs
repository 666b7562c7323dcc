//! Source trees: an archive, unpacked, verified and patched.
//!
//! Comes in: a source of sources.toml and a folder that does not exist yet. Goes out: its files, without the archive's top
//! folder.

use std::io::{BufReader, Read};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::fetch::{self, Places};
use crate::progress::Progress;
use crate::sources::Source;
use crate::{hash, patch};

/// Folders that a build does not need. They are not unpacked, which saves time and space, unless the content is hashed.
const UNUSED: [&str; 2] = ["Doc", "Lib/test"];

/// Fetches the source and unpacks it to `target`. `patches` is the folder of the patches; without it none is applied.
pub fn source(
    source: &Source,
    patches: Option<&Path>,
    places: &Places,
    target: &Path,
    progress: &dyn Progress,
) -> Result<()> {
    let (path, _) = fetch::archive(source, places, progress)?;
    unpack(&path, target, source.content.is_none())
        .with_context(|| format!("failed to unpack `{}`", path.display()))?;
    if let Some(expected) = &source.content {
        let actual = hash::tree(target)?;
        ensure!(
            actual == *expected,
            "the files in `{}` have the content hash {actual}, not {expected}, which `sources.toml` pins",
            path.display()
        );
    }
    if let Some(folder) = patches {
        for name in &source.patches {
            let text = fs_err::read_to_string(folder.join(name))?;
            patch::apply(target, &text)
                .with_context(|| format!("patch `{name}` does not apply"))?;
        }
    }
    Ok(())
}

/// Unpacks all of an archive.
pub fn archive(archive: &Path, target: &Path) -> Result<()> {
    unpack(archive, target, false)
}

fn unpack(archive: &Path, target: &Path, skip_unused: bool) -> Result<()> {
    let file = BufReader::new(fs_err::File::open(archive)?);
    let ending = archive.extension().unwrap_or_default();
    let reader: Box<dyn Read> = match &*ending.to_string_lossy() {
        "xz" => Box::new(liblzma::read::XzDecoder::new(file)),
        "bz2" => Box::new(bzip2::read::MultiBzDecoder::new(file)),
        _ => Box::new(flate2::read::GzDecoder::new(file)),
    };
    fs_err::create_dir_all(target)?;
    for entry in tar::Archive::new(reader).entries()? {
        let mut entry = entry?;
        let path = below_top_folder(&entry.path()?);
        let Some(path) = path else { continue };
        if skip_unused && UNUSED.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        let to = target.join(&path);
        if let Some(parent) = to.parent() {
            fs_err::create_dir_all(parent)?;
        }
        entry.unpack(&to)?;
    }
    Ok(())
}

/// `None` for the top folder itself, for global headers, and for paths that would leave the target.
fn below_top_folder(path: &Path) -> Option<PathBuf> {
    let mut parts = path
        .components()
        .skip_while(|part| *part == Component::CurDir);
    parts.next()?;
    let rest: PathBuf = parts.collect();
    let plain = rest
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    (plain && !rest.as_os_str().is_empty()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compression_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(2);
        header.set_mode(0o644);
        let file = "x-1/a/b.txt";
        archive.append_data(&mut header, file, &b"hi"[..]).unwrap();
        let plain = archive.into_inner().unwrap();
        let (gz, bz2, xz) = (
            flate2::read::GzEncoder::new(&plain[..], Default::default()),
            bzip2::read::BzEncoder::new(&plain[..], Default::default()),
            liblzma::read::XzEncoder::new(&plain[..], 6),
        );
        let readers: [(&str, Box<dyn Read + '_>); 3] = [
            ("gz", Box::new(gz)),
            ("bz2", Box::new(bz2)),
            ("xz", Box::new(xz)),
        ];
        for (ending, mut reader) in readers {
            let mut packed = Vec::new();
            reader.read_to_end(&mut packed).unwrap();
            let path = folder.path().join(format!("x.tar.{ending}"));
            fs_err::write(&path, packed).unwrap();
            let target = folder.path().join(ending);
            super::archive(&path, &target).unwrap();
            assert_eq!(fs_err::read(target.join("a/b.txt")).unwrap(), b"hi");
        }
    }

    #[test]
    fn the_top_folder_is_stripped_and_nothing_leaves_the_target() {
        let below = |path: &str| below_top_folder(Path::new(path));
        assert_eq!(below("x-1/a/b"), Some(PathBuf::from("a/b")));
        assert_eq!(below("./x-1/a"), Some(PathBuf::from("a")));
        assert_eq!(below("x-1/"), None);
        assert_eq!(below("x-1/../../etc"), None);
    }
}
