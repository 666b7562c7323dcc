//! A library as a module of its own. Its indices, data and slots stay. Its imports have the names of what provides them, exports that
//! nobody takes are left out with the functions that only they reach, and its exception tags are imported.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, Result};
use wasm_encoder::reencode::{Reencode as _, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, EntityType, ExportKind, ExportSection, Module, NameMap, NameSection, RawSection,
};
use wasmparser::{ExternalKind, FuncType, Parser, Payload, TypeRef};

use super::part::{Imports, Part};
use super::values::{MEMORY, STACK_POINTER, TABLE, any_memory, any_table};
use super::{Links, VALUES};
use crate::emit;
use crate::parse::{FunctionSource, GlobalSource, Parsed};
use crate::scan::{SiteOp, Sites};
use crate::symbols::GlobalTarget;

/// The imports of a library. `None` if it has some that only the merged module can have.
pub fn imports(links: &mut Links<'_, '_>, library: usize) -> Result<Option<Imports>> {
    let mut imports = Imports::default();
    for payload in Parser::new(0).parse_all(links.program.libraries[library].bytes) {
        if let Payload::ImportSection(section) = payload? {
            for import in section.into_imports() {
                if !rename(links, library, &import?, &mut imports)? {
                    return Ok(None);
                }
            }
            break;
        }
    }
    // Those that the library defines follow those that it imports, as they did.
    let defined = links.program.libraries[library].tags.iter();
    let defined = (0..).zip(defined).filter(|(_, tag)| tag.import.is_none());
    for (index, _) in defined {
        tag(links, library, index, &mut imports)?;
    }
    Ok(Some(imports))
}

/// The module of a library, with those exports that `is_kept` keeps: a host prepares each one for calls from outside. Functions that
/// nothing reaches any more have bodies that trap, which take no time to compile.
pub fn write(
    parsed: &Parsed<'_>,
    sites: &Sites,
    imports: Imports,
    is_kept: impl Fn(&str) -> bool,
) -> Result<Part> {
    let types = parsed.types.iter().zip(0u32..);
    let types: HashMap<&FuncType, u32> = types.collect();
    let index = |ty: &FuncType| types.get(ty).copied().context("an unknown type");
    let mut import_section = Some(imports.section(index)?);
    let mut module = Module::new();
    let mut functions = BTreeMap::new();
    for payload in Parser::new(0).parse_all(parsed.bytes) {
        let payload = payload?;
        if is_behind_imports(&payload)
            && let Some(section) = import_section.take()
        {
            module.section(&section);
        }
        match &payload {
            Payload::ImportSection(_) | Payload::TagSection(_) | Payload::CustomSection(_) => {}
            Payload::ExportSection(section) => {
                let exports = exports(parsed, section.clone(), &is_kept, &mut functions)?;
                module.section(&exports);
            }
            Payload::CodeSectionStart { .. } => {
                let kept = functions
                    .keys()
                    .filter_map(|name: &String| parsed.exported_function(name));
                module.section(&code(parsed, &reached(parsed, sites, kept)));
            }
            Payload::CodeSectionEntry(_) => {}
            other => {
                if let Some((id, range)) = other.as_section() {
                    let data = &parsed.bytes[range];
                    module.section(&RawSection { id, data });
                }
            }
        }
    }
    module.section(&names(parsed));
    Ok(Part {
        name: parsed.name.to_owned(),
        wasm: module.finish(),
        imports,
        functions,
    })
}

/// The functions that `exports`, the table and the start function reach, by index.
fn reached(parsed: &Parsed<'_>, sites: &Sites, exports: impl Iterator<Item = u32>) -> Vec<bool> {
    let slots = parsed.elements.iter().flat_map(|one| &one.functions);
    let mut open: Vec<u32> = exports.chain(slots.flatten().copied()).collect();
    open.extend(parsed.start);
    let mut reached = vec![false; parsed.functions.len()];
    while let Some(function) = open.pop() {
        if std::mem::replace(&mut reached[function as usize], true) {
            continue;
        }
        open.extend(
            sites[function as usize]
                .iter()
                .filter_map(|site| match site.op {
                    SiteOp::Call(index) | SiteOp::ReturnCall(index) | SiteOp::RefFunc(index) => {
                        Some(index)
                    }
                    _ => None,
                }),
        );
    }
    reached
}

fn code(parsed: &Parsed<'_>, reached: &[bool]) -> CodeSection {
    let mut code = CodeSection::new();
    for (function, reached) in parsed.functions.iter().zip(reached) {
        match &function.source {
            FunctionSource::Body(body) if *reached => {
                code.raw(body.as_bytes());
            }
            FunctionSource::Body(_) => {
                code.function(&emit::trap());
            }
            FunctionSource::Symbol(_) | FunctionSource::Host { .. } => {}
        }
    }
    code
}

