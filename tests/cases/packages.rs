//! Packages from PyPI in the usual way: installed by plain pip into a virtual environment, componentized, and called.
//!
//! A case is a directory of `tests/packages`: `requirements.txt` with all installed packages, `app.py` of the world in
//! `world.wit`, `calls.txt` as in `tests/runtime`. `prepare` (optional) has arguments for the environment's Python, which
//! runs in a copy of the case first. `wheels` (optional) names wheels that take precedence over the packages that pip has
//! installed, as `support/wheels.rs` reads it. `default-host` as in `tests/runtime`, for wheels that throw exceptions, which
//! Winch does not compile. The environments are made once and kept in the user's cache.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use libtest_mimic::Trial;

use crate::host::play::{TRANSCRIPT, play};
use crate::support::command::succeeds;
use crate::support::components::tool;
use crate::support::copy_all;
use crate::support::golden::{Case, Files, tests};
use crate::support::suite::Suite;
use crate::support::wheels::install_listed;
use crate::support::{environment, python_venv};

pub fn trials() -> Vec<Trial> {
    let mut suite = Suite::new("packages");
    for case in Case::all("packages") {
        suite.sampled(!case.is_long(), case.name(), move || run(&case));
    }
    suite.trials()
}

fn run(case: &Case) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let app = directory.path().join("app");
    copy_all(&case.directory, &app)?;
    let shared = tests().join("packages/attempts.py");
    fs_err::copy(shared, app.join("attempts.py"))?;
    let requirements = case.lines("requirements.txt");
    let packages: Vec<&str> = requirements.iter().map(String::as_str).collect();
    let python = python_venv(&packages);
    if case.has("prepare") {
        let mut prepare = Command::new(&python);
        succeeds(prepare.args(case.words("prepare")?).current_dir(&app))?;
    }
    let component = componentize(case, &app, &python)?;
    let found = play(&case.directory, &component)?;
    case.check(&Files::from([(TRANSCRIPT.to_owned(), found)]))
}

fn componentize(case: &Case, app: &Path, python: &Path) -> Result<PathBuf> {
    let component = app.with_extension("wasm");
    let mut command = tool();
    command
        .env("VIRTUAL_ENV", environment(python))
        .arg("-d")
        .arg(tests().join("packages/world.wit"))
        .args(["componentize", "app", "-p"])
        .arg(app)
        .arg("-o")
        .arg(&component);
    if case.has("wheels") {
        let deps = app.with_extension("deps");
        install_listed(&deps, &case.lines("wheels"))?;
        command.arg("-p").arg(deps);
    }
    succeeds(&mut command)?;
    Ok(component)
}
