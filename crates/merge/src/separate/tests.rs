//! The state after the start is that of the merged module, and calls give the same.

use std::collections::BTreeSet;

use wasmtime::{Engine, Instance, Linker, Module, Store};

use super::Parts;
use crate::tests::{call, library, link, pointers, rivals, start, state};
use crate::{Library, Program};

fn parts(program: &Program<'_>) -> Option<Parts> {
    program.parts(None).expect("the parts can be written")
}

fn start_separate(parts: &Parts) -> (Store<()>, Instance) {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    for part in parts.own.iter().chain(&parts.libraries) {
        let module = Module::new(&engine, &part.wasm).expect("the module is valid");
        let instance = linker.instantiate(&mut store, &module).unwrap();
        linker.instance(&mut store, &part.name, instance).unwrap();
    }
    let module = Module::new(&engine, &parts.exports.wasm).expect("the module is valid");
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let initialize = instance.get_typed_func::<(), ()>(&mut store, "_initialize");
    initialize.unwrap().call(&mut store, ()).unwrap();
    (store, instance)
}

fn compare(libraries: &[Library], functions: &[&str]) {
    let program = link(libraries);
    let parts = parts(&program).expect("the libraries can be separate");
    let (mut merged, one) = start(&program);
    let (mut separate, other) = start_separate(&parts);
    let states = (
        state(&mut merged, one, &program),
        state(&mut separate, other, &program),
    );
    assert!(states.0.memory == states.1.memory, "the memories differ");
    assert_eq!(states.0.globals, states.1.globals);
    for function in functions {
        assert_eq!(
            call(&mut merged, one, function),
            call(&mut separate, other, function),
            "{function}"
        );
    }
}

#[test]
fn pointers_to_functions_and_data() {
    compare(&pointers(), &["t:t/t#run", "t:t/t#same"]);
}

/// Each needs the other, so one of them calls through the table, and so does the one that calls its own symbol.
#[test]
fn libraries_that_need_each_other() {
    let a = r#"(module
        (@dylink.0 (mem-info (memory 4 2)) (needed "b.so"))
        (import "env" "memory" (memory 1))
        (import "env" "__memory_base" (global $base i32))
        (import "env" "__stack_pointer" (global $stack (mut i32)))
        (import "env" "three" (func $three (param i32 i64) (result i32)))
        (import "env" "of_a" (func $own (param i32) (result i32)))
        (func (export "of_a") (param i32) (result i32)
            (i32.add (local.get 0) (i32.load (global.get $base))))
        (func (export "t:t/t#run") (result i32)
            (i32.add (global.get $stack)
                (i32.add (call $own (i32.const 1)) (call $three (i32.const 10) (i64.const 20)))))
        (func (export "_initialize") (i32.store (global.get $base) (call $three (i32.const 1) (i64.const 2))))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;
    let b = r#"(module
        (@dylink.0 (mem-info (memory 16 4)) (needed "a.so"))
        (import "env" "memory" (memory 1))
        (import "env" "__memory_base" (global $base i32))
        (import "env" "of_a" (func $of_a (param i32) (result i32)))
        (data (global.get $base) "data")
        (func (export "three") (param i32 i64) (result i32)
            (i32.add (call $of_a (local.get 0)) (i32.wrap_i64 (local.get 1)))))"#;
    compare(&[library("a.so", a), library("b.so", b)], &["t:t/t#run"]);
}

#[test]
fn missing_weak_functions_trap() {
    let weak = r#"(module
        (@dylink.0 (import-info "env" "f" binding-weak))
        (import "env" "f" (func $f))
        (import "GOT.func" "f" (global $slot (mut i32)))
        (func (export "t:t/t#run") (result i32) (global.get $slot))
        (func (export "t:t/t#call") (result i32) (call $f) (i32.const 1))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;
    let libraries = [library("weak.so", weak)];
    compare(&libraries, &["t:t/t#run"]);
    let program = link(&libraries);
    let (mut store, instance) = start_separate(&parts(&program).unwrap());
    let called = instance.get_typed_func::<(), i32>(&mut store, "t:t/t#call");
    assert!(called.unwrap().call(&mut store, ()).is_err());
}

#[test]
fn the_module_of_a_library_does_not_depend_on_its_place() {
    let [_, _, first] = rivals();
    let caller = library(
        "caller.so",
        r#"(module
        (import "env" "twice" (func $twice (result i32)))
        (func (export "t:t/t#run") (result i32) (call $twice))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#,
    );
    let more = library(
        "more.so",
        r#"(module
        (@dylink.0 (mem-info (memory 400 4)))
        (import "env" "twice" (func $twice (result i32)))
        (func (export "t:t/t#more") (result i32) (call $twice)))"#,
    );
    let few = [caller.clone(), first.clone()];
    let many = [more, caller, first];
    let module = |libraries: &[Library], name: &str| {
        let parts = parts(&link(libraries)).unwrap();
        let mut parts = parts.libraries.into_iter();
        parts.find(|part| part.name == name).unwrap().wasm
    };
    assert_eq!(module(&few, "caller.so"), module(&many, "caller.so"));
}

