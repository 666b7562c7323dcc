//! Faults of the file with the key.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use anyhow::Result;

use super::ensure;
use super::place::Place;

const OTHER_KEY: &str = "is damaged, or was written by somebody else";

pub fn is_made() -> Result<()> {
    let place = Place::with_entry()?;
    let key = std::fs::read(place.key())?;
    ensure(key.len() == 32 && key != [0; 32], "32 random bytes")?;
    let mode = place.key().metadata()?.permissions().mode() & 0o777;
    ensure(mode == 0o600, format!("{mode:o}"))?;
    let other = Place::with_entry()?;
    ensure(key != std::fs::read(other.key())?, "each has its own")?;
    // Without the key, no entry that it sealed is used.
    std::fs::remove_file(place.key())?;
    place.refuses(OTHER_KEY)?;
    place.uses()
}

/// A key that others may know, or that is invalid.
pub fn is_replaced() -> Result<()> {
    let place = Place::with_entry()?;
    for mode in [0o644, 0o640, 0o604, 0o622, 0o777] {
        let known = std::fs::read(place.key())?;
        std::fs::set_permissions(place.key(), Permissions::from_mode(mode))?;
        place.refuses(OTHER_KEY)?;
        ensure(std::fs::read(place.key())? != known, "it is another")?;
        place.uses()?;
    }
    for bytes in [&[][..], &[1; 31], &[1; 33], &[1; 100_000]] {
        std::fs::write(place.key(), bytes)?;
        place.refuses(OTHER_KEY)?;
        place.uses()?;
    }
    // A link to a key elsewhere.
    let elsewhere = place.path().join("elsewhere");
    std::fs::rename(place.key(), &elsewhere)?;
    symlink(&elsewhere, place.key())?;
    place.refuses(OTHER_KEY)?;
    ensure(elsewhere.exists(), "what a link leads to is left alone")?;
    place.uses()
}

pub fn is_a_directory() -> Result<()> {
    let place = Place::with_entry()?;
    std::fs::remove_file(place.key())?;
    std::fs::create_dir(place.key())?;
    place.refuses("is not a plain file")?;
    place.refuses("is not a plain file")
}
