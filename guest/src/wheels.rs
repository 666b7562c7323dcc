//! Wheels with native extensions for the guest, from sdists of PyPI by recipes (`wheels/`), or from a project's folder.
//!
//! Comes in: a name, or a folder. Goes out: a wheel in the cache, built once for each input.

mod build_python;
mod cargo;
mod environment;
mod library;
mod project;
mod recipe;
mod sdist;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

pub use crate::wheels::recipe::{Check, Recipe, Release, Skip, System};

use crate::hash::{self, Key};
use crate::progress::Progress;
use crate::sdk::{self, Sdk};
use crate::wheels::build_python::BuildPython;
use crate::wheels::project::Project;
use crate::{Build, stage};

/// The tags of wheels with extensions. There is no agreed platform tag for WASI (PEP 816 leaves it open); this one names the
/// platform that the extension was built for. The others make pip install the file by its name alone: pip refuses wheels of
/// foreign platforms, even with `--target`, and the folder is for a component in any case.
const TAGS: &str = "cp314.py3-cp314.none-any.wasi_0_2_wasm32";

/// All recipes, sorted by name.
pub fn recipes(root: &Path) -> Result<Vec<Recipe>> {
    recipe::all(root)
}

/// Builds the wheel of `NAME` or `NAME==VERSION`, unless that has already been done.
pub fn wheel(root: &Path, request: &str, progress: &dyn Progress) -> Result<PathBuf> {
    let build = Build::new(root, progress)?;
    let (recipe, version) = recipe::find(&build.root, request)?;
    let release = recipe.release(version.as_deref())?;
    let folder = build.cache.stage(
        &format!("wheel-{}", recipe::normalized(&recipe.name)),
        &key(&build, &recipe, release)?,
    );
    if !stage::is_complete(&folder) {
        let _lock = build.cache.lock_wheels(progress)?;
        stage::build(&folder, |folder| {
            build_wheel(&build, &recipe, release, folder)
        })
        .with_context(|| {
            format!(
                "failed to build the wheel of {} {}",
                recipe.name, release.version
            )
        })?;
    }
    only_wheel(&folder)
}

/// The unpacked sdist of a recipe, for tests that the wheel does not contain.
pub fn sources(root: &Path, request: &str, progress: &dyn Progress) -> Result<PathBuf> {
    let build = Build::new(root, progress)?;
    let (recipe, version) = recipe::find(&build.root, request)?;
    let release = recipe.release(version.as_deref())?;
    let mut key = Key::new("sdist").text("sha256", &release.sha256);
    for patch in &release.patches {
        key = key.file(&recipe.folder.join(&patch.file))?;
    }
    let folder = build.cache.stage(
        &format!("sdist-{}", recipe::normalized(&recipe.name)),
        &key.finish(),
    );
    if !stage::is_complete(&folder) {
        let _lock = build.cache.lock_wheels(progress)?;
        stage::build(&folder, |folder| {
            sdist::unpack(&build, &recipe, release, &folder.join("source"))
        })?;
    }
    Ok(folder.join("source"))
}

/// Builds the wheel of a project's folder, into `target`.
pub fn wheel_of_folder(
    root: &Path,
    project: &Path,
    target: &Path,
    progress: &dyn Progress,
) -> Result<PathBuf> {
    let build = Build::new(root, progress)?;
    let _lock = build.cache.lock_wheels(progress)?;
    let (sdk, python) = tools(&build)?;
    let scratch = tempfile::tempdir()?;
    let project = Project::of_folder(&build, &python, project, scratch.path())?;
    fs_err::create_dir_all(target)?;
    progress.step(&format!(
        "building the wheel of {}",
        project.source.display()
    ));
    project.build(&sdk, &python, &scratch.path().join("scratch"), target)
}

/// The tools that build wheels; the lock of the guest guards them, too.
fn tools(build: &Build) -> Result<(Sdk, BuildPython)> {
    let _lock = build.cache.lock(build.progress)?;
    Ok((sdk::build(build)?, build_python::build(build)?))
}

fn key(build: &Build, recipe: &Recipe, release: &Release) -> Result<String> {
    let mut key = Key::new("wheel")
        .text("sdk", &build.sdk_key()?)
        .text("python", &build_python::key(build)?)
        .text("tags", TAGS);
    for script in [
        include_str!("wheels/build.py"),
        include_str!("wheels/sdist_backend.py"),
        include_str!("wheels/wasm-component-ld.sh"),
    ] {
        key = key.text("script", script);
    }
    let code = [
        include_str!("wheels/cargo.rs"),
        include_str!("wheels/environment.rs"),
        include_str!("wheels/library.rs"),
        include_str!("wheels/project.rs"),
        include_str!("wheels/sdist.rs"),
    ];
    key = key.text("code", &crate::recipe::recipe(&code)?);
    key = key.text("recipe", &recipe.inputs(release));
    for patch in &release.patches {
        key = key.file(&recipe.folder.join(&patch.file))?;
    }
    Ok(key.finish())
}

fn build_wheel(build: &Build, recipe: &Recipe, release: &Release, folder: &Path) -> Result<()> {
    let (sdk, python) = tools(build)?;
    let scratch = folder.join("build");
    let source = scratch.join("source");
    sdist::unpack(build, recipe, release, &source)?;
    let mut project = Project::of_recipe(recipe, source);
    project.requirements = environment::requirements(build, &python, &recipe.requirements)?;
    for library in &recipe.libraries {
        build
            .progress
            .step(&format!("building lib{} for {}", library.name, recipe.name));
        project.libraries.push(library::build(
            build,
            &sdk,
            library,
            &scratch.join(&library.name),
        )?);
    }
    build.progress.step(&format!(
        "building the wheel of {} {}",
        recipe.name, release.version
    ));
    project.build(&sdk, &python, &scratch.join("scratch"), folder)?;
    Ok(fs_err::remove_dir_all(scratch)?)
}

fn only_wheel(folder: &Path) -> Result<PathBuf> {
    let mut files = hash::files_below(folder)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "whl"));
    files
        .pop()
        .with_context(|| format!("`{}` holds no wheel", folder.display()))
}
