//! Directories and files of another user. Only root can run these tests, since nobody else can give files away.

use std::os::unix::fs::{chown, lchown, symlink};
use std::path::Path;

use anyhow::Result;

use super::ensure;
use super::place::{Place, output, process};

/// The user `nobody`.
const OTHER: u32 = 65534;

pub fn owners() -> Result<()> {
    let place = Place::with_entry()?;
    let entry = place.entry()?;
    let parent = place.cache.parent().expect("it is not the root").to_owned();
    for (path, mine_again) in [
        (entry.clone(), false),
        (place.cache.clone(), true),
        (parent, true),
        (place.path().to_owned(), true),
        (place.secrets.clone(), true),
    ] {
        chown(&path, Some(OTHER), None)?;
        place
            .refuses("belongs to another user (number 65534)")
            .map_err(|error| error.context(path.display().to_string()))?;
        if mine_again {
            chown(&path, Some(0), None)?;
        }
        // An entry has been replaced.
        place.uses()?;
    }
    // A key that somebody else has put there is replaced, too.
    chown(place.key(), Some(OTHER), None)?;
    place.refuses("is damaged, or was written by somebody else")?;
    place.uses()?;
    // Somebody else's link in a directory like `/tmp` may lead anywhere tomorrow.
    let mut through = Place::new()?;
    let link = through.path().join("link");
    symlink(place.path().join("cache"), &link)?;
    lchown(&link, Some(OTHER), Some(OTHER))?;
    through.cache = link.join("compiled");
    through.secrets = place.secrets.clone();
    through.refuses("belongs to another user")?;
    lchown(&link, Some(0), Some(0))?;
    through.uses()
}

/// A directory that a group may write to belongs to the user alone only if the group does. For the entries' own directory that
/// is never enough.
pub fn groups() -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::with_entry()?;
    let parent = place.cache.parent().expect("it is not the root");
    for (directory, group, fine) in [
        (parent, 0, true),
        (parent, OTHER, false),
        (&*place.cache, 0, false),
        (&*place.cache, OTHER, false),
    ] {
        chown(directory, None, Some(group))?;
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o770))?;
        let loaded = if fine {
            place.uses()
        } else {
            place.refuses("others than its owner may write to")
        };
        loaded.map_err(|error| error.context(format!("{} {group}", directory.display())))?;
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700))?;
    }
    place.uses()
}

/// The environment of `sudo -E`: the user is root, and the home directory is somebody else's.
pub fn home() -> Result<()> {
    let place = Place::new()?;
    let home = place.path().join("home");
    std::fs::create_dir(&home)?;
    let program = std::env::current_exe()?;
    let start = |variables: &[(&str, &Path)]| {
        let mut command = process(&program, 2);
        for variable in ["COMPONENTIZE_PY_CACHE", "XDG_CACHE_HOME", "XDG_STATE_HOME"] {
            command.env_remove(variable);
        }
        output(command.env("HOME", &home).envs(variables.iter().copied()))
    };
    ensure(start(&[])? == "nothing\nkept\n", "a home of one's own")?;
    chown(&home, Some(OTHER), None)?;
    let own = place.path().join("own");
    for variables in [
        &[][..],
        // The key would still lie in the other user's home.
        &[("COMPONENTIZE_PY_CACHE", &*own)],
        &[("XDG_CACHE_HOME", &*own)],
        &[("XDG_STATE_HOME", &*own)],
    ] {
        let said = start(variables)?;
        ensure(
            said.lines().count() == 2
                && said
                    .lines()
                    .all(|line| line.contains("home` belongs to another user (number 65534)")),
            format!("{variables:?}: {said}"),
        )?;
    }
    Ok(())
}
