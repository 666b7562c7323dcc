//! The Python module of each interface of the world.

use std::collections::{BTreeMap, BTreeSet};

use wit_parser::{InterfaceId, Resolve, World, WorldItem, WorldKey};

use super::Naming;
use super::layout::docs;
use super::names::{PyIdent, PyPath, Scope, is_identifier, snake};
use super::python::Direction;
use super::views::View;
use crate::plan::PlanError;
use crate::world::ResolvedWorld;
use ground::UserError;

/// An interface in one direction.
#[derive(Debug)]
pub struct Slot {
    pub id: InterfaceId,
    pub direction: Direction,
    /// `Resolve::name_world_key`: `ns:pkg/interface@version`, or a plain name.
    pub key: String,
    /// The view that defines it.
    pub view: usize,
    pub module: PyIdent,
    pub path: PyPath,
    /// Other names of its module, each with the view that has it. The names from other views come last.
    pub aliases: Vec<(usize, PyIdent)>,
}

impl Slot {
    /// The package of its module inside of a view.
    pub fn package(&self) -> &'static str {
        match self.direction {
            Direction::Imported => "imports",
            Direction::Exported => "exports",
        }
    }

    /// A view's name for its module.
    pub fn module_in(&self, view: usize) -> Option<&PyIdent> {
        self.modules_in(view).next()
    }

    /// All names under which a view offers its module, the view's own name for it first.
    pub fn modules_in(&self, view: usize) -> impl Iterator<Item = &PyIdent> {
        let own = (self.view == view).then_some(&self.module);
        let aliases = self.aliases.iter().filter(move |(other, _)| *other == view);
        own.into_iter().chain(aliases.map(|(_, module)| module))
    }

    /// The names by which the views that share it call its module.
    fn names(&self) -> Vec<PyIdent> {
        let aliases = self.aliases.iter().map(|(_, module)| module.clone());
        [self.module.clone()].into_iter().chain(aliases).collect()
    }
}

