//! Packages from PyPI as people have them: installed by plain pip into a virtual environment, componentized, and called.
//!
//! A case is a directory of `tests/packages`: `requirements.txt` with all packages that are installed, `app.py` of the world in
//! `world.wit`, `calls.txt` and `expected.txt` as in `tests/runtime`. `prepare` (optional) has arguments for the environment's Python,
//! which runs in a copy of the case first; `wheels` (optional) names recipes whose wheels come before what pip has installed. The
//! environments are made once and kept in the user's cache.

#[path = "support/host.rs"]
mod host;
#[path = "support/play.rs"]
mod play;
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use anyhow::{Context as _, Result, bail, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use support::components::tool;
use support::wheels::{copy_all, install, wheel};

fn main() -> ExitCode {
    let mut cases: Vec<PathBuf> = fs_err::read_dir(root())
        .expect("the directory of cases is part of the repository")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.join("calls.txt").exists())
        .collect();
    cases.sort();
    let trials = cases.into_iter().map(|case| {
        let name = case.file_name().expect("a directory").to_string_lossy();
        Trial::test(name.into_owned(), move || {
            run(&case).map_err(|error| Failed::from(format!("{error:?}")))
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packages")
}

fn run(case: &Path) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let app = directory.path().join("app");
    copy_all(case, &app)?;
    let requirements = fs_err::read_to_string(case.join("requirements.txt"))?;
    let packages: Vec<&str> = requirements.lines().collect();
    let python = support::python_venv(&packages);
    if let Ok(arguments) = fs_err::read_to_string(case.join("prepare")) {
        let arguments = arguments.split_whitespace();
        let output = Command::new(&python)
            .args(arguments)
            .current_dir(&app)
            .output()?;
        succeeded(&output)?;
    }
    let component = componentize(case, &app, &python)?;
    let actual = play::play(case, &component)?;
    let golden = case.join("expected.txt");
    if std::env::var_os("BLESS").is_some() {
        return Ok(fs_err::write(golden, actual)?);
    }
    let expected = fs_err::read_to_string(&golden)?;
    if actual != expected {
        let difference = similar::TextDiff::from_lines(&expected, &actual);
        bail!(
            "differs from {}:\n{}",
            golden.display(),
            difference.unified_diff()
        );
    }
    Ok(())
}

fn componentize(case: &Path, app: &Path, python: &Path) -> Result<PathBuf> {
    let component = app.with_extension("wasm");
    let environment = python.ancestors().nth(2).context("it is in `bin`")?;
    let mut command = tool();
    command
        .env("VIRTUAL_ENV", environment)
        .arg("-d")
        .arg(root().join("world.wit"))
        .args(["componentize", "app", "-p"])
        .arg(app)
        .arg("-o")
        .arg(&component);
    if let Ok(recipes) = fs_err::read_to_string(case.join("wheels")) {
        let deps = app.with_extension("deps");
        for recipe in recipes.lines() {
            install(&deps, &[wheel(recipe)?])?;
        }
        command.arg("-p").arg(deps);
    }
    succeeded(&command.output()?)?;
    Ok(component)
}

fn succeeded(output: &Output) -> Result<()> {
    ensure!(
        output.status.success(),
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
