//! Tables of the functions, for code that connects the glue with Python.

use std::collections::HashMap;

use anyhow::Context as _;
use indexmap::IndexMap;
use wit_parser::{Function as WitFunction, FunctionKind, Type, WorldItem};

use super::annotate::behind;
use super::classes::Classes;
use super::layout::Modules;
use super::modules::Slot;
use super::names::PyIdent;
use super::python::{Direction, ImportKey, Item, Module};
use super::views::{View, owned};
use super::{ExportedFunction, ExportedKind, ImportedFunction, WitName};
use crate::world::ResolvedWorld;

type Tables = (
    IndexMap<ImportKey, ImportedFunction>,
    IndexMap<ImportKey, ExportedFunction>,
);

pub fn tables(
    world: &ResolvedWorld,
    views: &[View],
    slots: &[Slot],
    classes: &Classes,
    modules: &Modules,
) -> anyhow::Result<Tables> {
    let methods = method_names(&modules.all);
    let method = |key: &ImportKey| {
        let name = methods.get(key).copied().cloned();
        name.with_context(|| format!("no method was planned for `{}`", key.name))
    };
    let (mut imports, mut exports) = (IndexMap::new(), IndexMap::new());
    for item in world.resolve.worlds[world.world].imports.values() {
        if let WorldItem::Function(function) = item {
            imports.insert(
                ImportKey::new(None, &function.name),
                imported(None, function),
            );
        }
    }
    for index in 0..views.len() {
        for item in owned(world, views, index, Direction::Exported) {
            if let WorldItem::Function(function) = item {
                let class = classes.worlds[index].protocol.clone();
                let key = ImportKey::new(None, &function.name);
                let method = method(&key)?;
                exports.insert(key, exported_by_world(function, class, method));
            }
        }
    }
    for (slot, protocol) in slots.iter().zip(&modules.protocols) {
        for function in world.resolve.interfaces[slot.id].functions.values() {
            let key = ImportKey::new(Some(&slot.key), &function.name);
            match slot.direction {
                Direction::Imported => {
                    imports.insert(key, imported(Some(slot), function));
                }
                Direction::Exported => {
                    let resource = function
                        .kind
                        .resource()
                        .map(|id| behind(&world.resolve, &Type::Id(id)));
                    let class = match resource {
                        Some(Type::Id(id)) => {
                            classes.resource(id).map(|resource| resource.class.clone())
                        }
                        _ => protocol.names.first().cloned(),
                    };
                    let class = class.with_context(|| {
                        format!(
                            "no class was planned for `{}` of `{}`",
                            function.name, slot.key
                        )
                    })?;
                    let method = match function.kind {
                        FunctionKind::Constructor(_) => None,
                        _ => Some(method(&key)?),
                    };
                    exports.insert(key, exported(slot, function, class, method));
                }
            }
        }
    }
    Ok((imports, exports))
}

/// The names of the methods that the application defines, as the modules have them.
fn method_names(modules: &[Module]) -> HashMap<&ImportKey, &PyIdent> {
    let items = modules.iter().flat_map(|module| &module.items);
    let classes = items.filter_map(Item::required);
    classes
        .flat_map(|class| class.methods)
        .map(|(function, _)| (&function.import, &function.name))
        .collect()
}

fn imported(slot: Option<&Slot>, function: &WitFunction) -> ImportedFunction {
    ImportedFunction {
        name: WitName::new(slot.map(|slot| slot.key.as_str()), &function.name),
        params: param_names(function),
    }
}

fn exported_by_world(function: &WitFunction, class: PyIdent, method: PyIdent) -> ExportedFunction {
    ExportedFunction {
        name: WitName::new(None, &function.name),
        params: param_names(function),
        kind: ExportedKind::Function,
        module: None,
        class,
        method: Some(method),
        is_async: function.kind.is_async(),
    }
}

fn exported(
    slot: &Slot,
    function: &WitFunction,
    class: PyIdent,
    method: Option<PyIdent>,
) -> ExportedFunction {
    let kind = match function.kind {
        FunctionKind::Freestanding | FunctionKind::AsyncFreestanding => ExportedKind::Function,
        FunctionKind::Method(_) | FunctionKind::AsyncMethod(_) => ExportedKind::Method,
        FunctionKind::Static(_) | FunctionKind::AsyncStatic(_) => ExportedKind::Static,
        FunctionKind::Constructor(_) => ExportedKind::Constructor,
    };
    ExportedFunction {
        name: WitName::new(Some(&slot.key), &function.name),
        params: param_names(function),
        kind,
        module: (kind != ExportedKind::Function).then(|| slot.module.clone()),
        class,
        method,
        is_async: function.kind.is_async(),
    }
}

fn param_names(function: &WitFunction) -> Vec<String> {
    function
        .params
        .iter()
        .map(|param| param.name.clone())
        .collect()
}
