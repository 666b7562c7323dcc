//! Lays out the modules: their names, their contents, and references between them.

use wit_parser::{Docs, Function as WitFunction, Resolve, TypeDefKind, TypeId, WorldItem};

use super::aliases;
use super::builder::ModuleBuilder;
use super::channels;
use super::classes::{Class, Classes, Home};
use super::modules::{Slot, interface_docs};
use super::names::{PyIdent, Scope, camel};
use super::python::{Direction, Item, Module, Protocol, Shadowed, Shared};
use super::views::{View, owned, world_types};
use crate::world::ResolvedWorld;

pub struct Modules {
    pub all: Vec<Module>,
    /// The protocol that the app implements, for each exported slot.
    pub protocols: Vec<ProtocolNames>,
}

/// The protocol's own name, then its names in other views.
#[derive(Clone, Default)]
pub struct ProtocolNames {
    pub names: Vec<PyIdent>,
}

impl ProtocolNames {
    fn add(&mut self, names: Vec<PyIdent>) {
        for name in names {
            if !self.names.contains(&name) {
                self.names.push(name);
            }
        }
    }
}

/// The data that all modules of a world share.
pub struct Layout<'a> {
    pub world: &'a ResolvedWorld,
    pub views: &'a [View<'a>],
    pub slots: &'a [Slot],
    pub classes: &'a Classes,
}

pub fn modules(
    world: &ResolvedWorld,
    views: &[View],
    slots: &[Slot],
    classes: &Classes,
) -> anyhow::Result<Modules> {
    let layout = Layout {
        world,
        views,
        slots,
        classes,
    };
    let mut all = Vec::new();
    let mut protocols = vec![ProtocolNames::default(); slots.len()];
    for view in 0..views.len() {
        layout.view(view, &mut all, &mut protocols)?;
    }
    Ok(Modules { all, protocols })
}

pub fn empty(file: String) -> Module {
    Module {
        file,
        docs: None,
        imports: Vec::new(),
        shared: Vec::new(),
        items: Vec::new(),
        shadowed: Shadowed::new(),
        hides_annotations: false,
        offers_types: false,
    }
}

