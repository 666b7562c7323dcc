//! The wheel: built with pip and with maturin from this checkout, installed into a fresh virtual environment.
//!
//! Its command must behave like the binary. Each script in `tests/wheel` runs with the installed package, in a directory
//! with a copy of `examples/hello`, and asserts the behaviour of the Python API.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use libtest_mimic::Trial;

use crate::support::command::{succeeds, text};
use crate::support::suite::Suite;
use crate::support::{files, python_venv};

const MATURIN: [&str; 1] = ["maturin==1.16.0"];

/// Command lines that the binary, the command and `python -m` answer in the same way.
const COMMANDS: [&str; 17] = [
    "",
    "--version",
    "-V",
    "-h",
    "--help",
    "componentize --help",
    "bindings --help",
    "run --help",
    "serve --help",
    "wheel --help",
    "wheel --list",
    "run missing.wasm",
    "nonsense",
    "--world-module",
    "-d wit -w nope componentize app",
    "-d missing componentize app",
    "-d wit bindings app.py/not-a-directory",
];

pub fn trials() -> Vec<Trial> {
    let mut suite = Suite::new("wheel");
    suite.test("same-output", same_output);
    suite.test("same-component", same_component);
    suite.test("maturin-build", maturin_build);
    suite.test("one-wasmtime", one_wasmtime);
    for script in files(&repository().join("tests/wheel"), "py") {
        let name = script.file_stem().unwrap_or_default().to_string_lossy();
        let name = format!("api/{name}");
        suite.test(name, move || run_script(&script));
    }
    suite.trials()
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A fresh virtual environment with the wheel in it.
struct Installed {
    environment: tempfile::TempDir,
    wheel: PathBuf,
    /// The output of pip and Cargo while it was built.
    log: String,
}

impl Installed {
    fn program(&self, name: &str) -> PathBuf {
        self.environment.path().join("venv/bin").join(name)
    }
}

static INSTALLED: LazyLock<Result<Installed, String>> =
    LazyLock::new(|| install().map_err(|error| format!("{error:#}")));

fn install() -> Result<Installed> {
    let environment = tempfile::tempdir()?;
    let wheels = environment.path().join("wheels");
    // Not isolated, so that a second run of the tests needs no network; only the version of maturin is left to chance.
    let output = succeeds(
        from_outside(&maturin_python())?
            .args(["-m", "pip", "wheel", "--verbose", "--no-deps"])
            .args(["--no-build-isolation", "--wheel-dir"])
            .arg(&wheels)
            .arg("."),
    )?;
    let wheel = the_wheel(&wheels)?;
    let venv = environment.path().join("venv");
    succeeds(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    succeeds(
        Command::new(venv.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--no-index"])
            .arg(&wheel),
    )?;
    Ok(Installed {
        environment,
        wheel,
        log: text(&output.stdout) + &text(&output.stderr),
    })
}

fn maturin_python() -> PathBuf {
    python_venv(&MATURIN)
}

/// A command in the repository that finds the programs of its virtual environment, but no variables of the Cargo that runs
/// this test: some build scripts read these variables, and would run again.
fn from_outside(program: &Path) -> Result<Command> {
    let mut command = Command::new(program);
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let programs = program.parent().map(Path::to_owned);
    command.env(
        "PATH",
        std::env::join_paths(
            programs
                .into_iter()
                .chain(std::env::split_paths(&inherited)),
        )?,
    );
    command.current_dir(repository());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let of_package = [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "OUT_DIR",
            "LD_LIBRARY_PATH",
        ];
        if of_package.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(command)
}

fn the_wheel(directory: &Path) -> Result<PathBuf> {
    let wheels = files(directory, "whl");
    ensure!(wheels.len() == 1, "expected one wheel: {wheels:?}");
    wheels.into_iter().next().context("there is one")
}

fn installed() -> Result<&'static Installed> {
    INSTALLED.as_ref().map_err(|error| anyhow!("{error}"))
}

/// The directory of an empty environment: packages of the machine must not be within reach.
const SITE_PACKAGES: &str = "venv/lib/python3.14/site-packages";

/// A directory with the hello example.
fn hello() -> Result<tempfile::TempDir> {
    let directory = tempfile::tempdir()?;
    let example = repository().join("examples/hello");
    let path = directory.path();
    fs_err::copy(example.join("app.py"), path.join("app.py"))?;
    fs_err::create_dir(path.join("wit"))?;
    fs_err::create_dir_all(path.join(SITE_PACKAGES))?;
    fs_err::copy(example.join("wit/world.wit"), path.join("wit/world.wit"))?;
    Ok(directory)
}

fn within<'a>(command: &'a mut Command, directory: &Path) -> &'a mut Command {
    command
        .current_dir(directory)
        .env("VIRTUAL_ENV", directory.join("venv"))
        .env_remove("COLUMNS")
}

