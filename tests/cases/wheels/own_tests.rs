//! A package's own tests, run by pytest in the guest.
//!
//! A component has the package, pytest and the packages that the recipe requires; the tests are mounted beside them. All pass, but
//! for those that the recipe skips with a reason.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use guest::Silent;
use guest::wheels::{Recipe, sources, wheel};

use super::{builds, install_others, output, root, table};
use crate::support::command::succeeds;
use crate::support::copy_all;
use crate::support::wheels::install;

/// The packages that run tests: in pure Python, as the guest needs them.
const PYTEST: [&str; 7] = [
    "pytest==9.2.0",
    "pluggy==1.7.0",
    "iniconfig==2.3.1",
    "pygments==2.20.0",
    "packaging==26.4",
    "hypothesis==6.155.7",
    "sortedcontainers==2.4.0",
];

/// The numbers at the end of pytest's output, by its words for them.
const WORDS: [(&str, &str); 4] = [
    ("passed", "passed"),
    ("failed", "failed"),
    ("skipped", "skipped"),
    ("deselected", "left out"),
];

pub fn check(recipe: &Recipe) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let deps = folder.path().join("deps");
    install(&deps, &[wheel(root(), &recipe.name, &Silent)?])?;
    install_others(&deps, &PYTEST.map(str::to_owned))?;
    install_others(&deps, &recipe.check.requires)?;
    fs_err::copy(
        root().join("tests/wheels/pytest/app.py"),
        folder.path().join("app.py"),
    )?;
    // Tests import what they like of the standard library.
    succeeds(builds(folder.path()).args(["--stdlib", "all"]))?;
    // Only now, because the component would include them.
    let tests = add_tests(recipe, &deps)?;
    let scratch = folder.path().join("tmp");
    fs_err::create_dir_all(&scratch)?;
    let mut command = crate::support::components::tool();
    command
        .args(["run", "--dir"])
        .arg(format!("{}::/1:ro", deps.display()))
        .arg("--dir")
        .arg(format!("{}::/tmp", scratch.display()))
        .args(["--env", "TMPDIR=/tmp"])
        .arg(folder.path().join("app.wasm"))
        .args(["-q", "--tb=short", "-rf"]);
    for skip in &recipe.check.skips {
        command.args(["--deselect", &skip.test]);
    }
    command.args(tests.iter().map(|test| format!("/1/{test}")));
    let said = output(&mut command)?;
    // What C code has printed may come after it.
    let mut lines = said.lines().rev();
    let summary = lines.find(|line| line.contains(" passed") && line.contains(" in "));
    let summary = summary.with_context(|| format!("no test has passed:\n{said}"))?;
    println!("{summary}");
    let counts = WORDS.map(|(word, column)| (column, count(summary, word)));
    ensure!(counts[0].1 > 0, "no test has passed:\n{said}");
    let version = &recipe.releases[0].version;
    table::compare(&recipe.name, version, "recipe", &counts)
}

/// The number before a word in a line such as `12 passed, 3 skipped in 0.52s`.
fn count(line: &str, word: &str) -> usize {
    let words: Vec<&str> = line
        .split([' ', ','])
        .filter(|one| !one.is_empty())
        .collect();
    let at = words.iter().position(|one| *one == word);
    let number = at.and_then(|at| words.get(at.checked_sub(1)?));
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Puts the tests of the sdist beside the packages: those of a package into it, others as they are. Returns their names there.
fn add_tests(recipe: &Recipe, deps: &Path) -> Result<Vec<String>> {
    let source = sources(root(), &recipe.name, &Silent)?;
    for file in &recipe.check.files {
        copy(&source.join(file), &deps.join(file))?;
    }
    let tests = recipe.check.tests.iter();
    tests
        .map(|name| add(&source, Path::new(name), deps))
        .collect()
}

fn add(source: &Path, name: &Path, deps: &Path) -> Result<String> {
    let (above, name) = split_at_package(name, deps);
    let source = source.join(above);
    let first = name.iter().next().context("a test has a name")?;
    let (from, to) = (source.join(first), deps.join(first));
    if to.join("__init__.py").exists() && !source.join(&name).is_file() {
        copy_tests(&from, &to)?;
    } else {
        copy(&from, &to)?;
    }
    Ok(name.to_string_lossy().into_owned())
}

/// Copies a file, or all of a folder.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        copy_all(from, to)
    } else {
        fs_err::copy(from, to)?;
        Ok(())
    }
}

/// `src/lxml/tests` is `src` and `lxml/tests`, if there is such a package, and `tests/frame` is nothing and itself.
fn split_at_package(name: &Path, deps: &Path) -> (PathBuf, PathBuf) {
    let parts: Vec<_> = name.iter().collect();
    let is_package = |part: &&&OsStr| deps.join(part).join("__init__.py").exists();
    let folders = parts.iter().take(parts.len().saturating_sub(1));
    let above = folders.take_while(|part| !is_package(part)).count();
    let above = if above + 1 < parts.len() { above } else { 0 };
    (
        parts[..above].iter().collect(),
        parts[above..].iter().collect(),
    )
}

/// Copies the folders called `tests`, with all that is in them.
fn copy_tests(from: &Path, to: &Path) -> Result<()> {
    for entry in fs_err::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if !entry.file_type()?.is_dir() {
            continue;
        }
        if entry.file_name() == "tests" {
            copy_all(&entry.path(), &target)?;
        } else if target.is_dir() {
            copy_tests(&entry.path(), &target)?;
        }
    }
    Ok(())
}
