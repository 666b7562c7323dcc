//! sdists of PyPI: from the folder that the user supplies, from our cache, or by pip.
//!
//! Comes in: a release of a recipe. Goes out: an unpacked and patched tree.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::fetch::SOURCES_VARIABLE;
use crate::run::{command, run};
use crate::wheels::Request;
use crate::wheels::environment::VERSION;
use crate::wheels::recipe::{Recipe, Release};
use crate::workshop::Workshop;
use crate::{hash, patch, unpack};

const BACKEND: &str = include_str!("sdist_backend.py");

/// Unpacks the sdist to `target`.
pub fn unpack(
    workshop: &Workshop,
    recipe: &Recipe,
    release: &Release,
    target: &Path,
) -> Result<()> {
    let archive = archive(workshop, recipe, release)?;
    unpack::archive(&archive, target)
        .with_context(|| format!("failed to unpack `{}`", archive.display()))?;
    patch(recipe, release, target)
}

/// Applies the patches of a release.
pub fn patch(recipe: &Recipe, release: &Release, target: &Path) -> Result<()> {
    for patch in &release.patches {
        let text = fs_err::read_to_string(recipe.folder.join(&patch.file))?;
        patch::apply(target, &text)
            .with_context(|| format!("patch `{}` does not apply", patch.file))?;
    }
    Ok(())
}

fn archive(workshop: &Workshop, recipe: &Recipe, release: &Release) -> Result<PathBuf> {
    let archives = workshop.cache.archives();
    for folder in workshop.places.supplied.iter().chain([&archives]) {
        let path = folder.join(&release.file);
        if path.exists() && verify(&path, release).is_ok() {
            return Ok(path);
        }
    }
    workshop
        .progress
        .step(&format!("downloading {} with pip", release.file));
    let folder = tempfile::Builder::new()
        .prefix("sdist-")
        .tempdir_in(workshop.cache.create_archives()?)?;
    let line = format!(
        "{}=={} --hash=sha256:{}",
        recipe.name, release.version, release.sha256
    );
    download(workshop, &line, folder.path()).with_context(|| {
        format!(
            "pip could not download `{}`\n\nhint: put that file (sha256 {}) into a folder and set `{SOURCES_VARIABLE}` to it",
            release.file, release.sha256
        )
    })?;
    let path = folder.path().join(&release.file);
    verify(&path, release)?;
    let target = archives.join(&release.file);
    fs_err::rename(path, &target)?;
    Ok(target)
}

/// The sdist that pip chooses for a package without a pin: of this version, or the newest.
pub fn of_index(workshop: &Workshop, request: &Request, folder: &Path) -> Result<PathBuf> {
    let line = match &request.version {
        Some(version) => format!("{}=={version}", request.name),
        None => request.name.clone(),
    };
    workshop
        .progress
        .step(&format!("downloading the source of {line} with pip"));
    download(workshop, &line, folder)?;
    let mut files = hash::files_below(folder)?;
    files.retain(|file| {
        file.parent() == Some(folder) && file.to_string_lossy().ends_with(".tar.gz")
    });
    files
        .pop()
        .with_context(|| format!("the source of {line} is not a `.tar.gz`"))
}

/// pip compares hashes, but first it asks for the metadata, for which it would install and run the build system.
fn download(workshop: &Workshop, line: &str, folder: &Path) -> Result<()> {
    let backends = folder.join("backends");
    fs_err::create_dir_all(&backends)?;
    fs_err::write(backends.join("sitecustomize.py"), BACKEND)?;
    let list = folder.join("requirements.txt");
    fs_err::write(&list, format!("{line}\n"))?;
    let mut pip = command("python3");
    pip.args([
        "-m",
        "pip",
        "download",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-binary=:all:",
        "--use-pep517",
        "--no-build-isolation",
        "--python-version",
        VERSION,
    ])
    .arg("--dest")
    .arg(folder)
    .arg("-r")
    .arg(&list)
    .env("PYTHONPATH", backends);
    if line.contains("--hash") {
        pip.arg("--require-hashes");
    }
    if let Some(supplied) = &workshop.places.supplied {
        pip.arg("--find-links").arg(supplied);
    }
    run(&mut pip, &folder.join("pip.log"))
}

fn verify(path: &Path, release: &Release) -> Result<()> {
    let size = fs_err::metadata(path)?.len();
    ensure!(
        size == release.size,
        "`{}` has {size} bytes, not {}",
        path.display(),
        release.size
    );
    let sha256 = hash::file(path)?;
    ensure!(
        sha256 == release.sha256,
        "`{}` has sha256 {sha256}, not {}",
        path.display(),
        release.sha256
    );
    Ok(())
}
