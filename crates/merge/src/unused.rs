//! Leaves out libraries that a run has not used, though their places remain: everything else keeps its addresses, so that the
//! memory after the run still holds.
//!
//! In: a linked [`Program`] and names of libraries. Out: [`Unused`], or nothing if it cannot be known that nobody needs them.

use std::collections::BTreeSet;

use super::Program;
use super::reach::CONSTRUCTORS;
use super::scan::SiteOp;
use super::symbols::{GlobalTarget, Target};
use super::{STACK_SIZE, State, dl};

/// The libraries of a program that are left out.
pub struct Unused(Vec<bool>);

impl Unused {
    pub fn none(program: &Program<'_>) -> Self {
        Self(vec![false; program.libraries.len()])
    }

    /// `None` if code of one of them has run, or if another library takes a symbol from it.
    pub fn new(program: &Program<'_>, names: &[&str]) -> Option<Self> {
        let libraries = program.libraries.iter();
        let unused = Self(
            libraries
                .map(|parsed| names.contains(&parsed.name))
                .collect(),
        );
        let mut each = 0..program.libraries.len();
        each.all(|library| match unused.has(library) {
            true => !unused.has_run(program, library),
            false => !program.live.libraries[library] || !unused.gives_to(program, library),
        })
        .then_some(unused)
    }

    pub fn has(&self, library: usize) -> bool {
        self.0[library]
    }

    pub fn is_none(&self) -> bool {
        !self.0.contains(&true)
    }

    /// Returns `true` if a function stays, or is the host's.
    pub fn keeps(&self, target: Target) -> bool {
        !matches!(target, Target::Defined(id) if self.has(id.library))
    }

    /// Whether code of a library has run at the start, by which others may know about it.
    fn has_run(&self, program: &Program<'_>, library: usize) -> bool {
        let parsed = &program.libraries[library];
        let constructors = CONSTRUCTORS.iter();
        let mut constructors = constructors.filter_map(|name| parsed.exported_function(name));
        constructors.any(|index| tells_others(program, library, index, &mut BTreeSet::new()))
            || parsed.start.is_some() && !program.layout.started[library]
    }

    /// Whether a library that stays takes a symbol from one that is left out. CPython's table of built-in modules has the addresses of
    /// their functions, but those of unused modules are out of it (`runtime/builtins.c`), so that nobody calls them.
    fn gives_to(&self, program: &Program<'_>, library: usize) -> bool {
        let functions = &program.symbols.functions[library];
        let globals = program.symbols.globals[library].iter();
        let slots = globals.clone().filter_map(|one| match one {
            GlobalTarget::Slot(target) => Some(*target),
            _ => None,
        });
        let mut taken = functions.iter().copied().chain(slots);
        let mut called = program.sites[library].iter().flatten().filter_map(|site| {
            let (SiteOp::Call(index) | SiteOp::ReturnCall(index) | SiteOp::RefFunc(index)) =
                site.op
            else {
                return None;
            };
            Some(functions[index as usize])
        });
        let mut variables = globals.filter_map(|one| match one {
            GlobalTarget::Variable(id) | GlobalTarget::Own(id) => Some(id.library),
            _ => None,
        });
        taken.any(|target| !self.keeps(target) && !is_initialiser(program, target))
            || called.any(|target| !self.keeps(target))
            || variables.any(|library| self.has(library))
    }

    /// Removes their data from the memory after a run, and their names from what `dlopen` finds.
    pub fn forget_in(&self, state: &mut State, program: &Program<'_>) {
        if self.is_none() {
            return;
        }
        let libraries = program.libraries.iter().enumerate();
        for (library, parsed) in libraries.filter(|(library, _)| self.has(*library)) {
            if program.live.libraries[library] {
                let start = (program.layout.memory_bases[library] - STACK_SIZE) as usize;
                let end = start + parsed.extent.memory_size as usize;
                state.memory[start..end].fill(0);
            }
        }
        dl::forget(&mut state.memory, &program.libraries, |library| {
            self.has(library)
        });
    }
}

/// Returns `true` for the function that makes a Python module.
fn is_initialiser(program: &Program<'_>, target: Target) -> bool {
    let Target::Defined(id) = target else {
        return false;
    };
    let parsed = &program.libraries[id.library];
    let mut names = parsed.exports.keys();
    names
        .any(|name| name.starts_with("PyInit_") && parsed.exported_function(name) == Some(id.index))
}

