//! Type checks: generated code and apps that use it, with `mypy --strict` and pyright.
//!
//! The bindings of each directory in `tests/bindings`, and its `app.py` if it has one, must pass, with both kinds of bodies,
//! and the app must be importable beside the stubs. Each directory in `tests/typing` has an `app.py` with mistakes, the
//! expected messages about these in `mypy` and `pyright`, and a `fixed.py` without mistakes. The oldest supported type
//! checkers run on a sample of these (`typing/old.rs`). Each script in `tests/python` runs beside the support package and
//! asserts its behaviour.

mod everything;
mod mypy;
mod old;
mod pyright;

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use anyhow::{Result, anyhow, bail};
use bindings::bindgen::{self, PyTree};
use everything::{Everything, Scope, WEB, WHEEL};
use libtest_mimic::Trial;
use mypy::Mypy;

use crate::bindings::case::{generate, world_module};
use crate::support::command::{succeeds, text};
use crate::support::files;
use crate::support::golden::{Case, root, tests, write};
use crate::support::suite::Suite;

const MYPY: &str = "mypy==2.4.1";
const PYRIGHT: &str = "pyright[nodejs]==1.1.414";
/// The earliest Python for the development of applications; the guest's own version runs the same text.
const PYTHON: &str = "3.11";
/// The guest's own version.
const GUEST_PYTHON: &str = "3.14";
/// The earliest Python that the wheel is for.
const WHEEL_PYTHON: &str = "3.10";

/// The current type checker.
static NEW: LazyLock<Mypy> = LazyLock::new(|| Mypy::install(MYPY));

pub fn trials() -> Vec<Trial> {
    let mut suite = Suite::new("typing");
    old::add(&mut suite);
    for case in printable() {
        for calls in [false, true] {
            let kind = kind(calls);
            let root = format!("{kind}/{}", case.name());
            suite.test(format!("pyright/{root}"), move || expect_nothing(&root));
            let case = case.clone();
            let name = format!("{}/{kind}", case.name());
            // pyright reads all files at once, mypy those of one case.
            let in_sample = !calls || old::SAMPLE.contains(&&*case.name());
            suite.sampled(in_sample, name, move || passes(&case, calls, &NEW));
        }
    }
    for case in Case::all("typing") {
        let again = case.clone();
        let name = format!("pyright/{}", case.name());
        suite.test(name, move || refused_until_fixed(&again));
        suite.test(case.name(), move || fails_until_fixed(&case, &NEW));
    }
    suite.test("pyright/wheel", || expect_nothing(WHEEL));
    suite.test("wheel", || wheel_passes(&NEW));
    suite.test("pyright/web", || expect_nothing(WEB));
    suite.test("web", || web_passes(&NEW));
    for script in files(&tests().join("python"), "py") {
        let name = script.file_stem().unwrap_or_default().to_string_lossy();
        let name = format!("support/{name}");
        suite.test(name, move || runs(&script, &NEW.python));
    }
    suite.trials()
}

fn kind(calls: bool) -> &'static str {
    if calls { "calls" } else { "stubs" }
}

/// The cases of bindings that are not about an error.
fn printable() -> impl Iterator<Item = Case> {
    let cases = Case::all("bindings").into_iter();
    cases.filter(|case| !case.expects("error"))
}

fn runs(script: &Path, python: &Path) -> Result<()> {
    let directory = tempfile::tempdir()?;
    write_web(directory.path())?;
    let mut command = Command::new(python);
    command
        .args(["-B", "-W", "error"])
        .arg(script)
        .env("PYTHONPATH", directory.path());
    succeeds(&mut command).map(drop)
}

fn passes(case: &Case, calls: bool, mypy: &Mypy) -> Result<()> {
    let directory = generated(case, calls)?;
    let app = copy_app(case, directory.path())?;
    checked(case, calls, mypy, directory.path())?;
    if app && !calls {
        let mut command = Command::new(&mypy.python);
        command
            .args(["-B", "-W", "error", "-c", "import app"])
            .current_dir(directory.path());
        succeeds(&mut command)?;
    }
    Ok(())
}

