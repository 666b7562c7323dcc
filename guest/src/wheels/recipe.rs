//! `wheels/NAME/recipe.toml`: how a package of PyPI becomes a wheel for the guest.
//!
//! Comes in: the folder of recipes, and the user's request. Goes out: a recipe and one of its releases. Fetches nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use crate::sources::Source;

/// The folder of recipes, relative to the root of the repository.
const FOLDER: &str = "wheels";
const FILE: &str = "recipe.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The name with PyPI's spelling.
    pub name: String,
    pub licence: String,
    pub build: System,
    /// The reason for the settings of this build: for the reader.
    #[serde(rename = "note")]
    pub _note: Option<String>,
    /// Flags for C and C++, after `-O3 -g0 -DNDEBUG`.
    #[serde(default)]
    pub flags: Vec<String>,
    /// `true` if C++ exceptions work. Otherwise throwing ends the program with a message.
    #[serde(default)]
    pub exceptions: bool,
    /// Settings of the build system: options of meson, arguments of cargo.
    #[serde(default)]
    pub options: Vec<String>,
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Newest first.
    #[serde(rename = "release")]
    pub releases: Vec<Release>,
    /// Packages of the build system, for the machine that builds.
    #[serde(default, rename = "requirement")]
    pub requirements: Vec<Requirement>,
    /// C libraries of third parties that are linked in.
    #[serde(default, rename = "library")]
    pub libraries: Vec<Library>,
    /// Files left out of the wheel.
    #[serde(default, rename = "exclude")]
    pub excludes: Vec<Exclude>,
    #[serde(default)]
    pub check: Check,
    #[serde(skip)]
    pub folder: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum System {
    Setuptools,
    Meson,
    Maturin,
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

/// A static library, compiled from all C files of some folders.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Library {
    /// `yaml` for `-lyaml`.
    pub name: String,
    pub source: Source,
    pub folders: Vec<String>,
    pub includes: Vec<String>,
    #[serde(default)]
    pub flags: Vec<String>,
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
    /// Packages installed beside the wheel: other recipes, and packages of PyPI in pure Python (`NAME==VERSION`).
    #[serde(default)]
    pub requires: Vec<String>,
    /// Test files of the package, by their names in the sdist.
    #[serde(default)]
    pub tests: Vec<String>,
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

impl Recipe {
    pub fn load(folder: &Path) -> Result<Recipe> {
        let path = folder.join(FILE);
        let text = fs_err::read_to_string(&path)?;
        let mut recipe: Recipe = toml::from_str(&text)
            .with_context(|| format!("`{}` does not parse", path.display()))?;
        folder.clone_into(&mut recipe.folder);
        recipe
            .validate()
            .with_context(|| format!("`{}` is not right", path.display()))?;
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
        for library in &self.libraries {
            let pinned = library
                .source
                .archives
                .iter()
                .all(|archive| archive.sha256.is_some());
            ensure!(pinned, "the source of `{}` is not pinned", library.name);
        }
        Ok(())
    }

    /// Everything that decides the result of the build, as text; reasons and checks do not.
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
                (&self.requirements, &self.libraries, excludes),
            )
        )
    }

    pub fn release(&self, version: Option<&str>) -> Result<&Release> {
        let Some(version) = version else {
            return Ok(&self.releases[0]);
        };
        if let Some(release) = self
            .releases
            .iter()
            .find(|release| release.version == version)
        {
            return Ok(release);
        }
        let known: Vec<&str> = self
            .releases
            .iter()
            .map(|release| release.version.as_str())
            .collect();
        bail!(
            "no recipe for {} {version}\n\nhint: `{}` has {}; another version is one more `[[release]]` there",
            self.name,
            self.folder.join(FILE).display(),
            known.join(", ")
        )
    }
}

/// All recipes, sorted by name.
pub fn all(root: &Path) -> Result<Vec<Recipe>> {
    let mut folders = Vec::new();
    for entry in fs_err::read_dir(root.join(FOLDER))? {
        let folder = entry?.path();
        if folder.join(FILE).exists() {
            folders.push(folder);
        }
    }
    folders.sort();
    folders.iter().map(|folder| Recipe::load(folder)).collect()
}

/// Finds the recipe for `NAME` or `NAME==VERSION`.
pub fn find(root: &Path, request: &str) -> Result<(Recipe, Option<String>)> {
    let (name, version) = match request.split_once("==") {
        Some((name, version)) => (name.trim(), Some(version.trim().to_owned())),
        None => (request.trim(), None),
    };
    let wanted = normalized(name);
    let mut recipes = all(root)?;
    if let Some(at) = recipes
        .iter()
        .position(|recipe| normalized(&recipe.name) == wanted)
    {
        return Ok((recipes.swap_remove(at), version));
    }
    recipes.sort_by_key(|recipe| distance(&normalized(&recipe.name), &wanted));
    let names: Vec<String> = recipes.into_iter().map(|recipe| recipe.name).collect();
    bail!(
        "no recipe for `{name}`\n\nhint: there are recipes for {}; packages in pure Python need none",
        names.join(", ")
    )
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

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    #[test]
    fn the_recipes_of_the_repository_parse() {
        let names: Vec<String> = all(&root())
            .unwrap()
            .into_iter()
            .map(|recipe| recipe.name)
            .collect();
        assert!(names.contains(&"numpy".to_owned()), "{names:?}");
    }

    #[test]
    fn names_are_compared_as_pypi_does() {
        let (recipe, version) = find(&root(), "markup_safe==1.0").map_or_else(
            |_| find(&root(), "MARKUPSAFE==1.0").unwrap(),
            |_| panic!("another name"),
        );
        assert_eq!(recipe.name, "MarkupSafe");
        assert_eq!(version.as_deref(), Some("1.0"));
        assert_eq!(normalized("Charset_Normalizer"), "charset-normalizer");
    }

    #[test]
    fn an_unknown_name_is_told_the_nearest_first() {
        let error = find(&root(), "nunpy").unwrap_err().to_string();
        assert!(
            error.starts_with("no recipe for `nunpy`\n\nhint: there are recipes for numpy, "),
            "{error}"
        );
    }

    #[test]
    fn an_unknown_version_is_told_those_there_are() {
        let (recipe, version) = find(&root(), "numpy==1.0").unwrap();
        let error = recipe.release(version.as_deref()).unwrap_err().to_string();
        assert!(
            error.starts_with("no recipe for numpy 1.0\n\nhint: "),
            "{error}"
        );
        assert!(error.contains(&recipe.releases[0].version), "{error}");
    }
}
