//! `bench stack`: an application that imports pandas, SciPy and scikit-learn. Its component, with and without docstrings, beside the machine's
//! Python, where each process imports them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use guest::Lines;

use super::Bench;
use super::both_numpys::{native, pip};
use super::calls::measure;
use super::measured::Measured;
use super::table::{Table, show};
use super::tools::{App, Tool, ours, output_of};
use super::unit::Unit;
use crate::process::run;

const ROUNDS: usize = 5;
const SUBJECTS: [&str; 3] = ["native Python", "this tool", "`--strip-docstrings`"];
const NATIVE: usize = 0;
const PACKAGES: [&str; 4] = ["numpy", "pandas", "scipy", "scikit-learn"];
/// The packages in pure Python that they need.
const PURE: [&str; 5] = [
    "python-dateutil",
    "tzdata",
    "joblib",
    "threadpoolctl",
    "narwhals",
];
const BUILD: &str = "build";
const START: &str = "start and first call";
const SIZE: &str = "size";
const PACKED_SIZE: &str = "size, zstd -19";
/// The process of the machine's Python, to its end.
const SCRIPT: &str = "import work; assert work.greet('World') == 'Hello, World!'";

pub fn bench(bench: &Bench) -> Result<(Measured, String)> {
    let folder = bench.folder.join("stack");
    fs_err::create_dir_all(&folder)?;
    let tool = Tool {
        name: "this tool",
        program: ours(bench.root)?,
    };
    let (deps, versions) = install(bench.root, &folder)?;
    let python = native(&folder, &versions)?;
    let components = ["whole.wasm", "stripped.wasm"].map(|name| folder.join(name));
    let mut measured = Measured::of(SUBJECTS);
    // One unmeasured round fills the caches of the disk.
    for round in 0..=bench.rounds(ROUNDS) {
        for (subject, component) in (1..).zip(&components) {
            let app = app(bench.root, &deps, subject == 2)?;
            let ended = tool.componentize(&app, component, None)?;
            if round > 0 {
                let time = ended.time.as_nanos() as f64;
                measured.add(subject, BUILD, Unit::Nanoseconds, time);
            }
        }
        let time = process(&python, &bench.root.join("benches/stack"))?;
        if round > 0 {
            measured.add(NATIVE, START, Unit::Nanoseconds, time);
        }
    }
    let printed = measure(bench, "start", ROUNDS, &components)?;
    let paths: Vec<PathBuf> = std::iter::once(python).chain(components.clone()).collect();
    measured.add_printed(&printed, &paths, |row| match row {
        "instantiate, first call, drop" => START.to_owned(),
        other => other.to_owned(),
    })?;
    for (subject, component) in (1..).zip(&components) {
        let component = fs_err::read(component)?;
        let packed = zstd::bulk::compress(&component, 19)?;
        measured.add(subject, SIZE, Unit::Bytes, component.len() as f64);
        measured.add(subject, PACKED_SIZE, Unit::Bytes, packed.len() as f64);
    }
    let report = format!("{}\n\n{}", versions.join(", "), report(&measured));
    Ok((measured, report))
}

/// Installs the guest's wheels, and what they need from PyPI. Returns the folder and the packages with their versions.
fn install(root: &Path, folder: &Path) -> Result<(PathBuf, Vec<String>)> {
    let deps = folder.join("deps");
    let mut versions = Vec::new();
    for package in PACKAGES {
        let wheel = guest::wheels::wheel(root, package, &Lines)?;
        let name = wheel.file_name().and_then(|name| name.to_str());
        let version = name.and_then(|name| name.split('-').nth(1));
        let version = version.context("a wheel's name has its version")?;
        versions.push(format!("{package}=={version}"));
        run(pip("python3")
            .args(["--no-deps", "--upgrade", "--target"])
            .arg(&deps)
            .arg(&wheel))?;
    }
    run(pip("python3")
        .args(["--upgrade", "--target"])
        .arg(&deps)
        .args(PURE))?;
    Ok((deps, versions))
}

fn app<'a>(root: &Path, deps: &'a Path, strips: bool) -> Result<App<'a>> {
    let deps = deps.to_str().context("a path of this checkout is UTF-8")?;
    Ok(App {
        folder: root.to_owned(),
        wit: "examples/hello/wit",
        world: "hello",
        python_path: vec!["benches/stack", deps],
        options: if strips {
            vec!["--strip-docstrings"]
        } else {
            Vec::new()
        },
    })
}

/// Nanoseconds of a process that imports the packages and makes the first call.
fn process(python: &Path, folder: &Path) -> Result<f64> {
    let start = std::time::Instant::now();
    let output = output_of(
        Command::new(python)
            .args(["-c", SCRIPT])
            .env("PYTHONPATH", folder),
    )?;
    ensure!(output.is_empty(), "the process printed: {output}");
    Ok(start.elapsed().as_nanos() as f64)
}

fn report(measured: &Measured) -> Table {
    let mut table = Table::new([""].into_iter().chain(SUBJECTS));
    for row in measured.rows() {
        let figures = row.outcomes.iter().map(|outcome| show(outcome, row.unit));
        table.add([row.name.clone()].into_iter().chain(figures));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_native_process_has_no_component() {
        let mut measured = Measured::of(SUBJECTS);
        measured.add(NATIVE, START, Unit::Nanoseconds, 2e9);
        measured.add(1, START, Unit::Nanoseconds, 1e6);
        measured.add(2, SIZE, Unit::Bytes, 5e7);
        let table = report(&measured).to_string();
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| start and first call | 2.00 s | 1.00 ms | not measured |",
                &format!("| {SIZE} | not measured | not measured | 50.00 MB |"),
            ]
        );
    }
}
