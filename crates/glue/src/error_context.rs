//! Represents `error-context`, which `wit-dylib` does not support, as a resource, which it supports.
//!
//! For the canonical ABI both are a handle in an `i32`, and the three built-in functions of an error context have the
//! core signatures of a resource's constructor, of a method that returns a string, and of its drop. So the glue sees a
//! world with such a resource, and the functions that it imports for it are renamed to the built-ins afterwards. Unlike
//! a resource, an error context still exists after it was passed on; the runtime handles that (`resources.c`).

use anyhow::{Context as _, Result};
use wasm_encoder::reencode::{Reencode as _, RoundtripReencoder};
use wasm_encoder::{ImportSection, Module, RawSection};
use wasmparser::{Parser, Payload};
use wit_parser::{
    Docs, Function, FunctionKind, Handle, IndexMap, Interface, LiveTypes, Param, Resolve, Span,
    Stability, Type, TypeDef, TypeDefKind, TypeId, TypeOwner, WorldId, WorldItem, WorldKey,
};

use super::Added;
use bindings::world::spare;

/// No interface of WIT has this name. The runtime knows it, too.
pub const INTERFACE: &str = "$error-context";
const RESOURCE: &str = "error-context";
const CONSTRUCTOR: &str = "[constructor]error-context";
const DEBUG_MESSAGE: &str = "[method]error-context.debug-message";
/// The name of each function of the resource for `wit-component`, in the module `$root`.
const BUILTINS: [(&str, &str); 3] = [
    (CONSTRUCTOR, "[error-context-new-utf8]"),
    (DEBUG_MESSAGE, "[error-context-debug-message-utf8]"),
    ("[resource-drop]error-context", "[error-context-drop]"),
];

/// Replaces error contexts by the resource. Adds no functions if the world has no error contexts.
pub fn replace(resolve: &mut Resolve, world: WorldId) -> Result<Vec<Added>> {
    let mut live = LiveTypes::default();
    live.add_world(resolve, world);
    let types: Vec<TypeId> = live.iter().collect();
    if !is_used(resolve, world, &types) {
        return Ok(Vec::new());
    }
    // Types that contain it are laid out after it.
    let id = spare::find(resolve).context("no type was reserved for error contexts")?;
    let handle = Type::Id(id);
    let resource = add_resource(resolve, world, handle);
    resolve.types[id].kind = TypeDefKind::Handle(Handle::Own(resource));
    let replace = |ty: &mut Type| {
        if *ty == Type::ErrorContext {
            *ty = handle;
        }
    };
    for id in types {
        parts(&mut resolve.types[id].kind)
            .into_iter()
            .for_each(replace);
    }
    each_function(resolve, world, |function| {
        let params = function.params.iter_mut().map(|param| &mut param.ty);
        params.chain(&mut function.result).for_each(replace);
    });
    let added = |name, params| Added {
        interface: INTERFACE.to_owned(),
        name,
        params,
    };
    Ok(vec![
        added(CONSTRUCTOR, &["debug-message"]),
        added(DEBUG_MESSAGE, &["self"]),
    ])
}

fn is_used(resolve: &mut Resolve, world: WorldId, types: &[TypeId]) -> bool {
    let mut used = types.iter().any(|id| {
        let parts = parts(&mut resolve.types[*id].kind);
        parts.into_iter().any(|ty| *ty == Type::ErrorContext)
    });
    each_function(resolve, world, |function| {
        let mut types = function.parameter_and_result_types();
        used |= types.any(|ty| ty == Type::ErrorContext);
    });
    used
}

/// The types that a type consists of.
fn parts(kind: &mut TypeDefKind) -> Vec<&mut Type> {
    match kind {
        TypeDefKind::Record(record) => record
            .fields
            .iter_mut()
            .map(|field| &mut field.ty)
            .collect(),
        TypeDefKind::Variant(variant) => {
            let cases = variant.cases.iter_mut();
            cases.filter_map(|case| case.ty.as_mut()).collect()
        }
        TypeDefKind::Tuple(tuple) => tuple.types.iter_mut().collect(),
        TypeDefKind::Type(ty)
        | TypeDefKind::Option(ty)
        | TypeDefKind::List(ty)
        | TypeDefKind::FixedLengthList(ty, _) => vec![ty],
        TypeDefKind::Map(key, value) => vec![key, value],
        TypeDefKind::Result(result) => [&mut result.ok, &mut result.err]
            .into_iter()
            .flatten()
            .collect(),
        TypeDefKind::Future(ty) | TypeDefKind::Stream(ty) => ty.iter_mut().collect(),
        TypeDefKind::Resource
        | TypeDefKind::Handle(_)
        | TypeDefKind::Flags(_)
        | TypeDefKind::Enum(_)
        | TypeDefKind::Unknown => Vec::new(),
    }
}

