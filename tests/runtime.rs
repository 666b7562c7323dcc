//! Runtime cases: `tests/runtime/<case>/` holds a world, an app and calls; the component is built with the real tool and
//! called by a Rust host, and what happened is compared with `expected.txt`.
//!
//! - `world.wit` with one world, `app.py`, and `arguments` (optional: more options, one a line, for `componentize-py`);
//! - `calls.txt`: a call a line, in WAVE; `env NAME=value` and `arg text` lines say what the next process gets, and
//!   `restart` starts a new one, as a trap does. Lines that start with `//` are remarks.
//! - A function whose name starts with `echo` must give back its only argument, whatever `expected.txt` says.
//!
//! `BLESS=1 cargo xtask test runtime` writes the expectations anew: read them before committing.

#[path = "support/host.rs"]
mod host;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Result, bail, ensure};
use host::{Host, Outcome, Running, Surroundings, show};
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
    }
    config
}

fn play(case: &Path, component: &Path) -> Result<String> {
    let host = Host::load(component, &config(case))?;
    let mut surroundings = Surroundings::default();
    let mut running: Option<Running> = None;
    let mut transcript = String::new();
    for line in fs_err::read_to_string(case.join("calls.txt"))?.lines() {
        if line.is_empty() || line.starts_with("//") {
            continue;
        }
        if let Some((name, value)) = line.strip_prefix("env ").and_then(|pair| pair.split_once('=')) {
            surroundings.environment.push((name.to_owned(), value.to_owned()));
        } else if let Some(text) = line.strip_prefix("arg ") {
            surroundings.arguments.push(text.to_owned());
        } else if line == "restart" {
            running = None;
            writeln!(transcript, "-- new process")?;
        } else {
            let mut process = match running.take() {
                Some(process) => process,
                None => host.start(&surroundings)?,
            };
            if step(&mut process, line, &mut transcript)? {
                running = Some(process);
            } else {
                writeln!(transcript, "-- new process")?;
            }
        }
    }
    Ok(transcript)
}

/// Whether the process can go on.
fn step(process: &mut Running, line: &str, transcript: &mut String) -> Result<bool> {
    let before = (process.stdout.contents().len(), process.stderr.contents().len());
    let outcome = process.call(line)?;
    writeln!(transcript, "{line}")?;
    let alive = match &outcome {
        Outcome::Returned { given, result } => {
            let shown = show(result)?;
            writeln!(transcript, "  -> {shown}")?;
            if line.rsplit('#').next().is_some_and(|call| call.starts_with("echo")) {
                ensure!(given == result, "`{line}` gave back {shown} for {}", show(given)?);
            }
            true
        }
        Outcome::Trapped => {
            writeln!(transcript, "  traps")?;
            false
        }
    };
    for note in process.take_notes() {
        writeln!(transcript, "  host: {note}")?;
    }
    for (name, contents, before) in [
        ("stdout", process.stdout.contents(), before.0),
        ("stderr", process.stderr.contents(), before.1),
    ] {
        for text in String::from_utf8_lossy(&contents[before..]).lines() {
            writeln!(transcript, "  {name}: {text}")?;
        }
    }
    Ok(alive)
}
