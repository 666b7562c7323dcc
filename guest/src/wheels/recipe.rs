//! `wheels/NAME/recipe.toml`: how a package of PyPI becomes a wheel for the guest.
//!
//! Comes in: folders of recipes, and the user's request. Goes out: a recipe and one of its releases. Fetches nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

mod library;

pub use library::Library;

const FILE: &str = "recipe.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The name with PyPI's spelling.
    pub name: String,
    pub licence: String,
    pub build: System,
    /// `true` if the package works without its native part, only slower.
    #[serde(default, rename = "optional")]
    pub is_optional: bool,
    /// The reason for the settings of this build: for the reader.
    #[serde(rename = "note")]
    pub _note: Option<String>,
    /// Flags for C and C++, after `-O3 -g0 -DNDEBUG`.
    #[serde(default)]
    pub flags: Vec<String>,
    /// `true` if C++ exceptions work. Otherwise throwing ends the program with a message.
    #[serde(default)]
    pub exceptions: bool,
    /// Settings of the build system: options of meson, arguments of cargo or CMake, `NAME=VALUE` for a backend on setuptools.
    #[serde(default)]
    pub options: Vec<String>,
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Newest first.
    #[serde(rename = "release")]
    pub releases: Vec<Release>,
    /// Packages of the build system, for the machine that builds. If one of them has a recipe with `development`, the files of the
    /// guest's wheel replace those of the machine's.
    #[serde(default, rename = "requirement")]
    pub requirements: Vec<Requirement>,
    /// C and C++ libraries that are linked in, each after those that it needs.
    #[serde(default, rename = "library")]
    pub libraries: Vec<Library>,
    /// Files left out of the wheel.
    #[serde(default, rename = "exclude")]
    pub excludes: Vec<Exclude>,
    /// Patterns of files that other packages are compiled with: headers, static libraries. They are kept beside the wheel, even if it
    /// leaves them out.
    #[serde(default)]
    pub development: Vec<String>,
    #[serde(default)]
    pub check: Check,
    #[serde(skip)]
    pub folder: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    Setuptools,
    /// setuptools, with extensions in Rust.
    SetuptoolsRust,
    Meson,
    Maturin,
    /// scikit-build-core, which calls CMake.
    ScikitBuild,
}

impl System {
    /// Whether cargo compiles for it.
    pub fn has_rust(self) -> bool {
        matches!(self, System::SetuptoolsRust | System::Maturin)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    pub version: String,
    /// The sdist.
    pub file: String,
    pub size: u64,
    pub sha256: String,
    #[serde(default, rename = "patch")]
    pub patches: Vec<Patch>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    pub file: String,
    pub reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    pub name: String,
    pub version: String,
    /// Hashes of the files that pip may choose from: one for each kind of machine, or one for all.
    pub sha256: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclude {
    /// A folder, or a file; `*` stands for anything.
    pub path: String,
    pub reason: String,
}

/// The test of the wheel: `check.py` runs in the guest, and then the package's own tests, if any are named.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Only `cargo xtask wheel-tests` builds and tests it, not the suite.
    #[serde(default)]
    pub long: bool,
    /// Packages installed beside the wheel: other recipes, and packages of PyPI in pure Python (`NAME==VERSION`).
    #[serde(default)]
    pub requires: Vec<String>,
    /// Test files of the package, by their names in the sdist.
    #[serde(default)]
    pub tests: Vec<String>,
    /// What the tests read beside them, by its name in the sdist.
    #[serde(default)]
    pub files: Vec<String>,
    /// Tests that cannot pass: pytest's node ids or parts of them.
    #[serde(default, rename = "skip")]
    pub skips: Vec<Skip>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skip {
    pub test: String,
    pub reason: String,
}

const CORRECT: &str = "\n\nhint: correct the file that is named";

impl Recipe {
    pub fn load(folder: &Path) -> Result<Recipe> {
        let path = folder.join(FILE);
        let text = fs_err::read_to_string(&path)?;
        let mut recipe: Recipe = toml::from_str(&text)
            .with_context(|| format!("`{}` does not parse{CORRECT}", path.display()))?;
        // Build systems run in folders of their own.
        recipe.folder = std::path::absolute(folder)?;
        recipe
            .validate()
            .with_context(|| format!("`{}` is not right{CORRECT}", path.display()))?;
        Ok(recipe)
    }

    fn validate(&self) -> Result<()> {
        ensure!(!self.releases.is_empty(), "there is no `[[release]]`");
        for release in &self.releases {
            for patch in &release.patches {
                ensure!(
                    !patch.reason.is_empty(),
                    "patch `{}` is given no reason",
                    patch.file
                );
            }
        }
        for exclude in &self.excludes {
            ensure!(
                !exclude.reason.is_empty(),
                "`{}` is left out without a reason",
                exclude.path
            );
        }
        for skip in &self.check.skips {
            ensure!(
                !skip.reason.is_empty(),
                "test `{}` is skipped without a reason",
                skip.test
            );
        }
        self.libraries.iter().try_for_each(Library::validate)
    }

    /// The folders of libraries of our own.
    pub fn local_folders(&self) -> impl Iterator<Item = PathBuf> {
        let names = self.libraries.iter().flat_map(|one| &one.local);
        names.map(|name| self.folder.join(name))
    }

    /// Everything in the file that decides the result of the build, as text; reasons and checks do not.
    pub fn inputs(&self, release: &Release) -> String {
        let excludes: Vec<&str> = self
            .excludes
            .iter()
            .map(|exclude| exclude.path.as_str())
            .collect();
        format!(
            "{:?}",
            (
                (
                    self.build,
                    &self.flags,
                    self.exceptions,
                    &self.options,
                    &self.environment
                ),
                (&release.version, &release.sha256),
                (
                    &self.requirements,
                    &self.libraries,
                    excludes,
                    &self.development
                ),
            )
        )
    }

    /// The settings without those of a release: for another one.
    pub fn settings(&self) -> String {
        self.inputs(&self.releases[0])
    }

    /// The release of this version, or the newest; `None` if there is no such release.
    pub fn release(&self, version: Option<&str>) -> Option<&Release> {
        let Some(version) = version else {
            return self.releases.first();
        };
        let mut releases = self.releases.iter();
        releases.find(|release| release.version == version)
    }
}

/// All recipes, sorted by name. Of two with one name, that in the first folder counts.
pub fn all(folders: &[PathBuf]) -> Result<Vec<Recipe>> {
    let mut recipes = BTreeMap::new();
    for folder in folders.iter().rev() {
        let entries = fs_err::read_dir(folder).context("the folder of recipes cannot be read")?;
        for entry in entries {
            let folder = entry?.path();
            if folder.join(FILE).exists() {
                let recipe = Recipe::load(&folder)?;
                recipes.insert(normalized(&recipe.name), recipe);
            }
        }
    }
    Ok(recipes.into_values().collect())
}

/// Finds the recipe of a package.
pub fn find(folders: &[PathBuf], name: &str) -> Result<Option<Recipe>> {
    let wanted = normalized(name);
    let mut recipes = all(folders)?.into_iter();
    Ok(recipes.find(|recipe| normalized(&recipe.name) == wanted))
}

/// The names of all recipes, the most similar first.
pub fn nearest(folders: &[PathBuf], name: &str) -> Result<Vec<String>> {
    let wanted = normalized(name);
    let mut recipes = all(folders)?;
    recipes.sort_by_key(|recipe| distance(&normalized(&recipe.name), &wanted));
    Ok(recipes.into_iter().map(|recipe| recipe.name).collect())
}

/// The form in which names of packages are compared.
pub fn normalized(name: &str) -> String {
    let mut parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    let mut text = parts.next().unwrap_or_default().to_lowercase();
    for part in parts {
        text.push('-');
        text.push_str(&part.to_lowercase());
    }
    text
}

/// Levenshtein's distance.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders() -> [PathBuf; 1] {
        [Path::new(env!("CARGO_MANIFEST_DIR")).join("../wheels")]
    }

