//! The app's text decides which of CPython's native modules are linked first. For the modules of the standard library that
//! apps use most, this guess is right; one that has too much is as good. So the app is imported only once.

use std::path::Path;

use anyhow::{Result, ensure};
use libtest_mimic::Trial;

use crate::support::command::{succeeds, text};
use crate::support::components::tool;
use crate::support::suite::Suite;

const MODULES: [&str; 31] = [
    "argparse",
    "array",
    "asyncio",
    "base64",
    "collections",
    "concurrent.futures",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "email",
    "hashlib",
    "html.parser",
    "json",
    "logging",
    "pathlib",
    "pickle",
    "random",
    "re",
    "secrets",
    "socket",
    "sqlite3",
    "statistics",
    "tempfile",
    "traceback",
    "unittest",
    "urllib.request",
    "uuid",
    "xml.etree.ElementTree",
    "zipfile",
    "zoneinfo",
];

pub fn trials() -> Vec<Trial> {
    let mut suite = Suite::new("native_modules");
    for module in MODULES {
        suite.test(module, move || guess(&format!("import {module}\n")));
    }
    // Codecs are found by names in text, and code that runs code may import what nobody names.
    suite.test("codecs", || {
        guess("CODECS = {\"Shift-JIS\": 1, 'gb18030': 2, 'cp936': 3}\n")
    });
    suite.test("code_that_runs_code", || guess("exec('')\n"));
    suite.test("unused", unused);
    suite.trials()
}

/// Nothing differs from the guess for an application that begins with this text.
fn guess(text: &str) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let app = format!(
        "{text}\nimport wit_world\n\n\nclass WitWorld(wit_world.WitWorld):\n    \
         def hello(self, name: str) -> str:\n        return name\n"
    );
    fs_err::write(directory.path().join("app.py"), app)?;
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/hello/wit");
    let differences = build(
        directory.path(),
        &["-w", "hello", "-d", &wit.to_string_lossy()],
    )?;
    ensure!(differences.is_empty(), "{}", differences.join("\n"));
    Ok(())
}

/// A program that tries a module which nothing names.
const PROGRAM: &str = r#"
from wit_world import exports


class Run(exports.Run):
    def run(self) -> None:
        try:
            __import__("".join(["_sql", "ite3"]))
        except ImportError as error:
            print(error)
"#;

/// A guess that is too large costs no second import, and nothing of it comes into the component.
fn unused() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let path = |name: &str| directory.path().join(name);
    let command = ["-w", "wasi:cli/command"];
    fs_err::write(path("app.py"), PROGRAM)?;
    build(directory.path(), &command)?;
    let without = fs_err::read(path("app.wasm"))?;
    fs_err::write(
        path("app.py"),
        format!("if False:\n    import other\n{PROGRAM}"),
    )?;
    fs_err::write(path("other.py"), "import sqlite3\n")?;
    let differences = build(directory.path(), &command)?;
    ensure!(
        differences == ["unused: _sqlite3"],
        "{}",
        differences.join("\n")
    );
    let with = fs_err::read(path("app.wasm"))?;
    // Its place in memory remains, and `other.py` is a file of the component.
    let more = with.len().saturating_sub(without.len());
    ensure!(more < 10_000, "the component has {more} bytes more");
    let said = text(&succeeds(tool().arg("run").arg(path("app.wasm")))?.stdout);
    ensure!(said == "No module named '_sqlite3'\n", "{said}");
    Ok(())
}

/// Builds `app`, imports it once, and returns in which modules the guess was wrong.
fn build(directory: &Path, world: &[&str]) -> Result<Vec<String>> {
    let mut tool = tool();
    tool.current_dir(directory).arg("-v").args(world).args([
        "componentize",
        "app",
        "-o",
        "app.wasm",
    ]);
    let said = String::from_utf8(succeeds(&mut tool)?.stderr)?;
    let imports = said.matches("importing the app").count();
    ensure!(imports == 1, "{imports} imports:\n{said}");
    let differences = said.lines().map(str::trim_start);
    let differences =
        differences.filter(|line| line.starts_with("unused: ") || line.starts_with("wanted: "));
    Ok(differences.map(str::to_owned).collect())
}
