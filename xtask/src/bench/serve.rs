//! `bench serve`: builds `benches/serve/app.py` with both tools. Our own `serve` serves both components in turn, with a
//! fresh instance for each request, and `wrk` sends the requests.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::Bench;
use super::measured::Measured;
use super::table::comparison;
use super::tools::{App, SUBJECTS, components};
use super::unit::Unit;
use super::wrk::{Load, Wrk};

/// Each tool's component is asked for each path this often, in turn.
const ROUNDS: usize = 5;
const PATHS: [&str; 2] = ["/", "/work"];
/// `USER_HZ`, which Linux fixes for programs.
const TICKS_PER_SECOND: f64 = 100.0;

pub fn bench(bench: &Bench) -> Result<(Measured, String)> {
    let folder = &bench.folder;
    let wrk = Wrk::find(folder)?;
    let tools = bench.tools()?;
    let app = App {
        folder: bench.root.to_owned(),
        wit: "wit/wasi-0.2",
        world: "wasi:http/proxy@0.2.12",
        python_path: vec!["benches/serve"],
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
            let server = Server::start(ours, folder, component)?;
            for path in PATHS {
                let before = server.processor();
                let load = wrk.ask(&format!("{}{path}", server.address))?;
                let processor = server.processor() - before;
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

fn add(measured: &mut Measured, subject: usize, path: &str, load: &Load, processor: f64) {
    let mut row = |what: &str, unit, value| {
        measured.add(subject, format!("`{path}`: {what}"), unit, value);
    };
    row("requests", Unit::PerSecond, load.per_second);
    row("median time", Unit::Nanoseconds, load.p50);
    row("99th percentile", Unit::Nanoseconds, load.p99);
    // Zero if the system does not report it.
    if processor > 0.0 {
        let each = processor * 1e9 / load.requests;
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
    drop(Server::start(tool, folder, component)?);
    Ok(start.elapsed())
}

/// A separate cache, so that the first start is really the first.
fn cache(folder: &Path) -> std::path::PathBuf {
    folder.join("serve-cache")
}

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(tool: &Path, folder: &Path, component: &Path) -> Result<Self> {
        let mut child = Command::new(tool)
            .env("COMPONENTIZE_PY_CACHE", cache(folder))
            .args(["serve", "--addr", "127.0.0.1:0"])
            .arg(component)
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("failed to start `{}`", tool.display()))?;
        let mut lines = BufReader::new(child.stderr.take().context("it is piped")?).lines();
        let line = lines.next().context("the server ended")??;
        let address = line
            .strip_prefix("Serving on ")
            .with_context(|| format!("the server of {} said: {line}", component.display()))?;
        let address = address.trim_end_matches('/').to_owned();
        // Its log has a reader, as in real use.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, address })
    }

    /// Seconds of processor time so far; zero if the system does not report it.
    fn processor(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        processor(&stat.unwrap_or_default())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The times of the program, and of the system for it, in `/proc/PID/stat`. The program's name may contain anything but ends
/// in `)`.
fn processor(stat: &str) -> f64 {
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks = ticks.filter_map(|text| text.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::processor;

    #[test]
    fn processor_time_is_after_the_name() {
        let stat = "42 (a) 9 b) S 1 42 42 0 -1 4194304 90 0 0 0 250 50 7 8 20 0 3 0 100";
        assert_eq!(processor(stat), 3.0);
        assert_eq!(processor(""), 0.0);
    }
}
