//! One module under construction: its names, its imports, and its names for the classes of others.

use wit_parser::{Function as WitFunction, Resolve, TypeId};

use super::classes::{Classes, Home};
use super::layout::Layout;
use super::names::{PyIdent, Scope, snake};
use super::python::{Direction, Helper, Item, Module, ModuleImport, Shadowed};
use super::views::View;

/// One module while its items are made, since these decide its imports.
pub struct ModuleBuilder<'a> {
    layout: &'a Layout<'a>,
    /// The view that the module belongs to.
    view: usize,
    /// `None` for the exports package itself, which defines no types.
    home: Option<Home>,
    /// The module's top-level names.
    pub scope: Scope,
    /// Names that the module of another slot cannot have here.
    reserved: Scope,
    /// Names of submodules with classes, which nothing else may hide.
    pub submodules: Scope,
    imports: Vec<(Home, ModuleImport)>,
    shadowed: Shadowed,
}

impl<'a> ModuleBuilder<'a> {
    pub fn new(layout: &'a Layout<'a>, view: usize, home: Option<Home>, scope: Scope) -> Self {
        Self {
            layout,
            view,
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

    /// Returns `true` if code written against older bindings may import `case`, a case of the variant `name`, from this
    /// module or from one of another view that offers the same.
    pub fn is_known(&self, name: &str, case: &str) -> bool {
        let shown = |view: &View, index: usize| match self.home {
            Some(Home::Slot(slot)) => self.layout.slots[slot].module_in(index).is_some(),
            Some(Home::World(_)) => view.has(Direction::Imported, name),
            None => false,
        };
        let mut views = self.layout.views.iter().enumerate();
        views.any(|(index, view)| {
            let naming = view.naming;
            shown(view, index) && (naming.old_case_names || naming.known_classes.contains(case))
        })
    }

    /// Takes a name at the top level of the module, if it is free.
    pub fn claim_free(&mut self, name: String) -> Option<PyIdent> {
        let is_free = !self.scope.contains(&name) && !self.reserved.contains(&name);
        is_free.then(|| self.scope.claim(name))
    }

    /// Names for functions at the top level of the module.
    pub fn claim(&mut self, functions: &[&WitFunction]) -> Vec<PyIdent> {
        functions
            .iter()
            .map(|function| self.scope.claim(snake(function.item_name())))
            .collect()
    }

    /// Decides which names other modules may not have, and which helpers are shadowed: those whose names the module's
    /// top level uses.
    pub fn reserve(&mut self, types: &[TypeId], functions: &[&WitFunction]) {
        self.shadowed = self.shadowed_by(&self.scope);
        self.reserved = self.scope.clone();
        // Names in class bodies hide the module's names in the annotations there. `value` is the payload of a case.
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

    /// This module's name for the module of `home`; `None` if it is this one.
    pub fn qualifier(&mut self, home: Home) -> Option<PyIdent> {
        if self.home == Some(home) {
            return None;
        }
        if let Some((_, import)) = self.imports.iter().find(|(other, _)| *other == home) {
            return Some(import.name.clone());
        }
        let slot = match home {
            Home::Slot(index) => &self.layout.slots[index],
            Home::World(view) => return self.world_qualifier(view),
        };
        let hidden = self.reserved.contains(slot.module.as_str())
            || (slot.direction == Direction::Imported
                && self.submodules.contains(slot.module.as_str()));
        let name = if hidden {
            self.reserved
                .claim(format!("{}_{}", slot.package(), slot.module))
        } else {
            self.reserved.claim(slot.module.to_string())
        };
        let import = ModuleImport {
            from: self.layout.package_of(slot, self.view, self.home),
            module: slot.module.clone(),
            name: name.clone(),
        };
        self.imports.push((home, import));
        Some(name)
    }

    /// This module's name for the module of a view. Within a view, only that module itself and its protocol refer to
    /// types of the world.
    fn world_qualifier(&mut self, view: usize) -> Option<PyIdent> {
        if view == self.view {
            return None;
        }
        let (from, module) = self.layout.views[view].module.split();
        let name = self.reserved.claim(module.to_string());
        let import = ModuleImport {
            from,
            module,
            name: name.clone(),
        };
        self.imports.push((Home::World(view), import));
        Some(name)
    }

    pub fn finish(self, file: String, docs: Option<String>, items: Vec<Item>) -> Module {
        Module {
            file,
            docs,
            imports: self.imports.into_iter().map(|(_, import)| import).collect(),
            shared: Vec::new(),
            items,
            shadowed: self.shadowed,
            hides_annotations: self.scope.contains("annotations"),
            offers_types: true,
        }
    }
}
