//! pip, which picks the wheels for the guest and unpacks them.
//!
//! It runs in the Python of the active environment, or else in the first one on `PATH` that has it, or in one that uv provides.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;
use ground::ui::Ui;
use ground::{Mistake as _, UserError};
use serde::Deserialize;
use serde_json::json;

use super::error::InstallError;
use super::native::{Lacking, Native};
use super::{guest, uv};
use crate::scratch::Scratch;

/// The program that makes pip work for the guest.
const PROGRAM: &str = include_str!("guest_pip.py");
/// Its exit codes.
const REFUSED: i32 = 3;
const UNFIT: i32 = 4;
const NO_PIP: i32 = 5;

/// Settings of pip that would lead elsewhere, or are about other platforms.
const UNSET: [&str; 10] = [
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_USER",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_PLATFORM",
    "PIP_PYTHON_VERSION",
    "PIP_IMPLEMENTATION",
    "PIP_ABI",
    "PIP_DRY_RUN",
];

/// The packages to install.
pub struct Wanted {
    /// Files with requirements.
    pub files: Vec<PathBuf>,
    /// A lock file in place of those.
    pub lock: Option<PathBuf>,
    /// Where relative paths in it may begin, besides its own directory.
    pub bases: Vec<PathBuf>,
    /// It names only wheels, even of packages that have sources.
    pub sources_left_out: bool,
    /// Its markers decide about extras and groups.
    pub in_lock: bool,
    pub extras: Vec<String>,
    pub groups: Vec<String>,
    pub build: bool,
    pub find_links: Vec<String>,
}

/// The end of a run of pip.
pub enum Outcome {
    /// With its output.
    Installed(String),
    /// A wheel has to be built, and pip to run again.
    Lacks(Lacking),
    /// The package could be built, but the user has not asked for that.
    Unbuilt { package: String, refusal: UserError },
}

pub struct Pip<'a> {
    scratch: &'a Scratch,
    ui: &'a Ui,
}

/// A package that `guest_pip.py` refuses.
#[derive(Deserialize)]
struct Refusal {
    kind: String,
    #[serde(default)]
    package: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    source: bool,
    #[serde(default)]
    platforms: Vec<String>,
    #[serde(default)]
    reason: String,
}

impl<'a> Pip<'a> {
    pub fn new(scratch: &'a Scratch, ui: &'a Ui) -> Self {
        Self { scratch, ui }
    }

    /// Puts the packages into an empty directory.
    pub fn install(&self, wanted: &Wanted, native: &Native, directory: &Path) -> Result<Outcome> {
        let at = |name: &str| self.scratch.path().join(name);
        let (program, settings) = (at("guest_pip.py"), at("guest_pip.json"));
        let chosen = at("chosen.txt");
        fs_err::write(&program, PROGRAM)?;
        let text = json!({
            "python": guest::PYTHON,
            "platforms": guest::PLATFORMS,
            "environment": guest::markers(),
            "arguments": arguments(wanted, native, directory, &chosen),
            "native": native.names(),
            "built": native.wheels(),
            "lock": wanted.lock,
            "bases": wanted.bases,
            "sources_left_out": wanted.sources_left_out,
            "chosen": chosen,
            "extras": if wanted.in_lock { &wanted.extras[..] } else { &[] },
            "groups": if wanted.in_lock { &wanted.groups[..] } else { &[] },
            "build": wanted.build,
        });
        fs_err::write(&settings, text.to_string())?;
        let mut unfit = None;
        for python in pythons() {
            let Some((code, output)) = self.run(python, &program, &settings)? else {
                continue;
            };
            match code {
                0 => return Ok(Outcome::Installed(output)),
                NO_PIP => {}
                UNFIT => unfit = Some(output),
                _ => return failure(code, &settings, wanted, output),
            }
        }
        match unfit {
            Some(output) => {
                let version = output.lines().last().unwrap_or("pip").to_owned();
                InstallError::PipUnfit { version }.raise()
            }
            None => InstallError::NoPip.raise(),
        }
    }

    /// The exit code and the output, or `None` if there is no such program.
    fn run(
        &self,
        mut python: Command,
        program: &Path,
        settings: &Path,
    ) -> Result<Option<(i32, String)>> {
        python.arg(program).arg(settings);
        for name in UNSET {
            python.env_remove(name);
        }
        python
            .env("PIP_NO_INPUT", "1")
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
            .env("NO_COLOR", "1")
            .env("PYTHONUNBUFFERED", "1")
            .env("PYTHONIOENCODING", "utf-8")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let Ok(mut child) = python.spawn() else {
            return Ok(None);
        };
        let mut output = String::new();
        let stdout = child.stdout.take().expect("it is a pipe");
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            if let Some(package) = line.strip_prefix("Collecting ") {
                self.ui.progress(&format!("installing {package}"));
            }
            output.push_str(&line);
            output.push('\n');
        }
        let code = child.wait()?.code().unwrap_or(1);
        Ok(Some((code, output)))
    }
}

