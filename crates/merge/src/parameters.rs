//! The numbers of parameters by which CPython calls the functions of extensions (`cpython-calls.patch`).
//!
//! C code casts a function to the type that CPython calls, and leaves out parameters that it does not need. Elsewhere
//! the surplus arguments do no harm; here such a call traps, so CPython looks the function up and passes as many as it takes.
//!
//! ```text
//! for each slot of the table, one byte: 0, or 1 + the number of parameters
//! ```
//!
//! 0 stands for functions that are called as they are: those of our own libraries, and those with other types.

use anyhow::Result;
use wasmparser::ValType;

use super::layout::Layout;
use super::reach::Inputs;
use super::symbols::{Boundary, GlobalTarget, Target};

/// The variable, as libpython knows it.
pub const SYMBOL: &str = "componentize_py_parameters";

/// Returns `true` if a library reads the table.
pub fn are_read(inputs: &Inputs<'_, '_>) -> bool {
    let mut globals = inputs.symbols.globals.iter().flatten();
    globals.any(|target| *target == GlobalTarget::Boundary(Boundary::Parameters))
}

/// The table's bytes.
pub fn write(inputs: &Inputs<'_, '_>, layout: &Layout) -> Result<Vec<u8>> {
    let slots = layout.table.iter();
    slots
        .map(|target| target.map_or(Ok(0), |target| entry(inputs, target)))
        .collect()
}

fn entry(inputs: &Inputs<'_, '_>, target: Target) -> Result<u8> {
    let Target::Defined(id) = target else {
        return Ok(0);
    };
    let parsed = &inputs.libraries[id.library];
    let ty = parsed.type_at(parsed.functions[id.index as usize].ty)?;
    let is_word = |ty: &ValType| *ty == ValType::I32;
    let takes_words = parsed.is_foreign && ty.params().iter().all(is_word);
    Ok(match ty.results() {
        [ValType::I32] if takes_words => u8::try_from(1 + ty.params().len()).unwrap_or(0),
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use crate::Library;
    use crate::tests::{call, library, link, start};

    #[test]
    fn the_parameters_of_foreign_functions_are_known() {
        let reader = r#"(module
            (@dylink.0 (mem-info (table 1 0)))
            (import "env" "memory" (memory 1))
            (import "env" "__indirect_function_table" (table 1 funcref))
            (import "env" "__table_base" (global $table i32))
            (import "GOT.mem" "componentize_py_parameters" (global $parameters (mut i32)))
            (import "GOT.func" "two" (global $two (mut i32)))
            (import "GOT.func" "none" (global $none (mut i32)))
            (import "GOT.func" "wide" (global $wide (mut i32)))
            (func $own (param i32) (result i32) (local.get 0))
            (elem (global.get $table) func $own)
            (func $entry (param i32) (result i32)
                (i32.load8_u (i32.add (global.get $parameters) (local.get 0))))
            (func (export "t:t/t#own") (result i32) (call $entry (global.get $table)))
            (func (export "t:t/t#two") (result i32) (call $entry (global.get $two)))
            (func (export "t:t/t#none") (result i32) (call $entry (global.get $none)))
            (func (export "t:t/t#wide") (result i32) (call $entry (global.get $wide)))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;
        // Our own libraries take nothing from foreign ones, so the reader is foreign too.
        let foreign = |name: &str, wat: &str| Library {
            is_foreign: true,
            ..library(name, wat)
        };
        let libraries = [
            foreign("reader.so", reader),
            foreign(
                "functions.so",
                r#"(module
                    (func (export "two") (param i32 i32) (result i32) (local.get 0))
                    (func (export "none") (result i32) (i32.const 0))
                    (func (export "wide") (param i64) (result i32) (i32.const 0)))"#,
            ),
        ];
        let program = link(&libraries);
        let (mut store, instance) = start(&program);
        assert_eq!(call(&mut store, instance, "t:t/t#own"), 2);
        assert_eq!(call(&mut store, instance, "t:t/t#two"), 3);
        assert_eq!(call(&mut store, instance, "t:t/t#none"), 1);
        assert_eq!(call(&mut store, instance, "t:t/t#wide"), 0);
        let mut own = libraries;
        own[0].is_foreign = false;
        own[1].is_foreign = false;
        let program = link(&own);
        let (mut store, instance) = start(&program);
        for name in ["own", "two", "none", "wide"] {
            assert_eq!(call(&mut store, instance, &format!("t:t/t#{name}")), 0);
        }
    }
}
