//! Checks WIT files before the parser reads them: their kind, their size, and the targets of links.
//!
//! The parser shows the line that it does not understand, so a link `world.wit` to a file with a secret would print the
//! secret. But links are how repositories share WIT; their targets must be named like WIT.

use std::path::{Path, PathBuf};

use ground::UserError;
use ground::files::{self, Unusable};

/// The suffixes that the parser treats as text, and as binaries or their text format.
const SUFFIXES: [&str; 3] = ["wit", "wasm", "wat"];

/// Fails if reading this path, as the parser would, comes across a file that must not be read.
pub fn check(path: &Path) -> Result<(), UserError> {
    files(path).iter().try_for_each(|file| check_file(file))
}

/// The files that the parser would read.
pub fn files(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let mut files = within(path);
    for entry in entries(&path.join("deps")) {
        if entry.is_dir() {
            files.extend(within(&entry));
        } else if has_suffix(&entry) {
            files.push(entry);
        }
    }
    files
}

fn within(directory: &Path) -> Vec<PathBuf> {
    let mut files = entries(directory);
    files.retain(|file| has_suffix(file));
    files
}

fn check_file(file: &Path) -> Result<(), UserError> {
    let limit = match file.extension() {
        Some(extension) if extension != "wit" => files::BINARY,
        _ => files::TEXT,
    };
    let refused = |reason| files::unusable(file, reason);
    files::check(file, limit).map_err(refused)?;
    if file.is_symlink() {
        let target = std::fs::canonicalize(file).map_err(|error| refused(error.into()))?;
        if !has_suffix(&target) {
            return Err(refused(Unusable::LinkToOther { target }));
        }
    }
    Ok(())
}

fn has_suffix(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| SUFFIXES.contains(&extension))
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(directory).into_iter().flatten().flatten();
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    entries.sort();
    entries
}
