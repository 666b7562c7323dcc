//! Runtime cases: `tests/runtime/<case>/` holds a world, an app and calls; the component is built with the real tool and
//! called by a Rust host, and what happened is compared with `expected.txt`.
//!
//! - `world.wit` with one world, `app.py`, and `arguments` (optional: more options, one a line, for `componentize-py`);
//! - `calls.txt`: a call a line, in WAVE; lines that start with `//` are remarks. Other lines are:
//!   - `env NAME=value`, `arg text`: what the next process gets; `restart` starts a new one, as a trap does;
//!   - `$a = iface#[constructor]thing(1)`: names the handles in the result, several as `$a, $b = ...`; those without a
//!     name get one (`$h1`, or `$thing-3` for the host's). `iface#[method]thing.get($a)` passes one, as own (then the
//!     name is gone) or as borrow; `$new` is a new resource of the host's; `drop $a` lets go of it;
//!   - `repeat N call`: the result must always be the same, and memory is watched after the first tenth;
//!   - `together`, calls, `end`: all at once, results in the order in which they end;
//!   - `cancel-after MS call`: nobody waits for the call any longer; `wait MS`: tasks that the guest left go on.
//!   A map is the list of its pairs, a stream the list of its items, a future its value.
//! - A function whose name starts with `echo` must give back its only argument, whatever `expected.txt` says.
//! - `host/imports.rs` says what imports answer. Resources of the host's that nobody dropped are shown at the end.
//! - `default-host`: a file that asks for Wasmtime's default configuration, without proposals.
//!
//! `BLESS=1 cargo xtask test runtime` writes the expectations anew: read them before committing.

#[path = "support/host.rs"]
mod host;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use host::{Host, Outcome, Repeated, Running, Surroundings, show};
use libtest_mimic::{Arguments, Failed, Trial};
use wasmtime::{Config, Strategy};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runtime");
    let mut cases: Vec<PathBuf> = fs_err::read_dir(root)
        .expect("the directory of cases is part of the repository")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.join("calls.txt").exists())
        .collect();
    cases.sort();
    let trials = cases
        .into_iter()
        .map(|case| {
            let name = case.file_name().expect("a directory").to_string_lossy().into_owned();
            Trial::test(name, move || run(&case).map_err(|e| Failed::from(format!("{e:?}"))))
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn run(case: &Path) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let component = directory.path().join("app.wasm");
    build(case, &component)?;
    let actual = play(case, &component)?;
    let golden = case.join("expected.txt");
    if std::env::var_os("BLESS").is_some() {
        fs_err::write(&golden, &actual)?;
        return Ok(());
    }
    let expected = fs_err::read_to_string(&golden)?;
    if actual != expected {
        let difference = similar::TextDiff::from_lines(&expected, &actual);
        bail!("differs from {}:\n{}", golden.display(), difference.unified_diff());
    }
    Ok(())
}

fn build(case: &Path, output: &Path) -> Result<()> {
    let extra = fs_err::read_to_string(case.join("arguments")).unwrap_or_default();
    let result = Command::new(env!("CARGO_BIN_EXE_componentize-py"))
        .args(["-d", "world.wit", "componentize", "app", "-p", ".", "-o"])
        .arg(output)
        .args(extra.lines())
        .current_dir(case)
        .output()?;
    ensure!(
        result.status.success(),
        "the build failed: {}",
        String::from_utf8_lossy(&result.stderr)
    );
    Ok(())
}

/// Winch compiles in a fifth of the time; cases about a host's defaults say so with a file `default-host`.
fn config(case: &Path) -> Config {
    let mut config = Config::new();
    if !case.join("default-host").exists() {
        config.strategy(Strategy::Winch);
        host::enable_proposals(&mut config);
    }
    config
}

/// The processes of one case and what is written down about them.
struct Play {
    host: Host,
    surroundings: Surroundings,
    running: Option<Running>,
    transcript: String,
}

fn play(case: &Path, component: &Path) -> Result<String> {
    let mut play = Play {
        host: Host::load(component, &config(case))?,
        surroundings: Surroundings::default(),
        running: None,
        transcript: String::new(),
    };
    let text = fs_err::read_to_string(case.join("calls.txt"))?;
    let mut lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("//"));
    while let Some(line) = lines.next() {
        let surroundings = &mut play.surroundings;
        if let Some((name, value)) = line.strip_prefix("env ").and_then(|pair| pair.split_once('=')) {
            surroundings.environment.push((name.to_owned(), value.to_owned()));
        } else if let Some(text) = line.strip_prefix("arg ") {
            surroundings.arguments.push(text.to_owned());
        } else if line == "restart" {
            play.end()?;
            writeln!(play.transcript, "-- new process")?;
        } else {
            let calls: Vec<String> = match line {
                "together" => lines.by_ref().take_while(|line| *line != "end").map(str::to_owned).collect(),
                _ => Vec::new(),
            };
            play.step(line, &calls)?;
        }
    }
    play.end()?;
    Ok(play.transcript)
}

