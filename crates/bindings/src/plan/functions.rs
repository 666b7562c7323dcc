//! Tables of the functions, for code that connects the glue with Python.

use anyhow::Context as _;
use indexmap::IndexMap;
use wit_parser::{Function as WitFunction, FunctionKind, Type, WorldItem};

use super::annotate::behind;
use super::classes::Classes;
use super::layout::Modules;
use super::modules::Slot;
use super::names::{PyIdent, Scope, snake};
use super::python::{Direction, ImportKey};
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
        let mut methods = Scope::default();
        for item in owned(world, views, index, Direction::Exported) {
            if let WorldItem::Function(function) = item {
                let class = classes.worlds[index].protocol.clone();
                let method = methods.claim(snake(function.item_name()));
                exports.insert(
                    ImportKey::new(None, &function.name),
                    exported_by_world(function, class, method),
                );
            }
        }
    }
    for (slot, protocol) in slots.iter().zip(&modules.protocols) {
        let mut methods: IndexMap<Option<Type>, Scope> = IndexMap::new();
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
                    let scope = methods.entry(resource).or_default();
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
                    exports.insert(key, exported(slot, function, class, scope));
                }
            }
        }
    }
    Ok((imports, exports))
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
    scope: &mut Scope,
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
        method: (kind != ExportedKind::Constructor)
            .then(|| scope.claim(snake(function.item_name()))),
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
