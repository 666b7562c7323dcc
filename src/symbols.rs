//! The names that the guest runtime must look up, as values of `wit/init.wit`.
//!
//! In: the plan's Python names and the glue's metadata. Out: one symbol for each type and function, in the metadata's
//! order, so that the runtime needs no search.

use anyhow::{Context as _, Result};
use bindings::plan::python::Helper;
use bindings::plan::{
    AppClass, ClassNames, Direction, ExportedKind, Plan, PyIdent, PyPath, WitName,
};
use glue::{Added, ERROR_CONTEXT, Glue};
use wit_dylib::metadata;
use wit_parser::TypeId;

use crate::contract::{
    ClassSymbol, ExportKind, ExportSymbol, ImportSymbol, MembersSymbol, RecordSymbol,
    ResourceSymbol, SubstituteSymbol, Symbols, VariantSymbol,
};

/// `available` says whether the build's sandbox offers an interface. An item without a Python name is a bug in the
/// plan.
pub fn collect(plan: &Plan, glue: &Glue, available: impl Fn(&str) -> bool) -> Result<Symbols> {
    let metadata = &glue.metadata;
    let class = |id: TypeId, name: &str| {
        plan.class(id)
            .with_context(|| format!("the plan has no class for `{name}`"))
    };
    let members = |id: TypeId, name: &str| {
        class(id, name).map(|names| MembersSymbol {
            class: symbol(names),
            members: member_names(names),
        })
    };
    Ok(Symbols {
        records: gather(&metadata.records, |record| {
            class(record.id, &record.name).map(|names| RecordSymbol {
                class: symbol(names),
                fields: member_names(names),
            })
        })?,
        variants: gather(&metadata.variants, |variant| {
            class(variant.id, &variant.name).map(|names| VariantSymbol {
                cases: names
                    .members
                    .iter()
                    .map(|case| class_symbol(&names.module, case))
                    .collect(),
            })
        })?,
        enums: gather(&metadata.enums, |item| members(item.id, &item.name))?,
        flags: gather(&metadata.flags, |item| members(item.id, &item.name))?,
        resources: gather(&metadata.resources, |item| resource(plan, item))?,
        imports: gather(&metadata.import_funcs, |func| {
            import(plan, glue, func, &available)
        })?,
        exports: gather(&metadata.export_funcs, |func| export(plan, func))?,
        maps: indices(&metadata.lists, |list| {
            glue.rewritten.maps.contains(&list.id)
        })?,
        fixed_lists: indices(&metadata.tuples, |tuple| {
            glue.rewritten.fixed_lists.contains(&tuple.id)
        })?,
        clock: glue.clock.map(u32::try_from).transpose()?,
        substitutes: gather(plan.substitutes(), |substitute| {
            Ok(SubstituteSymbol {
                of: app_class(&substitute.of),
                class: app_class(&substitute.class),
            })
        })?,
    })
}

fn gather<T, S>(items: &[T], symbol: impl FnMut(&T) -> Result<S>) -> Result<Vec<S>> {
    items.iter().map(symbol).collect()
}

/// The indices of the items with the property, ascending.
fn indices<T>(items: &[T], property: impl Fn(&T) -> bool) -> Result<Vec<u32>> {
    let found = items.iter().enumerate().filter(|(_, item)| property(item));
    Ok(found
        .map(|(index, _)| u32::try_from(index))
        .collect::<Result<_, _>>()?)
}

fn class_symbol(module: &PyPath, class: &PyIdent) -> ClassSymbol {
    ClassSymbol {
        module: module.to_string(),
        name: class.to_string(),
    }
}

fn app_class(class: &AppClass) -> ClassSymbol {
    ClassSymbol {
        module: class
            .module
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        name: class.class.to_string(),
    }
}

fn symbol(names: &ClassNames) -> ClassSymbol {
    class_symbol(&names.module, &names.class)
}

fn member_names(names: &ClassNames) -> Vec<String> {
    names.members.iter().map(ToString::to_string).collect()
}

fn resource(plan: &Plan, item: &metadata::Resource) -> Result<ResourceSymbol> {
    if item.interface.as_deref() == Some(ERROR_CONTEXT) {
        let class = Helper::ErrorContext;
        return Ok(ResourceSymbol {
            class: ClassSymbol {
                module: class.library().module().to_owned(),
                name: class.name().to_owned(),
            },
            exported: false,
        });
    }
    let found = plan
        .resource(item.id)
        .with_context(|| format!("the plan has no class for resource `{}`", item.name))?;
    // The application implements an exported one in one of its own modules.
    let class = match &found.implementation {
        Some(module) => ClassSymbol {
            module: module.to_string(),
            name: found.class.to_string(),
        },
        None => class_symbol(&found.module, &found.class),
    };
    Ok(ResourceSymbol {
        class,
        exported: found.direction == Direction::Exported,
    })
}

fn import(
    plan: &Plan,
    glue: &Glue,
    func: &metadata::ImportFunc,
    available: impl Fn(&str) -> bool,
) -> Result<ImportSymbol> {
    let interface = func.interface.as_deref();
    let available = interface.is_some_and(available);
    let added = |added: &&Added| interface == Some(&added.interface) && func.name == added.name;
    if let Some(added) = glue.added.iter().find(added) {
        let shown = interface.filter(|interface| *interface != ERROR_CONTEXT);
        return Ok(ImportSymbol {
            name: WitName::new(shown, added.name).to_string(),
            params: added.params.iter().map(ToString::to_string).collect(),
            available,
        });
    }
    let found = plan
        .imported(interface, &func.name)
        .with_context(|| format!("the plan has no import `{}`", func.name))?;
    Ok(ImportSymbol {
        name: found.name.to_string(),
        params: found.params.clone(),
        available,
    })
}

fn export(plan: &Plan, func: &metadata::ExportFunc) -> Result<ExportSymbol> {
    let found = plan
        .exported(func.interface.as_deref(), &func.name)
        .with_context(|| format!("the plan has no export `{}`", func.name))?;
    Ok(ExportSymbol {
        name: found.name.to_string(),
        params: found.params.clone(),
        kind: match found.kind {
            ExportedKind::Function => ExportKind::Function,
            ExportedKind::Constructor => ExportKind::Constructor,
            ExportedKind::Method => ExportKind::Method,
            ExportedKind::Static => ExportKind::Static,
        },
        class: ClassSymbol {
            module: found
                .module
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            name: found.class.to_string(),
        },
        method: found
            .method
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        is_async: found.is_async,
    })
}
