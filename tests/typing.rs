//! Type checks: generated code and apps that use it, with `mypy --strict` and pyright.
//!
//! The bindings of each directory in `tests/bindings`, and its `app.py` if it has one, must pass, with both kinds of
//! bodies, and the app must be importable beside the stubs. Each directory in `tests/typing` has an `app.py` with
//! mistakes, what mypy (`expected`) and pyright (`expected-pyright`) say about it, and `fixed.py` without them.
//! `BLESS=1` writes both. The oldest type checkers that pass are tried on a sample of these (`typing/old.rs`). Each script in `tests/python` runs beside the support package and asserts how that behaves.

mod support;

#[path = "typing/everything.rs"]
mod everything;
#[path = "typing/mypy.rs"]
mod mypy;
#[path = "typing/old.rs"]
mod old;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::sync::LazyLock;

use libtest_mimic::{Arguments, Failed, Trial};

use componentize_py::bindgen::{self, PyTree};
use everything::{Everything, Scope, WHEEL};
use mypy::Mypy;
use support::case::{Case, write};

const MYPY: &str = "mypy==2.4.1";
const PYRIGHT: &str = "pyright[nodejs]==1.1.414";
/// What applications are developed with at the earliest; the guest's own version runs the same text.
const PYTHON: &str = "3.11";
/// The guest's own version.
const GUEST_PYTHON: &str = "3.14";
/// The earliest Python that the wheel is for.
const WHEEL_PYTHON: &str = "3.10";

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // The type checker keeps a core busy by itself.
    arguments.test_threads.get_or_insert(2);
    if arguments.list {
        let trials = trials(&Mypy::absent(), &Mypy::absent());
        return libtest_mimic::run(&arguments, trials).exit_code();
    }
    let trials = trials(&Mypy::install(MYPY), &Mypy::install(old::MYPY));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trials(mypy: &Mypy, oldest: &Mypy) -> Vec<Trial> {
    let mut trials = old::trials(oldest);
    for case in printable() {
        for calls in [false, true] {
            let case = Case {
                directory: case.directory.clone(),
            };
            let kind = kind(calls);
            let root = format!("{kind}/{}", case.name());
            trials.push(Trial::test(format!("pyright/{root}"), move || {
                expect_nothing(&root)
            }));
            let mypy = mypy.clone();
            let name = format!("{}/{kind}", case.name());
            trials.push(Trial::test(name, move || passes(&case, calls, &mypy)));
        }
    }
    for case in Case::all(&tests().join("typing")) {
        let mypy = mypy.clone();
        let directory = case.directory.clone();
        trials.push(Trial::test(format!("pyright/{}", case.name()), move || {
            refused_until_fixed(&Case { directory })
        }));
        trials.push(Trial::test(case.name(), move || {
            fails_until_fixed(&case, &mypy)
        }));
    }
    trials.push(Trial::test("pyright/wheel", || expect_nothing(WHEEL)));
    let checker = mypy.clone();
    trials.push(Trial::test("wheel", move || wheel_passes(&checker)));
    for script in support::files(&tests().join("python"), "py") {
        let python = mypy.python.clone();
        let name = script
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        trials.push(Trial::test(format!("support/{name}"), move || {
            runs(&script, &python)
        }));
    }
    trials
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn kind(calls: bool) -> &'static str {
    if calls { "calls" } else { "stubs" }
}

/// The cases of bindings that are not about an error.
fn printable() -> impl Iterator<Item = Case> {
    let cases = Case::all(&tests().join("bindings")).into_iter();
    cases.filter(|case| !case.directory.join("expected-error").exists())
}

fn runs(script: &Path, python: &Path) -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    write(&bindgen::support(&PyTree::default()), directory.path())?;
    let mut command = Command::new(python);
    command
        .args(["-B", "-W", "error"])
        .arg(script)
        .env("PYTHONPATH", directory.path());
    expect_success(&command.output()?)
}

