//! Packages that have neither a wheel for components nor a way without native code: built by our recipes, with `--build`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use ground::Mistake as _;
use ground::ui::Ui;

use super::error::InstallError;
use crate::artifacts;
use crate::project::declared::normal;
use crate::scratch::Scratch;
use crate::wheel::Workshop;

/// A package for which pip finds no wheel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lacking {
    pub package: String,
    /// The only version that fits, or empty.
    pub version: String,
}

/// The packages that we build, and the wheels that are built already.
pub struct Native {
    names: BTreeSet<String>,
    directory: PathBuf,
    workshop: Option<Workshop>,
    asked: BTreeSet<Lacking>,
    /// The last wheel of each package.
    wheels: BTreeMap<String, PathBuf>,
}

impl Native {
    /// Nothing is built unless `build`.
    pub fn new(build: bool, scratch: &Scratch) -> Result<Self> {
        let recipes = if build {
            artifacts::recipes()?
        } else {
            Vec::new()
        };
        let needed = recipes.into_iter().filter(|recipe| !recipe.is_optional);
        Ok(Self {
            names: needed.map(|recipe| normal(&recipe.name)).collect(),
            directory: scratch.path().join("wheels"),
            workshop: None,
            asked: BTreeSet::new(),
            wheels: BTreeMap::new(),
        })
    }

    /// The names of the packages, whose sources pip shall leave to us.
    pub fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    pub fn wheels(&self) -> &BTreeMap<String, PathBuf> {
        &self.wheels
    }

    /// Builds a wheel, once.
    pub fn build(&mut self, lacking: Lacking, ui: &Ui) -> Result<()> {
        let Lacking { package, version } = &lacking;
        let request = match version.as_str() {
            "" => package.clone(),
            version => format!("{package}=={version}"),
        };
        if self.asked.contains(&lacking) {
            return InstallError::Unresolvable {
                detail: format!("the wheel of {request} that was built does not fit"),
            }
            .raise();
        }
        if self.workshop.is_none() {
            self.workshop = Some(Workshop::open(None)?);
            fs_err::create_dir_all(&self.directory)?;
        }
        let workshop = self.workshop.as_ref().context("it was opened just now")?;
        let wheel = ui.stage("building a wheel", || {
            workshop.build(&request, &self.directory, ui)
        })?;
        self.wheels.insert(normal(package), wheel);
        self.asked.insert(lacking);
        Ok(())
    }
}
