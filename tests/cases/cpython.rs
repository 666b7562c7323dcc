//! CPython's own tests, run by components: one fresh instance for each test file, compared with `tests/cpython/table.tsv`.
//!
//! A component with `tests/cpython/driver/app.py` is built once; the library with its sources and tests is mounted. A result that
//! is better than the table is as wrong as a worse one, so that the table stays true; `BLESS=1` writes it, and keeps the reasons.
//! `cargo xtask test cpython` runs the files in `tests/cpython/sample.txt`, `cargo xtask cpython-tests [NAME]...` these or all,
//! told by `CPYTHON_TESTS`.

mod instance;
mod outcome;
mod table;

use std::collections::BTreeSet;
use std::env;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};

use anyhow::{Result, bail, ensure};
use libtest_mimic::Trial;

use crate::support::golden::{blesses, tests};
use crate::support::suite::Suite;
use instance::Driver;
use outcome::Outcome;
use table::Table;

/// Built by the first test that needs it. An error is the same for all.
static DRIVER: LazyLock<Result<Driver, String>> =
    LazyLock::new(|| Driver::build().map_err(|error| format!("{error:?}")));
/// One writer at a time.
static TABLE: Mutex<()> = Mutex::new(());

pub fn trials() -> Vec<Trial> {
    let wanted = env::var("CPYTHON_TESTS").unwrap_or_default();
    let table = Table::read().expect("the table is part of the repository");
    let names: Vec<String> = match wanted.as_str() {
        "" => sample(),
        "all" => table.files().map(str::to_owned).collect(),
        names => names.split(',').map(str::to_owned).collect(),
    };
    let mut suite = Suite::new("cpython");
    suite.test("table", check_table);
    for name in names {
        suite.test(name.clone(), move || check(&name));
    }
    suite.trials()
}

fn sample() -> Vec<String> {
    let text = fs_err::read_to_string(directory().join("sample.txt"));
    let text = text.expect("the sample is part of the repository");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

fn directory() -> PathBuf {
    tests().join("cpython")
}

/// The table has all test files of this CPython, each reason belongs to a test that fails, and the sample names files of it.
fn check_table() -> Result<()> {
    let files = driver()?.files()?;
    let _one = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut table = Table::read()?;
    if blesses() {
        table.keep_only(&files);
        return table.write();
    }
    let listed: BTreeSet<String> = table.files().map(str::to_owned).collect();
    let differing: Vec<&String> = files.symmetric_difference(&listed).collect();
    ensure!(
        differing.is_empty(),
        "only CPython, or only the table, has: {differing:?}"
    );
    let unknown: Vec<String> = sample()
        .into_iter()
        .filter(|name| !files.contains(name))
        .collect();
    ensure!(unknown.is_empty(), "the sample names {unknown:?}");
    let unexplained = table.unexplained();
    ensure!(
        unexplained.is_empty(),
        "`tests/cpython/failures.tsv` gives no reason for {unexplained:#?}"
    );
    Ok(())
}

fn check(name: &str) -> Result<()> {
    let driver = driver()?;
    let Some(found) = driver.run(name)? else {
        bail!("CPython has no test file `{name}`");
    };
    let _one = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut table = Table::read()?;
    let expected = table.outcome(name);
    if expected.as_ref() == Some(&found) {
        return Ok(());
    }
    if blesses() {
        table.set(name, &found);
        return table.write();
    }
    bail!(
        "{}\nin {}\nif this is meant: cargo xtask cpython-tests --bless {name}",
        difference(expected.as_ref(), &found),
        driver.log(name).display()
    )
}

fn driver() -> Result<&'static Driver> {
    match &*DRIVER {
        Ok(driver) => Ok(driver),
        Err(error) => bail!("{error}"),
    }
}

fn difference(expected: Option<&Outcome>, found: &Outcome) -> String {
    let none = Outcome::default();
    let before = expected.unwrap_or(&none);
    let mut text = format!("found    {found}\nexpected {before}");
    for (mark, one, other) in [('+', found, before), ('-', before, found)] {
        for id in one.failing.difference(&other.failing) {
            text += &format!("\n{mark} {id}");
        }
    }
    text
}
