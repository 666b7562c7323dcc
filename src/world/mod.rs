//! Parses WIT and settles on one world: paths and names come in, a `Resolve` and a `WorldId` go out.
//!
//! The world that comes out is nominal: an interface that is imported and exported has two
//! `InterfaceId`s and two sets of `TypeId`s, so that one id stands for one thing from here on.
//! Nothing about Python is known here.

mod load;
mod select;

use std::path::PathBuf;

use wit_parser::{
    CloneMaps, Docs, IndexMap, Package, PackageName, Resolve, Span, Stability, World, WorldId,
};

use crate::error::UserError;

/// What the user asked for, as paths and names.
#[derive(Debug, Default)]
pub struct WorldRequest<'a> {
    /// WIT files, directories (with `deps/`) and wasm-encoded packages, in the user's order.
    pub wit_paths: &'a [PathBuf],
    /// Worlds to unite; none means the only world there is.
    pub worlds: &'a [String],
    /// A world to intersect the result with.
    pub intersect: Option<&'a str>,
    /// Names for `@unstable(feature = ...)`; each may itself be a list with commas or spaces.
    pub features: &'a [String],
    pub all_features: bool,
}

/// The one world that everything after this stage is about.
#[derive(Debug)]
pub struct ResolvedWorld {
    pub resolve: Resolve,
    pub world: WorldId,
}

/// Parses, selects, unites and intersects. The user's mistakes are `UserError`s inside.
pub fn resolve(request: &WorldRequest) -> anyhow::Result<ResolvedWorld> {
    let mut loaded = load::load(request)?;
    let mut selected = Vec::new();
    for name in request.worlds {
        let world = select::named(&loaded.resolve, &loaded.packages, name)?;
        if !selected.contains(&world) {
            selected.push(world);
        }
    }
    if selected.is_empty() {
        selected.push(select::only(&loaded.resolve, &loaded.packages)?);
    }
    let intersect = request
        .intersect
        .map(|name| select::named(&loaded.resolve, &loaded.packages, name))
        .transpose()?
        .map(|world| loaded.resolve.worlds[world].clone());

    let resolve = &mut loaded.resolve;
    let world = unite(resolve, &selected)?;
    if let Some(with) = intersect {
        let world = &mut resolve.worlds[world];
        world
            .imports
            .retain(|key, _| with.imports.contains_key(key));
        world
            .exports
            .retain(|key, _| with.exports.contains_key(key));
    }
    resolve.generate_nominal_type_ids(world);
    Ok(ResolvedWorld {
        resolve: loaded.resolve,
        world,
    })
}

/// One world with the imports and exports of all of them, in the order given.
///
/// It belongs to a package of its own: were it one of the given worlds, its package would come to
/// depend on those of the others, which may depend on it.
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
            return Err(UserError::WorldsConflict {
                united,
                world: name,
                reason,
            }
            .into());
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
