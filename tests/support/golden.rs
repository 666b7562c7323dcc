//! Cases and what they expect. A case is a directory `tests/SUITE/CASE`: all that it expects lies in its directory `expected`,
//! everything else is its input, of which `cmd` is the command line.
//!
//! With `BLESS` in the environment, what was found is written there instead of compared.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use similar::TextDiff;

/// Texts by their paths, with `/`.
pub type Files = BTreeMap<String, String>;

/// The directory in a case that has what it expects, and nothing else.
pub const EXPECTED: &str = "expected";

#[derive(Clone)]
pub struct Case {
    suite: &'static str,
    pub directory: PathBuf,
}

impl Case {
    /// All cases of a suite, by name. Files beside them belong to the suite as a whole.
    pub fn all(suite: &'static str) -> Vec<Self> {
        let mut cases: Vec<Self> = fs_err::read_dir(tests().join(suite))
            .expect("the suite's directory is part of the repository")
            .map(|entry| Self {
                suite,
                directory: entry.expect("an entry can be read").path(),
            })
            .filter(|case| case.directory.is_dir())
            .collect();
        cases.sort_by(|one, other| one.directory.cmp(&other.directory));
        cases
    }

    pub fn name(&self) -> String {
        let name = self.directory.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Returns `true` if it has a file `long`, which says why: then it is not in the ordinary suite.
    pub fn is_long(&self) -> bool {
        self.has("long")
    }

    /// The path of an input.
    pub fn path(&self, input: &str) -> PathBuf {
        self.directory.join(input)
    }

    pub fn has(&self, input: &str) -> bool {
        self.path(input).exists()
    }

    /// The lines of an input that not every case has.
    pub fn lines(&self, input: &str) -> Vec<String> {
        let text = fs_err::read_to_string(self.path(input)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The words of an input.
    pub fn words(&self, input: &str) -> Result<Vec<String>> {
        let text = fs_err::read_to_string(self.path(input))?;
        Ok(text.split_whitespace().map(str::to_owned).collect())
    }

    /// The words of `cmd`, which is the command line after the name of the program, or else the suite's default.
    pub fn command(&self, usual: &[&str]) -> Result<Vec<String>> {
        if self.has("cmd") {
            return self.words("cmd");
        }
        Ok(usual.iter().map(|word| (*word).to_owned()).collect())
    }

    /// Returns `true` if the case expects such a file or directory.
    pub fn expects(&self, name: &str) -> bool {
        self.directory.join(EXPECTED).join(name).exists()
    }

    /// Compares with everything that the case expects.
    pub fn check(&self, found: &Files) -> Result<()> {
        let expected = self.expected()?;
        self.golden().check(&expected, found)
    }

    /// Compares with the one expected file of this name.
    pub fn check_one(&self, name: &str, found: &str) -> Result<()> {
        let mut expected = self.expected()?;
        expected.retain(|path, _| path == name);
        let found = Files::from([(name.to_owned(), found.to_owned())]);
        self.golden().check(&expected, &found)
    }

    /// The same as `check`, if another test of the same case decides what is right.
    pub fn check_only(&self, found: &Files) -> Result<()> {
        let difference = difference(&self.expected()?, found);
        if !difference.is_empty() {
            bail!(
                "{difference}\n`{}/{}` writes what is expected here too",
                self.suite,
                self.name()
            );
        }
        Ok(())
    }

    fn golden(&self) -> Golden {
        Golden {
            directory: self.directory.join(EXPECTED),
            test: format!("{}/{}", self.suite, self.name()),
        }
    }

    fn expected(&self) -> Result<Files> {
        let mut files = Files::new();
        collect(&self.directory.join(EXPECTED), "", &mut files)?;
        Ok(files)
    }
}

/// Compares one file of the repository with the text that a test computed for it.
pub fn check_file(path: &Path, found: &str, test: &str) -> Result<()> {
    let name = path.file_name().context("a file has a name")?;
    let name = name.to_string_lossy().into_owned();
    let golden = Golden {
        directory: path.parent().context("a file lies somewhere")?.to_owned(),
        test: test.to_owned(),
    };
    let mut expected = Files::new();
    if path.exists() {
        expected.insert(name.clone(), fs_err::read_to_string(path)?);
    }
    golden.check(&expected, &Files::from([(name, found.to_owned())]))
}

/// Returns `true` if results are written instead of compared.
pub fn blesses() -> bool {
    env::var_os("BLESS").is_some()
}

/// The repository. The programs of the tests belong to several packages.
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut above = package.ancestors();
    let root = above.find(|directory| directory.join("tests/README.md").is_file());
    root.expect("the package is in the repository").to_owned()
}

/// The directory of all suites.
pub fn tests() -> PathBuf {
    root().join("tests")
}

/// Writes texts below a directory.
pub fn write(files: &Files, directory: &Path) -> Result<()> {
    for (path, text) in files {
        let path = directory.join(path);
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent)?;
        }
        fs_err::write(path, text)?;
    }
    Ok(())
}

/// Where expected files lie, and the test that they belong to.
struct Golden {
    directory: PathBuf,
    test: String,
}

impl Golden {
    fn check(&self, expected: &Files, found: &Files) -> Result<()> {
        let difference = difference(expected, found);
        if difference.is_empty() {
            return Ok(());
        }
        if blesses() {
            for stale in expected.keys().filter(|path| !found.contains_key(*path)) {
                fs_err::remove_file(self.directory.join(stale))?;
            }
            return write(found, &self.directory);
        }
        let place = self.directory.display();
        bail!(
            "{difference}\nin {place}\nif this is meant: BLESS=1 cargo xtask test {}",
            self.test
        )
    }
}

/// A unified diff of each file that is not the same, or not on both sides.
fn difference(expected: &Files, found: &Files) -> String {
    let mut text = String::new();
    for path in expected.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
        let (old, new) = (expected.get(path), found.get(path));
        if old == new {
            continue;
        }
        let title = |side: &str, there: bool| match there {
            true => format!("{path}, {side}"),
            false => format!("{path}, not {side}"),
        };
        let side = |text: Option<&String>| text.cloned().unwrap_or_default();
        let (before, after) = (side(old), side(new));
        let diff = TextDiff::from_lines(&before, &after);
        let titles = (
            title("expected", old.is_some()),
            title("found", new.is_some()),
        );
        text += &diff.unified_diff().header(&titles.0, &titles.1).to_string();
        if before == after {
            // One of the two is an empty file, which a diff does not show.
            text += &format!("--- {}\n+++ {}\n", titles.0, titles.1);
        }
    }
    text
}

fn collect(directory: &Path, within: &str, files: &mut Files) -> Result<()> {
    if !directory.exists() {
        return Ok(());
    }
    for entry in fs_err::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            collect(&path, &format!("{within}{name}/"), files)?;
        } else {
            files.insert(format!("{within}{name}"), fs_err::read_to_string(&path)?);
        }
    }
    Ok(())
}
