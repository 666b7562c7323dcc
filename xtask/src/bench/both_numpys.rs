//! NumPy in a component, and PyPI's on this machine: both run the same operations.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use guest::Lines;

use super::Bench;
use super::tools::{App, Tool, ours, output_of};
use crate::process::run;

/// The recipe's version is used for both, so that both run the same code.
const NUMPY: &str = "numpy";

/// Seconds for one operation: with NumPy, and in plain Python if that makes sense.
pub type Times = Vec<(String, f64, Option<f64>)>;

pub struct Numpy {
    pub version: String,
    program: PathBuf,
    component: PathBuf,
    python: PathBuf,
    /// Hold `app.py` and the module `work`, of which the first one counts.
    folders: Vec<PathBuf>,
}

impl Numpy {
    /// Builds the component of the application in these folders of the repository, and installs PyPI's NumPy.
    pub fn prepare(bench: &Bench, folders: &[&str]) -> Result<Self> {
        let folder = bench.folder.join("numpy");
        fs_err::create_dir_all(&folder)?;
        let tool = Tool {
            name: "this tool",
            program: ours(bench.root)?,
        };
        let wheel = guest::wheels::wheel(bench.root, NUMPY, &Lines)?;
        let version = wheel
            .file_name()
            .and_then(|name| name.to_str()?.split('-').nth(1))
            .context("a wheel's name has its version")?
            .to_owned();
        Ok(Self {
            component: component(bench.root, &folder, &tool, &wheel, folders)?,
            python: native(&folder, &[format!("{NUMPY}=={version}")])?,
            program: tool.program,
            version,
            folders: folders.iter().map(|one| bench.root.join(one)).collect(),
        })
    }

    /// Runs the component.
    pub fn here(&self) -> Result<Times> {
        times(Command::new(&self.program).arg("run").arg(&self.component))
    }

    /// Runs the same in the machine's Python, with as many threads as OpenBLAS likes or this number of them.
    pub fn native(&self, threads: Option<usize>) -> Result<Times> {
        let mut command = Command::new(&self.python);
        command
            .args(["-c", SCRIPT])
            .env("PYTHONPATH", std::env::join_paths(&self.folders)?);
        if let Some(threads) = threads {
            command.env("OPENBLAS_NUM_THREADS", threads.to_string());
        }
        times(&mut command)
    }
}

const SCRIPT: &str = "import json, work; print(json.dumps(work.measure()))";

fn component(
    root: &Path,
    folder: &Path,
    tool: &Tool,
    wheel: &Path,
    folders: &[&str],
) -> Result<PathBuf> {
    let (deps, component) = (folder.join("deps"), folder.join("numpy.wasm"));
    run(pip("python3")
        .args(["--no-deps", "--upgrade", "--target"])
        .arg(&deps)
        .arg(wheel))?;
    let deps = deps.to_str().context("a path of this checkout is UTF-8")?;
    let app = App {
        folder: root.to_owned(),
        wit: "wit/wasi-0.2",
        world: "wasi:cli/command@0.2.12",
        python_path: folders.iter().copied().chain([deps]).collect(),
        options: Vec::new(),
    };
    tool.componentize(&app, &component, None)?;
    Ok(component)
}

pub fn pip(python: impl AsRef<OsStr>) -> Command {
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet"]);
    pip.arg("--disable-pip-version-check");
    pip
}

/// A Python of this machine with these packages of PyPI.
pub fn native(folder: &Path, packages: &[String]) -> Result<PathBuf> {
    let venv = folder.join(format!("native-{}", packages.join("-").replace("==", "-")));
    let python = venv.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        run(pip(&python).args(packages))?;
    }
    Ok(python)
}

fn times(command: &mut Command) -> Result<Times> {
    let program = command.get_program().to_string_lossy().into_owned();
    serde_json::from_str(&output_of(command)?)
        .with_context(|| format!("`{program}` does not print JSON"))
}
