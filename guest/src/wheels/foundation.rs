//! Packages with which others are compiled, such as NumPy.
//!
//! Build systems import them on this machine to ask where their headers are, so they are installed for this machine, and then the
//! files of the guest's wheel replace those that the compiler reads: sizes in headers differ, and static libraries are linked in.
//!
//! Comes in: recipes. Goes out: those that such a package has, with the version that both machines get.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::recipe::{self, Recipe, Release};

/// A recipe with `development`, and one of its releases.
pub struct Foundation {
    pub recipe: Recipe,
    version: String,
}

impl Foundation {
    /// The newest release of all of them.
    pub fn all(folders: &[PathBuf]) -> Result<Vec<Foundation>> {
        let mut recipes = recipe::all(folders)?;
        recipes.retain(|recipe| !recipe.development.is_empty());
        let newest = |recipe: Recipe| Foundation {
            version: recipe.releases[0].version.clone(),
            recipe,
        };
        Ok(recipes.into_iter().map(newest).collect())
    }

    /// Those among the requirements of a recipe, in the versions that it pins.
    pub fn of(recipe: &Recipe, folders: &[PathBuf]) -> Result<Vec<Foundation>> {
        if recipe.requirements.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for mut foundation in Self::all(folders)? {
            let name = recipe::normalized(&foundation.recipe.name);
            let mut requirements = recipe.requirements.iter();
            if let Some(one) = requirements.find(|one| recipe::normalized(&one.name) == name) {
                foundation.version.clone_from(&one.version);
                foundation
                    .release()
                    .with_context(|| format!("`{}` cannot be built for the guest", recipe.name))?;
                found.push(foundation);
            }
        }
        Ok(found)
    }

    pub fn release(&self) -> Result<&Release> {
        let release = self.recipe.release(Some(&self.version));
        release.with_context(|| {
            format!(
                "the recipe of `{}` has no release {}, with which it is compiled",
                self.recipe.name, self.version
            )
        })
    }

    /// A line for pip, which chooses that version.
    pub fn constraint(&self) -> String {
        format!("{}=={}\n", self.recipe.name, self.version)
    }

    /// Whether it is installed in a folder of packages.
    pub fn is_in(&self, packages: &Path) -> bool {
        let name = recipe::normalized(&self.recipe.name).replace('-', "_");
        let metadata = format!("{name}-{}.dist-info", self.version);
        packages.join(metadata).exists()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders() -> [PathBuf; 1] {
        [Path::new(env!("CARGO_MANIFEST_DIR")).join("../wheels")]
    }

    #[test]
    fn pandas_is_compiled_with_numpy_of_the_same_version() {
        let pandas = recipe::find(&folders(), "pandas").unwrap().unwrap();
        let found = Foundation::of(&pandas, &folders()).unwrap();
        let numpy = &found[0];
        assert_eq!((found.len(), &*numpy.recipe.name), (1, "numpy"));
        let pinned = pandas.requirements.iter().find(|one| one.name == "numpy");
        assert_eq!(numpy.release().unwrap().version, pinned.unwrap().version);
    }

    #[test]
    fn a_version_without_a_release_is_an_error() {
        let mut pandas = recipe::find(&folders(), "pandas").unwrap().unwrap();
        for one in &mut pandas.requirements {
            "0.1".clone_into(&mut one.version);
        }
        let error = Foundation::of(&pandas, &folders()).err().unwrap();
        assert_eq!(
            format!("{error:#}"),
            "`pandas` cannot be built for the guest: the recipe of `numpy` has no release 0.1, with which it is compiled"
        );
    }

    #[test]
    fn an_installed_one_is_found() {
        let numpy = Foundation::all(&folders()).unwrap().remove(0);
        let packages = tempfile::tempdir().unwrap();
        assert!(!numpy.is_in(packages.path()));
        let metadata = format!("numpy-{}.dist-info", numpy.version);
        fs_err::create_dir(packages.path().join(metadata)).unwrap();
        assert!(numpy.is_in(packages.path()));
    }
}
