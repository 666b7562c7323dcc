//! Wheels with native extensions for the guest, from sdists of PyPI, or from a project's folder.
//!
//! Comes in: a name, or a folder. Goes out: a wheel in the cache, built once for each input. A recipe (`wheels/`) pins an sdist
//! and all that builds it, with the settings that it needs. Other packages are built as they say themselves, with the newest
//! build systems.

mod build_python;
mod cargo;
mod cmake;
mod configure;
mod environment;
mod flags;
mod fortran;
mod foundation;
mod library;
mod maker;
mod project;
mod recipe;
mod request;
mod sdist;

use std::path::{Path, PathBuf};

use anyhow::Result;

pub use crate::sdk::Packed;
pub use crate::wheels::cargo::home as cargo_home;
pub use crate::wheels::maker::Maker;
pub use crate::wheels::recipe::{Check, Recipe, Release, Skip, System};
pub use crate::wheels::request::Request;

use crate::Build;
use crate::progress::Progress;

/// The tags of wheels with extensions. There is no agreed platform tag for WASI (PEP 816 leaves it open); this one names the
/// platform that the extension was built for. The others make pip install the file by its name alone: pip refuses wheels of
/// foreign platforms, even with `--target`, and the folder is for a component in any case.
const TAGS: &str = "cp314.py3-cp314.none-any.wasi_0_2_wasm32";

/// The folder of recipes, relative to the root of the repository.
pub const FOLDER: &str = "wheels";

/// All recipes of the repository, sorted by name.
pub fn recipes(root: &Path) -> Result<Vec<Recipe>> {
    recipe::all(&[root.join(FOLDER)])
}

/// Builds the wheel of `NAME` or `NAME==VERSION`, unless that has already been done.
pub fn wheel(root: &Path, request: &str, progress: &dyn Progress) -> Result<PathBuf> {
    Maker::of_repository(root, progress)?.wheel(&request.parse()?)
}

/// The unpacked sdist of a recipe, for tests that the wheel does not contain.
pub fn sources(root: &Path, request: &str, progress: &dyn Progress) -> Result<PathBuf> {
    Maker::of_repository(root, progress)?.sources(&request.parse()?)
}

/// The CPython that runs build systems, which is built unless it exists.
pub fn python(root: &Path, progress: &dyn Progress) -> Result<PathBuf> {
    let build = Build::new(root, progress)?;
    let _lock = build.cache.lock(progress)?;
    Ok(build_python::build(&build)?.program)
}

/// Builds the wheel of a project's folder, into `target`.
pub fn wheel_of_folder(
    root: &Path,
    project: &Path,
    target: &Path,
    progress: &dyn Progress,
) -> Result<PathBuf> {
    Maker::of_repository(root, progress)?.wheel_of_folder(project, target)
}
