//! Functions that exist only for the build: they start the libraries and show the resulting memory.

use anyhow::Result;
use wasm_encoder::{Function, MemArg};
use wasmparser::{FuncType, ValType};

use super::Program;
use super::contract::STATE_INTERFACE;
use super::parse::Parsed;
use super::reach::{CONSTRUCTORS, RELOCATIONS, SET_LIBRARIES};
use super::symbols::Target;

/// The address of the descriptor of an accessor's list, followed by the globals. The C stack begins here, and nobody
/// ever gets this far down.
const SCRATCH: i32 = 1024;
const SCRATCH_GLOBALS: i32 = SCRATCH + 16;

/// A function of the linker's own.
pub struct Synthetic {
    pub export: String,
    pub ty: FuncType,
    pub body: Function,
}

/// A call that starts a library, with the argument that it gets.
pub type Call<F> = (F, Option<u32>);

/// The functions that start the merged libraries, in order: those that put a library's data in place, those that relocate
/// data, and the constructors.
pub fn calls(program: &Program<'_>) -> Result<Vec<Call<Target>>> {
    let mut calls = Vec::new();
    for (library, parsed) in in_order(program) {
        let start = parsed.start.filter(|_| !program.layout.started[library]);
        calls.extend(start.map(|index| (target(program, library, index), None)));
    }
    calls.extend(relocations(program, |library| {
        !program.image.relocated[library]
    }));
    calls.extend(constructors(program)?);
    Ok(calls)
}

/// Those that start libraries which are modules of their own, and whose data is as it was in their files.
pub fn calls_of_separate(program: &Program<'_>) -> Result<Vec<Call<Target>>> {
    let mut calls: Vec<_> = relocations(program, |_| true).collect();
    calls.extend(constructors(program)?);
    Ok(calls)
}

fn in_order<'p, 'a>(program: &'p Program<'a>) -> impl Iterator<Item = (usize, &'p Parsed<'a>)> {
    let order = program.order.iter();
    order.map(|&library| (library, &program.libraries[library]))
}

fn target(program: &Program<'_>, library: usize, index: u32) -> Target {
    program.symbols.functions[library][index as usize]
}

fn relocations(
    program: &Program<'_>,
    is_left: impl Fn(usize) -> bool,
) -> impl Iterator<Item = Call<Target>> {
    in_order(program).filter_map(move |(library, parsed)| {
        let relocations = parsed.exported_function(RELOCATIONS);
        let index = relocations.filter(|_| is_left(library))?;
        Some((target(program, library, index), None))
    })
}

fn constructors(program: &Program<'_>) -> Result<Vec<Call<Target>>> {
    let mut calls = Vec::new();
    for (library, parsed) in in_order(program) {
        let constructors = CONSTRUCTORS.iter();
        let constructors: Vec<u32> = constructors
            .filter_map(|name| parsed.exported_function(name))
            .collect();
        anyhow::ensure!(
            constructors.len() < 2,
            "the library `{}` exports both `{}` and `{}`",
            parsed.name,
            CONSTRUCTORS[0],
            CONSTRUCTORS[1]
        );
        calls.extend(
            constructors
                .iter()
                .map(|index| (target(program, library, *index), None)),
        );
        if let Some(index) = parsed.exported_function(SET_LIBRARIES) {
            let address = Some(program.layout.dl.address);
            calls.push((target(program, library, index), address));
        }
    }
    Ok(calls)
}

/// `_initialize`, which the component calls when it is instantiated, and the accessors of `wit/state.wit`. `calls` has the functions
/// by their numbers in the module.
pub fn functions(program: &Program<'_>, calls: &[Call<u32>]) -> Result<Vec<Synthetic>> {
    let mut initialize = Function::new([]);
    let mut code = initialize.instructions();
    for (function, argument) in calls {
        if let Some(argument) = argument {
            code.i32_const(argument.cast_signed());
        }
        code.call(*function);
    }
    code.end();

    let mut pages = Function::new([]);
    pages.instructions().memory_size(0).end();

    let mut memory = Function::new([]);
    let word = |offset| MemArg {
        offset,
        align: 2,
        memory_index: 0,
    };
    let (start, length) = (0, 1);
    memory
        .instructions()
        .i32_const(SCRATCH)
        .local_get(start)
        .i32_store(word(0))
        .i32_const(SCRATCH)
        .local_get(length)
        .i32_store(word(4))
        .i32_const(SCRATCH)
        .end();

    let accessor = |name| format!("{STATE_INTERFACE}#{name}");
    let i32s = |count| vec![ValType::I32; count];
    Ok(vec![
        Synthetic {
            export: "_initialize".to_owned(),
            ty: FuncType::new([], []),
            body: initialize,
        },
        Synthetic {
            export: accessor("pages"),
            ty: FuncType::new([], i32s(1)),
            body: pages,
        },
        Synthetic {
            export: accessor("memory"),
            ty: FuncType::new(i32s(2), i32s(1)),
            body: memory,
        },
        Synthetic {
            export: accessor("globals"),
            ty: FuncType::new([], i32s(1)),
            body: globals(program)?,
        },
    ])
}

/// A function that returns the bits of all globals.
fn globals(program: &Program<'_>) -> Result<Function> {
    let mut function = Function::new([]);
    let mut code = function.instructions();
    let double_word = |index: u32| MemArg {
        offset: u64::from(index) * 8,
        align: 3,
        memory_index: 0,
    };
    let types = program.global_types()?;
    for (index, ty) in (0..).zip(&types) {
        code.i32_const(SCRATCH_GLOBALS).global_get(index);
        match ty.content_type {
            ValType::I32 => code.i64_extend_i32_u().i64_store(double_word(index)),
            ValType::I64 => code.i64_store(double_word(index)),
            ValType::F32 => code.f32_store(double_word(index)),
            ValType::F64 => code.f64_store(double_word(index)),
            other => anyhow::bail!("a global of type `{other}` is not supported"),
        };
    }
    let word = |offset| MemArg {
        offset,
        align: 2,
        memory_index: 0,
    };
    code.i32_const(SCRATCH)
        .i32_const(SCRATCH_GLOBALS)
        .i32_store(word(0))
        .i32_const(SCRATCH)
        .i32_const(i32::try_from(types.len())?)
        .i32_store(word(4))
        .i32_const(SCRATCH)
        .end();
    Ok(function)
}