#[test]
fn two_symbols_for_one_function_must_be_merged() {
    let libraries = rivals();
    assert!(parts(&link(&libraries)).is_none());
}

#[test]
fn start_functions_that_need_others_must_be_merged() {
    let starting = r#"(module
        (import "env" "memory" (memory 1))
        (import "env" "ready" (func $ready (result i32)))
        (func $start (i32.store (i32.const 8) (call $ready)))
        (start $start)
        (func (export "t:t/t#run") (result i32) (i32.const 0))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;
    let ready = r#"(module (func (export "ready") (result i32) (i32.const 1)))"#;
    let libraries = [library("a.so", starting), library("b.so", ready)];
    assert!(parts(&link(&libraries)).is_none());
}

#[test]
fn code_that_nobody_reaches_may_import_what_is_not_there() {
    let a = r#"(module
        (import "env" "elsewhere" (func $elsewhere (result i32)))
        (import "no:such/host" "function" (func $host))
        (func (result i32) (call $host) (call $elsewhere))
        (func (export "t:t/t#run") (result i32) (i32.const 5))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;
    let b = r#"(module (func (export "elsewhere") (result i32) (i32.const 1)))"#;
    compare(&[library("a.so", a), library("b.so", b)], &["t:t/t#run"]);
}

#[test]
fn globals_that_change_must_be_merged() {
    let changing = r#"(module
        (global $own (mut i64) (i64.const 1))
        (func (export "t:t/t#run") (result i32) (global.set $own (i64.const 2)) (i32.const 0))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;
    let libraries = [library("a.so", changing)];
    assert!(parts(&link(&libraries)).is_none());
}

/// One library defines the tag, another throws, a third has a tag of its own beside it.
#[test]
fn exceptions_cross_libraries() {
    let catcher = r#"(module
        (import "env" "throw" (func $throw))
        (import "env" "__cpp_exception" (tag $e (param i32)))
        (tag $own (param i32))
        (func (export "t:t/t#run") (result i32)
            (block $own (result i32)
                (block $cpp (result i32)
                    (try_table (catch $e $cpp) (catch $own $own) (call $throw))
                    (i32.const 0))
                (i32.add (i32.const 100))))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;
    let thrower = r#"(module
        (tag $own (param i32))
        (tag $e (export "__cpp_exception") (param i32))
        (func (export "throw") (throw $e (i32.const 7))))"#;
    let libraries = [library("a.so", catcher), library("b.so", thrower)];
    compare(&libraries, &["t:t/t#run"]);
    let program = link(&libraries);
    let (mut store, instance) = start_separate(&parts(&program).unwrap());
    assert_eq!(call(&mut store, instance, "t:t/t#run"), 107);
}

#[test]
fn exports_that_nobody_takes_are_left_out() {
    let a = r#"(module
        (import "env" "used" (func $used (result i32)))
        (func (export "t:t/t#run") (result i32) (call $used))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;
    let b = r#"(module
        (func (export "used") (result i32) (i32.const 1))
        (func (export "kept") (result i32) (i32.const 2))
        (func (export "unused") (result i32) (call $callee))
        (func $callee (result i32) (i32.const 3)))"#;
    let libraries = [library("a.so", a), library("b.so", b)];
    let program = link(&libraries);
    let symbols = BTreeSet::from(["kept".to_owned()]);
    let parts = program.parts(Some(&symbols)).unwrap().unwrap();
    let mut b = parts.libraries.iter().filter(|part| part.name == "b.so");
    let b = b.next().unwrap();
    let exports: Vec<&String> = b.functions.keys().collect();
    assert_eq!(exports, ["kept", "used"]);
    let bodies = wasmparser::Parser::new(0).parse_all(&b.wasm);
    let bodies = bodies.filter_map(|payload| match payload.unwrap() {
        wasmparser::Payload::CodeSectionEntry(body) => Some(body),
        _ => None,
    });
    let traps = bodies.map(|body| {
        let mut operators = body.get_operators_reader().unwrap();
        matches!(operators.read().unwrap(), wasmparser::Operator::Unreachable)
    });
    assert_eq!(traps.collect::<Vec<_>>(), [false, false, true, true]);
    let (mut store, instance) = start_separate(&parts);
    assert_eq!(call(&mut store, instance, "t:t/t#run"), 1);
}
