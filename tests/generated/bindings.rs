//! Bindings: each directory in `tests/bindings` is a test.
//!
//! `bindings/case.rs` explains its inputs. Expected are the generated files, in `stubs`, or the text of the `error`. If
//! `expected` has a directory `calls`, it contains the files in components, with bodies that call the runtime.

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
