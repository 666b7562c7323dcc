//! The module whose functions call others through the table: a library may call one that is instantiated after it. Missing functions,
//! which are weak, are here too, and trap.

use anyhow::Result;
use indexmap::IndexMap;
use wasm_encoder::{CodeSection, ExportKind, ExportSection, Function, FunctionSection, Module};
use wasmparser::FuncType;

use super::part::{Imports, Part};
use super::values::{TABLE, any_table};
use super::{FORWARD, VALUES};
use crate::Program;
use crate::layout::Layout;
use crate::symbols::Target;

pub struct Forward<'p> {
    layout: &'p Layout,
    /// The slots from here on are filled by the exports' module, and by no library.
    first_slot: u32,
    /// The functions by name, with the slot that they call, if there is one.
    functions: IndexMap<String, (FuncType, Option<u32>)>,
    /// The functions whose slots lie behind those of the layout, in order.
    more: IndexMap<Target, ()>,
}

impl<'p> Forward<'p> {
    pub fn new(program: &'p Program<'_>) -> Self {
        Self {
            layout: &program.layout,
            first_slot: first_slot(program),
            functions: IndexMap::new(),
            more: IndexMap::new(),
        }
    }

    /// The name of a function that calls `target`, which `library` exports.
    pub fn later(
        &mut self,
        target: Target,
        library: &str,
        name: &str,
        ty: &FuncType,
    ) -> Result<String> {
        // A library's own slot may lead to this very function.
        let slot = match self.layout.slots.get(&target) {
            Some(slot) if *slot >= self.first_slot => *slot,
            _ => {
                let place = self.layout.table.len() + self.more.insert_full(target, ()).0;
                u32::try_from(place)?
            }
        };
        let name = format!("{name}\0{library}");
        self.functions
            .insert(name.clone(), (ty.clone(), Some(slot)));
        Ok(name)
    }

    /// The name of a function that traps.
    pub fn missing(&mut self, name: &str, ty: &FuncType) -> String {
        let name = format!("{name}\0: {ty}");
        self.functions.insert(name.clone(), (ty.clone(), None));
        name
    }

    pub fn first_slot(&self) -> u32 {
        self.first_slot
    }

    /// The functions that need slots behind those of the layout.
    pub fn more(&self) -> impl Iterator<Item = Target> {
        self.more.keys().copied()
    }

    pub fn write(&self) -> Result<Part> {
        let mut imports = Imports::default();
        imports.other(VALUES, TABLE.to_owned(), any_table());
        let mut functions = FunctionSection::new();
        let mut exports = ExportSection::new();
        let mut code = CodeSection::new();
        for (index, (name, (ty, slot))) in (0..).zip(&self.functions) {
            let type_index = imports.ty(ty)?;
            functions.function(type_index);
            exports.export(name, ExportKind::Func, index);
            let mut body = Function::new([]);
            let mut instructions = body.instructions();
            match slot {
                Some(slot) => {
                    for parameter in 0..u32::try_from(ty.params().len())? {
                        instructions.local_get(parameter);
                    }
                    instructions
                        .i32_const(slot.cast_signed())
                        .call_indirect(0, type_index);
                }
                None => {
                    instructions.unreachable();
                }
            }
            instructions.end();
            code.function(&body);
        }
        let mut module = Module::new();
        module
            .section(&imports.type_section()?)
            .section(&imports.section(|ty| imports.index_of(ty))?)
            .section(&functions)
            .section(&exports)
            .section(&code);
        Ok(Part {
            name: FORWARD.to_owned(),
            wasm: module.finish(),
            imports,
            functions: Default::default(),
        })
    }
}

/// The end of the last library's slots.
fn first_slot(program: &Program<'_>) -> u32 {
    let live = program.order.iter();
    let ends = live.map(|&library| {
        program.layout.table_bases[library] + program.libraries[library].extent.table_size
    });
    ends.max().unwrap_or(0).max(1)
}
