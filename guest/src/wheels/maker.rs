//! The one who builds wheels, in a clone of the repository or from what the tool contains.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::build_python::{self, BuildPython};
use super::foundation::Foundation;
use super::project::Project;
use super::recipe::{self, Recipe, Release};
use super::request::Request;
use super::{FOLDER, TAGS, environment, library, sdist};
use crate::Build;
use crate::copy;
use crate::fetch::Places;
use crate::hash::{self, Key};
use crate::progress::Progress;
use crate::sdk::{self, Packed, Sdk};
use crate::stage::{self, Cache, Lock};
use crate::workshop::Workshop;

/// Builds wheels with one compiler and one set of recipes.
pub struct Maker<'a> {
    origin: Origin<'a>,
    /// Folders of recipes; of two with the same name, the first counts.
    recipes: Vec<PathBuf>,
    /// Taken by the first build, since a wheel may need another.
    lock: OnceCell<Lock>,
}

/// Where the compiler and the Python for build systems come from.
enum Origin<'a> {
    Repository(Build<'a>),
    Tool {
        sdk: Packed<'a>,
        cache: Cache,
        places: Places,
        progress: &'a dyn Progress,
    },
}

impl<'a> Maker<'a> {
    /// The guest of the repository at `root` gives the compiler, and is built if necessary.
    pub fn of_repository(root: &Path, progress: &'a dyn Progress) -> Result<Self> {
        let build = Build::new(root, progress)?;
        Ok(Self {
            recipes: vec![build.root.join(FOLDER)],
            origin: Origin::Repository(build),
            lock: OnceCell::new(),
        })
    }

    /// The tool contains the compiler's parts, and pip fetches the rest.
    pub fn of_tool(
        sdk: Packed<'a>,
        recipes: Vec<PathBuf>,
        progress: &'a dyn Progress,
    ) -> Result<Self> {
        let cache = Cache::open(progress)?;
        Ok(Self {
            origin: Origin::Tool {
                places: Places::of(&cache),
                cache,
                sdk,
                progress,
            },
            recipes,
            lock: OnceCell::new(),
        })
    }

    /// All recipes, sorted by name.
    pub fn recipes(&self) -> Result<Vec<Recipe>> {
        recipe::all(&self.recipes)
    }

    /// Builds a wheel, unless that has already been done.
    pub fn wheel(&self, request: &Request) -> Result<PathBuf> {
        let Some(recipe) = recipe::find(&self.recipes, &request.name)? else {
            return self.unpinned(request, None);
        };
        match recipe.release(request.version.as_deref()) {
            Some(release) => self.pinned(&recipe, release),
            None => self.unpinned(request, Some(&recipe)),
        }
    }

    /// The wheel of a release that a recipe pins.
    fn pinned(&self, recipe: &Recipe, release: &Release) -> Result<PathBuf> {
        let key = self.pinned_key(recipe, release)?;
        let what = format!("{} {}", recipe.name, release.version);
        self.built(
            &recipe.name,
            key,
            &what,
            |scratch| {
                let workshop = self.workshop();
                let source = scratch.join("source");
                sdist::unpack(&workshop, recipe, release, &source)?;
                Ok(source)
            },
            Some(recipe),
        )
    }

    fn pinned_key(&self, recipe: &Recipe, release: &Release) -> Result<Key> {
        let mut key = self.key()?.text("recipe", &recipe.inputs(release));
        let patches = release.patches.iter().map(|patch| &patch.file);
        let sources = recipe.libraries.iter().flat_map(|one| &one.source);
        for file in patches.chain(sources.flat_map(|source| &source.patches)) {
            key = key.file(&recipe.folder.join(file))?;
        }
        for folder in recipe.local_folders() {
            key = key.text("library", &hash::tree(&folder)?);
        }
        self.with_foundations(key, Some(recipe))
    }

    /// Adds what the project may be compiled with.
    fn with_foundations(&self, mut key: Key, recipe: Option<&Recipe>) -> Result<Key> {
        for one in self.foundations(recipe)? {
            let one = self.pinned_key(&one.recipe, one.release()?)?;
            key = key.text("foundation", &one.finish());
        }
        Ok(key)
    }

    /// Those of a recipe, or the ones that a project without a recipe may need.
    fn foundations(&self, recipe: Option<&Recipe>) -> Result<Vec<Foundation>> {
        match recipe {
            Some(recipe) => Foundation::of(recipe, &self.recipes),
            None => Foundation::all(&self.recipes),
        }
    }

