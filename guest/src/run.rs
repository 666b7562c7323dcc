//! Runs the programs of the build, with their output in a log file.
//!
//! Comes in: a command. Goes out: nothing, or an error with the end of the log.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// Lines of the log that an error shows.
const SHOWN: usize = 20;
/// The most characters of each of these lines: a command that links has thousands.
const WIDTH: usize = 300;

/// The user's variables that would change the result.
const FOREIGN: [&str; 14] = [
    "CC",
    "CXX",
    "CPP",
    "CFLAGS",
    "CXXFLAGS",
    "CPPFLAGS",
    "LDFLAGS",
    "LIBS",
    "AR",
    "RANLIB",
    "MAKEFLAGS",
    "MFLAGS",
    "PYTHONPATH",
    "PYTHONHOME",
];

/// A command with an environment in which the same inputs give the same bytes.
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    for name in FOREIGN {
        command.env_remove(name);
    }
    command
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .env("SOURCE_DATE_EPOCH", "315532800") // 1980: the earliest date of zip files.
        .env("PYTHONHASHSEED", "0")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null());
    command
}

/// Runs the command; `log` is appended to.
pub fn run(command: &mut Command, log: &Path) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let file = fs_err::OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)?;
    let status = command
        .stdout(file.file().try_clone()?)
        .stderr(file.file().try_clone()?)
        .status()
        .with_context(|| format!("failed to run `{program}`"))?;
    if status.success() {
        return Ok(());
    }
    let text = fs_err::read(log)?;
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let end: Vec<String> = lines[lines.len().saturating_sub(SHOWN)..]
        .iter()
        .map(|line| line.chars().take(WIDTH).collect())
        .collect();
    bail!(
        "`{program}` failed ({status}); its log `{}` ends with\n{}",
        log.display(),
        end.join("\n")
    )
}

/// The number of jobs for `make` and similar programs.
pub fn jobs() -> String {
    std::thread::available_parallelism()
        .map_or(1, usize::from)
        .to_string()
}
