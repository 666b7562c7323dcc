//! What the guest runtime must look up, as values of `wit/init.wit`.
//!
//! In: the plan's Python names and the glue's metadata. Out: one symbol for each type and function, in the
//! metadata's order, so that the runtime needs no search.

use anyhow::{Context as _, Result};
use wasmtime::component::{ComponentType, Lift, Lower};
use wit_dylib::metadata;
use wit_parser::TypeId;

use crate::glue::{Added, ERROR_CONTEXT, Glue};
use crate::plan::python::Helper;
use crate::plan::{AppClass, ClassNames, Direction, ExportedKind, Plan, PyIdent, PyPath, WitName};

#[derive(Clone, Debug, PartialEq, ComponentType, Lower, Lift)]
#[component(record)]
pub struct ClassSymbol {
    pub module: String,
    pub name: String,
}

#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct RecordSymbol {
    pub class: ClassSymbol,
    pub fields: Vec<String>,
}

#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct VariantSymbol {
    pub cases: Vec<ClassSymbol>,
}

#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct MembersSymbol {
    pub class: ClassSymbol,
    pub members: Vec<String>,
}

#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct ResourceSymbol {
    pub class: ClassSymbol,
    pub exported: bool,
}

#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct ImportSymbol {
    pub name: String,
    pub params: Vec<String>,
    pub available: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, ComponentType, Lower, Lift)]
#[component(enum)]
#[repr(u8)]
pub enum ExportKind {
    #[component(name = "function")]
    Function,
    #[component(name = "constructor")]
    Constructor,
    #[component(name = "method")]
    Method,
    #[component(name = "static")]
    Static,
}

#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct ExportSymbol {
    pub name: String,
    pub params: Vec<String>,
    pub kind: ExportKind,
    pub class: ClassSymbol,
    pub method: String,
    #[component(name = "is-async")]
    pub is_async: bool,
}

/// Another name under which the application may have a class that it exports.
#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct SubstituteSymbol {
    pub of: ClassSymbol,
    pub class: ClassSymbol,
}

/// `componentize-py:runtime/init.symbols`.
#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct Symbols {
    pub records: Vec<RecordSymbol>,
    pub variants: Vec<VariantSymbol>,
    pub enums: Vec<MembersSymbol>,
    pub flags: Vec<MembersSymbol>,
    pub resources: Vec<ResourceSymbol>,
    pub imports: Vec<ImportSymbol>,
    pub exports: Vec<ExportSymbol>,
    pub maps: Vec<u32>,
    #[component(name = "fixed-lists")]
    pub fixed_lists: Vec<u32>,
    pub clock: Option<u32>,
    pub substitutes: Vec<SubstituteSymbol>,
}

/// What the code of a native extension may import.
#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct NativeImports {
    pub extension: String,
    pub modules: Vec<String>,
}

/// `componentize-py:runtime/init.settings`.
#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct RuntimeSettings {
    pub app: String,
    #[component(name = "search-path")]
    pub search_path: Vec<String>,
    #[component(name = "hash-seed")]
    pub hash_seed: u32,
    #[component(name = "stub-wasi")]
    pub stub_wasi: bool,
    pub measure: bool,
    #[component(name = "native-imports")]
    pub native_imports: Vec<NativeImports>,
    #[component(name = "native-modules")]
    pub native_modules: Vec<String>,
    #[component(name = "installed-paths")]
    pub installed_paths: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, ComponentType, Lower, Lift)]
#[component(enum)]
#[repr(u8)]
pub enum FailureKind {
    #[component(name = "module-not-found")]
    ModuleNotFound,
    #[component(name = "exception")]
    Exception,
    #[component(name = "missing-class")]
    MissingClass,
    #[component(name = "missing-method")]
    MissingMethod,
    #[component(name = "internal")]
    Internal,
    #[component(name = "tampered")]
    Tampered,
    #[component(name = "wrong-parameters")]
    WrongParameters,
    #[component(name = "wrong-async")]
    WrongAsync,
    #[component(name = "data-too-large")]
    DataTooLarge,
}

/// `componentize-py:runtime/init.failure`.
#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct Failure {
    pub kind: FailureKind,
    pub module: String,
    pub name: String,
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ComponentType, Lower, Lift)]
#[component(enum)]
#[repr(u8)]
pub enum MeasuredKind {
    #[component(name = "start")]
    Start,
    #[component(name = "loaded")]
    Loaded,
    #[component(name = "carried")]
    Carried,
    #[component(name = "file")]
    File,
    #[component(name = "rest")]
    Rest,
}

/// `componentize-py:runtime/init.measured-item`.
#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct MeasuredItem {
    pub kind: MeasuredKind,
    pub name: String,
    pub package: String,
    pub bytes: i64,
}

/// `available` says which interfaces the sandbox of the build offers. An item without a Python name is a bug in the plan.
pub fn collect(plan: &Plan, glue: &Glue, available: impl Fn(&str) -> bool) -> Result<Symbols> {
    let metadata = &glue.metadata;
    let class = |id: TypeId, name: &str| {
        plan.class(id)
            .with_context(|| format!("the plan has no class for `{name}`"))
    };
    let members = |id: TypeId, name: &str| {
        class(id, name).map(|names| MembersSymbol {
            class: names.symbol(),
            members: names.member_names(),
        })
    };
    Ok(Symbols {
        records: gather(&metadata.records, |record| {
            class(record.id, &record.name).map(|names| RecordSymbol {
                class: names.symbol(),
                fields: names.member_names(),
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

/// Which of the items have the property, ascending.
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

impl ClassNames {
    fn symbol(&self) -> ClassSymbol {
        class_symbol(&self.module, &self.class)
    }

    fn member_names(&self) -> Vec<String> {
        self.members.iter().map(ToString::to_string).collect()
    }
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
    // The application implements an exported one in a module of its own.
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