fn passes(case: &Case, calls: bool, mypy: &Mypy) -> Result<(), Failed> {
    let directory = generated(case, calls)?;
    let app = copy_app(case, directory.path())?;
    checked(case, calls, mypy, directory.path())?;
    if app && !calls {
        let mut command = Command::new(&mypy.python);
        command
            .args(["-B", "-W", "error", "-c", "import app"])
            .current_dir(directory.path());
        expect_success(&command.output()?)?;
    }
    Ok(())
}

/// mypy has nothing to say about the bindings in this directory, nor about an app beside them.
fn checked(case: &Case, calls: bool, mypy: &Mypy, directory: &Path) -> Result<(), Failed> {
    let mut command = mypy.strict(directory, kind(calls))?;
    command.args(["-p", &case.world_module()]);
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
    expect_success(&command.output()?)
}

fn copy_app(case: &Case, directory: &Path) -> std::io::Result<bool> {
    let app = case.directory.join("app.py");
    let exists = app.exists();
    if exists {
        fs_err::copy(app, directory.join("app.py"))?;
    }
    Ok(exists)
}

/// The Python half of the wheel.
fn wheel_passes(mypy: &Mypy) -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    copy_wheel(directory.path())?;
    let mut command = mypy.strict(directory.path(), "wheel")?;
    command.args(["--python-version", WHEEL_PYTHON, "-p", "componentize_py"]);
    expect_success(&command.output()?)
}

fn fails_until_fixed(case: &Case, mypy: &Mypy) -> Result<(), Failed> {
    let directory = generated(case, false)?;
    let app = directory.path().join("app.py");
    fs_err::copy(case.directory.join("app.py"), &app)?;
    let mut command = mypy.strict(directory.path(), "stubs")?;
    let output = command.arg("app.py").output()?;
    let errors = String::from_utf8(output.stdout)?;
    compare(&case.directory.join("expected"), &errors)?;
    fs_err::copy(case.directory.join("fixed.py"), &app)?;
    let mut command = mypy.strict(directory.path(), "stubs")?;
    expect_success(&command.arg("app.py").output()?)
}

/// A directory with everything that `bindings` writes.
fn generated(case: &Case, calls: bool) -> Result<tempfile::TempDir, Failed> {
    let directory = tempfile::tempdir()?;
    write_bindings(case, calls, directory.path())?;
    Ok(directory)
}

fn write_bindings(case: &Case, calls: bool, directory: &Path) -> anyhow::Result<()> {
    let world = case.generate(calls)?;
    write(&world, directory)?;
    write(&bindgen::support(&world), directory)?;
    Ok(())
}

fn expect_success(output: &Output) -> Result<(), Failed> {
    if output.status.success() {
        return Ok(());
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Err(format!("{}{}", text(&output.stdout), text(&output.stderr)).into())
}

fn compare(golden: &Path, found: &str) -> Result<(), Failed> {
    if std::env::var_os("BLESS").is_some() {
        fs_err::write(golden, found)?;
    }
    let expected = fs_err::read_to_string(golden)?;
    if found == expected {
        Ok(())
    } else {
        Err(format!("expected:\n{expected}\ngot:\n{found}").into())
    }
}

const SCOPE: Scope = Scope {
    bodies: &[false, true],
    strict_apps: true,
};

static EVERYTHING: LazyLock<Result<Everything, String>> = LazyLock::new(|| {
    Everything::check(PYRIGHT, printable(), &SCOPE).map_err(|error| format!("{error:#}"))
});

fn said(root: &str) -> Result<String, Failed> {
    EVERYTHING.as_ref()?.said(root)
}

fn copy_wheel(directory: &Path) -> anyhow::Result<()> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/componentize_py");
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

fn expect_nothing(root: &str) -> Result<(), Failed> {
    match said(root)? {
        text if text.is_empty() => Ok(()),
        text => Err(text.into()),
    }
}

fn refused_until_fixed(case: &Case) -> Result<(), Failed> {
    let errors = said(&format!("app.py/{}", case.name()))?;
    compare(&case.directory.join("expected-pyright"), &errors)?;
    expect_nothing(&format!("fixed.py/{}", case.name()))
}
