//! Runtime cases: `tests/runtime/<case>/` holds a world, an app and calls; the component is built with the real tool and
//! called by a Rust host, and what happened is compared with `expected.txt`.
//!
//! - `world.wit` with one world, `app.py`, and `arguments` (optional: more options, one a line, for `componentize-py`);
//! - `command` (optional): the whole command line in place of the usual one, but for `-o`; a directory `venv` is the active
//!   virtual environment;
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
//! - `callee.py`: the world `callee` is built from it and composed with the app, which is of the world `caller`.
//! - `native`: the extensions of the case, compiled from C and C++, and `wheels`: recipes whose wheels lie in `deps`
//!   (`support/native.rs` says how).
//! - `merge-only`: a file for cases that only our own linker can link.
//! - `default-host`: a file that asks for Wasmtime's default configuration, without proposals.
//!
//! Every case is built twice, and both must behave as `expected.txt` says: `NAME`, and `NAME (component)`, which is linked
//! by wit-component's linker instead of ours.
//!
//! `BLESS=1 cargo xtask test --test runtime` writes the expectations anew: read them before committing.

#[path = "support/compose.rs"]
mod compose;
#[path = "support/host.rs"]
mod host;
#[path = "support/native.rs"]
mod native;
#[path = "support/play.rs"]
mod play;
#[path = "support/wheels.rs"]
mod wheels;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Result, bail, ensure};
use compose::compose;
use libtest_mimic::{Arguments, Failed, Trial};
use play::play;

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
        .flat_map(|case| {
            let name = case
                .file_name()
                .expect("a directory")
                .to_string_lossy()
                .into_owned();
            let linkers = [(Linker::Merge, ""), (Linker::Component, " (component)")];
            // Modules that share a tag cannot be made ready for the snapshot: wizer has no exceptions.
            let one = case.join("merge-only").exists();
            linkers
                .into_iter()
                .take(if one { 1 } else { 2 })
                .map(move |(linker, note)| {
                    let case = case.clone();
                    Trial::test(format!("{name}{note}"), move || {
                        run(&case, linker).map_err(|e| Failed::from(format!("{e:?}")))
                    })
                })
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

#[derive(Clone, Copy, PartialEq)]
enum Linker {
    Merge,
    Component,
}

fn run(case: &Path, linker: Linker) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let component = directory.path().join("app.wasm");
    if native::has_extensions(case) {
        let copy = directory.path().join("case");
        native::with_extensions(case, &copy)?;
        build(&copy, linker, &component)?;
    } else {
        build(case, linker, &component)?;
    }
    let actual = play(case, &component)?;
    let golden = case.join("expected.txt");
    // The other linker has nothing to say about what is right.
    if std::env::var_os("BLESS").is_some() && linker == Linker::Merge {
        fs_err::write(&golden, &actual)?;
        return Ok(());
    }
    let expected = fs_err::read_to_string(&golden)?;
    if actual != expected {
        let difference = similar::TextDiff::from_lines(&expected, &actual);
        bail!(
            "differs from {}:\n{}",
            golden.display(),
            difference.unified_diff()
        );
    }
    Ok(())
}

fn build(case: &Path, linker: Linker, output: &Path) -> Result<()> {
    if !case.join("callee.py").exists() {
        return componentize(case, linker, &[], "app", output);
    }
    let parts = output.with_extension("parts");
    fs_err::create_dir(&parts)?;
    let (caller, callee) = (parts.join("caller.wasm"), parts.join("callee.wasm"));
    componentize(case, linker, &["-w", "caller"], "app", &caller)?;
    componentize(case, linker, &["-w", "callee"], "callee", &callee)?;
    compose(&caller, &callee, output)
}

fn componentize(
    case: &Path,
    linker: Linker,
    world: &[&str],
    app: &str,
    output: &Path,
) -> Result<()> {
    let extra = fs_err::read_to_string(case.join("arguments")).unwrap_or_default();
    let mut tool = Command::new(env!("CARGO_BIN_EXE_componentize-py"));
    match fs_err::read_to_string(case.join("command")) {
        Ok(command) => tool.args(command.split_whitespace()),
        Err(_) => tool
            .args(["-d", "world.wit"])
            .args(world)
            .args(["componentize", app, "-p", "."]),
    };
    if case.join("venv").exists() {
        tool.env("VIRTUAL_ENV", case.join("venv"));
    }
    let result = tool
        .arg("-o")
        .arg(output)
        .args(extra.lines())
        .args(match linker {
            Linker::Merge => [].as_slice(),
            Linker::Component => &["--linker", "component"],
        })
        .current_dir(case)
        .output()?;
    ensure!(
        result.status.success(),
        "the build failed: {}",
        String::from_utf8_lossy(&result.stderr)
    );
    Ok(())
}
