//! Virtual environments of the host's Python.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::command::succeeds;

/// The Python of a virtual environment with `packages` (in pip's format, with versions).
///
/// It is made once and kept in the user's cache. A second run of the tests needs no network.
pub fn python_venv(packages: &[&str]) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    packages.hash(&mut hasher);
    let directory = cache().join(format!("venv-{:016x}", hasher.finish()));
    let python = |root: &PathBuf| root.join("bin").join("python");
    if python(&directory).exists() {
        return python(&directory);
    }
    // Made under another name, so that what lies under the right one is always whole.
    fs_err::create_dir_all(cache()).expect("the cache can be written");
    let temporary = tempfile::tempdir_in(cache()).expect("the cache can be written");
    let made = temporary.path().join("venv");
    let run = |command: &mut Command| {
        if let Err(error) = succeeds(command) {
            panic!("{error:?}");
        }
    };
    run(Command::new("python3").args(["-m", "venv"]).arg(&made));
    run(Command::new(python(&made))
        .args(["-m", "pip", "install", "--quiet"])
        .args(packages));
    // Another test may have been faster; then ours goes away.
    if fs_err::rename(&made, &directory).is_err() {
        assert!(
            python(&directory).exists(),
            "the virtual environment is there"
        );
    }
    python(&directory)
}

/// The folder of the virtual environment that this Python belongs to.
pub fn environment(python: &Path) -> &Path {
    python.ancestors().nth(2).expect("it is in `bin`")
}

fn cache() -> PathBuf {
    let cache = user_folders::cache();
    cache
        .unwrap_or_else(|_| std::env::temp_dir().join("componentize-py"))
        .join("tests")
}
