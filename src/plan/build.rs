//! Lays out the modules: which there are, what is in each, and how one refers to another.

use wit_parser::{Docs, Function as WitFunction, Resolve, TypeDefKind, TypeId, World, WorldItem};

use super::channels;
use super::classes::{Class, Classes, Home, world_types};
use super::modules::Slot;
use super::names::{PyIdent, PyPath, Scope, camel, snake};
use super::python::{Direction, Helper, Item, Module, ModuleImport, Shadowed, SharedClasses};
use crate::world::ResolvedWorld;

pub struct Modules {
    pub all: Vec<Module>,
    /// For each slot, the protocol that the app implements; only exported ones have one.
    pub protocols: Vec<Option<PyIdent>>,
}

/// What all modules of a world have in common.
struct Layout<'a> {
    world: &'a ResolvedWorld,
    slots: &'a [Slot],
    classes: &'a Classes,
}

/// One module while its items are made, since these decide what it imports.
pub struct ModuleBuilder<'a> {
    layout: &'a Layout<'a>,
    /// None for the exports package itself, which defines no types.
    home: Option<Home>,
    /// The module's top-level names.
    scope: Scope,
    /// Names that the module of another slot cannot have here.
    reserved: Scope,
    /// Names of submodules with classes of their own, which nothing else may hide.
    submodules: Scope,
    imports: Vec<(Home, ModuleImport)>,
    shadowed: Shadowed,
}

pub fn modules(
    world: &ResolvedWorld,
    slots: &[Slot],
    classes: &Classes,
    world_module: &PyPath,
) -> anyhow::Result<Modules> {
    let layout = Layout {
        world,
        slots,
        classes,
    };
    let directory = world_module.directory();
    let mut all = vec![layout.world_module(&directory)?];
    let mut protocols = vec![None; slots.len()];
    for direction in [Direction::Imported, Direction::Exported] {
        let indices: Vec<usize> = (0..slots.len())
            .filter(|index| slots[*index].direction == direction)
            .collect();
        let Some(first) = indices.first() else {
            continue;
        };
        let package = format!("{directory}/{}", slots[*first].package());
        all.push(match direction {
            Direction::Imported => empty(format!("{package}/__init__.py")),
            Direction::Exported => layout.exports_module(&package, &indices, &mut protocols)?,
        });
        for index in indices {
            all.push(layout.slot_module(&package, index)?);
        }
    }
    Ok(Modules { all, protocols })
}

fn empty(file: String) -> Module {
    Module {
        file,
        docs: None,
        imports: Vec::new(),
        shared: None,
        items: Vec::new(),
        shadowed: Shadowed::new(),
        hides_annotations: false,
        offers_types: false,
    }
}

impl Layout<'_> {
    fn resolve(&self) -> &Resolve {
        &self.world.resolve
    }

    fn world_module(&self, directory: &str) -> anyhow::Result<Module> {
        let world: &World = &self.resolve().worlds[self.world.world];
        let types = world_types(self.world);
        let imported = functions_of(world.imports.values());
        let exported = functions_of(world.exports.values());
        let scope = self.classes.world_scope.clone();
        let mut builder = ModuleBuilder::new(self, Some(Home::World), scope);
        let names = builder.claim(&freestanding(&imported));
        // What WIT names comes first: functions that we add give way.
        let pipes = channels::pipes(self.world, self.slots, self.classes);
        let makers: Vec<PyIdent> = channels::wanted_names(&pipes)
            .map(|name| builder.scope.claim(name))
            .collect();
        builder.reserve(&types, &[imported.clone(), exported.clone()].concat());
        let mut items = builder.types(&types, &imported, None)?;
        items.extend(builder.functions(&freestanding(&imported), names, None)?);
        for (pipe, name) in pipes.into_iter().zip(makers) {
            items.push(Item::Channel(builder.channel(pipe, name)?));
        }
        let protocol = self.classes.world_protocol.clone();
        items.push(Item::Protocol(
            builder.protocol(protocol, None, &exported, None)?,
        ));
        Ok(builder.finish(format!("{directory}/__init__.py"), docs(&world.docs), items))
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
        let mut builder = ModuleBuilder::new(self, Some(home), scope);
        let names = builder.claim(&free);
        builder.reserve(&types, &all);
        let mut items = builder.types(&types, &all, key)?;
        items.extend(builder.functions(&free, names, key)?);
        let file = format!("{package}/{}.py", slot.module);
        let mut module = builder.finish(file, slot.docs.clone(), items);
        module.shared = self.shared(&types, home);
        Ok(module)
    }

    /// The classes of types that this exported interface has in common with its imported self.
    fn shared(&self, types: &[TypeId], home: Home) -> Option<SharedClasses> {
        let classes: Vec<(TypeId, &Class)> = types
            .iter()
            .filter_map(|id| Some((*id, self.classes.by_type.get(id)?)))
            .filter(|(_, class)| class.home != home)
            .collect();
        let Home::Slot(index) = classes.first()?.1.home else {
            return None;
        };
        let slot = &self.slots[index];
        let names = classes.iter().flat_map(|(id, class)| {
            let cases = match self.resolve().types[*id].kind {
                TypeDefKind::Variant(_) => class.names.members.as_slice(),
                _ => &[],
            };
            cases.iter().chain([&class.names.class]).cloned()
        });
        Some(SharedClasses {
            from: relative(slot, Some(home)),
            module: slot.module.clone(),
            classes: names.collect(),
        })
    }

    /// Whether any class is defined there, not only shared.
    fn defines(&self, home: Home) -> bool {
        self.classes
            .by_type
            .values()
            .any(|class| class.home == home)
    }

    /// The package with one protocol for each exported interface.
    fn exports_module(
        &self,
        package: &str,
        indices: &[usize],
        protocols: &mut [Option<PyIdent>],
    ) -> anyhow::Result<Module> {
        let mut scope = Scope::default();
        let world = &self.resolve().worlds[self.world.world];
        if !functions_of(world.exports.values()).is_empty() {
            // The application has one class of that name, for the world's own functions.
            scope.claim(self.classes.world_protocol.to_string());
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
            claimed.push((
                slot,
                scope.claim(camel(slot.module.as_str())),
                freestanding(&functions),
            ));
        }
        let mut builder = ModuleBuilder::new(self, None, scope);
        builder.submodules = Scope::with(
            indices
                .iter()
                .filter(|index| self.defines(Home::Slot(**index)))
                .map(|index| self.slots[*index].module.as_str()),
        );
        builder.reserve(&[], &freestanding(&all));
        let mut items = Vec::new();
        for (index, (slot, name, functions)) in indices.iter().zip(claimed) {
            items.push(Item::Protocol(builder.protocol(
                name.clone(),
                slot.docs.clone(),
                &functions,
                Some(&slot.key),
            )?));
            protocols[*index] = Some(name);
        }
        Ok(builder.finish(format!("{package}/__init__.py"), None, items))
    }
}