    /// The files of the guest's wheel that compilers read.
    fn development(&self, foundation: &Foundation) -> Result<PathBuf> {
        let wheel = self.pinned(&foundation.recipe, foundation.release()?)?;
        Ok(wheel.with_file_name("development"))
    }

    /// Installs the build requirements that a project declares.
    fn install_declared(
        &self,
        project: &mut Project,
        python: &BuildPython,
        scratch: &Path,
    ) -> Result<()> {
        let foundations = self.foundations(None)?;
        let constraints: String = foundations.iter().map(Foundation::constraint).collect();
        project.install_declared(&self.workshop(), python, scratch, &constraints)?;
        for one in foundations {
            if one.is_in(&project.requirements) {
                copy::tree(&self.development(&one)?, &project.requirements)?;
            }
        }
        Ok(())
    }

    fn hold_lock(&self) -> Result<()> {
        if self.lock.get().is_none() {
            let workshop = self.workshop();
            let lock = workshop.cache.lock_wheels(workshop.progress)?;
            // Nobody else sets it: a maker belongs to one thread.
            let _ = self.lock.set(lock);
        }
        Ok(())
    }

    /// The wheel of an sdist that pip chooses, by the settings of a recipe for another version, if there is one.
    fn unpinned(&self, request: &Request, recipe: Option<&Recipe>) -> Result<PathBuf> {
        let folder = tempfile::tempdir()?;
        let archive = sdist::of_index(&self.workshop(), request, folder.path())
            .map_err(|error| self.without_recipe(request, error))?;
        let mut key = self.key()?.file(&archive)?;
        if let Some(recipe) = recipe {
            key = key.text("recipe", &recipe.settings());
        }
        let key = self.with_foundations(key, recipe)?;
        let what = archive.file_name().unwrap_or_default().to_string_lossy();
        let what = what.trim_end_matches(".tar.gz");
        self.built(
            &request.name,
            key,
            what,
            |scratch| {
                let source = scratch.join("source");
                crate::unpack::archive(&archive, &source)?;
                if let Some(recipe) = recipe {
                    sdist::patch(recipe, &recipe.releases[0], &source)?;
                }
                Ok(source)
            },
            recipe,
        )
    }

    fn without_recipe(&self, request: &Request, error: anyhow::Error) -> anyhow::Error {
        let names = recipe::nearest(&self.recipes, &request.name).unwrap_or_default();
        error.context(format!(
            "there is neither a recipe nor a source of `{}`\n\nhint: there are recipes for {}; packages in pure Python need no wheel \
             from here",
            request.name,
            names.join(", ")
        ))
    }

    /// The unpacked sdist of a recipe.
    pub fn sources(&self, request: &Request) -> Result<PathBuf> {
        let recipe = recipe::find(&self.recipes, &request.name)?;
        let recipe = recipe.with_context(|| format!("no recipe for `{}`", request.name))?;
        let release = recipe.release(request.version.as_deref());
        let release = release.with_context(|| format!("no such version of {}", recipe.name))?;
        let mut key = Key::new("sdist").text("sha256", &release.sha256);
        for patch in &release.patches {
            key = key.file(&recipe.folder.join(&patch.file))?;
        }
        let workshop = self.workshop();
        let folder = workshop.cache.stage(
            &format!("sdist-{}", recipe::normalized(&recipe.name)),
            &key.finish(),
        );
        if !stage::is_complete(&folder) {
            self.hold_lock()?;
            stage::build(&folder, |folder| {
                sdist::unpack(&workshop, &recipe, release, &folder.join("source"))
            })?;
        }
        Ok(folder.join("source"))
    }

    /// Builds the wheel of a project's folder, into `target`.
    pub fn wheel_of_folder(&self, project: &Path, target: &Path) -> Result<PathBuf> {
        let scratch = tempfile::tempdir()?;
        let source = scratch.path().join("source");
        Project::copy(project, &source)?;
        let mut project = Project::as_declared(&source)?;
        let workshop = self.workshop();
        self.hold_lock()?;
        let (sdk, python) = self.tools()?;
        project.libraries.push(sdk.libraries());
        self.install_declared(&mut project, &python, scratch.path())?;
        fs_err::create_dir_all(target)?;
        workshop.progress.step(&format!(
            "building the wheel of {}",
            project.source.display()
        ));
        project.build(&sdk, &python, &scratch.path().join("scratch"), target)
    }