impl Play {
    /// What the guest still has of the host's when a process ends.
    fn end(&mut self) -> Result<()> {
        if let Some(process) = self.running.take() {
            let leaked = process.leaked();
            if !leaked.is_empty() {
                writeln!(self.transcript, "-- never dropped: {}", leaked.join(", "))?;
            }
        }
        Ok(())
    }

    fn step(&mut self, line: &str, calls: &[String]) -> Result<()> {
        let mut process = match self.running.take() {
            Some(process) => process,
            None => self.host.start(&self.surroundings)?,
        };
        let before = (process.stdout.contents().len(), process.stderr.contents().len());
        writeln!(self.transcript, "{line}")?;
        for call in calls {
            writeln!(self.transcript, "  {call}")?;
        }
        let alive = act(&mut process, line, calls, &mut self.transcript)
            .with_context(|| format!("in `{line}`"))?;
        for note in process.take_notes() {
            writeln!(self.transcript, "  host: {note}")?;
        }
        for (name, contents, before) in [
            ("stdout", process.stdout.contents(), before.0),
            ("stderr", process.stderr.contents(), before.1),
        ] {
            for text in String::from_utf8_lossy(&contents[before..]).lines() {
                writeln!(self.transcript, "  {name}: {text}")?;
            }
        }
        if alive {
            self.running = Some(process);
        } else {
            writeln!(self.transcript, "-- new process")?;
        }
        Ok(())
    }
}

/// Does what a line says. Whether the process can go on.
fn act(process: &mut Running, line: &str, calls: &[String], transcript: &mut String) -> Result<bool> {
    if line == "together" {
        let mut alive = true;
        for (call, outcome) in process.together(calls)? {
            alive &= write_outcome(transcript, &format!("{call} "), &outcome)?;
        }
        return Ok(alive);
    }
    if let Some(name) = line.strip_prefix("drop $") {
        let outcome = process.release(name)?;
        return Ok(matches!(outcome, Outcome::Returned { .. }) || write_outcome(transcript, "", &outcome)?);
    }
    if let Some((count, call)) = line.strip_prefix("repeat ").and_then(|rest| rest.split_once(' ')) {
        let Repeated { first, grown } = process.repeat(count.parse()?, call)?;
        let alive = write_outcome(transcript, "", &first)?;
        if alive {
            match grown {
                0 => writeln!(transcript, "  memory flat")?,
                grown => writeln!(transcript, "  memory grew by {grown} bytes")?,
            }
        }
        return Ok(alive);
    }
    if let Some((time, call)) = line.strip_prefix("cancel-after ").and_then(|rest| rest.split_once(' ')) {
        return match process.cancel_after(Duration::from_millis(time.parse()?), call)? {
            Some(outcome) => write_outcome(transcript, "", &outcome),
            None => {
                writeln!(transcript, "  cancelled")?;
                Ok(true)
            }
        };
    }
    if let Some(time) = line.strip_prefix("wait ") {
        return match process.wait(Duration::from_millis(time.parse()?))? {
            Some(outcome) => write_outcome(transcript, "", &outcome),
            None => Ok(true),
        };
    }
    let (names, call) = match line.split_once(" = ") {
        Some((names, call)) if names.starts_with('$') => (names, call),
        _ => ("", line),
    };
    let names: Vec<String> =
        names.split(", ").filter_map(|name| name.strip_prefix('$')).map(str::to_owned).collect();
    let outcome = process.call(call, &names)?;
    if let Outcome::Returned { given, result } = &outcome
        && !call.contains('$')
        && call.rsplit('#').next().is_some_and(|call| call.starts_with("echo"))
    {
        ensure!(given == result, "gave back {} for {}", show(result)?, show(given)?);
    }
    write_outcome(transcript, "", &outcome)
}

fn write_outcome(transcript: &mut String, before: &str, outcome: &Outcome) -> Result<bool> {
    match outcome {
        Outcome::Returned { result, .. } => writeln!(transcript, "  {before}-> {}", show(result)?)?,
        Outcome::Trapped { reason: None } => writeln!(transcript, "  {before}traps")?,
        Outcome::Trapped { reason: Some(reason) } => writeln!(transcript, "  {before}traps: {reason}")?,
    }
    Ok(matches!(outcome, Outcome::Returned { .. }))
}
