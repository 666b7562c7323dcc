//! Documents name tests that exist: `cargo xtask test SUITE/TEXT`, and in SECURITY.md a test for each promise.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{documents, entries, root};

#[test]
fn named_tests_exist() {
    let suites = suites();
    let mut missing = Vec::new();
    let mut found = 0;
    for document in documents() {
        // A command may go over the end of a line.
        let text = document
            .text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let names = commands(&text).flat_map(named_in);
        for name in names.chain(promised(&document.text)) {
            found += 1;
            if !exists(&suites, name) {
                missing.push(format!("{}: {name}", document.place.display()));
            }
        }
        // A form that only Cargo takes, with the names of the programs.
        if text.contains("cargo xtask test --test") {
            missing.push(format!("{}: `--test`", document.place.display()));
        }
    }
    assert!(
        found > 100,
        "only {found} tests are named: are they still found?"
    );
    assert!(missing.is_empty(), "no such tests:\n{}", missing.join("\n"));
}

#[test]
fn each_promise_names_a_test() {
    let text = fs_err::read_to_string(root().join("SECURITY.md")).expect("it is there");
    let promises = promises(&text);
    assert!(promises.len() > 20, "only {} promises", promises.len());
    for promise in promises {
        let cells: Vec<&str> = promise.trim_matches(['|', ' ']).split(" | ").collect();
        assert_eq!(cells.len(), 2, "a promise and its tests: {promise}");
        assert!(
            spans(cells[1]).next().is_some(),
            "no test is named: {promise}"
        );
    }
}

/// Finds a suite that does not exist, or that has no such test.
#[test]
fn tests_that_do_not_exist_are_found() {
    let suites = suites();
    for name in [
        "runtime/lists",
        "errors",
        "links/nothing_of",
        "cache/forged",
    ] {
        assert!(exists(&suites, name), "{name}");
    }
    for name in ["runtime/nothing-of-that", "cases", "link/nothing_of"] {
        assert!(!exists(&suites, name), "{name}");
    }
    let text = "`A=1 cargo xtask test docs/links runtime` and cargo xtask test `docs`";
    let names: Vec<&str> = commands(text).flat_map(named_in).collect();
    assert_eq!(names, ["docs/links", "runtime"]);
}

/// The arguments of each `cargo xtask test` in a code span.
fn commands(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split("cargo xtask test ").skip(1);
    parts.map(|rest| rest.split(['`', ')', ';', '#', '|']).next().unwrap_or(rest))
}

/// The names of tests among these arguments, without options and placeholders.
fn named_in(arguments: &str) -> impl Iterator<Item = &str> {
    arguments.split(' ').map_while(|argument| {
        let is_name = |part: &str| {
            let mut letters = part.chars();
            letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c))
        };
        let (suite, text) = argument.split_once('/').unwrap_or((argument, ""));
        let is_suite = !suite.is_empty() && !suite.starts_with('-') && is_name(suite);
        match text {
            "NAME" | "CASE" if is_suite => Some(suite),
            text => (is_suite && is_name(text)).then_some(argument),
        }
    })
}

/// The rows of the tables of promises; no other document has one.
fn promises(text: &str) -> Vec<&str> {
    let tables = text.split_once("## A build").map_or("", |(_, rest)| rest);
    let rows = tables.lines().filter(|line| line.starts_with("| "));
    rows.filter(|line| !line.starts_with("| promise "))
        .collect()
}

fn promised(text: &str) -> impl Iterator<Item = &str> {
    let is_of_promises = text.starts_with("# Security");
    let rows = if is_of_promises {
        promises(text)
    } else {
        Vec::new()
    };
    let cells = rows.into_iter().filter_map(|row| row.rsplit(" | ").next());
    cells.flat_map(spans)
}

fn spans(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The sources of each suite's tests, and the directories of its cases.
type Suites = BTreeMap<String, Vec<PathBuf>>;

fn suites() -> Suites {
    let tests = root().join("tests");
    let mut folders = ["cases", "functions", "generated"]
        .map(|program| tests.join(program))
        .to_vec();
    let mut packages = entries(&root().join("crates"));
    packages.extend(["guest", "spin-host"].map(|name| root().join(name)));
    folders.extend(packages.iter().map(|package| package.join("tests")));
    let mut suites = Suites::new();
    for folder in folders {
        for source in entries(&folder) {
            let name = source.file_stem().unwrap_or_default().to_string_lossy();
            if source.extension().is_some_and(|end| end == "rs") && name != "main" {
                let places = vec![source.clone(), folder.join(&*name), tests.join(&*name)];
                suites.insert(name.into_owned(), places);
            }
        }
    }
    suites
}

/// Returns `true` if the suite exists and, with its filter, such a case or function.
fn exists(suites: &Suites, name: &str) -> bool {
    let (suite, text) = name.split_once('/').unwrap_or((name, ""));
    suites
        .get(suite)
        .is_some_and(|places| places.iter().any(|place| has(place, text)))
}

fn has(place: &Path, text: &str) -> bool {
    if place.is_dir() {
        return entries(place).iter().any(|entry| {
            let name = entry.file_name().unwrap_or_default().to_string_lossy();
            name.contains(text) || has(entry, text) && name.ends_with(".rs")
        });
    }
    place.extension().is_some_and(|end| end == "rs")
        && fs_err::read_to_string(place).is_ok_and(|source| source.contains(text))
}
