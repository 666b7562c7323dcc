//! `bench serve`: builds `benches/serve/app.py` with both tools. Our own `serve` serves both components in turn, with a
//! fresh instance for each request, and `wrk` sends the requests.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::Bench;
use super::measured::Measured;
use super::server::{Server, cache};
use super::table::comparison;
use super::tools::{App, SUBJECTS, components};
use super::unit::Unit;
use super::wrk::{Load, Wrk};

/// Each tool's component is asked for each path this often, in turn.
const ROUNDS: usize = 5;
const PATHS: [&str; 2] = ["/", "/work"];
const CONNECTIONS: u32 = 4;

pub fn bench(bench: &Bench) -> Result<(Measured, String)> {
    let folder = &bench.folder;
    let wrk = Wrk::find(folder)?;
    let tools = bench.tools()?;
    let app = App {
        folder: bench.root.to_owned(),
        wit: "wit/wasi-0.2",
        world: "wasi:http/proxy@0.2.12",
        python_path: vec!["benches/serve"],
        options: Vec::new(),
    };
    let components = components(&tools, folder, "serve", &app)?;
    let ours = &tools[1].program;
    let mut measured = Measured::of(SUBJECTS);
    for (subject, component) in components.iter().enumerate() {
        for (row, empty) in [("first start", true), ("next start", false)] {
            let time = start(ours, folder, component, empty)?.as_nanos() as f64;
            measured.add(subject, row, Unit::Nanoseconds, time);
        }
    }
    // One unmeasured round each.
    for round in 0..=bench.rounds(ROUNDS) {
        for (subject, component) in components.iter().enumerate() {
            let server = Server::start(ours, folder, component, &[])?;
            for path in PATHS {
                let (load, processor) = server.load(&wrk, path, CONNECTIONS)?;
                if round > 0 {
                    add(&mut measured, subject, path, &load, processor);
                }
            }
        }
    }
    let heading = "one fresh instance a request";
    let report = comparison(&measured, heading, |row| Some(row.name.clone()));
    let report = report.to_string();
    Ok((measured, report))
}

fn add(measured: &mut Measured, subject: usize, path: &str, load: &Load, processor: Option<f64>) {
    let mut row = |what: &str, unit, value| {
        measured.add(subject, format!("`{path}`: {what}"), unit, value);
    };
    row("requests", Unit::PerSecond, load.per_second);
    row("median time", Unit::Nanoseconds, load.p50);
    row("99th percentile", Unit::Nanoseconds, load.p99);
    if let Some(each) = processor {
        row("processor time for one", Unit::Nanoseconds, each);
    }
}

/// The time until it listens, with or without compiled code.
fn start(tool: &Path, folder: &Path, component: &Path, empty: bool) -> Result<Duration> {
    let compiled = cache(folder).join("componentize-py/compiled");
    if empty && compiled.exists() {
        fs_err::remove_dir_all(&compiled)?;
    }
    let start = Instant::now();
    drop(Server::start(tool, folder, component, &[])?);
    Ok(start.elapsed())
}
