//! pyright over many directories at once: one process, since most of its time goes into starting and into the
//! standard library's stubs.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

/// A directory that imports from itself alone.
pub struct Root {
    /// Below the directory that is checked, with `/`.
    pub path: String,
    pub python: &'static str,
    pub strict: bool,
    /// It imports a module that exists here only as a stub, and elsewhere in full.
    pub incomplete: bool,
}

#[derive(Deserialize)]
pub struct Report {
    #[serde(rename = "generalDiagnostics")]
    diagnostics: Vec<Diagnostic>,
    summary: Summary,
}

#[derive(Deserialize)]
struct Summary {
    #[serde(rename = "filesAnalyzed")]
    files: usize,
}

#[derive(Deserialize)]
struct Diagnostic {
    file: PathBuf,
    severity: String,
    message: String,
    rule: Option<String>,
    range: Range,
}

#[derive(Deserialize)]
struct Range {
    start: Position,
}

#[derive(Deserialize)]
struct Position {
    line: u32,
    character: u32,
}

/// Checks the roots below a directory, which must not be reached through a symbolic link. The release has pip's format, with
/// the extra `nodejs`: npm fetches pyright itself, in the version of the same number.
pub fn check(release: &str, directory: &Path, roots: &[Root]) -> Result<Report> {
    let python = crate::support::python_venv(&[release]);
    let strict = roots.iter().filter(|root| root.strict);
    let environments: Vec<Value> = roots.iter().map(environment).collect();
    let configuration = json!({
        "typeCheckingMode": "standard",
        "strict": strict.map(|root| &root.path).collect::<Vec<_>>(),
        "executionEnvironments": environments,
    });
    let file = directory.join("pyrightconfig.json");
    fs_err::write(&file, configuration.to_string())?;
    // Beside `bin`, which has a program `pyright`.
    let environment = python.parent().and_then(Path::parent);
    let cache = environment
        .context("python lies in a virtual environment")?
        .join("pyright-npm");
    let output = Command::new(&python)
        .args(["-m", "pyright", "--outputjson", "--project"])
        .arg(&file)
        .arg("--pythonpath")
        .arg(&python)
        .current_dir(directory)
        .env("PYRIGHT_PYTHON_CACHE_DIR", cache)
        // Not the machine's Node.js, whatever that is.
        .env("PYRIGHT_PYTHON_GLOBAL_NODE", "0")
        .env("PYRIGHT_PYTHON_IGNORE_WARNINGS", "1")
        .output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    // 1: there are diagnostics. Anything beyond is a failure of pyright.
    ensure!(
        matches!(output.status.code(), Some(0 | 1)),
        "pyright failed: {errors}"
    );
    let report: Report = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("pyright said: {errors}"))?;
    // Silence means something only if it has read them.
    ensure!(
        report.summary.files > roots.len(),
        "pyright found {} files in {} directories",
        report.summary.files,
        roots.len()
    );
    Ok(report)
}

fn environment(root: &Root) -> Value {
    let mut settings = json!({ "root": root.path, "pythonVersion": root.python });
    if root.incomplete {
        settings["reportMissingModuleSource"] = json!("none");
    }
    settings
}

impl Report {
    /// The diagnostics about the files of a root, one on each line with the path below the root.
    pub fn of(&self, directory: &Path, root: &str) -> String {
        let root = directory.join(root);
        let mut lines: Vec<(PathBuf, u32, String)> = Vec::new();
        for diagnostic in &self.diagnostics {
            let Ok(file) = diagnostic.file.strip_prefix(&root) else {
                continue;
            };
            let Position { line, character } = diagnostic.range.start;
            // The lines after the first explain it at length, in words that change with the version.
            let message = diagnostic.message.lines().next().unwrap_or_default();
            let text = format!(
                "{}:{}:{}: {}: {message}  [{}]\n",
                file.display(),
                line + 1,
                character + 1,
                diagnostic.severity,
                diagnostic.rule.as_deref().unwrap_or("syntax"),
            );
            lines.push((file.to_owned(), line, text));
        }
        lines.sort();
        lines.into_iter().map(|(_, _, text)| text).collect()
    }
}