fn arguments(wanted: &Wanted, native: &Native, directory: &Path, chosen: &Path) -> Vec<String> {
    let shown = |path: &Path| path.display().to_string();
    let mut arguments: Vec<String> = [
        "install",
        "--no-compile",
        "--no-warn-conflicts",
        "--progress-bar=off",
        "--python-version",
    ]
    .map(str::to_owned)
    .into();
    arguments.push(guest::python());
    arguments.extend(["--target".to_owned(), shown(directory)]);
    arguments.push(match wanted.build {
        // An older wheel rather than a newer source.
        true => "--prefer-binary".to_owned(),
        false => "--only-binary=:all:".to_owned(),
    });
    for place in &wanted.find_links {
        arguments.push(format!("--find-links={place}"));
    }
    for wheel in native.wheels().values() {
        arguments.push(format!("--find-links={}", shown(wheel)));
    }
    if wanted.lock.is_some() {
        arguments.extend(["--no-deps".to_owned(), "-r".to_owned(), shown(chosen)]);
    }
    for file in &wanted.files {
        arguments.extend(["-r".to_owned(), shown(file)]);
    }
    arguments
}

/// Pythons that may have pip, the nearest first.
fn pythons() -> Vec<Command> {
    let mut pythons = Vec::new();
    if let Some(environment) = std::env::var_os("VIRTUAL_ENV").filter(|one| !one.is_empty()) {
        let inside = match cfg!(windows) {
            true => "Scripts/python.exe",
            false => "bin/python",
        };
        pythons.push(Command::new(Path::new(&environment).join(inside)));
    }
    pythons.extend(["python3", "python"].map(Command::new));
    pythons.push(uv::python_with_pip());
    pythons
}

fn failure(code: i32, settings: &Path, wanted: &Wanted, output: String) -> Result<Outcome> {
    if code == REFUSED {
        let text = fs_err::read_to_string(settings.with_extension("refused"))?;
        let refusal: Refusal = serde_json::from_str(&text)?;
        let file = wanted.lock.clone().unwrap_or_default();
        if refusal.kind == "native" {
            return Ok(Outcome::Lacks(Lacking {
                package: refusal.package,
                version: refusal.version,
            }));
        }
        if refusal.kind == "lock" {
            return InstallError::LockUnusable {
                file,
                reason: refusal.reason,
            }
            .raise();
        }
        let mistake = InstallError::NoWheel {
            package: refusal.package.clone(),
            source: refusal.source,
            platforms: systems(&refusal.platforms),
        };
        return match refusal.source && !wanted.build {
            true => Ok(Outcome::Unbuilt {
                package: refusal.package,
                refusal: mistake.into(),
            }),
            false => mistake.raise(),
        };
    }
    let begin = output.find("ERROR: ").unwrap_or(0);
    let detail = output[begin..].replace("ERROR: ", "");
    let mistake = if output.contains("DO NOT MATCH THE HASHES")
        || output.contains("Hashes are required")
    {
        InstallError::HashesDiffer { detail }
    } else if output.contains("ERROR: Invalid requirement") {
        InstallError::RequirementUnreadable { detail }
    } else if output.contains("ResolutionImpossible") || output.contains("No matching distribution")
    {
        InstallError::Unresolvable { detail }
    } else if output.contains("subprocess-exited-with-error")
        || output.contains("Failed to build")
        || output.contains("metadata-generation-failed")
    {
        InstallError::BuildFailed { detail }
    } else {
        InstallError::Failed {
            program: "pip",
            detail,
        }
    };
    mistake.raise()
}

/// The systems in the tags of wheels, each once.
fn systems(platforms: &[String]) -> Vec<String> {
    let known = [
        ("linux", "Linux"),
        ("macosx", "macOS"),
        ("win", "Windows"),
        ("android", "Android"),
        ("ios", "iOS"),
        ("emscripten", "another Emscripten"),
        ("pyodide", "another Emscripten"),
    ];
    let named = known
        .iter()
        .filter(|(part, _)| platforms.iter().any(|platform| platform.contains(part)));
    let mut systems: Vec<String> = named.map(|(_, system)| (*system).to_owned()).collect();
    systems.dedup();
    systems
}