/// Whether a function may give others an address in its library: it has one of a function, writes to a variable of another
/// library, or calls another with arguments. Most constructors only note that they have run.
fn tells_others(
    program: &Program<'_>,
    library: usize,
    index: u32,
    visited: &mut BTreeSet<u32>,
) -> bool {
    if !visited.insert(index) {
        return false;
    }
    let parsed = &program.libraries[library];
    let symbols = &program.symbols;
    let mut sites = program.sites[library][index as usize].iter();
    sites.any(|site| match site.op {
        SiteOp::Call(called) | SiteOp::ReturnCall(called) => {
            match symbols.functions[library][called as usize] {
                Target::Defined(id) if id.library == library => {
                    tells_others(program, library, id.index, visited)
                }
                _ => {
                    let ty = parsed.functions[called as usize].ty;
                    !parsed.types[ty as usize].params().is_empty()
                }
            }
        }
        SiteOp::GlobalGet(global) | SiteOp::GlobalPlus(global, _) | SiteOp::GlobalSet(global) => {
            match symbols.globals[library][global as usize] {
                GlobalTarget::Variable(id) | GlobalTarget::Own(id) => id.library != library,
                GlobalTarget::TableBase | GlobalTarget::Slot(_) => true,
                _ => false,
            }
        }
        SiteOp::Block(..) => false,
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{call, library, link, start, state};
    use crate::{Library, Phase};
    use wasmtime::{Engine, Instance, Module, Store};

    /// A library that the component's export is in, with the address of a function, `%` for more.
    const KEPT: &str = r#"(module
        (@dylink.0 (mem-info (memory 8 2) (table 1 0)))
        (import "env" "memory" (memory 1))
        (import "env" "__indirect_function_table" (table 1 funcref))
        (import "env" "__memory_base" (global $base i32))
        (import "env" "__table_base" (global $table i32))
        %
        (func $seven (result i32) (i32.const 7))
        (elem (global.get $table) func $seven)
        (data (global.get $base) "kept")
        (func (export "t:t/t#run") (result i32)
            (i32.add
                (i32.load (global.get $base))
                (call_indirect (result i32) (global.get $table))))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;

    /// A library for `dlopen`, before the other in memory and in the table; `^` for imports, `%` for more.
    const OPENED: &str = r#"(module
        (@dylink.0 (mem-info (memory 8 2) (table 1 0)))
        (import "env" "memory" (memory 1))
        (import "env" "__indirect_function_table" (table 1 funcref))
        (import "env" "__memory_base" (global $base i32))
        (import "env" "__table_base" (global $table i32))
        ^
        (func $open (export "open") (result i32) (i32.load (global.get $base)))
        (elem (global.get $table) func $open)
        (data (global.get $base) "open")
        %)"#;

    fn libraries(kept: &str, opened: &str) -> [Library; 2] {
        let (imports, rest) = opened.split_once('^').unwrap_or(("", opened));
        let text = OPENED.replace('^', imports).replace('%', rest);
        let opened = library("opened.so", &text);
        let kept = library("kept.so", &KEPT.replace('%', kept));
        [
            Library {
                dl_openable: true,
                ..opened
            },
            kept,
        ]
    }

    fn run(module: &[u8]) -> i32 {
        let engine = Engine::default();
        let module = Module::new(&engine, module).expect("the module is valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        call(&mut store, instance, "t:t/t#run")
    }

    #[test]
    fn a_library_that_nobody_opened() {
        let libraries = libraries("", "");
        let program = link(&libraries);
        let (mut store, instance) = start(&program);
        let expected = call(&mut store, instance, "t:t/t#run");
        let mut state = state(&mut store, instance, &program);
        let before = state.memory.clone();
        let whole = program.draft(Phase::Use).unwrap();
        let rest = program.draft_without(&["opened.so"]).unwrap();
        let rest = rest.expect("nobody needs it");
        assert_eq!(whole.sizes().libraries.len(), 2);
        assert_eq!(rest.sizes().libraries.len(), 1);
        let whole = whole.module(Some(&state)).unwrap();
        rest.forget_unused(&mut state);
        let module = rest.module(Some(&state)).unwrap();
        assert!(module.len() < whole.len());
        assert_eq!((run(&whole), run(&module)), (expected, expected));

        let place = (program.layout.memory_bases[0] - STACK_SIZE) as usize;
        assert_eq!(&before[place..place + 4], b"open");
        assert_eq!(state.memory[place..place + 8], [0; 8]);
        // The root of the tables, then the length of the library's name.
        let length = |memory: &[u8]| u32::from_le_bytes(memory[8..12].try_into().unwrap());
        assert_eq!((length(&before), length(&state.memory)), (9, 10));
    }

    #[test]
    fn libraries_that_must_stay() {
        let taken = r#"(import "env" "open" (func $open (result i32)))"#;
        let variable = r#"(import "GOT.func" "open" (global (mut i32)))"#;
        let table = r#"(import "GOT.func" "PyInit_m" (global (mut i32)))"#;
        let module = r#"(func (export "PyInit_m") (result i32) (i32.const 0))"#;
        let caller = r#"(import "env" "PyInit_m" (func $m (result i32)))
            (func (export "call") (result i32) (call $m))"#;
        let telling = r#"(import "env" "told" (func $told (param i32))) ^
            (func (export "__wasm_call_ctors") (call $told (global.get $base)))"#;
        let tells = r#"(func (export "told") (param i32))"#;
        // As compilers write it: nobody may call it twice.
        let plain = r#"(func $plain)
            (func (export "_initialize")
                (block (br_if 0 (i32.eqz (i32.load offset=4 (global.get $base)))) unreachable)
                (i32.store offset=4 (global.get $base) (i32.const 1))
                (call $plain))"#;
        for (kept, opened, stays) in [
            ("", plain, false),
            (tells, telling, true),
            (taken, "", true),
            (variable, "", true),
            (table, module, false),
            (caller, module, true),
        ] {
            let libraries = libraries(kept, opened);
            let program = link(&libraries);
            let rest = program.draft_without(&["opened.so"]).unwrap();
            assert_eq!(rest.is_none(), stays, "{kept}{opened}");
        }
    }
}
