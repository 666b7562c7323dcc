//! The app's text decides which of CPython's native modules are linked first. For the modules of the standard library that
//! apps use most, this guess is right, so that the app is imported only once.

use std::path::Path;

use anyhow::{Result, ensure};
use libtest_mimic::Trial;

use crate::support::command::succeeds;
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
