//! Checks a native extension before its contents are used.
//!
//! Comes in: the bytes of a file that may be one. Goes out: the same, with today's exception instructions in place of
//! legacy ones, or the reason why it cannot be linked. A file that passes is valid WebAssembly of the kind that [`super::merge`] takes apart: it stays within the memory and the slots
//! that it asks for, and its numbers are small enough to be used. [`super::extensions`] finds out whether its symbols
//! exist.

mod code;
mod constants;
mod dylink;
#[cfg(test)]
mod tests;
mod world;

use wasmparser::{
    DataKind, ElementItems, ElementKind, Encoding, ExternalKind, FuncType, GlobalType, Parser,
    Payload, RefType, TableType, TypeRef, ValType, ValidPayload, Validator, WasmFeatures,
};

use super::interface::{CPP_EXCEPTION, Unfit, system};
use code::Code;
use dylink::Extent;
use ground::wording::size;
use merge::{CONSTRUCTORS, RELOCATIONS, SET_LIBRARIES, is_component_export};

/// The most bytes of a file. Far more than any extension has, and less than would take the whole machine.
pub const LARGEST_FILE: u64 = 256 << 20;

/// The features that the linker can take apart and every host supports by default: function types are plain, and there
/// is one memory.
const FEATURES: WasmFeatures = WasmFeatures::WASM2
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::RELAXED_SIMD)
    .union(WasmFeatures::THREADS)
    .union(WasmFeatures::EXCEPTIONS);

pub fn check(wasm: Vec<u8>) -> Result<Vec<u8>, Unfit> {
    if !wasm.starts_with(b"\0asm") {
        return Err(Unfit::Foreign(system(&wasm)));
    }
    if wasm.len() as u64 > LARGEST_FILE {
        let limit = size(LARGEST_FILE as usize);
        return Err(Unfit::TooLarge(format!("the file is larger than {limit}")));
    }
    let wasm = match Check::default().sections(&wasm) {
        Ok(()) => wasm,
        Err(Fault::Unfit(unfit)) => return Err(unfit),
        Err(Fault::Invalid(_)) if is_legacy(&wasm) => translated(&wasm)?,
        Err(Fault::Invalid(error)) => return Err(invalid(&wasm, error)),
    };
    world::check(&wasm)?;
    Ok(wasm)
}

/// Returns `true` if a module is valid but for legacy exceptions.
fn is_legacy(wasm: &[u8]) -> bool {
    let features = FEATURES | WasmFeatures::LEGACY_EXCEPTIONS;
    let mut validator = Validator::new_with_features(features);
    validator.validate_all(wasm).is_ok()
}

/// The module without legacy exceptions, checked like any other.
fn translated(wasm: &[u8]) -> Result<Vec<u8>, Unfit> {
    let translated = merge::translate_legacy_exceptions(wasm)
        .map_err(|error| Unfit::Unsupported(format!("{error:#}")))?;
    match Check::default().sections(&translated) {
        Ok(()) => Ok(translated),
        Err(Fault::Unfit(unfit)) => Err(unfit),
        Err(Fault::Invalid(error)) => Err(Unfit::Broken(error)),
    }
}

/// A fault, or the fact that it is not WebAssembly of our kind.
enum Fault {
    Unfit(Unfit),
    Invalid(String),
}

impl From<Unfit> for Fault {
    fn from(unfit: Unfit) -> Self {
        Self::Unfit(unfit)
    }
}

impl From<wasmparser::BinaryReaderError> for Fault {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Self::Invalid(error.to_string())
    }
}

fn misshapen<T>(reason: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Unfit(Unfit::Misshapen(reason.into())))
}

/// The reason why a module is not valid: perhaps it would be if hosts, or this linker, supported more of WebAssembly.
fn invalid(wasm: &[u8], error: String) -> Unfit {
    let with = |features| Validator::new_with_features(features).validate_all(wasm);
    match with(FEATURES) {
        Err(error) if with(WasmFeatures::all()).is_ok() => {
            Unfit::Unsupported(error.message().to_owned())
        }
        _ => Unfit::Broken(error),
    }
}

