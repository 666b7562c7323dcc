//! Every decision about Python: names, modules, order, and refusals of unsupported types.
//!
//! A resolved world comes in. Out goes a `Plan`, which the printer prints and which tells the glue's users which class
//! or function stands for which WIT item. No text is built here except names.

mod aliases;
mod annotate;
mod builder;
mod channels;
mod classes;
mod error;
mod functions;
mod helpers;
mod items;
mod layout;
mod limits;
mod modules;
mod names;
pub mod python;
mod substitutes;
mod validity;
mod views;

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use wit_parser::{LiveTypes, TypeDefKind, TypeId};

use crate::world::ResolvedWorld;
use ground::UserError;
use views::View;

pub use error::PlanError;
pub use names::{PyIdent, PyPath, WitName, is_identifier};
pub use python::{Direction, ImportKey};

/// The package of the generated code, unless the user names another one.
pub const WORLD_MODULE: &str = "wit_world";

/// The choices of the user, or of a Python package, about names.
#[derive(Clone, Debug)]
pub struct Naming {
    /// The package of the generated code; may be dotted.
    pub world_module: String,
    /// Module names always include the package and the version.
    pub full_names: bool,
    /// `ns:pkg/interface@version` to a module name.
    pub import_interface_names: BTreeMap<String, String>,
    pub export_interface_names: BTreeMap<String, String>,
    /// Classes that code written for older generators expects: variant cases `NameCase` for today's `Name_Case` are
    /// offered under these names too.
    pub known_classes: BTreeSet<String>,
    /// Code written for older generators may expect any of those names.
    pub old_case_names: bool,
    /// Modules of interfaces that such code expects.
    pub known_modules: BTreeSet<(Direction, String)>,
}

impl Default for Naming {
    fn default() -> Self {
        Self {
            world_module: WORLD_MODULE.to_owned(),
            full_names: false,
            import_interface_names: BTreeMap::new(),
            export_interface_names: BTreeMap::new(),
            known_classes: BTreeSet::new(),
            old_case_names: false,
            known_modules: BTreeSet::new(),
        }
    }
}

#[derive(Debug)]
pub struct Plan {
    /// The package of each view: one for each Python package with WIT of its own, and one for the user.
    pub packages: Vec<PyPath>,
    /// The modules to print.
    pub modules: Vec<python::Module>,
    types: IndexMap<TypeId, ClassNames>,
    resources: IndexMap<TypeId, ResourceClass>,
    imports: IndexMap<ImportKey, ImportedFunction>,
    exports: IndexMap<ImportKey, ExportedFunction>,
    /// Classes that may replace those above: an application may follow any view that shares an export.
    substitutes: Vec<Substitute>,
    needs_async: bool,
}

/// Another name under which the application may have one of its classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Substitute {
    pub of: AppClass,
    pub class: AppClass,
}

/// A class of the application: its module, `None` for the app's own, and its name there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppClass {
    pub module: Option<PyIdent>,
    pub class: PyIdent,
}

/// The Python side of a record, variant, enum or flags type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassNames {
    pub module: PyPath,
    pub class: PyIdent,
    /// In WIT order: attributes of a record, case classes of a variant (in the same module),
    /// members of an enum or of flags.
    pub members: Vec<PyIdent>,
}

/// The Python side of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceClass {
    /// The module of the generated class (a Protocol if exported).
    pub module: PyPath,
    pub class: PyIdent,
    pub direction: Direction,
    /// For an exported resource, the app's module that implements it, named after the interface.
    pub implementation: Option<PyIdent>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedFunction {
    pub name: WitName,
    /// WIT names, for methods with `self` first.
    pub params: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedFunction {
    pub name: WitName,
    /// WIT names, for methods with `self` first.
    pub params: Vec<String>,
    pub kind: ExportedKind,
    /// The app's module that contains the class; `None` is the app's own.
    pub module: Option<PyIdent>,
    /// The class that implements the world, the interface or the resource.
    pub class: PyIdent,
    /// `None` for constructors.
    pub method: Option<PyIdent>,
    pub is_async: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportedKind {
    Function,
    Constructor,
    Method,
    Static,
}

/// Decides everything. `namings` has one for each part of the world. The user's mistakes are `UserError`s inside.
pub fn plan(world: &ResolvedWorld, namings: &[Naming]) -> anyhow::Result<Plan> {
    let views = world
        .parts
        .iter()
        .zip(namings)
        .map(|(part, naming)| View::new(part, naming))
        .collect::<Result<Vec<View>, UserError>>()?;
    let slots = modules::slots(&world.resolve, &world.resolve.worlds[world.world], &views)?;
    limits::check(world, &slots)?;
    let classes = classes::Classes::new(world, &slots, &views)?;
    validity::check(world, &slots)?;
    let modules = layout::modules(world, &views, &slots, &classes)?;
    let (imports, exports) = functions::tables(world, &views, &slots, &classes, &modules)?;
    let substitutes = substitutes::of_exports(world, &views, &slots, &classes, &modules);
    let (types, resources) = classes.into_tables();
    Ok(Plan {
        packages: views.into_iter().map(|view| view.module).collect(),
        modules: modules.all,
        types,
        resources,
        imports,
        exports,
        substitutes,
        needs_async: needs_async(world),
    })
}

/// Types matter even if no function has them: their annotations name the classes of streams and futures.
fn needs_async(world: &ResolvedWorld) -> bool {
    let mut live = LiveTypes::default();
    live.add_world(&world.resolve, world.world);
    let channels = live.iter().any(|id| {
        matches!(
            world.resolve.types[id].kind,
            TypeDefKind::Future(_) | TypeDefKind::Stream(_)
        )
    });
    channels || channels::functions(world).any(|function| function.kind.is_async())
}

impl Plan {
    /// Returns `true` if the guest needs the part of the runtime for Component Model async.
    pub fn needs_async(&self) -> bool {
        self.needs_async
    }

    /// The class of a record, variant, enum or flags type, but not of its aliases.
    pub fn class(&self, id: TypeId) -> Option<&ClassNames> {
        self.types.get(&id)
    }

    /// The class of a resource type, but not of its aliases.
    pub fn resource(&self, id: TypeId) -> Option<&ResourceClass> {
        self.resources.get(&id)
    }

    /// `interface` is a result of `Resolve::name_world_key`, `None` for functions of the world; `name` is the canonical
    /// name, such as `[method]thing.get`.
    pub fn imported(&self, interface: Option<&str>, name: &str) -> Option<&ImportedFunction> {
        self.imports.get(&ImportKey::new(interface, name))
    }

    /// The same as `imported`, for functions that the app exports.
    pub fn exported(&self, interface: Option<&str>, name: &str) -> Option<&ExportedFunction> {
        self.exports.get(&ImportKey::new(interface, name))
    }

    /// Other names of the application's classes.
    pub fn substitutes(&self) -> &[Substitute] {
        &self.substitutes
    }

    /// All exported functions, in WIT order.
    pub fn exports(&self) -> impl Iterator<Item = &ExportedFunction> {
        self.exports.values()
    }
}

impl ImportKey {
    pub fn new(interface: Option<&str>, name: &str) -> Self {
        Self {
            interface: interface.map(str::to_owned),
            name: name.to_owned(),
        }
    }
}