fn in_hello(command: &mut Command, directory: &Path) -> Result<Output> {
    within(command, directory)
        .output()
        .with_context(|| format!("cannot run {command:?}"))
}

/// The three ways to start the program, the binary first.
fn programs(installed: &Installed) -> [Command; 3] {
    let mut module = Command::new(installed.program("python"));
    module.args(["-B", "-m", "componentize_py"]);
    [
        Command::new(env!("CARGO_BIN_EXE_componentize-py")),
        Command::new(installed.program("componentize-py")),
        module,
    ]
}

fn same_output() -> Result<()> {
    let installed = installed()?;
    let directory = hello()?;
    for line in COMMANDS {
        let mut answers = Vec::new();
        for mut program in programs(installed) {
            program.args(line.split_whitespace());
            let output = in_hello(&mut program, directory.path())?;
            answers.push((
                output.status.code(),
                text(&output.stdout),
                text(&output.stderr),
            ));
        }
        let differs = answers.iter().any(|answer| *answer != answers[0]);
        if differs || answers[0].1.is_empty() && answers[0].2.is_empty() {
            bail!("`{line}`: {answers:#?}");
        }
    }
    Ok(())
}

fn same_component() -> Result<()> {
    let installed = installed()?;
    let mut components = Vec::new();
    for mut program in programs(installed) {
        let directory = hello()?;
        program.args([
            "-d",
            "wit",
            "-w",
            "hello",
            "componentize",
            "app",
            "-o",
            "app.wasm",
        ]);
        let output = in_hello(&mut program, directory.path())?;
        if !output.status.success() || output.stdout != b"Component built successfully\n" {
            bail!(
                "{program:?}: {}{}",
                text(&output.stdout),
                text(&output.stderr)
            );
        }
        components.push(fs_err::read(directory.path().join("app.wasm"))?);
    }
    let mut others = components.iter();
    ensure!(
        others.all(|component| *component == components[0]),
        "the components differ"
    );
    Ok(())
}

/// `maturin build` gives the same files as pip.
fn maturin_build() -> Result<()> {
    let installed = installed()?;
    let wheels = tempfile::tempdir()?;
    let python = maturin_python();
    succeeds(
        from_outside(&python)?
            .args(["-m", "maturin", "build", "--out"])
            .arg(wheels.path()),
    )?;
    let wheel = the_wheel(wheels.path())?;
    let names = |wheel: &Path| -> Result<String> {
        let script = "import sys, zipfile; print(*sorted(zipfile.ZipFile(sys.argv[1]).namelist()), sep='\\n')";
        let output = succeeds(Command::new(&python).args(["-c", script]).arg(wheel))?;
        Ok(text(&output.stdout))
    };
    let (ours, pips) = (names(&wheel)?, names(&installed.wheel)?);
    ensure!(ours == pips, "maturin:\n{ours}\npip:\n{pips}");
    Ok(())
}

/// The build of the wheel uses the code that the tests are linked with.
fn one_wasmtime() -> Result<()> {
    let log = &installed()?.log;
    let compiled: Vec<&str> = log
        .lines()
        .map(str::trim)
        .filter(|line| {
            line.starts_with("Compiling wasmtime") || line.starts_with("Compiling cranelift")
        })
        .collect();
    ensure!(log.contains("Finished"), "Cargo is not heard of in:\n{log}");
    ensure!(
        compiled.is_empty(),
        "compiled again, so its features or its profile differ: {compiled:?}"
    );
    Ok(())
}

fn run_script(script: &Path) -> Result<()> {
    let installed = installed()?;
    let directory = hello()?;
    let mut command = Command::new(installed.program("python"));
    command.args(["-B", "-W", "error"]).arg(script);
    let python = guest::wheels::python(repository(), &guest::Silent)?;
    command.env("COMPONENTIZE_PY_TEST_PYTHON", python);
    succeeds(within(&mut command, directory.path())).map(drop)
}