fn each_function(resolve: &mut Resolve, world: WorldId, mut change: impl FnMut(&mut Function)) {
    let world = &mut resolve.worlds[world];
    for item in world.imports.values_mut().chain(world.exports.values_mut()) {
        match item {
            WorldItem::Interface { id, .. } => {
                let functions = &mut resolve.interfaces[*id].functions;
                functions.values_mut().for_each(&mut change);
            }
            WorldItem::Function(function) => change(function),
            WorldItem::Type { .. } => {}
        }
    }
}

/// The resource, in a separate interface that the world imports first: later items may use it.
fn add_resource(resolve: &mut Resolve, world: WorldId, own: Type) -> TypeId {
    let interface = resolve.interfaces.alloc(Interface {
        name: None,
        types: IndexMap::default(),
        functions: IndexMap::default(),
        docs: Docs::default(),
        stability: Stability::Unknown,
        package: None,
        span: Span::default(),
        clone_of: None,
    });
    let resource = resolve.types.alloc(TypeDef {
        name: Some(RESOURCE.to_owned()),
        owner: TypeOwner::Interface(interface),
        ..definition(TypeDefKind::Resource)
    });
    let lent = Type::Id(
        resolve
            .types
            .alloc(definition(TypeDefKind::Handle(Handle::Borrow(resource)))),
    );
    let functions = [
        function(
            CONSTRUCTOR,
            FunctionKind::Constructor(resource),
            ("debug-message", Type::String),
            own,
        ),
        function(
            DEBUG_MESSAGE,
            FunctionKind::Method(resource),
            ("self", lent),
            Type::String,
        ),
    ];
    let home = &mut resolve.interfaces[interface];
    home.types.insert(RESOURCE.to_owned(), resource);
    for function in functions {
        home.functions.insert(function.name.clone(), function);
    }
    resolve.worlds[world].imports.shift_insert(
        0,
        WorldKey::Name(INTERFACE.to_owned()),
        WorldItem::Interface {
            id: interface,
            stability: Stability::Unknown,
            external_id: None,
            docs: Docs::default(),
            span: Span::default(),
        },
    );
    resource
}

fn definition(kind: TypeDefKind) -> TypeDef {
    TypeDef {
        name: None,
        kind,
        owner: TypeOwner::None,
        docs: Docs::default(),
        stability: Stability::Unknown,
        span: Span::default(),
        external_id: None,
    }
}

fn function(name: &str, kind: FunctionKind, param: (&str, Type), result: Type) -> Function {
    Function {
        name: name.to_owned(),
        kind,
        params: vec![Param {
            name: param.0.to_owned(),
            ty: param.1,
            span: Span::default(),
        }],
        result: Some(result),
        docs: Docs::default(),
        stability: Stability::Unknown,
        span: Span::default(),
        external_id: None,
    }
}

/// Gives the resource's functions the names of the built-ins.
pub fn import_builtins(module: &[u8]) -> Result<Vec<u8>> {
    let mut renamed = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.context("the glue is not a wasm module")?;
        if let Payload::ImportSection(imports) = payload {
            let mut section = ImportSection::new();
            for import in imports.into_imports() {
                let import = import?;
                let (module, name) = builtin(import.module, import.name)?;
                let ty = RoundtripReencoder.entity_type(import.ty)?;
                section.import(module, name, ty);
            }
            renamed.section(&section);
        } else if let Some((id, range)) = payload.as_section() {
            renamed.section(&RawSection {
                id,
                data: &module[range],
            });
        }
    }
    Ok(renamed.finish())
}

fn builtin<'a>(module: &'a str, name: &'a str) -> Result<(&'a str, &'a str)> {
    if module != INTERFACE {
        return Ok((module, name));
    }
    let found = BUILTINS.iter().find(|(function, _)| *function == name);
    let (_, builtin) = found.with_context(|| format!("`{name}` of an error context is unknown"))?;
    Ok(("$root", builtin))
}
