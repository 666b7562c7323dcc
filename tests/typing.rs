//! Type checks: generated code and apps that use it, with `mypy --strict` and pyright.
//!
//! The bindings of each directory in `tests/bindings`, and its `app.py` if it has one, must pass, with both kinds of
//! bodies, and the app must be importable beside the stubs. Each directory in `tests/typing` has an `app.py` with
//! mistakes, what mypy (`expected`) and pyright (`expected-pyright`) say about it, and `fixed.py` without them.
//! `BLESS=1` writes both. Each script in `tests/python` runs beside the support package and asserts how that behaves.

mod support;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use libtest_mimic::{Arguments, Failed, Trial};

use componentize_py::bindgen::{self, PyTree};
use support::case::{Case, write};
use support::pyright::{self, Report, Root};

const PACKAGES: [&str; 1] = ["mypy==2.4.1"];
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
        return libtest_mimic::run(&arguments, trials(PathBuf::new())).exit_code();
    }
    let python = support::python_venv(&PACKAGES);
    libtest_mimic::run(&arguments, trials(python)).exit_code()
}

fn trials(python: PathBuf) -> Vec<Trial> {
    let mut trials = Vec::new();
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
            let python = python.clone();
            let name = format!("{}/{kind}", case.name());
            trials.push(Trial::test(name, move || passes(&case, calls, &python)));
        }
    }
    for case in Case::all(&tests().join("typing")) {
        let python = python.clone();
        let directory = case.directory.clone();
        trials.push(Trial::test(format!("pyright/{}", case.name()), move || {
            refused_until_fixed(&Case { directory })
        }));
        trials.push(Trial::test(case.name(), move || {
            fails_until_fixed(&case, &python)
        }));
    }
    trials.push(Trial::test("pyright/wheel", || expect_nothing(WHEEL)));
    let checker = python.clone();
    trials.push(Trial::test("wheel", move || wheel_passes(&checker)));
    for script in support::files(&tests().join("python"), "py") {
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

fn passes(case: &Case, calls: bool, python: &Path) -> Result<(), Failed> {
    let directory = generated(case, calls)?;
    let app = copy_app(case, directory.path())?;
    let mut command = mypy(python, directory.path(), kind(calls))?;
    command.args(["-p", &case.world_module()]);
    command.args(["-p", "componentize_py_async_support"]);
    command.args(["-m", "componentize_py_types"]);
    command.args(["-m", "componentize_py_runtime"]);
    command.args(["-m", "poll_loop"]);
    if app {
        command.args(["-m", "app"]);
    }
    expect_success(&command.output()?)?;
    if app && !calls {
        let mut command = Command::new(python);
        command
            .args(["-B", "-W", "error", "-c", "import app"])
            .current_dir(directory.path());
        expect_success(&command.output()?)?;
    }
    Ok(())
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
fn wheel_passes(python: &Path) -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    copy_wheel(directory.path())?;
    let mut command = mypy(python, directory.path(), "wheel")?;
    command.args(["--python-version", WHEEL_PYTHON, "-p", "componentize_py"]);
    expect_success(&command.output()?)
}

fn fails_until_fixed(case: &Case, python: &Path) -> Result<(), Failed> {
    let directory = generated(case, false)?;
    let app = directory.path().join("app.py");
    fs_err::copy(case.directory.join("app.py"), &app)?;
    let output = mypy(python, directory.path(), "stubs")?
        .arg("app.py")
        .output()?;
    let errors = String::from_utf8(output.stdout)?;
    compare(&case.directory.join("expected"), &errors)?;
    fs_err::copy(case.directory.join("fixed.py"), &app)?;
    expect_success(
        &mypy(python, directory.path(), "stubs")?
            .arg("app.py")
            .output()?,
    )
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

/// Its cache goes by the names of modules, so that two runs at the same time must not share one.
fn mypy(python: &Path, directory: &Path, kind: &str) -> Result<Command, Failed> {
    date_by_content(directory)?;
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static THREAD: usize = THREADS.fetch_add(1, Ordering::Relaxed));
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("mypy")
        .join(format!("{kind}-{}", THREAD.with(|thread| *thread)));
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
    Ok(command)
}

/// mypy's cache takes a file for unchanged when its size and the second of its last change are the same.
fn date_by_content(directory: &Path) -> std::io::Result<()> {
    for entry in fs_err::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            date_by_content(&path)?;
            continue;
        }
        let mut hasher = DefaultHasher::new();
        fs_err::read(&path)?.hash(&mut hasher);
        let seconds = Duration::from_secs(hasher.finish() >> 33);
        let file = fs_err::File::options().write(true).open(&path)?;
        file.file().set_modified(SystemTime::UNIX_EPOCH + seconds)?;
    }
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

/// What pyright says about everything at once, in a directory that is still there.
struct Checked {
    directory: tempfile::TempDir,
    report: Report,
}

static CHECKED: LazyLock<Result<Checked, String>> =
    LazyLock::new(|| check_all().map_err(|error| format!("{error:#}")));

const WHEEL: &str = "wheel";

fn check_all() -> anyhow::Result<Checked> {
    let directory = tempfile::tempdir()?;
    let path = fs_err::canonicalize(directory.path())?;
    let mut roots = Vec::new();
    for case in printable() {
        for calls in [false, true] {
            let root = format!("{}/{}", kind(calls), case.name());
            write_bindings(&case, calls, &path.join(&root))?;
            copy_app(&case, &path.join(&root))?;
            roots.push(Root {
                path: root,
                // Only there do strict checkers know the payload in `except Err as error`.
                python: if calls { PYTHON } else { GUEST_PYTHON },
                strict: !calls,
                incomplete: calls,
            });
        }
    }
    for case in Case::all(&tests().join("typing")) {
        for (app, strict) in [("app.py", false), ("fixed.py", true)] {
            let root = format!("{app}/{}", case.name());
            write_bindings(&case, false, &path.join(&root))?;
            let copy = path.join(&root).join("app.py");
            fs_err::copy(case.directory.join(app), copy)?;
            roots.push(Root {
                path: root,
                python: GUEST_PYTHON,
                strict,
                incomplete: false,
            });
        }
    }
    copy_wheel(&path.join(WHEEL))?;
    roots.push(Root {
        path: WHEEL.to_owned(),
        python: WHEEL_PYTHON,
        strict: true,
        incomplete: true,
    });
    let report = pyright::check(&path, &roots)?;
    Ok(Checked { directory, report })
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

/// What pyright says about one root.
fn said(root: &str) -> Result<String, Failed> {
    let checked = CHECKED.as_ref()?;
    let directory = fs_err::canonicalize(checked.directory.path())?;
    Ok(checked.report.of(&directory, root))
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
