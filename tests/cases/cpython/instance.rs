//! The component that runs CPython's tests, and its instances: each one file, by `componentize-py run` with its limits.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result};
use guest::Silent;
use guest::cpython_tests::{MOUNTED_AT, tests};

use super::outcome::{End, Outcome};
use crate::support::command::succeeds;
use crate::support::components::tool;
use crate::support::golden::root;

/// In seconds: many times what the slowest file takes on two cores that others use as well.
const LIMIT: &str = "900";
/// As CPython's own tests assume of a small machine.
const MEMORY: &str = "1GiB";

/// Packages whose files `test.libregrtest` runs one by one.
const SPLIT: [&str; 10] = [
    "test_asyncio",
    "test_concurrent_futures",
    "test_doctests",
    "test_future_stmt",
    "test_gdb",
    "test_inspect",
    "test_multiprocessing_fork",
    "test_multiprocessing_forkserver",
    "test_multiprocessing_spawn",
    "test_pydoc",
];

/// The component, and the library that it sees.
pub struct Driver {
    component: PathBuf,
    library: PathBuf,
    /// A directory for each file's log.
    output: PathBuf,
}

impl Driver {
    pub fn build() -> Result<Self> {
        let output = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cpython");
        fs_err::create_dir_all(&output)?;
        let tests = tests(&root(), &Silent)?;
        let component = output.join("driver.wasm");
        succeeds(
            tool()
                .arg("-d")
                .arg(root().join("wit/wasi-0.2"))
                .args(["-w", "wasi:cli/command@0.2.12", "componentize", "app"])
                .arg("-p")
                .arg(root().join("tests/cpython/driver"))
                .arg("-p")
                .arg(&tests.modules)
                .arg("-o")
                .arg(&component),
        )?;
        let driver = Self {
            component,
            library: tests.library,
            output,
        };
        // Compiles it for this machine, once for all instances.
        driver.run("test_bool")?;
        Ok(driver)
    }

    /// The names of all test files, without the package `test`.
    pub fn files(&self) -> Result<BTreeSet<String>> {
        let mut names = BTreeSet::new();
        for name in modules(&self.library.join("test"))? {
            if SPLIT.contains(&name.as_str()) {
                let inner = modules(&self.library.join("test").join(&name))?;
                names.extend(inner.into_iter().map(|inner| format!("{name}.{inner}")));
            } else {
                names.insert(name);
            }
        }
        Ok(names)
    }

    /// Where the output of a file's tests is.
    pub fn log(&self, name: &str) -> PathBuf {
        self.output.join(name).join("log")
    }

    /// `None` if there is no such file.
    pub fn run(&self, name: &str) -> Result<Option<Outcome>> {
        if !self.files()?.contains(name) {
            return Ok(None);
        }
        let directory = self.output.join(name);
        if directory.exists() {
            fs_err::remove_dir_all(&directory)?;
        }
        let report = directory.join("report");
        fs_err::create_dir_all(&report)?;
        let scratch = tempfile::tempdir()?;
        let log = fs_err::File::create(self.log(name))?;
        let mut tool = tool();
        // Without the resource `network`, tests have sockets and leave the network alone.
        tool.args(["run", "--network", "--timeout", LIMIT])
            .args(["--max-memory", MEMORY])
            .arg("--dir")
            .arg(format!("{}::{MOUNTED_AT}:ro", self.library.display()))
            .arg("--dir")
            .arg(format!("{}::/", scratch.path().display()))
            .arg("--dir")
            .arg(format!("{}::/report", report.display()))
            .args(["--env", "HOME=/work", "--env", "TZ=UTC"])
            .arg(&self.component)
            .arg(format!("test.{name}"))
            .stdin(Stdio::null())
            .stdout(log.file().try_clone()?)
            .stderr(log.file().try_clone()?);
        let status = tool.status().context("the tool does not start")?;
        let text = fs_err::read(self.log(name))?;
        let text = String::from_utf8_lossy(&text);
        let is_late = text
            .lines()
            .any(|line| line.starts_with("error: ") && line.contains("ran longer than"));
        let end = match status.success() {
            true => End::Whole,
            false if is_late => End::OutOfTime,
            false => End::Trapped,
        };
        let events = fs_err::read_to_string(report.join("events")).unwrap_or_default();
        Outcome::of_events(&events, end).map(Some)
    }
}

/// The modules and packages in a directory whose names begin like those of tests.
fn modules(directory: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs_err::read_dir(directory)? {
        let path = entry?.path();
        let is_module = path.is_dir() || path.extension().is_some_and(|end| end == "py");
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if is_module && name.starts_with("test_") {
            names.push(name.into_owned());
        }
    }
    Ok(names)
}
