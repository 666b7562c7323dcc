//! Checks that apps find the same modules and names where they are checked and where they run.
//!
//! For each of these worlds, an app imports all modules of `bindings` while it becomes a component, and Python imports them
//! beside it. Both must find the same public names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};
use libtest_mimic::Trial;

use crate::support::command::succeeds;
use crate::support::golden::tests;
use crate::support::suite::Suite;
use crate::support::{self, python_venv};

/// Directories of tests whose apps are complete.
const CASES: [&str; 4] = [
    "bindings/wasi-http",
    "runtime/async-streams",
    "runtime/interfaces",
    "runtime/resources-both",
];
/// Outside of components it exists only as a stub.
const RUNTIME: &str = "componentize_py_runtime";
/// Names that worlds without asynchronous functions, streams and futures leave out of it.
const ASYNC_ONLY: [&str; 4] = ["End", "future_new", "spawn", "stream_new"];
/// The mark of a file that its world does not need.
const UNCHECKED: &str = "# type: ignore";

/// Prints a line for each module: its name and the public names in it.
const LISTING: &str = r#"
import importlib as _importlib

_loaded = [(name, _importlib.import_module(name)) for name in _names]
for _name, _module in _loaded:
    print("MODULE", _name, *[name for name in dir(_module) if not name.startswith("_")])
"#;

/// The same as `LISTING`, for a stub.
const STUB_LISTING: &str = r#"
import ast, sys

for path in sys.argv[1:]:
    tree = ast.parse(open(path).read())
    kinds = (ast.FunctionDef, ast.ClassDef)
    names = [node.name for node in tree.body if isinstance(node, kinds)]
    print("MODULE", path.removesuffix(".pyi"), *[name for name in names if not name.startswith("_")])
"#;

type Modules = BTreeMap<String, BTreeSet<String>>;

pub fn trials() -> Vec<Trial> {
    let mut suite = Suite::new("modules");
    for case in CASES {
        suite.test(case, move || check(case));
    }
    suite.trials()
}

fn check(case: &str) -> Result<()> {
    let case = tests().join(case);
    let directory = tempfile::tempdir()?;
    let stubs = directory.path().join("stubs");
    succeeds(tool(&case).arg("bindings").arg(&stubs))?;
    let mut names = Vec::new();
    module_names(&stubs, "", &mut names)?;

    let app = directory.path().join("app");
    fs_err::create_dir(&app)?;
    for file in support::files(&case, "py") {
        fs_err::copy(&file, app.join(file.file_name().unwrap_or_default()))?;
    }
    let text = fs_err::read_to_string(app.join("app.py"))?;
    let listing = format!("_names = {names:?}\n{LISTING}");
    fs_err::write(app.join("app.py"), format!("{text}\n{listing}"))?;
    let output = succeeds(
        tool(&case)
            .args(["componentize", "app", "--python-path"])
            .arg(&app)
            .arg("--output")
            .arg(directory.path().join("app.wasm"))
            .env("VIRTUAL_ENV", directory.path()),
    )?;
    // The app's output during its import is shown there.
    let inside = modules(&output.stderr);

    let python = python_venv(&["mypy==2.4.1"]);
    names.retain(|name| name != RUNTIME);
    let script = format!("_names = {names:?}\n{LISTING}");
    let output = succeeds(
        Command::new(&python)
            .current_dir(&stubs)
            .args(["-B", "-c", &script]),
    )?;
    let mut outside = modules(&output.stdout);
    let output = succeeds(Command::new(&python).current_dir(&stubs).args([
        "-c",
        STUB_LISTING,
        &format!("{RUNTIME}.pyi"),
    ]))?;
    outside.extend(modules(&output.stdout));
    compare(inside, outside)
}

fn compare(inside: Modules, mut outside: Modules) -> Result<()> {
    let is_async = inside
        .get(RUNTIME)
        .is_some_and(|names| names.contains("End"));
    if !is_async && let Some(names) = outside.get_mut(RUNTIME) {
        names.retain(|name| !ASYNC_ONLY.contains(&name.as_str()));
    }
    if inside.len() < 6 {
        bail!("hardly anything was looked at: {inside:?}");
    }
    if inside == outside {
        return Ok(());
    }
    let mut differences = String::new();
    for module in inside.keys().chain(outside.keys()).collect::<BTreeSet<_>>() {
        let (here, there) = (inside.get(module), outside.get(module));
        if here != there {
            differences += &format!("{module}: {here:?} in the component, {there:?} beside it\n");
        }
    }
    bail!(differences)
}

fn tool(case: &Path) -> Command {
    let mut command = support::components::tool();
    let file = case.join("world.wit");
    let wit = if file.exists() {
        file
    } else {
        case.join("wit")
    };
    command.arg("--verbose").arg("--wit-path").arg(wit);
    command
}

/// The modules of these files, except those that are marked as not needed.
fn module_names(directory: &Path, package: &str, names: &mut Vec<String>) -> Result<()> {
    for entry in fs_err::read_dir(directory)? {
        let path = entry?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = format!("{package}{stem}");
        if path.is_dir() {
            module_names(&path, &format!("{name}."), names)?;
        } else if stem == "__init__" {
            names.push(package.trim_end_matches('.').to_owned());
        } else if path
            .extension()
            .is_some_and(|kind| kind == "py" || kind == "pyi")
            && !fs_err::read_to_string(&path)?.starts_with(UNCHECKED)
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(())
}

fn modules(listing: &[u8]) -> Modules {
    let text = String::from_utf8_lossy(listing);
    let lines = text.lines().filter_map(|line| line.strip_prefix("MODULE "));
    lines
        .map(|line| {
            let mut words = line.split_whitespace().map(str::to_owned);
            (words.next().unwrap_or_default(), words.collect())
        })
        .collect()
}