/// mypy reports nothing about the bindings in this directory, nor about an app beside them.
fn checked(case: &Case, calls: bool, mypy: &Mypy, directory: &Path) -> Result<()> {
    let mut command = mypy.strict(directory, kind(calls))?;
    command.args(["-p", &world_module(case)]);
    command.args(["-p", "componentize_py_async_support"]);
    command.args(["-m", "componentize_py_types"]);
    command.args(["-m", "componentize_py_runtime"]);
    command.args(["-m", "poll_loop"]);
    if directory.join("componentize_py_error_context.py").exists() {
        command.args(["-m", "componentize_py_error_context"]);
    }
    if directory.join("app.py").exists() {
        command.args(["-m", "app"]);
    }
    succeeds(&mut command).map(drop)
}

fn copy_app(case: &Case, directory: &Path) -> Result<bool> {
    let exists = case.has("app.py");
    if exists {
        fs_err::copy(case.path("app.py"), directory.join("app.py"))?;
    }
    Ok(exists)
}

/// The Python half of the wheel.
fn wheel_passes(mypy: &Mypy) -> Result<()> {
    let directory = tempfile::tempdir()?;
    copy_wheel(directory.path())?;
    let mut command = mypy.strict(directory.path(), "wheel")?;
    command.args(["--python-version", WHEEL_PYTHON, "-p", "componentize_py"]);
    succeeds(&mut command).map(drop)
}

fn fails_until_fixed(case: &Case, mypy: &Mypy) -> Result<()> {
    let directory = generated(case, false)?;
    let app = directory.path().join("app.py");
    fs_err::copy(case.path("app.py"), &app)?;
    let mut command = mypy.strict(directory.path(), "stubs")?;
    let output = command.arg("app.py").output()?;
    case.check_one("mypy", &text(&output.stdout))?;
    fs_err::copy(case.path("fixed.py"), &app)?;
    let mut command = mypy.strict(directory.path(), "stubs")?;
    succeeds(command.arg("app.py")).map(drop)
}

/// The adapters of web applications.
fn web_passes(mypy: &Mypy) -> Result<()> {
    let directory = tempfile::tempdir()?;
    write_web(directory.path())?;
    let mut command = mypy.strict(directory.path(), "web")?;
    command.args(["--python-version", GUEST_PYTHON]);
    command.args(["-p", "componentize_py_web"]);
    succeeds(&mut command).map(drop)
}

/// What `bindings` writes beside the package of a world that serves HTTP.
fn write_web(directory: &Path) -> Result<()> {
    write(&bindgen::support(&PyTree::default(), true).files, directory)
}

/// A directory with everything that `bindings` writes.
fn generated(case: &Case, calls: bool) -> Result<tempfile::TempDir> {
    let directory = tempfile::tempdir()?;
    write_bindings(case, calls, directory.path())?;
    Ok(directory)
}

fn write_bindings(case: &Case, calls: bool, directory: &Path) -> Result<()> {
    let world = generate(case, calls)?;
    write(&world.files, directory)?;
    write(&bindgen::support(&world, false).files, directory)
}

const SCOPE: Scope = Scope {
    bodies: &[false, true],
    strict_apps: true,
};

static EVERYTHING: LazyLock<Result<Everything, String>> = LazyLock::new(|| {
    Everything::check(PYRIGHT, printable(), &SCOPE).map_err(|error| format!("{error:#}"))
});

fn said(root: &str) -> Result<String> {
    let everything = EVERYTHING.as_ref();
    everything.map_err(|error| anyhow!("{error}"))?.said(root)
}

fn copy_wheel(directory: &Path) -> Result<()> {
    let package = root().join("python/componentize_py");
    let copies = directory.join("componentize_py");
    fs_err::create_dir_all(&copies)?;
    for entry in fs_err::read_dir(package)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs_err::copy(entry.path(), copies.join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn expect_nothing(root: &str) -> Result<()> {
    match said(root)? {
        text if text.is_empty() => Ok(()),
        text => bail!(text),
    }
}

fn refused_until_fixed(case: &Case) -> Result<()> {
    let errors = said(&format!("app.py/{}", case.name()))?;
    case.check_one("pyright", &errors)?;
    expect_nothing(&format!("fixed.py/{}", case.name()))
}