#[derive(Default)]
struct Check {
    extent: Option<Extent>,
    types: Vec<FuncType>,
    /// The type of each function.
    functions: Vec<u32>,
    globals: Vec<Global>,
    tags: Vec<u32>,
    memories: u32,
    tables: u32,
    code: Code,
}

/// A global, as far as others and constants may use it.
#[derive(Clone, Copy)]
struct Global {
    ty: GlobalType,
    base: Option<Base>,
    /// `true` if the linker makes it a constant although it is declared as variable.
    is_address: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    Memory,
    Table,
}

impl Check {
    fn sections(&mut self, wasm: &[u8]) -> Result<(), Fault> {
        let mut validator = Validator::new_with_features(FEATURES);
        let mut bodies = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload?;
            if let Payload::Version { encoding, .. } = payload
                && encoding != Encoding::Module
            {
                return Err(Unfit::Component.into());
            }
            if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
                bodies.push((function, body));
            }
            self.section(payload)?;
        }
        let Some(extent) = &self.extent else {
            return Err(Unfit::NotShared.into());
        };
        extent.check()?;
        self.code.read(&self.globals, &bodies)?;
        // Constants need the requested extent, which may come last.
        self.segments(wasm)
    }

    fn section(&mut self, payload: Payload<'_>) -> Result<(), Fault> {
        match payload {
            Payload::CustomSection(section) => dylink::read(&section, &mut self.extent)?,
            Payload::TypeSection(types) => {
                for ty in types.into_iter_err_on_gc_types() {
                    self.types.push(ty?);
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    self.import(import?)?;
                }
            }
            Payload::FunctionSection(functions) => {
                for ty in functions {
                    self.functions.push(ty?);
                }
            }
            Payload::TableSection(tables) if tables.count() > 0 => {
                return misshapen("it has a table of its own");
            }
            Payload::MemorySection(memories) if memories.count() > 0 => {
                return misshapen("it has a memory of its own");
            }
            Payload::TagSection(tags) => {
                for tag in tags {
                    self.tags.push(tag?.func_type_idx);
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    let global = global?;
                    constants::initial(&self.globals, &global)?;
                    self.globals.push(Global {
                        ty: global.ty,
                        base: None,
                        is_address: false,
                    });
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    self.export(export?)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn import(&mut self, import: wasmparser::Import<'_>) -> Result<(), Fault> {
        let wasmparser::Import { module, name, ty } = import;
        match ty {
            TypeRef::Func(ty) => self.functions.push(ty),
            TypeRef::Global(ty) => self.globals.push(imported_global(module, name, ty)?),
            TypeRef::Tag(tag) => {
                if module != "env" {
                    return misshapen(format!("it takes the tag `{name}` from `{module}`"));
                }
                self.tag(name, tag.func_type_idx)?;
                self.tags.push(tag.func_type_idx);
            }
            TypeRef::Memory(memory) => {
                self.memories += 1;
                if (module, name) != ("env", "memory") || self.memories > 1 {
                    return misshapen("it takes another memory than `env` `memory`");
                }
                if memory.shared {
                    return misshapen("its memory is shared between threads");
                }
                dylink::check_memory(memory.initial << 16)?;
            }
            TypeRef::Table(table) => {
                self.tables += 1;
                if (module, name) != ("env", "__indirect_function_table") || self.tables > 1 {
                    return misshapen(
                        "it takes another table than `env` `__indirect_function_table`",
                    );
                }
                check_table(table)?;
            }
            TypeRef::FuncExact(_) => return misshapen("a function has an exact type"),
        }
        Ok(())
    }

    fn tag(&self, name: &str, ty: u32) -> Result<(), Fault> {
        let is_of_cpp = name == CPP_EXCEPTION;
        let has_its_type = |ty: &FuncType| ty.params() == [ValType::I32];
        if is_of_cpp && !self.types.get(ty as usize).is_some_and(has_its_type) {
            return misshapen(format!("the tag `{name}` has another type than C++'s"));
        }
        Ok(())
    }

    fn export(&mut self, export: wasmparser::Export<'_>) -> Result<(), Fault> {
        let wasmparser::Export { name, kind, index } = export;
        if name == SET_LIBRARIES || is_component_export(name) {
            return misshapen(format!(
                "it exports `{name}`, a name that only the component's own code may have"
            ));
        }
        match kind {
            ExternalKind::Func if name == RELOCATIONS || CONSTRUCTORS.contains(&name) => {
                let ty = self.functions.get(index as usize);
                let ty = ty.and_then(|ty| self.types.get(*ty as usize));
                if !ty.is_some_and(|ty| ty.params().is_empty() && ty.results().is_empty()) {
                    return misshapen(format!("`{name}` takes or returns something"));
                }
                if CONSTRUCTORS.contains(&name) {
                    self.code.constructors += 1;
                }
            }
            ExternalKind::Tag => {
                let ty = self.tags.get(index as usize).copied();
                self.tag(name, ty.unwrap_or_default())?;
            }
            _ => {}
        }
        if self.code.constructors > 1 {
            let [one, other] = CONSTRUCTORS;
            return misshapen(format!("it exports both `{one}` and `{other}`"));
        }
        Ok(())
    }

    /// Data in memory and in the table must lie in the library's own part of each.
    fn segments(&self, wasm: &[u8]) -> Result<(), Fault> {
        let extent = self.extent.as_ref().map(|extent| extent.mem_info);
        let extent = extent.flatten();
        let (memory, table) = extent.map_or((0, 0), |e| (e.memory_size, e.table_size));
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::DataSection(segments) => {
                    for (index, segment) in (0..).zip(segments) {
                        let segment = segment?;
                        let DataKind::Active { offset_expr, .. } = &segment.kind else {
                            continue;
                        };
                        let length = segment.data.len();
                        let place = constants::place(&self.globals, offset_expr, Base::Memory)?;
                        if !place.is_some_and(|start| fits(start, length, memory)) {
                            return misshapen("it has data outside the memory that it asks for");
                        }
                        if self.code.initialises(index) {
                            return misshapen("it copies from data that is in memory already");
                        }
                    }
                }
                Payload::ElementSection(elements) => {
                    for element in elements {
                        self.element(&element?, table)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn element(&self, element: &wasmparser::Element<'_>, table: u32) -> Result<(), Fault> {
        let length = match &element.items {
            ElementItems::Functions(functions) => functions.count(),
            ElementItems::Expressions(ty, items) => {
                if *ty != RefType::FUNCREF {
                    return misshapen("it has a table of something else than functions");
                }
                for item in items.clone() {
                    constants::function(&item?)?;
                }
                items.count()
            }
        };
        match &element.kind {
            ElementKind::Active { offset_expr, .. } => {
                let place = constants::place(&self.globals, offset_expr, Base::Table)?;
                if !place.is_some_and(|start| fits(start, length as usize, table)) {
                    return misshapen("it fills slots of the table that it does not ask for");
                }
            }
            ElementKind::Passive => return misshapen("it has a passive table segment"),
            ElementKind::Declared => {}
        }
        Ok(())
    }
}

fn fits(start: u32, length: usize, whole: u32) -> bool {
    start as usize + length <= whole as usize
}

fn check_table(table: TableType) -> Result<(), Fault> {
    if table.element_type != RefType::FUNCREF || table.shared {
        return misshapen("its table holds something else than functions");
    }
    dylink::check_slots(table.initial)
}

/// A global of the linker or of another library.
fn imported_global(module: &str, name: &str, ty: GlobalType) -> Result<Global, Fault> {
    let constant = GlobalType {
        content_type: ValType::I32,
        mutable: false,
        shared: false,
    };
    let variable = GlobalType {
        mutable: true,
        ..constant
    };
    let (expected, base) = match (module, name) {
        ("env", "__memory_base") => (Some(constant), Some(Base::Memory)),
        ("env", "__table_base") => (Some(constant), Some(Base::Table)),
        ("env", "__stack_pointer") => (Some(variable), None),
        ("env", _) => (None, None),
        ("GOT.mem" | "GOT.func", _) => (
            Some(GlobalType {
                mutable: ty.mutable,
                ..constant
            }),
            None,
        ),
        _ => return misshapen(format!("it takes the global `{name}` from `{module}`")),
    };
    if expected.is_some_and(|expected| expected != ty) {
        return misshapen(format!(
            "the global `{name}` of `{module}` has another type"
        ));
    }
    constants::check_kind(ty)?;
    Ok(Global {
        ty,
        base,
        is_address: module != "env",
    })
}
