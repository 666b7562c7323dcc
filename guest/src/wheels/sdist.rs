//! sdists of PyPI: from the folder that the user supplies, from our cache, or by pip.
//!
//! Comes in: a release of a recipe. Goes out: an unpacked and patched tree.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::fetch::SOURCES_VARIABLE;
use crate::run::{command, run};
use crate::wheels::recipe::{Recipe, Release};
use crate::{Build, hash, patch, unpack};

const BACKEND: &str = include_str!("sdist_backend.py");

/// The names under which pip looks for the backend of a package.
const BACKENDS: [&str; 3] = ["mesonpy.py", "maturin.py", "setuptools/build_meta.py"];

/// Unpacks the sdist to `target`.
pub fn unpack(build: &Build, recipe: &Recipe, release: &Release, target: &Path) -> Result<()> {
    let archive = archive(build, recipe, release)?;
    unpack::archive(&archive, target)
        .with_context(|| format!("failed to unpack `{}`", archive.display()))?;
    for patch in &release.patches {
        let text = fs_err::read_to_string(recipe.folder.join(&patch.file))?;
        patch::apply(target, &text)
            .with_context(|| format!("patch `{}` does not apply", patch.file))?;
    }
    Ok(())
}

fn archive(build: &Build, recipe: &Recipe, release: &Release) -> Result<PathBuf> {
    let archives = build.cache.archives();
    for folder in build.places.supplied.iter().chain([&archives]) {
        let path = folder.join(&release.file);
        if path.exists() && verify(&path, release).is_ok() {
            return Ok(path);
        }
    }
    build
        .progress
        .step(&format!("downloading {} with pip", release.file));
    let folder = tempfile::Builder::new()
        .prefix("sdist-")
        .tempdir_in(build.cache.create_archives()?)?;
    download(build, recipe, release, folder.path()).with_context(|| {
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

/// pip compares the hash, but first it asks for the metadata, for which it would install and run the build system.
fn download(build: &Build, recipe: &Recipe, release: &Release, folder: &Path) -> Result<()> {
    let backends = folder.join("backends");
    for name in BACKENDS {
        let path = backends.join(name);
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent)?;
        }
        fs_err::write(path, BACKEND)?;
    }
    fs_err::write(backends.join("setuptools/__init__.py"), "")?;
    let list = folder.join("requirements.txt");
    let line = format!(
        "{}=={} --hash=sha256:{}\n",
        recipe.name, release.version, release.sha256
    );
    fs_err::write(&list, line)?;
    let mut pip = command("python3");
    pip.args([
        "-m",
        "pip",
        "download",
        "--disable-pip-version-check",
        "--no-deps",
    ])
    .args([
        "--no-binary=:all:",
        "--use-pep517",
        "--no-build-isolation",
        "--require-hashes",
    ])
    .arg("--dest")
    .arg(folder)
    .arg("-r")
    .arg(&list)
    .env("PYTHONPATH", backends);
    if let Some(supplied) = &build.places.supplied {
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
