//! Checks that the same application behaves alike, whether built by us or by `componentize-py==0.25.1` from PyPI.
//!
//! A case in `tests/oracle/<case>/` is like one of `tests/runtime`: `world.wit`, `app.py`, `calls.txt`, maybe `cmd`, but
//! without expected files. Both components get the same calls in the same host. Results, traps, standard output and the
//! host's notes must be equal; standard error need not be, since tracebacks differ.
//!
//! `differences.txt` has the calls with known differences, each line `call: reason`. A listed call that does not differ
//! fails too.

use std::path::Path;
use std::process::Command;
use std::thread;

use anyhow::{Result, bail, ensure};
use libtest_mimic::Trial;

use crate::host::play::play;
use crate::support::command::succeeds;
use crate::support::components::tool;
use crate::support::golden::Case;
use crate::support::python_venv;
use crate::support::suite::Suite;

const PEER: &str = "componentize-py==0.25.1";

pub fn trials() -> Vec<Trial> {
    let mut suite = Suite::new("oracle");
    for case in Case::all("oracle") {
        suite.sampled(!case.is_long(), case.name(), move || run(&case));
    }
    suite.trials()
}

fn run(case: &Case) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let (our_component, peer_component) = (
        directory.path().join("ours.wasm"),
        directory.path().join("peer.wasm"),
    );
    thread::scope(|scope| {
        // Not its script, which names the place where the virtual environment was made.
        let theirs = scope.spawn(|| {
            let start = "import componentize_py, sys; sys.argv[0] = 'componentize-py'; componentize_py.script()";
            let peer = python_venv(&[PEER]);
            build(Command::new(peer).args(["-c", start]), case, &peer_component)
        });
        build(&mut tool(), case, &our_component)?;
        theirs.join().expect("building does not panic")
    })?;
    compare(
        case,
        &play(&case.directory, &our_component)?,
        &play(&case.directory, &peer_component)?,
    )
}

fn build(tool: &mut Command, case: &Case, output: &Path) -> Result<()> {
    let usual = ["-d", "world.wit", "componentize", "app", "-p", "."];
    tool.args(case.command(&usual)?).arg("-o").arg(output);
    succeeds(tool.current_dir(&case.directory)).map(drop)
}

/// The result of one line of `calls.txt`.
struct Step<'a> {
    line: &'a str,
    outcome: Vec<&'a str>,
}

fn steps(transcript: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    for line in transcript.lines() {
        match steps.last_mut() {
            Some(step) if line.starts_with("  ") || line.starts_with("-- ") => {
                if !line.starts_with("  stderr:") {
                    step.outcome.push(line);
                }
            }
            _ => steps.push(Step {
                line,
                outcome: Vec::new(),
            }),
        }
    }
    steps
}

fn compare(case: &Case, ours: &str, theirs: &str) -> Result<()> {
    let mut known = case.lines("differences.txt");
    known.retain(|line| !line.is_empty());
    let (ours, theirs) = (steps(ours), steps(theirs));
    ensure!(
        !ours.is_empty() && ours.len() == theirs.len(),
        "{} steps here, {} there",
        ours.len(),
        theirs.len()
    );
    let mut problems = String::new();
    let mut used = vec![false; known.len()];
    for (our, their) in ours.iter().zip(&theirs) {
        let listed = known
            .iter()
            .position(|entry| entry.starts_with(&format!("{}: ", our.line)));
        if our.outcome == their.outcome {
            continue;
        }
        match listed {
            Some(position) => used[position] = true,
            None => {
                problems += &format!(
                    "{}\n ours:\n{}\n {PEER}:\n{}\n",
                    our.line,
                    our.outcome.join("\n"),
                    their.outcome.join("\n")
                );
            }
        }
    }
    for (entry, used) in known.iter().zip(used) {
        if !used {
            problems += &format!("differences.txt lists what does not differ: {entry}\n");
        }
    }
    if !problems.is_empty() {
        bail!("{problems}");
    }
    Ok(())
}
