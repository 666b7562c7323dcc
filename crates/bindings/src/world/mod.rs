//! Parses WIT and settles on one world: paths and names come in, a `Resolve` and a `WorldId` go out.
//!
//! The resulting world is nominal: an interface that is both imported and exported has two `InterfaceId`s and two sets
//! of `TypeId`s, so that from here on one id stands for one thing. Nothing about Python is known here.

mod binary;
mod chains;
mod choose;
mod error;
mod inputs;
mod load;
mod modernise;
mod parser;
mod select;
pub mod spare;
mod spelling;
mod wasi;
mod well_known;

pub use error::WorldError;

use ground::Mistake as _;
use std::collections::BTreeSet;
use std::path::PathBuf;

use wit_parser::{
    CloneMaps, Docs, IndexMap, Package, PackageName, Resolve, Span, Stability, World, WorldId,
    WorldItem, WorldKey,
};

use choose::Chosen;

/// The user's request, as paths and names.
#[derive(Debug, Default)]
pub struct WorldRequest<'a> {
    /// WIT files, directories (with `deps/`) and wasm-encoded packages, in the user's order. If empty: [`DEFAULT_WIT`],
    /// as far as it is needed.
    pub wit_paths: &'a [PathBuf],
    /// Worlds to unite; empty for the only world.
    pub worlds: &'a [String],
    /// A world to intersect the result with.
    pub intersect: Option<&'a str>,
    /// Names for `@unstable(feature = ...)`; each may itself be a list with commas or spaces.
    pub features: &'a [String],
    pub all_features: bool,
    /// The WIT of Python packages, in the order of the search path.
    pub packaged: &'a [PackagedWit],
    /// Python module -> the world to use from its WIT.
    pub module_worlds: &'a [(String, String)],
}

/// The WIT of a Python package.
#[derive(Debug)]
pub struct PackagedWit {
    pub module: String,
    pub wit: PathBuf,
    /// Its form for messages.
    pub shown: PathBuf,
}

/// The directory that is searched for WIT when no path is given.
pub const DEFAULT_WIT: &str = "wit";

/// The one world that all later stages are about.
#[derive(Debug)]
pub struct ResolvedWorld {
    pub resolve: Resolve,
    pub world: WorldId,
    /// The parts of the world by owner. The first one owns what several have: Python packages come before the user,
    /// except for worlds that are only dependencies of packages.
    pub parts: Vec<Part>,
    /// Names of the interfaces that the intersection has removed.
    pub dropped: Vec<String>,
}

impl ResolvedWorld {
    /// Returns `true` if the world exports one of these interfaces of a package, of any version.
    pub fn exports(&self, package: &str, interfaces: &[&str]) -> bool {
        let mut exports = self.resolve.worlds[self.world].exports.keys();
        exports.any(|key| {
            let WorldKey::Interface(id) = key else {
                return false;
            };
            let interface = &self.resolve.interfaces[*id];
            let of = interface.package.map(|id| &self.resolve.packages[id].name);
            let name = interface.name.as_deref().unwrap_or_default();
            interfaces.contains(&name)
                && of.is_some_and(|of| format!("{}:{}", of.namespace, of.name) == package)
        })
    }

    /// A world that belongs to the user alone.
    pub fn of_user(mut resolve: Resolve, world: WorldId) -> Self {
        let parts = parts(&resolve, &[(world, vec![None])]);
        resolve.generate_nominal_type_ids(world);
        Self {
            resolve,
            world,
            parts,
            dropped: Vec::new(),
        }
    }
}

/// The part of the world that belongs to one Python package, or to the user. Two parts may overlap.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// An index into the request's `packaged`; `None` is the user.
    pub owner: Option<usize>,
    /// The names of its worlds.
    pub worlds: Vec<String>,
    pub imports: BTreeSet<String>,
    pub exports: BTreeSet<String>,
    pub docs: Option<String>,
}

/// Parses, selects, unites and intersects. The user's mistakes are `UserError`s inside.
pub fn resolve(request: &WorldRequest) -> anyhow::Result<ResolvedWorld> {
    let (sources, chosen) = choose::choose(request)?;
    let mut resolve = sources.resolve;
    let parts = parts(&resolve, &chosen.worlds);
    let worlds: Vec<WorldId> = chosen.worlds.iter().map(|(world, _)| *world).collect();
    let with = chosen.intersect.map(|world| resolve.worlds[world].clone());
    let world = unite(&mut resolve, &worlds)?;
    let dropped = with.map_or_else(Vec::new, |with| intersect(&mut resolve, world, &with));
    resolve.generate_nominal_type_ids(world);
    Ok(ResolvedWorld {
        resolve,
        world,
        parts,
        dropped,
    })
}

