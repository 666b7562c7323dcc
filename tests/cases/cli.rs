//! The command line: each directory below `tests/cli` is a test, and so is each below `tests/errors` (`errors.rs`).
//!
//! `cmd` holds the arguments. Every other file, except what is expected, is there when the program runs, in a directory of its own; `NAME.wat`
//! is the module `NAME` in WebAssembly's text format. Expected are `stdout`, `stderr`, `exit-code` and `changes` (the files that the run adds
//! `+`, changes `~` or removes `-`); one that is missing stands for nothing, or for exit code 0.
//!
//! Nothing is normalised but the path of that directory, which reads `$DIR`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use fs_err as fs;
use libtest_mimic::Trial;

use crate::support::command::text;
use crate::support::components::tool;
use crate::support::files_below;
use crate::support::golden::{Case, EXPECTED, Files};
use crate::support::suite::Suite;

pub fn trials() -> Vec<Trial> {
    trials_of("cli")
}

/// The cases below this directory.
pub fn trials_of(name: &'static str) -> Vec<Trial> {
    let mut suite = Suite::new(name);
    for case in Case::all(name) {
        suite.test(case.name(), move || run(&case));
    }
    suite.trials()
}

fn run(case: &Case) -> Result<()> {
    let temporary = tempfile::tempdir()?;
    let root = fs::canonicalize(temporary.path())?;
    let directory = root.join("case");
    copy_inputs(&case.directory, &directory)?;
    fs::remove_file(directory.join("cmd"))?;
    if directory.join(EXPECTED).exists() {
        fs::remove_dir_all(directory.join(EXPECTED))?;
    }
    // An empty virtual environment keeps what this machine has installed out of the test.
    let environment = root.join("venv");
    fs::create_dir_all(environment.join("lib/python3.14/site-packages"))?;

    let before = contents(&directory)?;
    let output = tool()
        .args(case.words("cmd")?)
        .current_dir(&directory)
        .env("VIRTUAL_ENV", &environment)
        .env_remove("COLUMNS")
        .output()?;
    let after = contents(&directory)?;

    let show = |bytes: &[u8]| {
        text(bytes)
            .replace(directory.to_string_lossy().as_ref(), "$DIR")
            .replace(environment.to_string_lossy().as_ref(), "$VENV")
    };
    let code = match output.status.code() {
        Some(0) => String::new(),
        Some(code) => format!("{code}\n"),
        None => "killed\n".to_owned(),
    };
    let found = [
        ("stdout", show(&output.stdout)),
        ("stderr", show(&output.stderr)),
        ("exit-code", code),
        ("changes", changes(&before, &after)),
    ];
    let found = found.into_iter().filter(|(_, text)| !text.is_empty());
    case.check(
        &found
            .map(|(name, text)| (name.to_owned(), text))
            .collect::<Files>(),
    )
}

fn copy_inputs(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let name = path.file_name().expect("read from a directory");
        if path.is_dir() {
            copy_inputs(&path, &to.join(name))?;
        } else if let Some(name) = name.to_string_lossy().strip_suffix(".wat") {
            fs::write(to.join(name), wat::parse_file(&path)?)?;
        } else {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

type Contents = BTreeMap<String, Vec<u8>>;

/// Every file below a directory, by its path with `/`.
fn contents(directory: &Path) -> Result<Contents> {
    let mut files = Contents::new();
    for path in files_below(directory)? {
        let name = path.strip_prefix(directory)?.to_string_lossy();
        files.insert(name.replace('\\', "/"), fs::read(&path)?);
    }
    Ok(files)
}

fn changes(before: &Contents, after: &Contents) -> String {
    let mut changes = BTreeMap::new();
    for (name, bytes) in after {
        match before.get(name) {
            None => drop(changes.insert(name, '+')),
            Some(old) if old != bytes => drop(changes.insert(name, '~')),
            Some(_) => {}
        }
    }
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        changes.insert(name, '-');
    }
    changes
        .iter()
        .map(|(name, mark)| format!("{mark} {name}\n"))
        .collect()
}
