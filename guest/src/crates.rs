//! Crates as archives of sources.
//!
//! Comes in: the name and the version of a crate. Goes out: its archive, which cargo has downloaded and keeps beside the unpacked
//! files; the caller verifies it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::c_sources::CSources;
use crate::run::{command, run};

/// Downloads `NAME@VERSION` to `target`; the error is the reason.
pub fn download(of_crate: &str, target: &Path) -> Result<(), String> {
    let done = archive(of_crate).and_then(|archive| Ok(fs_err::copy(archive, target)?));
    done.map(|_| ()).map_err(|error| format!("{error:#}"))
}

fn archive(of_crate: &str) -> Result<PathBuf> {
    let (name, version) = of_crate.split_once('@').context("it has no version")?;
    let project = tempfile::tempdir()?;
    fs_err::write(project.path().join("Cargo.toml"), manifest(name, version))?;
    fs_err::write(project.path().join("lib.rs"), "")?;
    run(
        command("cargo")
            .arg("generate-lockfile")
            .current_dir(project.path()),
        &project.path().join("cargo.log"),
    )?;
    let crates = CSources::locate(project.path())?;
    let archive = beside(crates.folder(name)?).context("cargo keeps it in no registry")?;
    ensure!(
        archive.exists(),
        "cargo does not keep `{}`",
        archive.display()
    );
    Ok(archive)
}

/// A project with one dependency. Metadata of a version decide nothing.
fn manifest(name: &str, version: &str) -> String {
    let version = version
        .split_once('+')
        .map_or(version, |(version, _)| version);
    format!(
        "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n\
         [dependencies]\n{name} = \"={version}\"\n"
    )
}

/// `registry/cache/INDEX/x-1.crate` for `registry/src/INDEX/x-1`.
fn beside(folder: &Path) -> Option<PathBuf> {
    let name = folder.file_name()?.to_str()?;
    let index = folder.parent()?;
    let cache = index.parent()?.with_file_name("cache");
    Some(cache.join(index.file_name()?).join(format!("{name}.crate")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_beside_the_unpacked_files() {
        let folder = Path::new("/home/registry/src/index-1/x-1.0.0+2");
        let archive = Path::new("/home/registry/cache/index-1/x-1.0.0+2.crate");
        assert_eq!(beside(folder).unwrap(), archive);
    }

    #[test]
    fn the_version_is_exact() {
        assert!(manifest("x", "1.0.0+2").ends_with("x = \"=1.0.0\"\n"));
    }

    #[test]
    fn a_crate_needs_a_version() {
        let error = download("x", Path::new("/nonexistent")).unwrap_err();
        assert_eq!(error, "it has no version");
    }
}