    /// Fills a stage with the wheel of the source that `unpack` puts into a folder.
    fn built(
        &self,
        name: &str,
        key: Key,
        what: &str,
        unpack: impl FnOnce(&Path) -> Result<PathBuf>,
        recipe: Option<&Recipe>,
    ) -> Result<PathBuf> {
        let workshop = self.workshop();
        let folder = workshop.cache.stage(
            &format!("wheel-{}", recipe::normalized(name)),
            &key.finish(),
        );
        if !stage::is_complete(&folder) {
            self.hold_lock()?;
            stage::build(&folder, |folder| {
                let scratch = folder.join("build");
                let source = unpack(&scratch)?;
                self.build(source, recipe, what, folder)?;
                Ok(fs_err::remove_dir_all(scratch)?)
            })
            .with_context(|| format!("failed to build the wheel of {what}"))?;
        }
        only_wheel(&folder)
    }

    fn build(
        &self,
        source: PathBuf,
        recipe: Option<&Recipe>,
        what: &str,
        folder: &Path,
    ) -> Result<()> {
        let workshop = self.workshop();
        let (sdk, python) = self.tools()?;
        let scratch = folder.join("build");
        let mut project = match recipe {
            Some(recipe) => Project::of_recipe(recipe, source),
            None => Project::as_declared(&source)?,
        };
        project.libraries.push(sdk.libraries());
        if let Some(recipe) = recipe {
            let foundations = self.foundations(Some(recipe))?;
            let foundations: Result<Vec<PathBuf>> = foundations
                .iter()
                .map(|one| self.development(one))
                .collect();
            project.requirements =
                environment::requirements(&workshop, &python, &recipe.requirements, &foundations?)?;
            for library in &recipe.libraries {
                let job = library::Job {
                    library,
                    recipe,
                    before: &project.libraries,
                    sdist: &project.source,
                };
                let built = job.stage(self.key()?, &workshop, &sdk, &python)?;
                project.libraries.push(built);
            }
        } else {
            self.install_declared(&mut project, &python, &scratch)?;
        }
        workshop
            .progress
            .step(&format!("building the wheel of {what}"));
        project.build(&sdk, &python, &scratch.join("scratch"), folder)?;
        Ok(())
    }

    fn workshop(&self) -> Workshop<'_> {
        match &self.origin {
            Origin::Repository(build) => build.workshop(),
            Origin::Tool {
                cache,
                places,
                progress,
                ..
            } => Workshop {
                cache,
                places,
                progress: *progress,
            },
        }
    }

    /// The compiler, and the Python that runs build systems; the lock of the guest guards both.
    fn tools(&self) -> Result<(Sdk, BuildPython)> {
        let workshop = self.workshop();
        let _lock = workshop.cache.lock(workshop.progress)?;
        Ok(match &self.origin {
            Origin::Repository(build) => (sdk::build(build)?, build_python::build(build)?),
            Origin::Tool { sdk, .. } => {
                // First, since it takes seconds to find that there is none.
                let python = build_python::find()?;
                (sdk.install(&workshop)?, python)
            }
        })
    }

    /// The part of each wheel's key that is the same for all.
    fn key(&self) -> Result<Key> {
        let (sdk, python) = match &self.origin {
            Origin::Repository(build) => (build.sdk_key()?, build_python::key(build)?),
            Origin::Tool { sdk, .. } => (sdk.key(), String::new()),
        };
        let mut key = Key::new("wheel")
            .text("sdk", &sdk)
            .text("python", &python)
            .text("tags", TAGS);
        for script in [
            include_str!("build.py"),
            include_str!("pip.py"),
            include_str!("sdist_backend.py"),
            include_str!("toolchain.cmake"),
            include_str!("wasm-component-ld.sh"),
        ] {
            key = key.text("script", script);
        }
        let code = [
            include_str!("cargo.rs"),
            include_str!("cmake.rs"),
            include_str!("configure.rs"),
            include_str!("environment.rs"),
            include_str!("flags.rs"),
            include_str!("fortran.rs"),
            include_str!("fortran/calls.rs"),
            include_str!("library.rs"),
            include_str!("library/folders.rs"),
            include_str!("project.rs"),
            include_str!("sdist.rs"),
        ];
        Ok(key.text("code", &crate::recipe::recipe(&code)?))
    }
}

fn only_wheel(folder: &Path) -> Result<PathBuf> {
    let mut files = hash::files_below(folder)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "whl"));
    files
        .pop()
        .with_context(|| format!("`{}` holds no wheel", folder.display()))
}