/// The parts of a module name.
struct Parts {
    /// `ns_pkg`; `None` for interfaces that the world names itself.
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

/// All interfaces of the world, imports first, each in WIT order. An interface that several views share belongs to the
/// first.
pub fn slots(resolve: &Resolve, world: &World, views: &[View]) -> Result<Vec<Slot>, UserError> {
    let mut slots: Vec<Slot> = Vec::new();
    for direction in [Direction::Imported, Direction::Exported] {
        for (index, view) in views.iter().enumerate() {
            for named in named(resolve, world, view, direction)? {
                let known = slots
                    .iter_mut()
                    .find(|slot| slot.direction == direction && slot.key == named.key);
                match known {
                    Some(slot) => slot.aliases.push((index, named.module)),
                    None => {
                        let mut slot = Slot {
                            id: named.id,
                            direction,
                            key: named.key,
                            view: index,
                            path: view.module.clone(),
                            module: named.module,
                            aliases: Vec::new(),
                        };
                        slot.path = view.module.join(slot.package()).join(slot.module.as_str());
                        slots.push(slot);
                    }
                }
            }
        }
    }
    share_names(&mut slots, views.len());
    Ok(slots)
}

/// Offers an interface that several views share under the names of all, wherever the name is free: the code of one
/// package may have been written where another decided the interface's name.
fn share_names(slots: &mut [Slot], views: usize) {
    for index in 0..slots.len() {
        let names = slots[index].names();
        let (direction, sharing) = (slots[index].direction, 0..views);
        for view in sharing.filter(|_| names.len() > 1) {
            if slots[index].module_in(view).is_none() {
                continue;
            }
            for name in &names {
                let is_taken = slots.iter().any(|slot| {
                    slot.direction == direction && slot.modules_in(view).any(|other| other == name)
                });
                if !is_taken {
                    slots[index].aliases.push((view, name.clone()));
                }
            }
        }
    }
}

/// The interface's documentation, then that of the world about importing or exporting it.
pub fn interface_docs(world: &ResolvedWorld, slot: &Slot) -> Option<String> {
    let resolve = &world.resolve;
    let items = match slot.direction {
        Direction::Imported => &resolve.worlds[world.world].imports,
        Direction::Exported => &resolve.worlds[world.world].exports,
    };
    let statement = items.iter().find_map(|(key, item)| match item {
        WorldItem::Interface { docs, .. } => {
            (resolve.name_world_key(key) == slot.key).then_some(docs)
        }
        WorldItem::Function(_) | WorldItem::Type { .. } => None,
    });
    let interface = Some(&resolve.interfaces[slot.id].docs);
    let both = [interface, statement].into_iter().flatten();
    let mut texts: Vec<String> = both.filter_map(docs).collect();
    // An interface that the world itself spells out may have the same text in both places.
    texts.dedup();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

/// An interface under the names of one view.
struct Named {
    id: InterfaceId,
    key: String,
    module: PyIdent,
}

fn named(
    resolve: &Resolve,
    world: &World,
    view: &View,
    direction: Direction,
) -> Result<Vec<Named>, UserError> {
    let interfaces = |direction| {
        let items = match direction {
            Direction::Imported => &world.imports,
            Direction::Exported => &world.exports,
        };
        items.iter().filter_map(move |(key, item)| match item {
            WorldItem::Interface { id, .. } => {
                let text = resolve.name_world_key(key);
                view.has(direction, &text).then_some((key, *id, text))
            }
            WorldItem::Function(_) | WorldItem::Type { .. } => None,
        })
    };
    let both = interfaces(Direction::Imported).chain(interfaces(Direction::Exported));
    let clashes = Clashes::new(both.map(|(key, _, _)| Parts::new(resolve, key)));
    let naming: &Naming = view.naming;
    let chosen = match direction {
        Direction::Imported => &naming.import_interface_names,
        Direction::Exported => &naming.export_interface_names,
    };
    let own: Vec<(&WorldKey, InterfaceId, String)> = interfaces(direction).collect();
    let keys: Vec<String> = own.iter().map(|(_, _, text)| text.clone()).collect();
    let mut scope = claim_chosen(&keys, chosen)?;
    let wanted = as_shipped(
        own.iter()
            .map(|(key, _, _)| Parts::new(resolve, key))
            .collect(),
        |parts| clashes.name(parts, naming.full_names),
        |name| naming.known_modules.contains(&(direction, name.to_owned())),
    );
    let named = own
        .into_iter()
        .zip(wanted)
        .map(|((_, id, text), wanted)| Named {
            id,
            module: match chosen_for(&text, chosen) {
                Some(name) => PyIdent::escaped(spelt(name)),
                None => scope.claim(wanted),
            },
            key: text,
        });
    Ok(named.collect())
}

/// The name by our rule. If a package that ships generated modules does not have that name, the first other form of the
/// name that it has and that nothing else here uses.
fn as_shipped(
    all: Vec<Parts>,
    rule: impl Fn(&Parts) -> String,
    is_shipped: impl Fn(&str) -> bool,
) -> Vec<String> {
    let ruled: Vec<String> = all.iter().map(&rule).collect();
    let mut names = ruled.clone();
    for (index, parts) in all.iter().enumerate() {
        if is_shipped(&ruled[index]) {
            continue;
        }
        let others = [parts.interface.clone(), parts.with_package(), parts.full()];
        let other = others
            .into_iter()
            .find(|other| is_shipped(other) && !names.contains(other));
        if let Some(other) = other {
            names[index] = other;
        }
    }
    names
}

/// A name from the user, which may have WIT's spelling: `http-handler`.
fn spelt(name: &str) -> String {
    name.replace('-', "_")
}

/// The user's name for an interface. Its version may be given without build metadata.
fn chosen_for<'a>(key: &str, chosen: &'a BTreeMap<String, String>) -> Option<&'a String> {
    let without_build = key.split('+').next().unwrap_or_default();
    chosen.get(key).or_else(|| chosen.get(without_build))
}

/// Names from the user come first; nothing else may use them.
fn claim_chosen(keys: &[String], chosen: &BTreeMap<String, String>) -> Result<Scope, UserError> {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for key in keys {
        let Some(name) = chosen_for(key, chosen) else {
            continue;
        };
        let module = spelt(name);
        if !is_identifier(&module) {
            return Err(PlanError::ModuleNameInvalid { name: name.clone() }.into());
        }
        if let Some(first) = owners.insert(module, key) {
            return Err(PlanError::ModuleNameTaken {
                module: name.clone(),
                first: first.to_owned(),
                second: key.clone(),
            }
            .into());
        }
    }
    Ok(Scope::with(owners.keys().map(String::as_str)))
}

/// Other users of a name: two packages add the package to it, and two versions add the version.
struct Clashes {
    /// Interface name to the packages that have an interface of that name.
    packages: BTreeMap<String, BTreeSet<Option<String>>>,
    /// Package and interface name to the existing versions.
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
