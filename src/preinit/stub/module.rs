//! The core modules whose functions stand in for WASI's.

use anyhow::{Context as _, Result, anyhow};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, InstructionSink, MemArg, MemoryType,
    Module, NameMap, NameSection, TypeSection, ValType,
};
use wasmparser::types::Types;
use wasmparser::{Parser, ValidPayload, Validator, WasmFeatures};

use super::answers::{Clock, EPOCH, HANDLE, TICK};
use super::shape::{Reply, Value};

/// The module name of everything that a module imports.
pub const ENV: &str = "env";
/// The name of the clock, a number of nanoseconds.
pub const CLOCK: &str = "clock";
pub const MEMORY: &str = "memory";
pub const REALLOC: &str = "realloc";

/// A core function that stands in for another.
pub struct Stub {
    /// The index of the other in the original component.
    pub core_func: u32,
    /// The name in the backtrace of a trap.
    pub name: String,
    pub reply: Reply,
    /// The other is there too, and gets all calls except those with a handle of ours.
    pub has_real: bool,
}

impl Stub {
    pub fn uses_clock(&self) -> bool {
        matches!(
            self.reply,
            Reply::Clock(Clock::Monotonic | Clock::For | Clock::Until | Clock::Wall)
        )
    }
}

/// The place of the things that functions of a module use beside their arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    pub memory: bool,
    pub realloc: bool,
    pub clock: ClockPlace,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockPlace {
    #[default]
    None,
    /// The module exports it.
    Own,
    Imported,
}

/// A module with one function for each stub, exported by its number. What it stands in for is imported under the same
/// number.
pub fn of_stubs(stubs: &[Stub], signatures: &Signatures, around: Surroundings) -> Result<Module> {
    let mut types = TypeSection::new();
    let mut functions = FunctionSection::new();
    let mut exports = ExportSection::new();
    let mut code = CodeSection::new();
    let mut names = NameMap::new();
    if around.clock == ClockPlace::Own {
        exports.export(CLOCK, ExportKind::Global, 0);
    }
    // What the stubs stand in for is imported first, then the allocator.
    let realloc = stubs.iter().filter(|stub| stub.has_real).count() as u32;
    let first = realloc + u32::from(around.realloc);
    let mut reals = 0..realloc;
    for (index, stub) in (0u32..).zip(stubs) {
        let signature = signatures.of(stub.core_func)?;
        let real = stub.has_real.then(|| reals.next()).flatten();
        functions.function(index);
        exports.export(&index.to_string(), ExportKind::Func, first + index);
        code.function(&body(&stub.reply, &signature, real, realloc));
        names.append(first + index, &stub.name);
        types.ty().function(signature.params, signature.results);
    }
    let imports = imports(stubs, around, types.len());
    if around.realloc {
        types.ty().function([ValType::I32; 4], [ValType::I32]);
    }
    let mut name_section = NameSection::new();
    name_section.functions(&names);
    let mut module = Module::new();
    module.section(&types);
    if !imports.is_empty() {
        module.section(&imports);
    }
    module.section(&functions);
    if around.clock == ClockPlace::Own {
        let mut globals = GlobalSection::new();
        globals.global(CLOCK_TYPE, &ConstExpr::i64_const(0));
        module.section(&globals);
    }
    module
        .section(&exports)
        .section(&code)
        .section(&name_section);
    Ok(module)
}

const CLOCK_TYPE: GlobalType = GlobalType {
    val_type: ValType::I64,
    mutable: true,
    shared: false,
};

/// The type of a function is at its number, and that of the allocator at `realloc_type`.
fn imports(stubs: &[Stub], around: Surroundings, realloc_type: u32) -> ImportSection {
    let mut imports = ImportSection::new();
    if around.clock == ClockPlace::Imported {
        imports.import(ENV, CLOCK, CLOCK_TYPE);
    }
    if around.memory {
        let memory = MemoryType {
            minimum: 0,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        };
        imports.import(ENV, MEMORY, memory);
    }
    for (index, stub) in (0u32..).zip(stubs) {
        if stub.has_real {
            imports.import(ENV, &index.to_string(), EntityType::Function(index));
        }
    }
    if around.realloc {
        imports.import(ENV, REALLOC, EntityType::Function(realloc_type));
    }
    imports
}

