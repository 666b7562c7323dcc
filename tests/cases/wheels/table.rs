//! `tests/wheels/table.tsv`: what has been measured of each package with native code.
//!
//! A run that finds something else than the table is wrong, also if it is better. `BLESS=1` writes the table.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail, ensure};
use guest::wheels::recipes;

use super::root;
use crate::support::golden::{Case, blesses, tests};

const KEYS: [&str; 3] = ["package", "source", "version"];
/// Numbers: the checks of ours that have passed, and the package's own tests.
const NUMBERS: [&str; 5] = ["checks", "passed", "failed", "skipped", "left out"];
/// For numbers that nobody has measured.
const UNKNOWN: &str = "-";

/// One writer at a time.
static TABLE: Mutex<()> = Mutex::new(());

/// The version and the numbers of each package and source.
type Rows = BTreeMap<(String, String), (String, [String; NUMBERS.len()])>;

/// Compares numbers of a package with its row.
pub fn compare(package: &str, version: &str, source: &str, found: &[(&str, usize)]) -> Result<()> {
    let _one = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut rows = read()?;
    let key = (package.to_owned(), source.to_owned());
    let unknown = || {
        (
            version.to_owned(),
            [UNKNOWN; NUMBERS.len()].map(str::to_owned),
        )
    };
    let row = rows.entry(key).or_insert_with(unknown);
    let before = row.clone();
    version.clone_into(&mut row.0);
    for (name, number) in found {
        let at = NUMBERS.iter().position(|column| column == name);
        row.1[at.context("the table has such a column")?] = number.to_string();
    }
    if *row == before {
        return Ok(());
    }
    if !blesses() {
        bail!(
            "{package} {row:?}, but `tests/wheels/table.tsv` has {before:?}\n\
             if this is meant: cargo xtask wheel-tests --bless {package}"
        );
    }
    write(&rows)
}

/// Every recipe and every wheel for Emscripten has a row, and nothing else.
pub fn check() -> Result<()> {
    let recipes = recipes(root())?.into_iter();
    let mut expected: Vec<(String, String)> = recipes
        .map(|recipe| (recipe.name, "recipe".to_owned()))
        .collect();
    for (group, source) in [("wheels/emscripten", "Emscripten"), ("wheels/pypi", "PyPI")] {
        let cases = Case::all(group).into_iter();
        expected.extend(cases.map(|case| (case.name(), source.to_owned())));
    }
    expected.sort();
    let rows = read()?;
    let listed: Vec<(String, String)> = rows.keys().cloned().collect();
    if blesses() {
        return Ok(());
    }
    ensure!(
        listed == expected,
        "`tests/wheels/table.tsv` has {listed:?}, not {expected:?}: cargo xtask wheel-tests --bless NAME"
    );
    Ok(())
}

fn path() -> PathBuf {
    tests().join("wheels/table.tsv")
}

fn header() -> String {
    [&KEYS[..], &NUMBERS].concat().join("\t")
}

fn read() -> Result<Rows> {
    let text = fs_err::read_to_string(path()).unwrap_or_default();
    let mut rows = Rows::new();
    for line in text.lines().skip(1) {
        let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        let [package, source, version, numbers @ ..] = &cells[..] else {
            bail!("`table.tsv` has the line `{line}`");
        };
        let numbers = <[String; NUMBERS.len()]>::try_from(numbers.to_vec());
        let numbers = numbers.map_err(|_| anyhow::anyhow!("`table.tsv` has the line `{line}`"))?;
        rows.insert(
            (package.clone(), source.clone()),
            (version.clone(), numbers),
        );
    }
    Ok(rows)
}

fn write(rows: &Rows) -> Result<()> {
    let mut text = header() + "\n";
    for ((package, source), (version, numbers)) in rows {
        text += &format!("{package}\t{source}\t{version}\t{}\n", numbers.join("\t"));
    }
    Ok(fs_err::write(path(), text)?)
}
