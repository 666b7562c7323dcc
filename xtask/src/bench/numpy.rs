//! `bench numpy`: NumPy in a component, compared with plain Python in the same component and with the native NumPy of PyPI,
//! in turn.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use guest::Lines;

use super::Bench;
use super::measured::{Measured, Row};
use super::table::{Table, show};
use super::tools::{App, Tool, ours, output_of};
use super::unit::Unit;
use crate::process::run;

/// The recipe's version is used for both, so that both run the same code.
const NUMPY: &str = "numpy";
const ROUNDS: usize = 5;
const SUBJECTS: [&str; 3] = ["plain Python here", "NumPy here", "native NumPy"];
const PLAIN: usize = 0;
const HERE: usize = 1;
const NATIVE: usize = 2;

/// Seconds for one operation: with NumPy, and in plain Python if that makes sense.
type Times = Vec<(String, f64, Option<f64>)>;

pub fn bench(bench: &Bench) -> Result<(Measured, String)> {
    let folder = bench.folder.join("numpy");
    fs_err::create_dir_all(&folder)?;
    let tool = Tool {
        name: "this tool",
        program: ours(bench.root)?,
    };
    let wheel = guest::wheels::wheel(bench.root, NUMPY, &Lines)?;
    let version = wheel
        .file_name()
        .and_then(|name| name.to_str()?.split('-').nth(1))
        .context("a wheel's name has its version")?
        .to_owned();
    let component = component(bench.root, &folder, &tool, &wheel)?;
    let python = native(&folder, &version)?;

    let mut measured = Measured::of(SUBJECTS);
    for _ in 0..bench.rounds(ROUNDS) {
        let here = times(Command::new(&tool.program).arg("run").arg(&component))?;
        let native = times(
            Command::new(&python)
                .current_dir(bench.root.join("benches/numpy"))
                .args(["-c", "import json, work; print(json.dumps(work.measure()))"]),
        )?;
        for (name, fast, plain) in here {
            let mut add = |subject, seconds: f64| {
                measured.add(subject, name.as_str(), Unit::Nanoseconds, seconds * 1e9);
            };
            add(HERE, fast);
            plain.into_iter().for_each(|plain| add(PLAIN, plain));
        }
        for (name, fast, _) in native {
            measured.add(NATIVE, name, Unit::Nanoseconds, fast * 1e9);
        }
    }
    let report = format!("NumPy {version}\n\n{}", report(&measured));
    Ok((measured, report))
}

fn component(root: &Path, folder: &Path, tool: &Tool, wheel: &Path) -> Result<PathBuf> {
    let (deps, component) = (folder.join("deps"), folder.join("numpy.wasm"));
    run(pip("python3")
        .args(["--no-deps", "--upgrade", "--target"])
        .arg(&deps)
        .arg(wheel))?;
    let deps = deps.to_str().context("a path of this checkout is UTF-8")?;
    let app = App {
        folder: root.to_owned(),
        wit: "wit/wasi-0.2",
        world: "wasi:cli/command@0.2.12",
        python_path: vec!["benches/numpy", deps],
    };
    tool.componentize(&app, &component, None)?;
    Ok(component)
}

fn pip(python: impl AsRef<OsStr>) -> Command {
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet"]);
    pip.arg("--disable-pip-version-check");
    pip
}

/// A Python of this machine with PyPI's NumPy.
fn native(folder: &Path, version: &str) -> Result<PathBuf> {
    let venv = folder.join(format!("native-{version}"));
    let python = venv.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        run(pip(&python).arg(format!("numpy=={version}")))?;
    }
    Ok(python)
}

fn times(command: &mut Command) -> Result<Times> {
    let program = command.get_program().to_string_lossy().into_owned();
    serde_json::from_str(&output_of(command)?)
        .with_context(|| format!("`{program}` does not print JSON"))
}

fn report(measured: &Measured) -> Table {
    let [plain, here, native] = SUBJECTS;
    let mut table = Table::new([
        "operation",
        plain,
        here,
        "times faster",
        native,
        "here / native",
    ]);
    for row in measured.rows() {
        let [plain, here, native] = [PLAIN, HERE, NATIVE].map(|subject| shown(&row, subject));
        let ratio = |first: usize, second: usize, decimals: usize| {
            let medians = [first, second].map(|subject| row.outcomes[subject].median());
            let [Some(first), Some(second)] = medians else {
                return String::new();
            };
            format!("{:.decimals$}", first / second)
        };
        let (faster, slower) = (ratio(PLAIN, HERE, 0), ratio(HERE, NATIVE, 1));
        table.add([row.name.clone(), plain, here, faster, native, slower]);
    }
    table
}

/// Not every operation has a version in plain Python.
fn shown(row: &Row, subject: usize) -> String {
    let outcome = &row.outcomes[subject];
    outcome
        .median()
        .map(|_| show(outcome, row.unit))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_without_a_plain_one() {
        let mut measured = Measured::of(SUBJECTS);
        measured.add(HERE, "fft", Unit::Nanoseconds, 300.0);
        measured.add(NATIVE, "fft", Unit::Nanoseconds, 200.0);
        for (subject, time) in [(PLAIN, 9000.0), (HERE, 90.0), (NATIVE, 9.0)] {
            measured.add(subject, "sum", Unit::Nanoseconds, time);
        }
        let table = report(&measured).to_string();
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| fft |  | 300 ns |  | 200 ns | 1.5 |",
                "| sum | 9.00 us | 90 ns | 100 | 9 ns | 10.0 |"
            ]
        );
    }
}
