//! Runtime cases: `tests/runtime/<case>/` holds a world, an app and calls; the component is built with the real tool and
//! called by a Rust host, and what happened is compared with `expected/calls.txt`.
//!
//! - `world.wit` with one world, and `app.py`;
//! - `cmd` (optional): the command line in place of the usual one, but for `-o`; a directory `venv` is the active virtual
//!   environment;
//! - `calls.txt`: a call a line, in WAVE; lines that start with `//` are remarks. Other lines are:
//!   - `env NAME=value`, `arg text`: what the next process gets; `restart` starts a new one, as a trap does;
//!   - `$a = iface#[constructor]thing(1)`: names the handles in the result, several as `$a, $b = ...`; those without a
//!     name get one (`$h1`, or `$thing-3` for the host's). `iface#[method]thing.get($a)` passes one, as own (then the
//!     name is gone) or as borrow; `$new` is a new resource of the host's; `drop $a` lets go of it;
//!   - `repeat N call`: the result must always be the same, and memory is watched after the first tenth;
//!   - `together`, calls, `end`: all at once, results in the order in which they end;
//!   - `cancel-after MS call`: nobody waits for the call any longer; `wait MS`: tasks that the guest left go on.
//!
//!   A map is the list of its pairs, a stream the list of its items, a future its value.
//! - A function whose name starts with `echo` must give back its only argument, whatever is expected.
//! - `host/imports.rs` says what imports answer. Resources of the host's that nobody dropped are shown at the end.
//! - `callee.py`: the world `callee` is built from it and composed with the app, which is of the world `caller`.
//! - `native`: the extensions of the case, compiled from C and C++, and `wheels`: recipes whose wheels lie in `deps`
//!   (`runtime/native.rs` says how).
//! - `merge-only`: a file for cases that only our own linker can link.
//! - `default-host`: a file that asks for Wasmtime's default configuration, without proposals.
//!
//! A case is built twice, and both must behave as is expected: `NAME`, and `NAME (component)`, which is linked by wit-component's
//! linker instead of ours. Only the first of them writes what is expected. The ordinary suite has the second for a sample.

mod compose;
mod native;

use std::path::Path;

use anyhow::Result;
use compose::compose;
use libtest_mimic::Trial;

use crate::host::play::{TRANSCRIPT, play};
use crate::support::command::succeeds;
use crate::support::components::tool;
use crate::support::golden::{Case, Files};
use crate::support::suite::Suite;

/// Values of all kinds, everything that a library of its own is for, and extensions.
const BY_BOTH_LINKERS: [&str; 14] = [
    "aggregates",
    "async-calls",
    "buffers",
    "err-recovery",
    "exceptions",
    "fresh-process",
    "native-c",
    "native-cplusplus",
    "native-emscripten",
    "native-libraries",
    "native-preview1",
    "recursion",
    "resources-both",
    "scalars",
];

pub fn trials() -> Vec<Trial> {
    let mut suite = Suite::new("runtime");
    for case in Case::all("runtime") {
        let merged = case.clone();
        suite.test(case.name(), move || run(&merged, Linker::Merge));
        // Modules that share a tag cannot be made ready for the snapshot: wizer has no exceptions.
        if !case.has("merge-only") {
            let name = format!("{} (component)", case.name());
            let in_sample = BY_BOTH_LINKERS.contains(&&*case.name());
            suite.sampled(in_sample, name, move || run(&case, Linker::Component));
        }
    }
    suite.trials()
}

#[derive(Clone, Copy)]
enum Linker {
    Merge,
    Component,
}

fn run(case: &Case, linker: Linker) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let component = directory.path().join("app.wasm");
    if native::has_extensions(case) {
        let copy = directory.path().join("case");
        native::with_extensions(case, &copy)?;
        build(case, &copy, linker, &component)?;
    } else {
        build(case, &case.directory, linker, &component)?;
    }
    let found = Files::from([(TRANSCRIPT.to_owned(), play(&case.directory, &component)?)]);
    match linker {
        Linker::Merge => case.check(&found),
        // It has nothing to say about what is right.
        Linker::Component => case.check_only(&found),
    }
}

/// Builds the case in `place`, which is the case itself or a copy with its extensions.
fn build(case: &Case, place: &Path, linker: Linker, output: &Path) -> Result<()> {
    let usual = |world: &[&str], app: &str| {
        let parts: [&[&str]; 3] = [
            &["-d", "world.wit"],
            world,
            &["componentize", app, "-p", "."],
        ];
        case.command(&parts.concat())
    };
    if !case.has("callee.py") {
        return componentize(place, &usual(&[], "app")?, linker, output);
    }
    let parts = output.with_extension("parts");
    fs_err::create_dir(&parts)?;
    let (caller, callee) = (parts.join("caller.wasm"), parts.join("callee.wasm"));
    let of_caller = usual(&["-w", "caller"], "app")?;
    componentize(place, &of_caller, linker, &caller)?;
    let of_callee = usual(&["-w", "callee"], "callee")?;
    componentize(place, &of_callee, linker, &callee)?;
    compose(&caller, &callee, output)
}

fn componentize(place: &Path, command: &[String], linker: Linker, output: &Path) -> Result<()> {
    let mut tool = tool();
    let environment = place.join("venv");
    if environment.exists() {
        tool.env("VIRTUAL_ENV", environment);
    }
    tool.args(command).arg("-o").arg(output).current_dir(place);
    if let Linker::Component = linker {
        tool.args(["--linker", "component"]);
    }
    succeeds(&mut tool).map(drop)
}
