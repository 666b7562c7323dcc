//! Golden bindings: each directory in `tests/bindings` is a test.
//!
//! `expected/` is the tree of files that is generated, or `expected-error` the text of the error. A case with
//! a directory `expected-calls/` has there what components get, with bodies that call the runtime.
//! `BLESS=1 cargo test --release --test bindings` writes them anew; read the difference in review.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use similar::TextDiff;

use support::case::{Case, write};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join("bindings");
    let trials = Case::all(&directory)
        .into_iter()
        .map(|case| Trial::test(case.name(), move || check(&case)))
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn check(case: &Case) -> Result<(), Failed> {
    let mut generated: BTreeMap<String, String> = match case.generate(false) {
        Ok(tree) => tree
            .files
            .into_iter()
            .map(|(path, text)| (format!("expected/{path}"), text))
            .collect(),
        Err(error) => BTreeMap::from([("expected-error".to_owned(), case.error_text(&error))]),
    };
    if case.directory.join("expected-calls").exists() {
        let tree = case
            .generate(true)
            .map_err(|error| case.error_text(&error))?;
        let files = tree.files.into_iter();
        generated.extend(files.map(|(path, text)| (format!("expected-calls/{path}"), text)));
    }
    if std::env::var_os("BLESS").is_some() {
        return bless(case, generated);
    }
    let expected = expected(case)?;
    let mut difference = String::new();
    for path in expected.keys().chain(
        generated
            .keys()
            .filter(|path| !expected.contains_key(*path)),
    ) {
        let empty = String::new();
        let (old, new) = (
            expected.get(path).unwrap_or(&empty),
            generated.get(path).unwrap_or(&empty),
        );
        if old != new || expected.contains_key(path) != generated.contains_key(path) {
            let diff = TextDiff::from_lines(old, new);
            difference += &diff
                .unified_diff()
                .header(&format!("{path} (golden)"), &format!("{path} (generated)"))
                .to_string();
            difference += &format!("{path} differs\n");
        }
    }
    if difference.is_empty() {
        Ok(())
    } else {
        Err(
            format!("{difference}\nif that is meant: BLESS=1 cargo test --release --test bindings")
                .into(),
        )
    }
}

fn bless(case: &Case, generated: BTreeMap<String, String>) -> Result<(), Failed> {
    for stale in expected(case)?.keys() {
        fs_err::remove_file(case.directory.join(stale))?;
    }
    write(
        &componentize_py::bindgen::PyTree { files: generated },
        &case.directory,
    )?;
    Ok(())
}

/// The goldens of a case: relative paths and texts.
fn expected(case: &Case) -> Result<BTreeMap<String, String>, Failed> {
    let mut files = BTreeMap::new();
    let error = case.directory.join("expected-error");
    if error.exists() {
        files.insert("expected-error".to_owned(), fs_err::read_to_string(error)?);
    }
    let mut directories = vec![
        case.directory.join("expected"),
        case.directory.join("expected-calls"),
    ];
    while let Some(directory) = directories.pop() {
        if !directory.exists() {
            continue;
        }
        for entry in fs_err::read_dir(directory)? {
            let path = entry?.path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let relative = path
                    .strip_prefix(&case.directory)?
                    .to_string_lossy()
                    .replace('\\', "/");
                files.insert(relative, fs_err::read_to_string(&path)?);
            }
        }
    }
    Ok(files)
}
