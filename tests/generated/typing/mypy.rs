//! mypy in one of its releases.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use super::PYTHON;
use crate::support::python_venv;

pub struct Mypy {
    release: &'static str,
    pub python: PathBuf,
}

impl Mypy {
    /// `requirement` is in pip's format.
    pub fn install(requirement: &'static str) -> Self {
        Self {
            release: requirement,
            python: python_venv(&[requirement]),
        }
    }

    /// Strict mypy for files of this directory. The cache is keyed by the names of modules, so two runs at the same time
    /// must not share one.
    pub fn strict(&self, directory: &Path, kind: &str) -> std::io::Result<Command> {
        date_by_content(directory)?;
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local!(static THREAD: usize = THREADS.fetch_add(1, Ordering::Relaxed));
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(self.release.replace("==", "-"))
            .join(format!("{kind}-{}", THREAD.with(|thread| *thread)));
        let mut command = Command::new(&self.python);
        command
            .args([
                "-m",
                "mypy",
                "--strict",
                "--python-version",
                PYTHON,
                "--cache-dir",
            ])
            .arg(cache);
        command.current_dir(directory).env_remove("MYPYPATH");
        Ok(command)
    }
}

/// mypy's cache considers a file unchanged if its size and the second of its last change are the same.
fn date_by_content(directory: &Path) -> std::io::Result<()> {
    for entry in fs_err::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            date_by_content(&path)?;
            continue;
        }
        let mut hasher = DefaultHasher::new();
        fs_err::read(&path)?.hash(&mut hasher);
        let seconds = Duration::from_secs(hasher.finish() >> 33);
        let file = fs_err::File::options().write(true).open(&path)?;
        file.file().set_modified(SystemTime::UNIX_EPOCH + seconds)?;
    }
    Ok(())
}
