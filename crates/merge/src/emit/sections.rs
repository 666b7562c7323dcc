//! The sections of a merged module, except for code and data.

use anyhow::{Context as _, Result};
use wasm_encoder::reencode::{Reencode as _, RoundtripReencoder};
use wasm_encoder::{
    ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, FunctionSection,
    GlobalSection, ImportSection, MemorySection, MemoryType, NameMap, NameSection, RefType,
    TableSection, TableType, TagKind, TagSection, TagType, TypeSection,
};
use wasmparser::ValType;

use super::Draft;
use crate::layout::PAGE;
use crate::symbols::Target;
use crate::{STACK_SIZE, State};

impl Draft<'_, '_> {
    pub(super) fn types(&self) -> Result<TypeSection> {
        let mut section = TypeSection::new();
        for ty in &self.numbering.types {
            let ty = RoundtripReencoder
                .func_type(ty.clone())
                .context("a function of an unknown type")?;
            section.ty().func_type(&ty);
        }
        Ok(section)
    }

    pub(super) fn imports(&self) -> Result<ImportSection> {
        let mut section = ImportSection::new();
        let hosts = self.program.symbols.hosts.iter().zip(&self.live.hosts);
        for (host, _) in hosts.filter(|(_, live)| **live) {
            let ty = self.numbering.index_of(&host.ty)?;
            section.import(host.module, host.name, EntityType::Function(ty));
        }
        Ok(section)
    }

    pub(super) fn functions(&self) -> Result<FunctionSection> {
        let mut section = FunctionSection::new();
        for id in self.defined() {
            let ty = self.program.libraries[id.library].functions[id.index as usize].ty;
            section.function(self.numbering.ty(id.library, ty)?);
        }
        for missing in self.stubs() {
            let ty = missing.ty.as_ref().context("a stub without a type")?;
            section.function(self.numbering.index_of(ty)?);
        }
        for function in &self.synthetic {
            section.function(self.numbering.index_of(&function.ty)?);
        }
        Ok(section)
    }

    /// Nothing else is added to it, so it never grows.
    pub(super) fn table(&self) -> TableSection {
        let slots = self.program.layout.table.len() as u64;
        let mut section = TableSection::new();
        section.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: slots,
            maximum: Some(slots),
            shared: false,
        });
        section
    }

    pub(super) fn memory(&self, state: Option<&State>) -> MemorySection {
        let bytes = match state {
            Some(state) => u64::from(STACK_SIZE) + state.memory.len() as u64,
            None => u64::from(self.program.layout.heap_end),
        };
        let mut section = MemorySection::new();
        section.memory(MemoryType {
            minimum: bytes / u64::from(PAGE),
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        section
    }

    pub(super) fn tags(&self) -> Result<TagSection> {
        let mut section = TagSection::new();
        for ty in &self.program.symbols.tag_types {
            section.tag(TagType {
                kind: TagKind::Exception,
                func_type_idx: self.numbering.index_of(ty)?,
            });
        }
        Ok(section)
    }

    pub(super) fn globals(&self, state: Option<&State>) -> Result<GlobalSection> {
        let mut section = GlobalSection::new();
        let types = self.program.global_types()?;
        let initial = self.program.initial_globals()?;
        let bits = state.map_or(&initial, |state| &state.globals);
        anyhow::ensure!(bits.len() == types.len(), "not all globals have a value");
        for (ty, bits) in types.into_iter().zip(bits) {
            // Truncation is intended: smaller types are in the lower bits.
            let value = match ty.content_type {
                ValType::I32 => ConstExpr::i32_const(*bits as i32),
                ValType::I64 => ConstExpr::i64_const(bits.cast_signed()),
                ValType::F32 => ConstExpr::f32_const(wasm_encoder::Ieee32::new(*bits as u32)),
                ValType::F64 => ConstExpr::f64_const(wasm_encoder::Ieee64::new(*bits)),
                other => anyhow::bail!("a global of type `{other}` is not supported"),
            };
            let ty = RoundtripReencoder
                .global_type(ty)
                .context("a global of an unknown type")?;
            section.global(ty, &value);
        }
        Ok(section)
    }

    pub(super) fn exports(&self) -> Result<ExportSection> {
        let mut section = ExportSection::new();
        section.export("memory", ExportKind::Memory, 0);
        for (name, target) in &self.exported {
            section.export(name, ExportKind::Func, self.numbering.function(*target)?);
        }
        for (index, function) in (self.numbering.count..).zip(&self.synthetic) {
            section.export(&function.export, ExportKind::Func, index);
        }
        Ok(section)
    }

    pub(super) fn elements(&self) -> Result<ElementSection> {
        let mut section = ElementSection::new();
        let table = self.program.layout.table.iter();
        let table: Vec<Option<Target>> = table
            .map(|slot| slot.filter(|target| self.unused.keeps(*target)))
            .collect();
        let mut slot = 0;
        while slot < table.len() {
            let run: Vec<u32> = table[slot..]
                .iter()
                .map_while(|target| target.map(|target| self.numbering.function(target)))
                .collect::<Result<_>>()?;
            if run.is_empty() {
                slot += 1;
                continue;
            }
            let offset = ConstExpr::i32_const(i32::try_from(slot)?);
            slot += run.len();
            section.active(None, &offset, Elements::Functions(run.into()));
        }
        Ok(section)
    }

    pub(super) fn names(&self) -> Result<NameSection> {
        let mut functions = NameMap::new();
        let hosts = self.program.symbols.hosts.iter().zip(&self.live.hosts);
        for (index, (host, _)) in (0..).zip(hosts.filter(|(_, live)| **live)) {
            functions.append(index, &format!("{}#{}", host.module, host.name));
        }
        let exported = self.program.exported_names();
        for id in self.defined() {
            let own = self.program.libraries[id.library].names.get(&id.index);
            if let Some(name) = own.or_else(|| exported.get(&id)) {
                functions.append(self.numbering.function(Target::Defined(id))?, name);
            }
        }
        let stubs = self.numbering.count - u32::try_from(self.stubs().count())?;
        for (index, missing) in (stubs..).zip(self.stubs()) {
            functions.append(index, &format!("{} (missing)", missing.name));
        }
        for (index, function) in (self.numbering.count..).zip(&self.synthetic) {
            functions.append(index, &function.export);
        }
        let mut section = NameSection::new();
        section.functions(&functions);
        Ok(section)
    }
}