impl Layout<'_> {
    pub fn resolve(&self) -> &Resolve {
        &self.world.resolve
    }

    /// All modules of a view: its own, and that of each interface.
    fn view(
        &self,
        view: usize,
        all: &mut Vec<Module>,
        protocols: &mut [ProtocolNames],
    ) -> anyhow::Result<()> {
        let directory = self.views[view].module.directory();
        let world_module = self.world_module(view, &directory, all)?;
        all.extend(aliases::types_module(&directory, &world_module));
        all.push(world_module);
        for direction in [Direction::Imported, Direction::Exported] {
            let in_view = |index: &usize| {
                let slot = &self.slots[*index];
                slot.direction == direction && slot.module_in(view).is_some()
            };
            let indices: Vec<usize> = (0..self.slots.len()).filter(in_view).collect();
            let Some(first) = indices.first() else {
                continue;
            };
            let package = format!("{directory}/{}", self.slots[*first].package());
            all.push(match direction {
                Direction::Imported => empty(format!("{package}/__init__.py")),
                Direction::Exported => self.exports_module(view, &package, &indices, protocols)?,
            });
            for index in indices {
                let slot = &self.slots[index];
                for name in slot.modules_in(view) {
                    all.push(if slot.view == view && *name == slot.module {
                        self.slot_module(&package, index)?
                    } else {
                        aliases::slot_module(slot, name, &package, all)?
                    });
                }
            }
        }
        Ok(())
    }

    fn world_module(
        &self,
        view: usize,
        directory: &str,
        printed: &[Module],
    ) -> anyhow::Result<Module> {
        let types = world_types(self.world, self.views, view);
        let imported = functions_of(owned(self.world, self.views, view, Direction::Imported));
        let exported = functions_of(owned(self.world, self.views, view, Direction::Exported));
        let own = &self.classes.worlds[view];
        let mut builder =
            ModuleBuilder::new(self, view, Some(Home::World(view)), own.scope.clone());
        let names = builder.claim(&freestanding(&imported));
        // Names from WIT come first: functions that we add take other names.
        let pipes = channels::pipes(
            self.world,
            (view, &self.views[view]),
            self.slots,
            self.classes,
        );
        let makers: Vec<PyIdent> = channels::wanted_names(&pipes)
            .map(|name| builder.scope.claim(name))
            .collect();
        builder.reserve(&types, &[imported.clone(), exported.clone()].concat());
        let mut items = builder.types(&types, &imported, None)?;
        items.extend(builder.functions(&freestanding(&imported), names, None)?);
        for (pipe, name) in pipes.into_iter().zip(makers) {
            items.push(Item::Channel(builder.channel(pipe, name)?));
        }
        let shared = aliases::of_world(self, view, printed);
        if shared
            .iter()
            .all(|shared| shared.names.iter().all(|(_, name)| *name != own.protocol))
        {
            let protocol = builder.protocol(own.protocol.clone(), None, &exported, None)?;
            items.push(Item::Protocol(protocol));
        }
        let docs = self.views[view].docs();
        let mut module = builder.finish(format!("{directory}/__init__.py"), docs, items);
        module.shared = shared;
        Ok(module)
    }

    fn slot_module(&self, package: &str, index: usize) -> anyhow::Result<Module> {
        let slot = &self.slots[index];
        let interface = &self.resolve().interfaces[slot.id];
        let types: Vec<TypeId> = interface.types.values().copied().collect();
        let all: Vec<&WitFunction> = interface.functions.values().collect();
        let free = match slot.direction {
            Direction::Imported => freestanding(&all),
            Direction::Exported => Vec::new(),
        };
        let home = Home::Slot(index);
        let key = Some(slot.key.as_str());
        let scope = self.classes.scopes[index].clone();
        let mut builder = ModuleBuilder::new(self, slot.view, Some(home), scope);
        let names = builder.claim(&free);
        builder.reserve(&types, &all);
        let mut items = builder.types(&types, &all, key)?;
        items.extend(builder.functions(&free, names, key)?);
        let file = format!("{package}/{}.py", slot.module);
        let mut module = builder.finish(file, interface_docs(self.world, slot), items);
        module.shared.extend(self.shared(&types, slot, home));
        Ok(module)
    }

    /// The classes that this exported interface shares with its imported counterpart.
    fn shared(&self, types: &[TypeId], slot: &Slot, home: Home) -> Option<Shared> {
        let classes: Vec<(TypeId, &Class)> = types
            .iter()
            .filter_map(|id| Some((*id, self.classes.by_type.get(id)?)))
            .filter(|(_, class)| class.home != home)
            .collect();
        let Home::Slot(index) = classes.first()?.1.home else {
            return None;
        };
        let names = classes.iter().flat_map(|(id, class)| {
            let cases = match self.resolve().types[*id].kind {
                TypeDefKind::Variant(_) => class.names.members.as_slice(),
                _ => &[],
            };
            cases.iter().chain([&class.names.class]).cloned()
        });
        let other = &self.slots[index];
        let package = self.package_of(other, slot.view, Some(home));
        Some(Shared {
            from: format!("{package}.{}", other.module),
            names: names.map(|name| (name.clone(), name)).collect(),
        })
    }

    /// Returns `true` if it defines a class, and not only shares some.
    fn defines(&self, home: Home) -> bool {
        self.classes
            .by_type
            .values()
            .any(|class| class.home == home)
    }

    /// The package with one protocol for each exported interface.
    fn exports_module(
        &self,
        view: usize,
        package: &str,
        indices: &[usize],
        protocols: &mut [ProtocolNames],
    ) -> anyhow::Result<Module> {
        let mut scope = Scope::default();
        let has_functions = |item: &WorldItem| matches!(item, WorldItem::Function(_));
        let exported = self.views[view].items(self.world, Direction::Exported);
        if exported.iter().any(|(_, item)| has_functions(item)) {
            // The application has one class of that name, for the world's own functions.
            scope.claim(self.classes.worlds[view].protocol.to_string());
        }
        let mut all = Vec::new();
        let mut claimed = Vec::new();
        for index in indices {
            let slot = &self.slots[*index];
            let functions: Vec<&WitFunction> = self.resolve().interfaces[slot.id]
                .functions
                .values()
                .collect();
            all.extend(functions.clone());
            let module = slot.module_in(view).unwrap_or(&slot.module);
            let name = scope.claim(camel(module.as_str()));
            claimed.push((*index, vec![name], freestanding(&functions)));
        }
        for (index, names, _) in &mut claimed {
            for other in self.slots[*index].modules_in(view).skip(1) {
                let name = camel(other.as_str());
                if !scope.contains(&name) {
                    names.push(scope.claim(name));
                }
            }
        }
        let mut builder = ModuleBuilder::new(self, view, None, scope);
        builder.submodules = Scope::with(
            indices
                .iter()
                .filter(|index| self.defines(Home::Slot(**index)))
                .map(|index| self.slots[*index].module.as_str()),
        );
        builder.reserve(&[], &freestanding(&all));
        let mut items = Vec::new();
        let mut shared = Vec::new();
        for (index, mut names, functions) in claimed {
            let slot = &self.slots[index];
            if slot.view != view {
                let protocol = protocols[index].names.first();
                shared.extend(aliases::protocol(self, slot, protocol, names.clone()));
                protocols[index].add(names);
                continue;
            }
            let docs = interface_docs(self.world, slot);
            let name = names.remove(0);
            let protocol = builder.protocol(name.clone(), docs, &functions, Some(&slot.key))?;
            items.push(Item::Protocol(Protocol {
                other_names: names.clone(),
                ..protocol
            }));
            protocols[index].add([vec![name], names].concat());
        }
        let mut module = builder.finish(format!("{package}/__init__.py"), None, items);
        module.shared = shared;
        Ok(module)
    }

    /// The package of a slot, relative to a module of a view.
    pub fn package_of(&self, slot: &Slot, view: usize, from: Option<Home>) -> String {
        if slot.view != view {
            return self.views[slot.view]
                .module
                .join(slot.package())
                .to_string();
        }
        let relative = match (slot.direction, from) {
            (Direction::Imported, Some(Home::World(_))) => ".imports",
            (Direction::Exported, Some(Home::World(_))) => ".exports",
            (Direction::Imported, Some(Home::Slot(_)) | None) => "..imports",
            (Direction::Exported, Some(Home::Slot(_))) => "..exports",
            // In this form type checkers treat the module as an attribute of the package.
            (Direction::Exported, None) => ".",
        };
        relative.to_owned()
    }
}

pub fn functions_of(items: Vec<&WorldItem>) -> Vec<&WitFunction> {
    items
        .into_iter()
        .filter_map(|item| match item {
            WorldItem::Function(function) => Some(function),
            WorldItem::Interface { .. } | WorldItem::Type { .. } => None,
        })
        .collect()
}

fn freestanding<'a>(functions: &[&'a WitFunction]) -> Vec<&'a WitFunction> {
    functions
        .iter()
        .copied()
        .filter(|function| function.kind.resource().is_none())
        .collect()
}

pub fn docs(docs: &Docs) -> Option<String> {
    docs.contents
        .as_ref()
        .map(|text| text.trim_end().to_owned())
        .filter(|text| !text.is_empty())
}