fn body(reply: &Reply, signature: &Signature, real: Option<u32>, realloc: u32) -> Function {
    if *reply == Reply::Ready {
        return ready(real, realloc);
    }
    let mut function = Function::new([]);
    let mut code = function.instructions();
    let count = signature.params.len() as u32;
    if let Some(real) = real {
        code.local_get(0)
            .i32_const(HANDLE)
            .i32_ne()
            .if_(BlockType::Empty);
        (0..count).for_each(|param| {
            code.local_get(param);
        });
        code.call(real).return_().end();
    }
    let place = count.saturating_sub(1);
    match reply {
        Reply::Trap | Reply::Ready => {
            code.unreachable();
        }
        Reply::Flat(value) => {
            if let Some(result) = signature.results.first() {
                constant(&mut code, *result, *value);
            }
        }
        Reply::Memory { size, stores } => {
            code.local_get(place)
                .i32_const(0)
                .i32_const(size.cast_signed())
                .memory_fill(0);
            for store in stores {
                code.local_get(place);
                match store.value {
                    Value::Byte(value) => code
                        .i32_const(i32::from(value))
                        .i32_store8(at(store.offset)),
                    Value::Long(value) => code
                        .i64_const(value.cast_signed())
                        .i64_store(at(store.offset)),
                };
            }
        }
        Reply::Clock(clock) => of_clock(&mut code, *clock, place),
    }
    code.end();
    function
}

fn at(offset: u32) -> MemArg {
    MemArg {
        offset: u64::from(offset),
        align: 0,
        memory_index: 0,
    }
}

fn constant(code: &mut InstructionSink<'_>, ty: ValType, value: i32) {
    match ty {
        ValType::I64 => code.i64_const(i64::from(value)),
        ValType::F32 => code.f32_const(0.0.into()),
        ValType::F64 => code.f64_const(0.0.into()),
        ValType::I32 | ValType::V128 | ValType::Ref(_) => code.i32_const(value),
    };
}

const NANOSECONDS: i64 = 1_000_000_000;
/// The clock's index among the globals.
const CLOCK_GLOBAL: u32 = 0;

fn of_clock(code: &mut InstructionSink<'_>, clock: Clock, place: u32) {
    let tick = |code: &mut InstructionSink<'_>| {
        code.global_get(CLOCK_GLOBAL)
            .i64_const(TICK)
            .i64_add()
            .global_set(CLOCK_GLOBAL);
    };
    match clock {
        Clock::Monotonic => {
            tick(code);
            code.global_get(CLOCK_GLOBAL);
        }
        Clock::MonotonicResolution => {
            code.i64_const(TICK);
        }
        Clock::For => {
            // Waiting for ever does not turn the clock back.
            code.global_get(CLOCK_GLOBAL)
                .local_get(0)
                .i64_add()
                .global_get(CLOCK_GLOBAL);
            code.i64_gt_u().if_(BlockType::Empty);
            code.global_get(CLOCK_GLOBAL)
                .local_get(0)
                .i64_add()
                .global_set(CLOCK_GLOBAL);
            code.end().i32_const(HANDLE);
        }
        Clock::Until => {
            code.local_get(0)
                .global_get(CLOCK_GLOBAL)
                .i64_gt_u()
                .if_(BlockType::Empty);
            code.local_get(0).global_set(CLOCK_GLOBAL);
            code.end().i32_const(HANDLE);
        }
        Clock::Wall => {
            tick(code);
            code.local_get(place);
            code.global_get(CLOCK_GLOBAL)
                .i64_const(NANOSECONDS)
                .i64_div_u();
            code.i64_const(EPOCH).i64_add().i64_store(at(0));
            code.local_get(place);
            code.global_get(CLOCK_GLOBAL)
                .i64_const(NANOSECONDS)
                .i64_rem_u();
            code.i32_wrap_i64().i32_store(at(8));
        }
        Clock::WallResolution => {
            code.local_get(place).i64_const(0).i64_store(at(0));
            code.local_get(place)
                .i32_const(TICK as i32)
                .i32_store(at(8));
        }
    }
}

