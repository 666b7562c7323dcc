//! Which Python module each interface of the world becomes.

use std::collections::{BTreeMap, BTreeSet};

use wit_parser::{Docs, InterfaceId, Resolve, World, WorldItem, WorldKey};

use super::Naming;
use super::build::docs;
use super::names::{PyIdent, Scope, is_identifier, snake};
use super::python::Direction;
use crate::error::UserError;

/// An interface in one direction.
#[derive(Debug)]
pub struct Slot {
    pub id: InterfaceId,
    pub direction: Direction,
    /// `Resolve::name_world_key`: `ns:pkg/interface@version`, or a plain name.
    pub key: String,
    pub module: PyIdent,
    /// What the interface says, then what the world says about importing or exporting it.
    pub docs: Option<String>,
}

/// What a module name is made of.
struct Parts {
    /// `ns_pkg`; none for interfaces that the world names itself.
    package: Option<String>,
    interface: String,
    version: Option<String>,
}

impl Parts {
    fn new(resolve: &Resolve, key: &WorldKey) -> Self {
        let id = match key {
            WorldKey::Name(name) => {
                return Self {
                    package: None,
                    interface: snake(name),
                    version: None,
                };
            }
            WorldKey::Interface(id) => *id,
        };
        let interface = &resolve.interfaces[id];
        let package = interface
            .package
            .map(|package| &resolve.packages[package].name);
        Self {
            package: package
                .map(|name| format!("{}_{}", snake(&name.namespace), snake(&name.name))),
            interface: interface.name.as_deref().map(snake).unwrap_or_default(),
            version: package
                .and_then(|name| name.version.as_ref())
                .map(|version| {
                    version
                        .to_string()
                        .replace(|char: char| !char.is_ascii_alphanumeric(), "_")
                }),
        }
    }

    fn with_package(&self) -> String {
        match &self.package {
            Some(package) => format!("{package}_{}", self.interface),
            None => self.interface.clone(),
        }
    }

    fn full(&self) -> String {
        match &self.version {
            Some(version) => format!("{}_{version}", self.with_package()),
            None => self.with_package(),
        }
    }
}

/// All interfaces of the world, imports first, each in WIT order.
pub fn slots(resolve: &Resolve, world: &World, naming: &Naming) -> Result<Vec<Slot>, UserError> {
    let sides = [
        (
            Direction::Imported,
            &world.imports,
            &naming.import_interface_names,
        ),
        (
            Direction::Exported,
            &world.exports,
            &naming.export_interface_names,
        ),
    ];
    let clashes = Clashes::new(sides.iter().flat_map(|(_, items, _)| {
        items.iter().filter_map(|(key, item)| match item {
            WorldItem::Interface { .. } => Some(Parts::new(resolve, key)),
            WorldItem::Function(_) | WorldItem::Type { .. } => None,
        })
    }));

    let mut slots = Vec::new();
    for (direction, items, chosen) in sides {
        let interfaces: Vec<(&WorldKey, InterfaceId, &Docs)> = items
            .iter()
            .filter_map(|(key, item)| match item {
                WorldItem::Interface { id, docs, .. } => Some((key, *id, docs)),
                WorldItem::Function(_) | WorldItem::Type { .. } => None,
            })
            .collect();
        let keys: Vec<String> = interfaces
            .iter()
            .map(|(key, ..)| resolve.name_world_key(key))
            .collect();
        let mut scope = claim_chosen(&keys, chosen)?;
        for ((key, id, docs), text) in interfaces.into_iter().zip(keys) {
            let module = match chosen.get(&text) {
                Some(name) => PyIdent::escaped(name.clone()),
                None => scope.claim(clashes.name(&Parts::new(resolve, key), naming.full_names)),
            };
            slots.push(Slot {
                id,
                direction,
                key: text,
                module,
                docs: joined(&resolve.interfaces[id].docs, docs),
            });
        }
    }
    Ok(slots)
}

/// An interface that the world itself spells out may have the same text in both places.
fn joined(interface: &Docs, statement: &Docs) -> Option<String> {
    let mut texts: Vec<String> = [interface, statement].into_iter().filter_map(docs).collect();
    texts.dedup();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

/// The names that the user chose come first; nothing else may take them.
fn claim_chosen(keys: &[String], chosen: &BTreeMap<String, String>) -> Result<Scope, UserError> {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for key in keys {
        let Some(name) = chosen.get(key) else {
            continue;
        };
        if !is_identifier(name) {
            return Err(UserError::ModuleNameInvalid { name: name.clone() });
        }
        if let Some(first) = owners.insert(name, key) {
            return Err(UserError::ModuleNameTaken {
                module: name.clone(),
                first: first.to_owned(),
                second: key.clone(),
            });
        }
    }
    Ok(Scope::with(owners.into_keys()))
}

/// Who else uses a name: the package goes into it when two packages do, the version when two
/// versions do.
struct Clashes {
    /// Interface name to the packages that have one of that name.
    packages: BTreeMap<String, BTreeSet<Option<String>>>,
    /// Package and interface name to the versions there are.
    versions: BTreeMap<String, BTreeSet<Option<String>>>,
}

impl Clashes {
    fn new(all: impl Iterator<Item = Parts>) -> Self {
        let mut clashes = Self {
            packages: BTreeMap::new(),
            versions: BTreeMap::new(),
        };
        for parts in all {
            let qualified = parts.with_package();
            clashes
                .packages
                .entry(parts.interface)
                .or_default()
                .insert(parts.package);
            clashes
                .versions
                .entry(qualified)
                .or_default()
                .insert(parts.version);
        }
        clashes
    }

    fn name(&self, parts: &Parts, full: bool) -> String {
        let qualified = parts.with_package();
        if full
            || self
                .versions
                .get(&qualified)
                .is_some_and(|versions| versions.len() > 1)
        {
            parts.full()
        } else if self
            .packages
            .get(&parts.interface)
            .is_some_and(|found| found.len() > 1)
        {
            qualified
        } else {
            parts.interface.clone()
        }
    }
}
