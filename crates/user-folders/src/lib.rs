//! The folders of this user: where they are, and whether somebody else could put something into them.
//!
//! This is the one place that knows where caches lie, for the tool, for `spin-host`, for the build of the guest and for the tests.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(not(unix), path = "other.rs")]
mod folder;
mod refusal;

use std::path::PathBuf;

pub use folder::Folder;
pub use refusal::Refusal;

/// The variable that names another place for caches than the system's.
pub const CACHE_VARIABLE: &str = "COMPONENTIZE_PY_CACHE";

/// The name of our folder in those that are shared by all programs.
const OURS: &str = "componentize-py";

/// Our folder for what can be made again: `COMPONENTIZE_PY_CACHE`, or where the system keeps caches.
pub fn cache() -> Result<PathBuf, Refusal> {
    folder(&[CACHE_VARIABLE, "XDG_CACHE_HOME"], ".cache", "Caches")
}

/// Our folder for what must stay with this user on this machine. It is not below the caches, which people put into shared
/// directories, restore from archives and carry from one machine to another.
pub fn state() -> Result<PathBuf, Refusal> {
    folder(&["XDG_STATE_HOME"], ".local/state", "Application Support")
}

/// Whether the user has chosen the place of the caches, and so wants to hear when it cannot be used.
pub fn is_cache_chosen() -> bool {
    variable(CACHE_VARIABLE).is_some()
}

fn folder(variables: &[&'static str], unix: &str, macos: &str) -> Result<PathBuf, Refusal> {
    let chosen = variables.iter().find_map(|name| variable(name));
    let base = if let Some(chosen) = chosen {
        chosen
    } else if cfg!(windows) {
        variable("LOCALAPPDATA").ok_or(Refusal::Nowhere {
            variable: "LOCALAPPDATA",
        })?
    } else {
        let home = variable("HOME").ok_or(Refusal::Nowhere { variable: "HOME" })?;
        if cfg!(target_os = "macos") {
            home.join("Library").join(macos)
        } else {
            home.join(unix)
        }
    };
    Ok(base.join(OURS))
}

/// The value of a variable that is set to something.
fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

/// Bytes that nobody can guess.
pub fn random<const LENGTH: usize>() -> std::io::Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(bytes)
}

/// A name that no other process has thought of, for a file that gets its own name once it is whole.
fn temporary_name() -> std::io::Result<String> {
    let random = u128::from_ne_bytes(random()?);
    Ok(format!("{TEMPORARY}{random:032x}"))
}

/// How the name of such a file begins.
const TEMPORARY: &str = ".part-";
