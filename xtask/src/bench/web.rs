//! `bench web`: greetings by Python's web frameworks, by the bindings and by a component in Rust, beside a greeting that
//! 0.25.1 built, all on our own `serve` in one run.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::Bench;
use super::measured::{Measured, Row};
use super::server::Server;
use super::table::{Table, show};
use super::tools::{App, Tool, components};
use super::unit::Unit;
use super::wrk::Wrk;
use crate::process::{cargo, run};

const ROUNDS: usize = 3;
const CONNECTIONS: u32 = 8;
/// For the latency of many.
const MANY_CONNECTIONS: u32 = 64;
const REQUESTS: &str = "requests";
/// The columns of the report after the ratio.
const COLUMNS: [&str; 5] = [
    "median time",
    "99th percentile",
    "processor time for one",
    "64 connections: median time",
    "64 connections: 99th percentile",
];

struct Subject {
    name: &'static str,
    component: PathBuf,
    options: &'static [&'static str],
    /// The requests in a second that are asked for, as a multiple of the first subject's.
    asked: Option<f64>,
}

pub fn bench(bench: &Bench) -> Result<(Measured, String)> {
    let wrk = Wrk::find(&bench.folder)?;
    let tools = bench.tools()?;
    let subjects = subjects(bench, &tools)?;
    let mut measured = Measured::of(subjects.iter().map(|subject| subject.name));
    // One unmeasured round each.
    for round in 0..=bench.rounds(ROUNDS) {
        for (index, subject) in subjects.iter().enumerate() {
            let (tool, component) = (&tools[1].program, &subject.component);
            let server = Server::start(tool, &bench.folder, component, subject.options)?;
            let rows = rows(&server, &wrk)
                .with_context(|| format!("`{}` did not answer", subject.name))?;
            if round > 0 {
                for (row, unit, value) in rows {
                    measured.add(index, row, unit, value);
                }
            }
        }
    }
    let report = report(&measured, &subjects).to_string();
    Ok((measured, report))
}

fn rows(server: &Server, wrk: &Wrk) -> Result<Vec<(&'static str, Unit, f64)>> {
    let (load, processor) = server.load(wrk, "/", CONNECTIONS)?;
    let (many, _) = server.load(wrk, "/", MANY_CONNECTIONS)?;
    let times = [
        Some(load.p50),
        Some(load.p99),
        processor,
        Some(many.p50),
        Some(many.p99),
    ];
    let times = COLUMNS.into_iter().zip(times);
    let requests = (REQUESTS, Unit::PerSecond, load.per_second);
    let times = times.filter_map(|(row, time)| Some((row, Unit::Nanoseconds, time?)));
    Ok([requests].into_iter().chain(times).collect())
}

fn subjects(bench: &Bench, tools: &[Tool; 2]) -> Result<Vec<Subject>> {
    let folder = bench.folder.join("web");
    fs_err::create_dir_all(&folder)?;
    let handler = |python_path: &'static str| App {
        folder: bench.root.to_owned(),
        wit: "wit/wasi-0.2",
        world: "wasi:http/proxy@0.2.12",
        python_path: vec![python_path],
        options: Vec::new(),
    };
    let [peer, polling] = components(tools, &folder, "polling", &handler("benches/serve"))?;
    let direct = folder.join("direct.wasm");
    tools[1].componentize(&handler("benches/web/direct"), &direct, None)?;
    let application = |name| application(bench, &tools[1], &folder, name);
    let subject = |name, component: &Path, asked| Subject {
        name,
        component: component.to_owned(),
        options: &[],
        asked,
    };
    let reused = Subject {
        options: &["--reuse", "1000000"],
        ..subject("the bindings, instances reused", &direct, Some(30.0))
    };
    Ok(vec![
        subject("0.25.1, `poll_loop`", &peer, None),
        subject("`poll_loop`", &polling, Some(5.0)),
        subject("the bindings", &direct, Some(12.0)),
        subject("WSGI", &application("wsgi")?, Some(8.0)),
        subject("Flask", &application("flask")?, Some(3.0)),
        subject("FastAPI and pydantic", &application("fastapi")?, Some(2.0)),
        reused,
        subject("Rust, by hand", &in_rust(bench)?, None),
    ])
}

/// `benches/web/NAME/main.py` with its packages from PyPI.
fn application(bench: &Bench, tool: &Tool, folder: &Path, name: &str) -> Result<PathBuf> {
    let source = bench.root.join("benches/web").join(name);
    let packages = folder.join(format!("{name}-packages"));
    let requirements = source.join("requirements.txt");
    if requirements.exists() && !packages.exists() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps"])
            .arg("--target")
            .arg(&packages)
            .arg("-r")
            .arg(requirements);
        if name == "fastapi" {
            pip.arg(pydantic_core(bench, folder)?);
        }
        run(&mut pip).context("the packages from PyPI could not be installed")?;
    }
    let output = folder.join(format!("{name}.wasm"));
    let mut command = Command::new(&tool.program);
    command
        // Elsewhere `wit` is ours.
        .current_dir(&source)
        .args([
            "-q",
            "componentize",
            "main:app",
            "--warm-up",
            "/",
            "-p",
            ".",
        ]);
    if packages.exists() {
        command.arg("-p").arg(&packages);
    }
    run(command.arg("-o").arg(&output))?;
    Ok(output)
}

/// The wheel of the core of pydantic, which is written in Rust.
fn pydantic_core(bench: &Bench, folder: &Path) -> Result<PathBuf> {
    let wheels = folder.join("wheels");
    let out = wheels.to_string_lossy().into_owned();
    let arguments = ["pydantic-core".to_owned(), "--out".to_owned(), out];
    crate::wheel::wheel(bench.root, &arguments)?;
    let mut entries = fs_err::read_dir(&wheels)?;
    let wheel = entries.next().context("no wheel was built")??;
    Ok(wheel.path())
}

fn in_rust(bench: &Bench) -> Result<PathBuf> {
    let target = bench.folder.join("web/rust");
    let built = run(cargo(bench.root)
        .args(["build", "--quiet", "--release", "--locked"])
        .args(["--target", "wasm32-wasip2", "--manifest-path"])
        .arg("benches/web/rust/Cargo.toml")
        .arg("--target-dir")
        .arg(&target));
    built.context("`rustup target add wasm32-wasip2` installs what this needs")?;
    let component = target.join("wasm32-wasip2/release/greeting.wasm");
    ensure!(component.exists(), "`{}` is not there", component.display());
    Ok(component)
}

fn report(measured: &Measured, subjects: &[Subject]) -> Table {
    let rows = measured.rows();
    let head = ["a greeting by", REQUESTS, "times 0.25.1", "asked for"];
    let mut table = Table::new(head.into_iter().chain(COLUMNS));
    let row = |name: &str| rows.iter().find(|row| row.name == name);
    let shown = |row: Option<&Row>, index: usize| {
        row.map_or_else(String::new, |row| show(&row.outcomes[index], row.unit))
    };
    let median = |index: usize| row(REQUESTS).and_then(|row| row.outcomes[index].median());
    for (index, subject) in subjects.iter().enumerate() {
        let times = median(index).zip(median(0)).map(|(own, peer)| own / peer);
        let times = times.map_or_else(String::new, |times| format!("{times:.1}"));
        let asked = subject
            .asked
            .map_or_else(String::new, |asked| format!(">= {asked}"));
        let cells = [
            subject.name.to_owned(),
            shown(row(REQUESTS), index),
            times,
            asked,
        ];
        let others = COLUMNS.iter().map(|name| shown(row(name), index));
        table.add(cells.into_iter().chain(others));
    }
    table
}