    #[test]
    fn the_recipes_of_the_repository_parse() {
        let recipes = all(&folders()).unwrap();
        assert!(recipes.iter().any(|recipe| recipe.name == "numpy"));
        let [shared] = folders();
        let drafts = all(&[shared.join("../drafts")]).unwrap();
        assert!(
            recipes
                .iter()
                .all(|recipe| drafts.iter().all(|draft| draft.name != recipe.name))
        );
    }

    #[test]
    fn names_are_compared_as_pypi_does() {
        let recipe = find(&folders(), "MARKUPSAFE").unwrap().unwrap();
        assert_eq!(recipe.name, "MarkupSafe");
        assert!(find(&folders(), "markup_safe").unwrap().is_none());
        assert_eq!(normalized("Charset_Normalizer"), "charset-normalizer");
    }

    #[test]
    fn the_most_similar_name_is_first() {
        assert_eq!(nearest(&folders(), "nunpy").unwrap()[0], "numpy");
    }

    #[test]
    fn a_recipe_has_the_newest_release_first() {
        let recipe = find(&folders(), "numpy").unwrap().unwrap();
        assert!(recipe.release(Some("1.0")).is_none());
        assert_eq!(
            recipe.release(None).unwrap().version,
            recipe.releases[0].version
        );
    }

    #[test]
    fn libraries_of_our_own_are_beside_their_recipes() {
        let recipe = find(&folders(), "numpy").unwrap().unwrap();
        let local: Vec<PathBuf> = recipe.local_folders().collect();
        assert_eq!(local.len(), 1);
        assert!(local[0].join("multiply.c").exists());
    }

    #[test]
    fn of_two_recipes_the_first_counts() {
        let own = tempfile::tempdir().unwrap();
        let numpy = folders()[0].join("numpy/recipe.toml");
        let text = fs_err::read_to_string(numpy).unwrap();
        fs_err::create_dir(own.path().join("mine")).unwrap();
        let text = text.replace("build = \"meson\"", "build = \"setuptools\"");
        fs_err::write(own.path().join("mine/recipe.toml"), text).unwrap();
        let [shared] = folders();
        let recipe = find(&[own.path().to_owned(), shared], "numpy");
        assert_eq!(recipe.unwrap().unwrap().build, System::Setuptools);
    }
}
