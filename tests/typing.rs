//! Type checks: generated code and an app that uses it, with `mypy --strict`.
//!
//! Each directory in `tests/bindings` that has an `app.py` must pass, with both kinds of bodies, and
//! the app must be importable beside the stubs. Each directory in `tests/typing` has an `app.py` with
//! a mistake, the errors it gets (`expected`), and `fixed.py` without it. `BLESS=1` writes `expected`.
//! Each script in `tests/python` runs beside the support package and asserts how that behaves.

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Failed, Trial};

use componentize_py::bindgen;
use support::case::{Case, write};

const PACKAGES: [&str; 1] = ["mypy==2.4.1"];
/// What applications are developed with; the guest's own version runs the same text.
const PYTHON: &str = "3.11";

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // The type checker keeps a core busy by itself.
    arguments.test_threads.get_or_insert(2);
    if arguments.list {
        return libtest_mimic::run(&arguments, trials(PathBuf::new())).exit_code();
    }
    let python = support::python_venv(&PACKAGES);
    libtest_mimic::run(&arguments, trials(python)).exit_code()
}

fn trials(python: PathBuf) -> Vec<Trial> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut trials = Vec::new();
    for directory in Case::all(&tests.join("bindings"))
        .into_iter()
        .map(|case| case.directory)
    {
        if !directory.join("app.py").exists() {
            continue;
        }
        for calls in [false, true] {
            let case = Case {
                directory: directory.clone(),
            };
            let kind = if calls { "calls" } else { "stubs" };
            let name = format!("{}/{kind}", case.name());
            let python = python.clone();
            trials.push(Trial::test(name, move || passes(&case, calls, &python)));
        }
    }
    for case in Case::all(&tests.join("typing")) {
        let python = python.clone();
        trials.push(Trial::test(case.name(), move || {
            fails_until_fixed(&case, &python)
        }));
    }
    for script in scripts(&tests.join("python")) {
        let python = python.clone();
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

fn scripts(directory: &Path) -> Vec<PathBuf> {
    let mut scripts: Vec<PathBuf> = fs_err::read_dir(directory)
        .expect("the directory of scripts is there")
        .map(|entry| entry.expect("the entry can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .collect();
    scripts.sort();
    scripts
}

fn runs(script: &Path, python: &Path) -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    write(&bindgen::support(), directory.path())?;
    let mut command = Command::new(python);
    command
        .args(["-B", "-W", "error"])
        .arg(script)
        .env("PYTHONPATH", directory.path());
    expect_success(&command.output()?)
}

fn passes(case: &Case, calls: bool, python: &Path) -> Result<(), Failed> {
    let directory = generated(case, calls)?;
    fs_err::copy(
        case.directory.join("app.py"),
        directory.path().join("app.py"),
    )?;
    let world_module = case.world_module();
    let mut command = mypy(
        python,
        directory.path(),
        if calls { "calls" } else { "stubs" },
    );
    command.args([
        "-p",
        &world_module,
        "-m",
        "app",
        "-m",
        "componentize_py_types",
    ]);
    command.args(["-p", "componentize_py_async_support"]);
    let app = fs_err::read_to_string(directory.path().join("app.py"))?;
    if app.contains("poll_loop") {
        command.args(["-m", "poll_loop"]);
    }
    expect_success(&command.output()?)?;
    if !calls {
        let mut command = Command::new(python);
        command
            .args(["-B", "-W", "error", "-c", "import app"])
            .current_dir(directory.path());
        expect_success(&command.output()?)?;
    }
    Ok(())
}

fn fails_until_fixed(case: &Case, python: &Path) -> Result<(), Failed> {
    let directory = generated(case, false)?;
    let app = directory.path().join("app.py");
    fs_err::copy(case.directory.join("app.py"), &app)?;
    let output = mypy(python, directory.path(), "stubs")
        .arg("app.py")
        .output()?;
    let errors = String::from_utf8(output.stdout)?;
    let golden = case.directory.join("expected");
    if std::env::var_os("BLESS").is_some() {
        fs_err::write(&golden, &errors)?;
    }
    let expected = fs_err::read_to_string(&golden)?;
    if errors != expected {
        return Err(format!("expected:\n{expected}\ngot:\n{errors}").into());
    }
    fs_err::copy(case.directory.join("fixed.py"), &app)?;
    expect_success(
        &mypy(python, directory.path(), "stubs")
            .arg("app.py")
            .output()?,
    )
}

/// A directory with everything that `bindings` writes.
fn generated(case: &Case, calls: bool) -> Result<tempfile::TempDir, Failed> {
    let directory = tempfile::tempdir()?;
    write(&case.generate(calls)?, directory.path())?;
    write(&bindgen::support(), directory.path())?;
    Ok(directory)
}

fn mypy(python: &Path, directory: &Path, cache: &str) -> Command {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("mypy")
        .join(cache);
    let mut command = Command::new(python);
    command
        .args([
            "-m",
            "mypy",
            "--strict",
            "--python-version",
            PYTHON,
            "--cache-dir",
        ])
        .arg(cache);
    command.current_dir(directory).env_remove("MYPYPATH");
    command
}

fn expect_success(output: &Output) -> Result<(), Failed> {
    if output.status.success() {
        return Ok(());
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Err(format!("{}{}", text(&output.stdout), text(&output.stderr)).into())
}
