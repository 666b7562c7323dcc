//! The folders of this user: their places, and a check that nobody else could put something into them.
//!
//! This is the only code that knows where caches lie, for the tool, `spin-host`, the guest's build and the tests.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(not(unix), path = "other.rs")]
mod folder;
mod refusal;

use std::path::PathBuf;

pub use folder::Folder;
pub use refusal::Refusal;

/// The variable that names a directory for caches in place of the system's.
pub const CACHE_VARIABLE: &str = "COMPONENTIZE_PY_CACHE";

/// The name of our folder inside those that all programs share.
const OURS: &str = "componentize-py";

/// Our folder for files that can be made again: `COMPONENTIZE_PY_CACHE`, or below the system's caches.
pub fn cache() -> Result<PathBuf, Refusal> {
    folder(&[CACHE_VARIABLE, "XDG_CACHE_HOME"], ".cache", "Caches")
}

/// Our folder for files that must stay with this user on this machine. It is not below the caches, which people put into shared
/// directories, restore from archives and carry from one machine to another.
pub fn state() -> Result<PathBuf, Refusal> {
    folder(&["XDG_STATE_HOME"], ".local/state", "Application Support")
}

/// Returns `true` if the user has chosen the place of the caches, and so wants to know when it cannot be used.
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

/// The value of a variable, unless it is unset or empty.
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

/// A name that no other process uses, for a file that is renamed once it is complete.
fn temporary_name() -> std::io::Result<String> {
    let random = u128::from_ne_bytes(random()?);
    Ok(format!("{TEMPORARY}{random:032x}"))
}

/// The beginning of such a name.
const TEMPORARY: &str = ".part-";
