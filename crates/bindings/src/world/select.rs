//! Finds worlds by name: the given packages first, then all known ones.

use wit_parser::{PackageId, Resolve, WorldId};

use crate::world::WorldError;
use ground::UserError;

/// A world's name in the user's form: `world`, `ns:pkg/world` or `ns:pkg/world@version`.
pub struct WorldName<'a> {
    /// `ns:pkg`
    package: Option<&'a str>,
    world: &'a str,
    version: Option<&'a str>,
}

impl<'a> WorldName<'a> {
    pub fn parse(text: &'a str) -> Self {
        let (package, rest) = match text.split_once('/') {
            Some((package, rest)) => (Some(package), rest),
            None => (None, text),
        };
        let (world, version) = match rest.split_once('@') {
            Some((world, version)) => (world, Some(version)),
            None => (rest, None),
        };
        Self {
            package,
            world,
            version,
        }
    }

    /// Returns `true` if it says which package has the world.
    pub fn is_whole(&self) -> bool {
        self.package.is_some()
    }

    /// Build metadata (`+...`) may be omitted: it says nothing about the contents of a version.
    pub fn matches(&self, resolve: &Resolve, id: WorldId) -> bool {
        let world = &resolve.worlds[id];
        let Some(package) = world.package.map(|package| &resolve.packages[package].name) else {
            return false;
        };
        let version = package.version.as_ref().map(ToString::to_string);
        world.name == self.world
            && self.package.is_none_or(|wanted| {
                wanted.split_once(':') == Some((package.namespace.as_str(), package.name.as_str()))
            })
            && self.version.is_none_or(|wanted| {
                version
                    .as_deref()
                    .is_some_and(|version| version == wanted || without_build(version) == wanted)
            })
    }
}

/// `1.2.3-rc.1` of `1.2.3-rc.1+build.7`
fn without_build(version: &str) -> &str {
    version.split('+').next().unwrap_or_default()
}

/// The world called `name`: first in the given packages, then in all.
pub fn named(resolve: &Resolve, packages: &[PackageId], name: &str) -> Result<WorldId, UserError> {
    for worlds in [worlds_of(resolve, packages), all(resolve)] {
        if let Some(world) = among(resolve, worlds, name)? {
            return Ok(world);
        }
    }
    Err(WorldError::WorldUnknown {
        name: name.to_owned(),
        candidates: nearest_first(name, names(resolve, &all(resolve)).into_iter()),
        fault: None,
    }
    .into())
}

/// The world called `name` among these, if there is exactly one.
pub fn among(
    resolve: &Resolve,
    worlds: Vec<WorldId>,
    name: &str,
) -> Result<Option<WorldId>, UserError> {
    let wanted = WorldName::parse(name);
    let mut found: Vec<WorldId> = worlds
        .into_iter()
        .filter(|world| wanted.matches(resolve, *world))
        .collect();
    if let Some(exact) = found.iter().find(|id| qualified(resolve, **id) == name) {
        found = vec![*exact];
    }
    match found.as_slice() {
        [] => Ok(None),
        [world] => Ok(Some(*world)),
        several => Err(WorldError::WorldAmbiguous {
            name: name.to_owned(),
            candidates: names(resolve, several),
        }
        .into()),
    }
}

/// The only world of the given packages, or of the last of them.
pub fn only(resolve: &Resolve, packages: &[PackageId]) -> Result<WorldId, UserError> {
    let given = worlds_of(resolve, packages);
    let last = packages
        .last()
        .map(|last| worlds_of(resolve, &[*last]))
        .unwrap_or_default();
    match (given.as_slice(), last.as_slice()) {
        ([world], _) | (_, [world]) => Ok(*world),
        ([], _) => Err(WorldError::NoWorld {
            candidates: names(resolve, &all(resolve)),
        }
        .into()),
        (several, _) => Err(WorldError::WorldNotNamed {
            candidates: names(resolve, several),
        }
        .into()),
    }
}

/// Their whole names, for messages.
pub fn names(resolve: &Resolve, worlds: &[WorldId]) -> Vec<String> {
    worlds.iter().map(|id| qualified(resolve, *id)).collect()
}

/// `ns:pkg/world@version`
pub fn qualified(resolve: &Resolve, id: WorldId) -> String {
    let world = &resolve.worlds[id];
    match world.package {
        Some(package) => resolve.id_of_name(package, &world.name),
        None => world.name.clone(),
    }
}

pub fn worlds_of(resolve: &Resolve, packages: &[PackageId]) -> Vec<WorldId> {
    packages
        .iter()
        .flat_map(|id| resolve.packages[*id].worlds.values().copied())
        .collect()
}

pub fn all(resolve: &Resolve) -> Vec<WorldId> {
    resolve
        .packages
        .iter()
        .flat_map(|(_, package)| package.worlds.values().copied())
        .collect()
}

/// Names of worlds, the most similar first, each once.
pub fn nearest_first(name: &str, known: impl Iterator<Item = String>) -> Vec<String> {
    let wanted = WorldName::parse(name).world.to_owned();
    let worlds: std::collections::BTreeSet<(usize, String)> = known
        .map(|known| {
            let distance = strsim::damerau_levenshtein(&wanted, WorldName::parse(&known).world);
            (distance, known)
        })
        .collect();
    worlds.into_iter().map(|(_, name)| name).collect()
}
