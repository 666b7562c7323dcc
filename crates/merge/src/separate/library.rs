//! A library as a module of its own: the same bytes but for the names of its imports, and without custom sections but names.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use wasm_encoder::reencode::{Reencode as _, RoundtripReencoder};
use wasm_encoder::{Encode as _, EntityType, ExportKind, ExportSection, Module, RawSection};
use wasmparser::{BinaryReader, ExternalKind, FuncType, KnownCustom, Parser, Payload, TypeRef};

use super::part::{Imports, Part};
use super::values::{MEMORY, STACK_POINTER, TABLE};
use super::{Links, VALUES};
use crate::parse::{GlobalSource, Parsed};
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
    Ok(Some(imports))
}

/// The module of a library, with those exports that `is_kept` keeps: a host prepares each one for calls from outside.
pub fn write(
    parsed: &Parsed<'_>,
    imports: Imports,
    is_kept: impl Fn(&str) -> bool,
) -> Result<Part> {
    let mut module = Module::new();
    let mut names: &[u8] = &[];
    let mut functions = BTreeMap::new();
    for payload in Parser::new(0).parse_all(parsed.bytes) {
        let payload = payload?;
        match &payload {
            Payload::ImportSection(_) => {
                module.section(&imports.section(|ty| type_index(parsed, ty))?);
                continue;
            }
            Payload::ExportSection(section) => {
                let mut exports = ExportSection::new();
                for export in section.clone() {
                    let export = export?;
                    if export.kind == ExternalKind::Func && is_kept(export.name) {
                        exports.export(export.name, ExportKind::Func, export.index);
                        let ty = parsed.function_type(export.index)?;
                        functions.insert(export.name.to_owned(), ty.clone());
                    }
                }
                module.section(&exports);
                continue;
            }
            Payload::CustomSection(section) => {
                if matches!(section.as_known(), KnownCustom::Name(_)) {
                    names = section.data();
                }
                continue;
            }
            _ => {}
        }
        if let Some((id, range)) = payload.as_section() {
            let data = &parsed.bytes[range];
            module.section(&RawSection { id, data });
        }
    }
    module.section(&wasm_encoder::CustomSection {
        name: "name".into(),
        data: named(parsed.name, names)?.into(),
    });
    Ok(Part {
        name: parsed.name.to_owned(),
        wasm: module.finish(),
        imports,
        functions,
    })
}

/// The index of a type in the library, which may have it more than once.
fn type_index(parsed: &Parsed<'_>, ty: &FuncType) -> Result<u32> {
    let index = parsed.types.iter().position(|own| own == ty);
    Ok(u32::try_from(index.context("an unknown type")?)?)
}

/// A name section like `names`, by which backtraces show the library.
fn named(library: &str, names: &[u8]) -> Result<Vec<u8>> {
    const MODULE: u8 = 0;
    let mut name = Vec::new();
    library.encode(&mut name);
    let mut section = vec![MODULE];
    name.encode(&mut section);
    let mut reader = BinaryReader::new(names, 0);
    if names.first() == Some(&MODULE) {
        reader.read_u8()?;
        let size = reader.read_var_u32()?;
        reader.read_bytes(size as usize)?;
    }
    section.extend_from_slice(&names[reader.current_position()..]);
    Ok(section)
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
        TypeRef::Memory(ty) => {
            let ty = RoundtripReencoder.memory_type(ty);
            let ty = ty.context("a memory of an unknown type")?;
            imports.other(VALUES, MEMORY.to_owned(), EntityType::Memory(ty));
        }
        TypeRef::Table(ty) => {
            let ty = RoundtripReencoder.table_type(ty);
            let ty = ty.context("a table of an unknown type")?;
            imports.other(VALUES, TABLE.to_owned(), EntityType::Table(ty));
        }
        TypeRef::Tag(_) | TypeRef::FuncExact(_) => return Ok(false),
    }
    Ok(true)
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
