//! The module with the memory, the table, the stack pointer, and the addresses and slots of the layout as globals.

use anyhow::Result;
use indexmap::IndexMap;
use wasm_encoder::{
    ConstExpr, DataSection, EntityType, ExportKind, ExportSection, GlobalSection, GlobalType,
    MemorySection, MemoryType, Module, RefType, TableSection, TableType, TagKind, TagSection,
    TagType, ValType,
};

use wasmparser::FuncType;

use super::part::{Imports, Part};
use super::{VALUES, own_data};
use crate::layout::PAGE;
use crate::{Program, STACK_SIZE};

pub const MEMORY: &str = "memory";
pub const TABLE: &str = "table";
pub const STACK_POINTER: &str = "__stack_pointer";

#[derive(Default)]
pub struct Values {
    /// The globals of the module: their values by name and mutability.
    globals: IndexMap<(String, bool), i32>,
    /// The exception tags by name.
    tags: IndexMap<String, FuncType>,
}

impl Values {
    /// The name of a global with this value. `name` says whose value it is; two libraries may mean different things by one name.
    pub fn name(&mut self, name: &str, mutable: bool, value: i32) -> String {
        let kind = if mutable { "" } else { "constant " };
        let mut key = (format!("{kind}{name}"), mutable);
        while *self.globals.entry(key.clone()).or_insert(value) != value {
            key.0.push('\'');
        }
        key.0
    }

    /// Adds a tag, unless it is there.
    pub fn tag(&mut self, name: &str, ty: &FuncType) {
        self.tags.insert(name.to_owned(), ty.clone());
    }

    /// The module, with room for more slots behind those of the layout.
    pub fn write(&self, program: &Program<'_>, more_slots: usize) -> Result<Part> {
        let mut memories = MemorySection::new();
        memories.memory(memory(program));
        let mut tables = TableSection::new();
        tables.table(table(program, more_slots));
        let mut exports = ExportSection::new();
        exports.export(MEMORY, ExportKind::Memory, 0);
        exports.export(TABLE, ExportKind::Table, 0);
        let mut globals = GlobalSection::new();
        globals.global(word(true), &ConstExpr::i32_const(STACK_SIZE.cast_signed()));
        exports.export(STACK_POINTER, ExportKind::Global, 0);
        for (index, ((name, mutable), value)) in (1..).zip(&self.globals) {
            globals.global(word(*mutable), &ConstExpr::i32_const(*value));
            exports.export(name, ExportKind::Global, index);
        }
        let mut types = Imports::default();
        let mut tags = TagSection::new();
        for (index, (name, ty)) in (0..).zip(&self.tags) {
            tags.tag(TagType {
                kind: TagKind::Exception,
                func_type_idx: types.ty(ty)?,
            });
            exports.export(name, ExportKind::Tag, index);
        }
        let mut data = DataSection::new();
        for (address, bytes) in own_data(program)? {
            data.active(
                0,
                &ConstExpr::i32_const(address.cast_signed()),
                bytes.iter().copied(),
            );
        }
        let mut module = Module::new();
        module
            .section(&types.type_section()?)
            .section(&tables)
            .section(&memories);
        // Not every compiler knows this section.
        if !tags.is_empty() {
            module.section(&tags);
        }
        module.section(&globals).section(&exports).section(&data);
        Ok(Part {
            name: VALUES.to_owned(),
            wasm: module.finish(),
            imports: Imports::default(),
            functions: Default::default(),
        })
    }
}

pub fn memory(program: &Program<'_>) -> MemoryType {
    MemoryType {
        minimum: u64::from(program.layout.heap_end / PAGE),
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    }
}

fn table(program: &Program<'_>, more_slots: usize) -> TableType {
    let slots = (program.layout.table.len() + more_slots) as u64;
    TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: slots,
        maximum: None,
        shared: false,
    }
}

/// The import of a memory of any size; libraries say so as well.
pub fn any_memory() -> EntityType {
    EntityType::Memory(MemoryType {
        minimum: 0,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    })
}

/// The import of a table of any size.
pub fn any_table() -> EntityType {
    EntityType::Table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: 0,
        maximum: None,
        shared: false,
    })
}

pub fn word(mutable: bool) -> GlobalType {
    GlobalType {
        val_type: ValType::I32,
        mutable,
        shared: false,
    }
}
