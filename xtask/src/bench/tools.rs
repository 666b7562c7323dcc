//! The two tools that are compared, the applications that they build, and the host that runs the components.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use anyhow::{Context as _, Result, bail, ensure};

use super::child::{Ended, run_to_end};
use crate::process::{cargo, run, target};

pub const PEER: &str = "componentize-py==0.25.1";

/// The order everywhere: the ratios are this tool's to the peer's.
pub const SUBJECTS: [&str; 2] = ["componentize-py 0.25.1", "this tool"];

pub struct Tool {
    pub name: &'static str,
    pub program: PathBuf,
}

/// The peer, this tool.
pub type Tools = [Tool; 2];

pub fn tools(root: &Path, folder: &Path) -> Result<Tools> {
    Ok([
        Tool {
            name: SUBJECTS[0],
            program: peer(folder)?,
        },
        Tool {
            name: SUBJECTS[1],
            program: ours(root)?,
        },
    ])
}

/// This tool, built with the features that the whole workspace has, and the host with it.
pub fn ours(root: &Path) -> Result<PathBuf> {
    let targets = ["--bin", "componentize-py", "--example", "bench_host"];
    run(cargo(root)
        .args(["build", "--release", "--workspace"])
        .args(targets))?;
    Ok(target(root)
        .join("release")
        .join(executable("componentize-py")))
}

/// The peer, installed from PyPI in a venv of its own.
fn peer(folder: &Path) -> Result<PathBuf> {
    let venv = folder.join("peer");
    let scripts = venv.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let program = scripts.join(executable("componentize-py"));
    if !program.exists() {
        let python = if cfg!(windows) { "python" } else { "python3" };
        run(Command::new(python).args(["-m", "venv"]).arg(&venv)).with_context(|| {
            format!("`{python}` with `venv` is needed to install `{PEER}`, which is compared with")
        })?;
        run(Command::new(scripts.join(executable("python")))
            .args(["-m", "pip", "install", "--quiet"])
            .args(["--disable-pip-version-check", PEER]))
        .with_context(|| format!("`{PEER}`, which is compared with, could not be installed"))?;
    }
    Ok(program)
}

fn executable(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

/// An application to build, in the words of the command line.
pub struct App<'a> {
    /// The folder that paths are relative to.
    pub folder: PathBuf,
    pub wit: &'a str,
    pub world: &'a str,
    /// The directories that Python searches, if not only the folder.
    pub python_path: Vec<&'a str>,
    /// Further options of `componentize`.
    pub options: Vec<&'a str>,
}

impl<'a> App<'a> {
    /// An application with its `wit` and `app.py` in one folder.
    pub fn of(folder: PathBuf, world: &'a str) -> Self {
        Self {
            folder,
            wit: "wit",
            world,
            python_path: Vec::new(),
            options: Vec::new(),
        }
    }
}

impl Tool {
    /// Runs to the end, whether it succeeds or not.
    pub fn try_componentize(
        &self,
        app: &App,
        output: &Path,
        cache: Option<&Path>,
    ) -> Result<Ended> {
        let mut command = Command::new(&self.program);
        command
            .current_dir(&app.folder)
            .args(["-q", "-d", app.wit, "-w", app.world])
            .args(["componentize", "app"])
            .args(&app.options);
        for path in &app.python_path {
            command.args(["-p", path]);
        }
        if let Some(cache) = cache {
            command.env("COMPONENTIZE_PY_CACHE", cache);
        }
        run_to_end(command.arg("-o").arg(output))
    }

    /// `cache` is the cache of our tool's compiled code; `None` is its default.
    pub fn componentize(&self, app: &App, output: &Path, cache: Option<&Path>) -> Result<Ended> {
        let ended = self.try_componentize(app, output, cache)?;
        let (status, talk) = (ended.status, ended.talk.trim_end());
        ensure!(
            status.success(),
            "{} failed to build the world `{}` in `{}` ({status}):\n{talk}",
            self.name,
            app.world,
            app.folder.display()
        );
        Ok(ended)
    }
}

/// Builds with both tools, and returns the components' paths: `target/bench/NAME-peer.wasm` and `NAME-ours.wasm`.
pub fn components(tools: &Tools, folder: &Path, name: &str, app: &App) -> Result<[PathBuf; 2]> {
    let paths = outputs(folder, name);
    for (tool, path) in tools.iter().zip(&paths) {
        tool.componentize(app, path, None)?;
    }
    Ok(paths)
}

pub fn outputs(folder: &Path, name: &str) -> [PathBuf; 2] {
    ["peer", "ours"].map(|subject| folder.join(format!("{name}-{subject}.wasm")))
}

pub fn hello(root: &Path) -> App<'static> {
    App::of(root.join("examples/hello"), "hello")
}

/// Runs `benches/host`, which `ours` builds, and returns its output.
pub fn host<S: AsRef<std::ffi::OsStr>>(
    root: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> Result<String> {
    let program = target(root)
        .join("release/examples")
        .join(executable("bench_host"));
    output_of(Command::new(&program).args(arguments))
}

/// The output of a program that succeeds.
pub fn output_of(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("failed to start `{program}`"))?;
    if !output.status.success() {
        let talk = String::from_utf8_lossy(&output.stderr);
        bail!(
            "`{program}` failed ({}):\n{}",
            output.status,
            talk.trim_end()
        );
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{program}` does not print UTF-8"))
}

/// The most telling line of a program's messages: the last one, without the usual prefixes.
pub fn reason(status: ExitStatus, talk: &str) -> String {
    let last = talk.lines().map(str::trim).rfind(|line| !line.is_empty());
    match last {
        Some(line) => line.strip_prefix("error: ").unwrap_or(line).to_owned(),
        None => status.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_last_lines() {
        let status = ExitStatus::default();
        let talk = "Traceback\n  File\nerror: no such module\n\n";
        assert_eq!(reason(status, talk), "no such module");
        assert_eq!(reason(status, "\n"), status.to_string());
    }
}
