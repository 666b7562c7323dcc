//! Bindings: each directory in `tests/bindings` is a test.
//!
//! `bindings/case.rs` says what its inputs are. Expected are the files that are generated, in `stubs`, or the text of the `error`. A case that has a directory
//! `calls` there expects in it what components get, with bodies that call the runtime.

pub mod case;

use anyhow::{Result, anyhow};
use case::{error_text, generate};
use libtest_mimic::Trial;

use crate::support::golden::{Case, Files};
use crate::support::suite::Suite;

pub fn trials() -> Vec<Trial> {
    let mut suite = Suite::new("bindings");
    for case in Case::all("bindings") {
        suite.test(case.name(), move || check(&case));
    }
    suite.trials()
}

fn check(case: &Case) -> Result<()> {
    let mut found = match generate(case, false) {
        Ok(tree) => below("stubs", tree.files),
        Err(error) => Files::from([("error".to_owned(), error_text(case, &error))]),
    };
    if case.expects("calls") {
        let tree = generate(case, true).map_err(|error| anyhow!(error_text(case, &error)))?;
        found.extend(below("calls", tree.files));
    }
    case.check(&found)
}

fn below(directory: &str, files: Files) -> Files {
    let files = files.into_iter();
    files
        .map(|(path, text)| (format!("{directory}/{path}"), text))
        .collect()
}
