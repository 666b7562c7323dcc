//! The same application built by us and by `componentize-py==0.25.1` from PyPI behaves alike.
//!
//! A case in `tests/oracle/<case>/` is like one of `tests/runtime`: `world.wit`, `app.py`, `calls.txt`, no `expected.txt` (and maybe a `command`). Both
//! components meet the same calls in the same host. What must be equal: results, traps, standard output and what the
//! host notes; not standard error, whose tracebacks differ.
//!
//! `differences.txt` has the calls where we knowingly differ, each line `call: reason`. One that does not differ fails too.

#[path = "support/host.rs"]
mod host;
#[path = "support/play.rs"]
mod play;
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::thread;

use anyhow::{Context as _, Result, bail, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use play::play;

const PEER: &str = "componentize-py==0.25.1";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
    let mut cases: Vec<PathBuf> = fs_err::read_dir(root)
        .expect("the directory of cases is part of the repository")
        .map(|entry| entry.expect("readable").path())
        .collect();
    cases.sort();
    // Its Python, made once and before the cases. Without it there is nothing to compare with, and the test fails.
    let peer = if arguments.list {
        PathBuf::new()
    } else {
        support::python_venv(&[PEER])
    };
    let trials = cases
        .into_iter()
        .map(|case| {
            let name = case
                .file_name()
                .expect("a directory")
                .to_string_lossy()
                .into_owned();
            let peer = peer.clone();
            Trial::test(name, move || {
                run(&case, &peer).map_err(|e| Failed::from(format!("{e:?}")))
            })
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn run(case: &Path, peer: &Path) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let (our_component, peer_component) = (
        directory.path().join("ours.wasm"),
        directory.path().join("peer.wasm"),
    );
    let ours = Path::new(env!("CARGO_BIN_EXE_componentize-py"));
    thread::scope(|scope| {
        // Not its script: that names the place where the virtual environment was made.
        let theirs = scope.spawn(|| {
            let start = "import componentize_py, sys; sys.argv[0] = 'componentize-py'; componentize_py.script()";
            build(Command::new(peer).args(["-c", start]), case, &peer_component)
        });
        build(&mut Command::new(ours), case, &our_component)?;
        theirs.join().expect("building does not panic")
    })?;
    compare(
        case,
        &play(case, &our_component)?,
        &play(case, &peer_component)?,
    )
}

fn build(tool: &mut Command, case: &Path, output: &Path) -> Result<()> {
    match fs_err::read_to_string(case.join("command")) {
        Ok(command) => tool.args(command.split_whitespace()),
        Err(_) => tool.args(["-d", "world.wit", "componentize", "app", "-p", "."]),
    };
    let result = tool
        .arg("-o")
        .arg(output)
        .current_dir(case)
        .output()
        .with_context(|| format!("cannot run {tool:?}"))?;
    ensure!(
        result.status.success(),
        "{tool:?} failed: {}{}",
        String::from_utf8_lossy(&result.stdout),
        String::from_utf8_lossy(&result.stderr)
    );
    Ok(())
}

/// What one line of `calls.txt` led to.
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

fn compare(case: &Path, ours: &str, theirs: &str) -> Result<()> {
    let text = fs_err::read_to_string(case.join("differences.txt")).unwrap_or_default();
    let known: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
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