/// Keeps only items that the other world has too; returns the names of the removed ones.
fn intersect(resolve: &mut Resolve, world: WorldId, with: &World) -> Vec<String> {
    let (imports, exports) = {
        let world = &resolve.worlds[world];
        (world.imports.clone(), world.exports.clone())
    };
    let (kept_imports, gone_imports): (IndexMap<_, _>, IndexMap<_, _>) = imports
        .into_iter()
        .partition(|(key, _)| with.imports.contains_key(key));
    let (kept_exports, gone_exports): (IndexMap<_, _>, IndexMap<_, _>) = exports
        .into_iter()
        .partition(|(key, _)| with.exports.contains_key(key));
    let dropped = gone_imports
        .keys()
        .chain(gone_exports.keys())
        .map(|key| resolve.name_world_key(key))
        .collect();
    let world = &mut resolve.worlds[world];
    world.imports = kept_imports;
    world.exports = kept_exports;
    dropped
}

/// The parts of each owner's worlds.
fn parts(resolve: &Resolve, worlds: &[Chosen]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (world, owners) in worlds {
        let world = &resolve.worlds[*world];
        for owner in owners {
            let index = parts
                .iter()
                .position(|part| part.owner == *owner)
                .unwrap_or_else(|| {
                    parts.push(Part {
                        owner: *owner,
                        ..Part::default()
                    });
                    parts.len() - 1
                });
            parts[index].add(resolve, world);
        }
    }
    // Packages own the worlds that they share with the user. Mere dependencies of packages belong to the user, whose
    // modules must not need those of packages that the application may not use at all.
    let is_lent = |(_, owners): &Chosen| owners.len() > 1 && owners.contains(&None);
    let user_first = worlds.iter().any(is_lent);
    parts.sort_by_key(|part| part.owner.is_none() != user_first);
    parts
}

impl Part {
    /// Adds the items of another part.
    pub fn absorb(&mut self, other: Self) {
        self.worlds.extend(other.worlds);
        self.imports.extend(other.imports);
        self.exports.extend(other.exports);
        self.docs = match (self.docs.take(), other.docs) {
            (Some(own), Some(other)) => Some(format!("{own}\n\n{other}")),
            (own, other) => own.or(other),
        };
    }

    fn add(&mut self, resolve: &Resolve, world: &World) {
        let names = |items: &IndexMap<WorldKey, WorldItem>| -> BTreeSet<String> {
            items
                .keys()
                .map(|key| resolve.name_world_key(key))
                .collect()
        };
        self.absorb(Self {
            owner: self.owner,
            worlds: vec![world.name.clone()],
            imports: names(&world.imports),
            exports: names(&world.exports),
            docs: world.docs.contents.clone(),
        });
    }
}

/// One world with the imports and exports of all of them, in the given order.
///
/// It belongs to a separate package. If it were one of the given worlds, its package would depend on those of the
/// others, which may depend on it.
fn unite(resolve: &mut Resolve, worlds: &[WorldId]) -> anyhow::Result<WorldId> {
    if let [world] = worlds {
        return Ok(*world);
    }
    let union = add_union(resolve, worlds);
    let mut united: Vec<String> = Vec::new();
    for world in worlds {
        let name = select::qualified(resolve, *world);
        if let Err(error) = resolve.merge_worlds(*world, union, &mut CloneMaps::default()) {
            let reason = format!("{error:#}");
            return WorldError::WorldsConflict {
                united,
                world: name,
                reason,
            }
            .raise();
        }
        united.push(name);
    }
    Ok(union)
}

/// An empty world with the documentation of all of them.
fn add_union(resolve: &mut Resolve, worlds: &[WorldId]) -> WorldId {
    let docs: Vec<&str> = worlds
        .iter()
        .filter_map(|id| resolve.worlds[*id].docs.contents.as_deref())
        .collect();
    let contents = (!docs.is_empty()).then(|| docs.join("\n\n"));
    let package_name = PackageName {
        namespace: "componentize-py".to_owned(),
        name: "union".to_owned(),
        version: None,
    };
    let package = resolve.packages.alloc(Package {
        name: package_name.clone(),
        docs: Docs::default(),
        interfaces: IndexMap::default(),
        worlds: IndexMap::default(),
    });
    resolve.package_names.insert(package_name, package);
    let world = resolve.worlds.alloc(World {
        name: "union".to_owned(),
        imports: IndexMap::default(),
        exports: IndexMap::default(),
        package: Some(package),
        docs: Docs { contents },
        stability: Stability::Unknown,
        includes: Vec::new(),
        span: Span::default(),
    });
    resolve.packages[package]
        .worlds
        .insert("union".to_owned(), world);
    world
}
