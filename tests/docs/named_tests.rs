//! Documents name tests that exist: `--test SUITE -- NAME`, and in SECURITY.md a test for each promise.

use std::collections::BTreeSet;
use std::path::Path;

use super::{documents, entries, root};

#[test]
fn named_tests_exist() {
    let mut missing = Vec::new();
    let mut found = 0;
    let suites = suites();
    for document in documents() {
        // A command may go over the end of a line.
        let text = document
            .text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        for (suite, name) in named_tests(&text) {
            found += 1;
            if !exists(suite, name) {
                missing.push(format!(
                    "{}: --test {suite} -- {name}",
                    document.place.display()
                ));
            }
        }
        let unknown = named_suites(&text).filter(|suite| !suites.contains(*suite));
        missing
            .extend(unknown.map(|suite| format!("{}: --test {suite}", document.place.display())));
    }
    assert!(
        found > 20,
        "only {found} tests are named: are they still found?"
    );
    assert!(missing.is_empty(), "no such tests:\n{}", missing.join("\n"));
}

#[test]
fn each_promise_names_a_test() {
    let text = fs_err::read_to_string(root().join("SECURITY.md")).expect("it is there");
    let (_, tables) = text
        .split_once("## A build")
        .expect("the promises begin there");
    let promises: Vec<&str> = tables
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| promise "))
        .collect();
    assert!(promises.len() > 20, "only {} promises", promises.len());
    for promise in promises {
        let cells: Vec<&str> = promise.trim_matches(['|', ' ']).split(" | ").collect();
        assert_eq!(cells.len(), 2, "a promise and its tests: {promise}");
        assert!(
            named_tests(cells[1]).next().is_some(),
            "no test is named: {promise}"
        );
    }
}

/// `SUITE` of each `--test SUITE`, with or without a name.
fn named_suites(text: &str) -> impl Iterator<Item = &str> {
    text.split("--test ").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let suite = &rest[..end.unwrap_or(rest.len())];
        (!suite.is_empty() && suite != "NAME" && suite != "SUITE").then_some(suite)
    })
}

/// The tests of all packages, by the names that cargo knows.
fn suites() -> BTreeSet<String> {
    let packages = entries(&root().join("crates")).into_iter();
    let packages =
        packages.chain(["", "guest", "spin-host", "xtask"].map(|name| root().join(name)));
    let tests = packages.flat_map(|package| entries(&package.join("tests")));
    tests
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect()
}

/// `SUITE` and `NAME` of each `--test SUITE -- NAME`; the placeholder `NAME` of instructions is none.
fn named_tests(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_of_name = |c: char| c.is_alphanumeric() || "_-".contains(c);
    text.split("--test ").skip(1).filter_map(move |rest| {
        let (suite, rest) = rest.split_once(" -- ")?;
        let end = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
        let name = &rest[..end];
        let is_suite = suite.chars().all(|c| c.is_alphanumeric() || c == '_');
        (is_suite && !name.is_empty() && !name.starts_with('-') && name != "NAME")
            .then_some((suite, name))
    })
}

/// Whether a case's directory or the text of the suite has this name, as the suite's filter would find it.
fn exists(suite: &str, name: &str) -> bool {
    let crates = entries(&root().join("crates"));
    crates
        .iter()
        .map(|package| package.join("tests"))
        .chain([root().join("tests")])
        .any(|tests| is_in(&tests, suite, name))
}

fn is_in(tests: &Path, suite: &str, name: &str) -> bool {
    let mut texts = vec![tests.join(suite).with_extension("rs")];
    let mut directories = vec![tests.join(suite)];
    if suite == "cli" {
        directories.push(tests.join("errors"));
    }
    for path in directories.iter().flat_map(|directory| entries(directory)) {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && file.contains(name) {
            return true;
        }
        if path.extension().is_some_and(|extension| extension == "rs") {
            texts.push(path);
        }
    }
    texts
        .iter()
        .any(|path| fs_err::read_to_string(path).is_ok_and(|text| text.contains(name)))
}