/// Returns `true` for the first section that may follow the imports, and the end.
fn is_behind_imports(payload: &Payload<'_>) -> bool {
    !matches!(
        payload,
        Payload::Version { .. }
            | Payload::TypeSection(_)
            | Payload::ImportSection(_)
            | Payload::CustomSection(_)
    )
}

/// The exports that are kept, whose types are added to `functions`.
fn exports(
    parsed: &Parsed<'_>,
    section: wasmparser::ExportSectionReader<'_>,
    is_kept: impl Fn(&str) -> bool,
    functions: &mut BTreeMap<String, FuncType>,
) -> Result<ExportSection> {
    let mut exports = ExportSection::new();
    for export in section {
        let export = export?;
        if export.kind == ExternalKind::Func && is_kept(export.name) {
            exports.export(export.name, ExportKind::Func, export.index);
            let ty = parsed.function_type(export.index)?;
            functions.insert(export.name.to_owned(), ty.clone());
        }
    }
    Ok(exports)
}

/// The names by which backtraces show the library and its functions.
fn names(parsed: &Parsed<'_>) -> NameSection {
    let mut names: Vec<(&u32, &&str)> = parsed.names.iter().collect();
    names.sort_unstable();
    let mut functions = NameMap::new();
    for (index, name) in names {
        functions.append(*index, name);
    }
    let mut section = NameSection::new();
    section.module(parsed.name);
    section.functions(&functions);
    section
}

/// Adds an import under the name of what provides it; returns whether there is such a thing.
fn rename(
    links: &mut Links<'_, '_>,
    library: usize,
    import: &wasmparser::Import<'_>,
    imports: &mut Imports,
) -> Result<bool> {
    let program = links.program;
    match import.ty {
        TypeRef::Func(ty) => {
            let ty = program.libraries[library].type_at(ty)?;
            let target = program.symbols.functions[library][imports.functions() as usize];
            let place = links.places[&library];
            let (module, name) = links.function(place, target, ty, Some(import.name))?;
            imports.function(module, name, ty)?;
        }
        TypeRef::Global(ty) => {
            let Some(name) = global(links, library, imports.globals(), ty.mutable)? else {
                return Ok(false);
            };
            let ty = RoundtripReencoder.global_type(ty);
            let ty = ty.context("a global of an unknown type")?;
            imports.other(VALUES, name, EntityType::Global(ty));
        }
        // The layout's are large enough, whatever the library says.
        TypeRef::Memory(_) => imports.other(VALUES, MEMORY.to_owned(), any_memory()),
        TypeRef::Table(_) => imports.other(VALUES, TABLE.to_owned(), any_table()),
        TypeRef::Tag(_) => tag(links, library, imports.tags(), imports)?,
        TypeRef::FuncExact(_) => return Ok(false),
    }
    Ok(true)
}

/// Adds a tag of a library. Those of one name are one tag.
fn tag(links: &mut Links<'_, '_>, library: usize, index: u32, imports: &mut Imports) -> Result<()> {
    let parsed = &links.program.libraries[library];
    let tag = parsed.tags.get(index as usize).context("no such tag")?;
    let ty = parsed.type_at(tag.ty)?;
    let mut exports = parsed.exports.iter();
    let exported = exports.find(|(_, one)| one.kind == ExternalKind::Tag && one.index == index);
    let name = match tag.import.or(exported.map(|(name, _)| *name)) {
        Some(name) => format!("tag {name}"),
        None => format!("own tag {index} of {}", parsed.name),
    };
    links.values.tag(&name, ty);
    imports.tag(VALUES, name, ty)
}

/// The name of a global of `values` for the global `index` of a library.
fn global(
    links: &mut Links<'_, '_>,
    library: usize,
    index: u32,
    mutable: bool,
) -> Result<Option<String>> {
    let program = links.program;
    let parsed = &program.libraries[library];
    if program.symbols.globals[library][index as usize] == GlobalTarget::StackPointer {
        return Ok(Some(STACK_POINTER.to_owned()));
    }
    let name = match parsed.globals[index as usize].source {
        GlobalSource::MemoryBase => format!("memory of {}", parsed.name),
        GlobalSource::TableBase => format!("slots of {}", parsed.name),
        GlobalSource::GotMem(name) => format!("address of {name}"),
        GlobalSource::GotFunc(name) => format!("slot of {name}"),
        GlobalSource::Shared(_) | GlobalSource::Defined(_) => return Ok(None),
    };
    let Some(value) = program.constants[library][index as usize] else {
        return Ok(None);
    };
    Ok(Some(links.values.name(&name, mutable, value)))
}
