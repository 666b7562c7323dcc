//! The module that the component's encoder knows: it fills the slots that no library fills, starts the libraries, and exports what
//! the component needs of them.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, ElementSection, Elements, EntityType, ExportKind,
    ExportSection, FunctionSection, Module,
};

use super::part::{Imports, Part};
use super::values::{MEMORY, STACK_POINTER, TABLE, any_memory, any_table, memory, word};
use super::{Links, VALUES};
use crate::Program;
use crate::emit::{self, Phase};
use crate::encode::embed_build_worlds;
use crate::start::{self, Synthetic};
use crate::symbols::Target;
use crate::unused::Unused;

pub fn write(links: &mut Links<'_, '_>) -> Result<Part> {
    let program = links.program;
    let mut functions = Imported::default();
    functions
        .imports
        .other(VALUES, MEMORY.to_owned(), any_memory());
    functions
        .imports
        .other(VALUES, TABLE.to_owned(), any_table());
    let stack_pointer = EntityType::Global(word(true));
    functions
        .imports
        .other(VALUES, STACK_POINTER.to_owned(), stack_pointer);

    let elements = elements(links, &mut functions)?;
    let exported = emit::exported(program, Phase::Build, &Unused::none(program))?;
    let mut exports = ExportSection::new();
    exports.export(MEMORY, ExportKind::Memory, 0);
    for (name, target) in exported {
        let index = functions.index(links, target)?;
        exports.export(name, ExportKind::Func, index);
    }
    let mut calls = Vec::new();
    for (target, argument) in start::calls_of_separate(program)? {
        calls.push((functions.index(links, target)?, argument));
    }
    let synthetic = start::functions(program, &calls)?;
    let mut imports = functions.imports;
    let mut section = FunctionSection::new();
    let mut code = CodeSection::new();
    for (index, Synthetic { export, ty, body }) in (imports.functions()..).zip(&synthetic) {
        section.function(imports.ty(ty)?);
        exports.export(export, ExportKind::Func, index);
        code.function(body);
    }
    let mut module = Module::new();
    module
        .section(&imports.type_section()?)
        .section(&imports.section(|ty| imports.index_of(ty))?)
        .section(&section)
        .section(&exports)
        .section(&elements)
        .section(&code);
    Ok(Part {
        name: String::new(),
        wasm: module.finish(),
        imports,
        functions: Default::default(),
    })
}

/// Functions of libraries that the module imports, each once.
#[derive(Default)]
struct Imported {
    imports: Imports,
    indices: HashMap<(String, String), u32>,
}

impl Imported {
    fn index(&mut self, links: &mut Links<'_, '_>, target: Target) -> Result<u32> {
        let ty = links
            .program
            .symbols
            .type_of(&links.program.libraries, target)?;
        let after_all = links.places.len();
        let (module, name) = links.function(after_all, target, &ty, None)?;
        let key = (module.to_owned(), name.clone());
        if let Some(index) = self.indices.get(&key) {
            return Ok(*index);
        }
        let index = self.imports.function(module, name, &ty)?;
        self.indices.insert(key, index);
        Ok(index)
    }
}

/// The slots behind those that the libraries fill themselves, as runs.
fn elements(links: &mut Links<'_, '_>, functions: &mut Imported) -> Result<ElementSection> {
    let program = links.program;
    let first = links.forward.first_slot() as usize;
    let slots = program.layout.table.iter().enumerate().skip(first);
    let mut filled: Vec<(usize, Target)> = slots
        .filter_map(|(slot, target)| Some((slot, (*target)?)))
        // A function without a name is only known to its library, which does not look here.
        .filter(|(_, target)| match target {
            Target::Defined(id) => links.names.contains_key(id),
            Target::Host(_) | Target::Missing(_) => true,
        })
        .collect();
    filled.extend((program.layout.table.len()..).zip(links.forward.more()));
    let mut section = ElementSection::new();
    for run in filled.chunk_by(|one, next| one.0 + 1 == next.0) {
        let indices = run
            .iter()
            .map(|(_, target)| functions.index(links, *target));
        let indices: Vec<u32> = indices.collect::<Result<_>>()?;
        let offset = ConstExpr::i32_const(i32::try_from(run[0].0)?);
        section.active(None, &offset, Elements::Functions(indices.into()));
    }
    Ok(section)
}

/// The module for the component's encoder: with the imports of all libraries, the exports of the component, and bodies that trap.
pub fn skeleton(program: &Program<'_>) -> Result<Vec<u8>> {
    let mut imports = Imports::default();
    let hosts = program.symbols.hosts.iter().zip(&program.live.hosts);
    for (host, _) in hosts.filter(|(_, live)| **live) {
        imports.function(host.module, host.name.to_owned(), &host.ty)?;
    }
    let mut functions = FunctionSection::new();
    let mut exports = ExportSection::new();
    let mut code = CodeSection::new();
    exports.export(MEMORY, ExportKind::Memory, 0);
    let first = imports.functions();
    let exported = emit::exported(program, Phase::Build, &Unused::none(program))?;
    let exported = exported.into_iter().map(|(name, target)| {
        let ty = program.symbols.type_of(&program.libraries, target)?;
        Ok((name.to_owned(), ty))
    });
    let mut exported: Vec<_> = exported.collect::<Result<_>>()?;
    let synthetic = start::functions(program, &[])?;
    exported.extend(synthetic.into_iter().map(|one| (one.export, one.ty)));
    for (index, (name, ty)) in (first..).zip(exported) {
        functions.function(imports.ty(&ty)?);
        exports.export(&name, ExportKind::Func, index);
        code.function(&emit::trap());
    }
    let mut memories = wasm_encoder::MemorySection::new();
    memories.memory(memory(program));
    let mut module = Module::new();
    module
        .section(&imports.type_section()?)
        .section(&imports.section(|ty| imports.index_of(ty))?)
        .section(&functions)
        .section(&memories)
        .section(&exports)
        .section(&code);
    let live = program.order.iter();
    for world in live.flat_map(|library| &program.libraries[*library].worlds) {
        module.section(&CustomSection {
            name: world.name.into(),
            data: world.data.into(),
        });
    }
    let mut module = module.finish();
    embed_build_worlds(&mut module).context("failed to describe the build's exports")?;
    Ok(module)
}