impl<'a> ModuleBuilder<'a> {
    fn new(layout: &'a Layout<'a>, home: Option<Home>, scope: Scope) -> Self {
        Self {
            layout,
            home,
            scope,
            reserved: Scope::default(),
            submodules: Scope::default(),
            imports: Vec::new(),
            shadowed: Shadowed::new(),
        }
    }

    pub fn resolve(&self) -> &'a Resolve {
        &self.layout.world.resolve
    }

    pub fn classes(&self) -> &'a Classes {
        self.layout.classes
    }

    pub fn home(&self) -> Option<Home> {
        self.home
    }

    /// Names for functions at the top level of the module.
    fn claim(&mut self, functions: &[&WitFunction]) -> Vec<PyIdent> {
        functions
            .iter()
            .map(|function| self.scope.claim(snake(function.item_name())))
            .collect()
    }

    /// Settles what the names of other modules must not be, and which helpers are shadowed: those
    /// whose names the module's top level takes.
    fn reserve(&mut self, types: &[TypeId], functions: &[&WitFunction]) {
        self.shadowed = self.shadowed_by(&self.scope);
        self.reserved = self.scope.clone();
        // Names in class bodies hide the module's in the annotations there. `value` is the payload
        // of a case.
        let classes = self.classes();
        let inner = types
            .iter()
            .filter_map(|id| classes.by_type.get(id))
            .flat_map(|class| class.names.members.iter().map(|name| name.to_string()))
            .chain(functions.iter().map(|function| snake(function.item_name())))
            .chain(Helper::ALL.iter().map(|helper| helper.name().to_owned()))
            .chain(["value".to_owned(), "annotations".to_owned()]);
        for name in inner {
            if !self.reserved.contains(&name) {
                self.reserved.claim(name);
            }
        }
    }

    /// The helpers that are shadowed in the body of a class with these names.
    pub fn shadowed_by(&self, names: &Scope) -> Shadowed {
        let mut shadowed = self.shadowed.clone();
        shadowed.extend(
            Helper::ALL
                .iter()
                .filter(|helper| names.contains(helper.name())),
        );
        shadowed
    }

    /// What this module calls the module of `home`; none if it is this one.
    pub fn qualifier(&mut self, home: Home) -> Option<PyIdent> {
        if self.home == Some(home) {
            return None;
        }
        if let Some((_, import)) = self.imports.iter().find(|(other, _)| *other == home) {
            return Some(import.name.clone());
        }
        // Only the world's own module and its protocol name types of the world.
        let Home::Slot(index) = home else { return None };
        let slot = &self.layout.slots[index];
        let hidden = self.reserved.contains(slot.module.as_str())
            || (slot.direction == Direction::Imported
                && self.submodules.contains(slot.module.as_str()));
        let name = if hidden {
            self.reserved
                .claim(format!("{}_{}", slot.package(), slot.module))
        } else {
            self.reserved.claim(slot.module.to_string())
        };
        let from = relative(slot, self.home);
        let import = ModuleImport {
            from,
            module: slot.module.clone(),
            name: name.clone(),
        };
        self.imports.push((home, import));
        Some(name)
    }

    fn finish(self, file: String, docs: Option<String>, items: Vec<Item>) -> Module {
        Module {
            file,
            docs,
            imports: self.imports.into_iter().map(|(_, import)| import).collect(),
            shared: None,
            items,
            shadowed: self.shadowed,
            hides_annotations: self.scope.contains("annotations"),
            offers_types: true,
        }
    }
}

/// The package of a slot, as seen from a module.
fn relative(slot: &Slot, from: Option<Home>) -> &'static str {
    match (slot.direction, from) {
        (Direction::Imported, Some(Home::World)) => ".imports",
        (Direction::Exported, Some(Home::World)) => ".exports",
        (Direction::Imported, Some(Home::Slot(_)) | None) => "..imports",
        (Direction::Exported, Some(Home::Slot(_))) => "..exports",
        // In this form type checkers take the module for an attribute of the package.
        (Direction::Exported, None) => ".",
    }
}

fn functions_of<'a>(items: impl Iterator<Item = &'a WorldItem>) -> Vec<&'a WitFunction> {
    items
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
