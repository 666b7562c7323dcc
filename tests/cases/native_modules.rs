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

/// An application that begins with this text is imported once, and nothing differs from the guess.
fn guess(text: &str) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let app = format!(
        "{text}\nimport wit_world\n\n\nclass WitWorld(wit_world.WitWorld):\n    \
         def hello(self, name: str) -> str:\n        return name\n"
    );
    fs_err::write(directory.path().join("app.py"), app)?;
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/hello/wit");
    let mut tool = tool();
    tool.current_dir(directory.path())
        .args(["-v", "-w", "hello", "-d"])
        .arg(wit)
        .args(["componentize", "app", "-o", "app.wasm"]);
    let said = String::from_utf8(succeeds(&mut tool)?.stderr)?;
    let imports = said.matches("importing the app").count();
    ensure!(imports == 1, "{imports} imports:\n{said}");
    let differences = said.lines().map(str::trim_start);
    let differences: Vec<&str> = differences
        .filter(|line| line.starts_with("unused: ") || line.starts_with("wanted: "))
        .collect();
    ensure!(differences.is_empty(), "{}", differences.join("\n"));
    Ok(())
}
