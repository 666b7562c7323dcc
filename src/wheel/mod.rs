//! Wheels with native code for components, built on the user's machine.
//!
//! Comes in: [`Wheel`]. Goes out: files that `install --find-links` finds. The compiler's parts and the recipes are in this program
//! (`artifacts.rs`); pip fetches clang, the sources and the build systems. The crate `guest` does the work, here as for
//! `cargo xtask wheel`.

mod error;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use ground::Mistake as _;
use ground::ui::{Ui, Verbosity};
use guest::wheels::{Maker, Packed, Request};

use crate::artifacts;
use crate::scratch::Scratch;
use error::WheelError;

/// The directory for wheels.
pub const WHEELS: &str = "wheels";

/// Builds wheels of packages with native code for components.
#[derive(Clone, Debug)]
pub struct Wheel {
    /// Packages of PyPI (`NAME` or `NAME==VERSION`) and directories of projects (with a separator, or `.`).
    pub packages: Vec<String>,
    /// The directory for the wheels.
    pub output: PathBuf,
    /// A directory with recipes that come before those of this program.
    pub recipes: Option<PathBuf>,
    /// How much is printed to standard error.
    pub verbosity: Verbosity,
}

/// A package that there is a recipe for.
#[derive(Clone, Debug)]
pub struct Buildable {
    /// Its name, as PyPI spells it.
    pub name: String,
    /// Its versions that the recipe pins, the newest first.
    pub versions: Vec<String>,
    /// Its licence, and those of the libraries in it.
    pub licence: String,
}

impl Wheel {
    /// Settings for packages, with the directory `wheels` for the result.
    pub fn new(packages: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            packages: packages.into_iter().map(Into::into).collect(),
            output: WHEELS.into(),
            recipes: None,
            verbosity: Verbosity::Quiet,
        }
    }

    /// Builds the wheels. Returns their paths.
    pub fn run(&self) -> Result<Vec<PathBuf>> {
        let workshop = Workshop::open(self.recipes.as_deref())?;
        fs_err::create_dir_all(&self.output)?;
        let mut wheels = Vec::new();
        for package in &self.packages {
            // Its progress ends with its report.
            let ui = Ui::new(self.verbosity);
            let built = ui.stage("building wheels", || {
                workshop.build(package, &self.output, &ui)
            })?;
            ui.report(&built.display().to_string());
            wheels.push(built);
        }
        Ok(wheels)
    }

    /// The packages that there are recipes for, sorted by name.
    pub fn list(&self) -> Result<Vec<Buildable>> {
        let workshop = Workshop::open(self.recipes.as_deref())?;
        let silent = guest::Silent;
        let recipes = workshop.maker(&silent)?.recipes();
        let recipes = recipes.map_err(|error| WheelError::recipes(&error).error())?;
        let buildable = recipes.into_iter().map(|recipe| Buildable {
            name: recipe.name,
            versions: recipe
                .releases
                .into_iter()
                .map(|release| release.version)
                .collect(),
            licence: recipe.licence,
        });
        Ok(buildable.collect())
    }
}

/// The parts of this program that build wheels, unpacked.
pub struct Workshop {
    guest: artifacts::Guest,
    recipes: Vec<PathBuf>,
    /// Holds our own recipes.
    _scratch: Scratch,
}

impl Workshop {
    /// With recipes of the user's, if there are some, before ours.
    pub fn open(recipes: Option<&Path>) -> Result<Self> {
        if let Some(folder) = recipes
            && !folder.is_dir()
        {
            return WheelError::NoRecipes {
                folder: folder.to_owned(),
            }
            .raise();
        }
        let scratch = Scratch::new()?;
        let ours = scratch.path().join("recipes");
        artifacts::unpack_recipes(&ours)?;
        let theirs = recipes.map(Path::to_owned);
        Ok(Self {
            guest: artifacts::unpack(None).finish()?,
            recipes: theirs.into_iter().chain([ours]).collect(),
            _scratch: scratch,
        })
    }

    /// Builds one wheel, and copies it into a directory.
    pub fn build(&self, package: &str, output: &Path, ui: &Ui) -> Result<PathBuf> {
        let steps = Steps(ui);
        let failed = |error| WheelError::failed(package, &error).error();
        let maker = self.maker(&steps).map_err(failed)?;
        if is_path(package) {
            let project = Path::new(package);
            return maker.wheel_of_folder(project, output).map_err(failed);
        }
        let request: Request = match package.parse() {
            Ok(request) => request,
            Err(_) => {
                return WheelError::NotAName {
                    text: package.to_owned(),
                }
                .raise();
            }
        };
        let wheel = maker.wheel(&request).map_err(failed)?;
        let target = output.join(wheel.file_name().context("a wheel has a name")?);
        fs_err::copy(&wheel, &target)?;
        Ok(target)
    }

    fn maker<'a>(&'a self, progress: &'a dyn guest::Progress) -> Result<Maker<'a>> {
        let guest = &self.guest;
        let libraries = guest.libraries.iter().chain(&guest.cplusplus);
        let sdk = Packed {
            archive: artifacts::SDK,
            libraries: libraries
                .map(|library| (library.name.as_str(), &*library.wasm))
                .collect(),
        };
        Maker::of_tool(sdk, self.recipes.clone(), progress)
    }
}

/// pip's rule: a name has no separator, even if there is a directory of this name.
fn is_path(package: &str) -> bool {
    package.contains(['/', '\\']) || package == "." || package == ".."
}

/// Passes on the steps of a build.
struct Steps<'a>(&'a Ui);

impl guest::Progress for Steps<'_> {
    fn step(&self, message: &str) {
        match message.strip_prefix("warning: ") {
            Some(warning) => self.0.warn(warning),
            None => {
                self.0.progress(message);
                self.0.detail(format!("{message}\n"));
            }
        }
    }
}