/// `poll`: if no handle in the list is ours, the host waits. Otherwise those that are ours are ready. The arguments are
/// the list's place, its length and the place of the result.
fn ready(real: Option<u32>, realloc: u32) -> Function {
    const LIST: u32 = 0;
    const LENGTH: u32 = 1;
    const RESULT: u32 = 2;
    const INDEX: u32 = 3;
    const COUNT: u32 = 4;
    const INDICES: u32 = 5;
    let mut function = Function::new([(3, ValType::I32)]);
    let mut code = function.instructions();
    // Counts handles of ours, and writes their indices if there is room for them.
    let scan = |code: &mut InstructionSink<'_>| {
        code.local_get(LENGTH).if_(BlockType::Empty);
        code.loop_(BlockType::Empty);
        code.local_get(LIST)
            .local_get(INDEX)
            .i32_const(2)
            .i32_shl()
            .i32_add()
            .i32_load(at(0));
        code.i32_const(HANDLE).i32_eq().if_(BlockType::Empty);
        code.local_get(INDICES).if_(BlockType::Empty);
        code.local_get(INDICES)
            .local_get(COUNT)
            .i32_const(2)
            .i32_shl()
            .i32_add();
        code.local_get(INDEX).i32_store(at(0)).end();
        code.local_get(COUNT)
            .i32_const(1)
            .i32_add()
            .local_set(COUNT)
            .end();
        code.local_get(INDEX)
            .i32_const(1)
            .i32_add()
            .local_tee(INDEX);
        code.local_get(LENGTH).i32_lt_u().br_if(0).end().end();
    };
    scan(&mut code);
    if let Some(real) = real {
        code.local_get(COUNT).i32_eqz().if_(BlockType::Empty);
        code.local_get(LIST)
            .local_get(LENGTH)
            .local_get(RESULT)
            .call(real);
        code.return_().end();
    }
    code.local_get(COUNT).if_(BlockType::Empty);
    code.i32_const(0).i32_const(0).i32_const(4);
    code.local_get(COUNT)
        .i32_const(2)
        .i32_shl()
        .call(realloc)
        .local_set(INDICES);
    code.i32_const(0)
        .local_set(INDEX)
        .i32_const(0)
        .local_set(COUNT);
    scan(&mut code);
    code.end();
    code.local_get(RESULT).local_get(INDICES).i32_store(at(0));
    code.local_get(RESULT).local_get(COUNT).i32_store(at(4));
    code.end();
    function
}

pub struct Signature {
    pub params: Vec<ValType>,
    pub results: Vec<ValType>,
}

/// The core types of a component's functions, as computed by the validator.
pub struct Signatures(Types);

impl Signatures {
    pub fn read(component: &[u8]) -> Result<Self> {
        let mut validator = Validator::new_with_features(WasmFeatures::all());
        let mut types = None;
        for payload in Parser::new(0).parse_all(component) {
            // The bodies of functions are not checked here, but once at the end.
            if let ValidPayload::End(end) = validator.payload(&payload?)? {
                types = Some(end);
            }
        }
        Ok(Self(types.context("the component has no end")?))
    }

    pub fn of(&self, core_func: u32) -> Result<Signature> {
        let types = self.0.as_ref();
        let ty = types[types.core_function_at(core_func)].unwrap_func();
        let convert = |types: &[wasmparser::ValType]| {
            types
                .iter()
                .map(|ty| ValType::try_from(*ty).map_err(|_| anyhow!("unknown core type {ty}")))
                .collect::<Result<Vec<_>>>()
        };
        Ok(Signature {
            params: convert(ty.params())?,
            results: convert(ty.results())?,
        })
    }
}
