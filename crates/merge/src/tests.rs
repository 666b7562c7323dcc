//! Small libraries, linked and, if it matters, run.

use wasmtime::{Engine, Instance, Store};

use super::reach::{Live, reach};
use super::scan::SiteOp;
use super::symbols::{GlobalTarget, Id, Target};
use super::*;

pub fn library(name: &str, wat: &str) -> Library {
    Library {
        name: name.to_owned(),
        wasm: wat::parse_str(wat)
            .expect("the test's module is valid")
            .into(),
        is_foreign: false,
        dl_openable: false,
    }
}

/// The function that every set of libraries must have.
const REALLOC: &str =
    r#"(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)"#;

pub fn link(libraries: &[Library]) -> Program<'_> {
    Program::link(libraries, false).expect("the libraries can be linked")
}

fn error_of(libraries: &[Library]) -> anyhow::Error {
    let Err(error) = Program::link(libraries, false) else {
        panic!("linking must fail");
    };
    error
}

/// An instance of the module in the form for the build.
pub fn start(program: &Program<'_>) -> (Store<()>, Instance) {
    let (mut store, instance) = instantiate(program, None);
    let initialize = instance.get_typed_func::<(), ()>(&mut store, "_initialize");
    initialize.unwrap().call(&mut store, ()).unwrap();
    (store, instance)
}

fn module_of(program: &Program<'_>, state: Option<&State>) -> Vec<u8> {
    let phase = match state {
        None => Phase::Build,
        Some(_) => Phase::Use,
    };
    program.draft(phase).unwrap().module(state).unwrap()
}

fn instantiate(program: &Program<'_>, state: Option<&State>) -> (Store<()>, Instance) {
    let engine = Engine::default();
    let bytes = module_of(program, state);
    let module = wasmtime::Module::new(&engine, bytes).expect("the merged module is valid");
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    (store, instance)
}

pub fn call(store: &mut Store<()>, instance: Instance, name: &str) -> i32 {
    let function = instance.get_typed_func::<(), i32>(&mut *store, name);
    function.unwrap().call(store, ()).unwrap()
}

pub fn state(store: &mut Store<()>, instance: Instance, program: &Program<'_>) -> State {
    let memory = instance.get_memory(&mut *store, "memory").unwrap();
    let name = format!("{STATE_INTERFACE}#globals");
    let list = call(store, instance, &name) as usize;
    let data = memory.data(&*store);
    let word = |at: usize| u32::from_le_bytes(data[at..at + 4].try_into().unwrap());
    let (at, count) = (word(list) as usize, word(list + 4) as usize);
    assert_eq!(count, program.global_types().unwrap().len());
    let globals = data[at..at + count * 8]
        .chunks(8)
        .map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap()))
        .collect();
    let memory = data[crate::STACK_SIZE as usize..].to_vec();
    State { memory, globals }
}

/// The number of functions with bodies in the module.
fn functions(program: &Program<'_>, state: Option<&State>) -> usize {
    let bytes = module_of(program, state);
    wasmparser::Parser::new(0)
        .parse_all(&bytes)
        .filter(|payload| matches!(payload, Ok(wasmparser::Payload::CodeSectionEntry(_))))
        .count()
}

#[test]
fn sums_of_addresses_are_one_constant() {
    let libraries = [library(
        "a.so",
        r#"(module
            (@dylink.0 (mem-info (memory 32 4)))
            (import "env" "memory" (memory 1))
            (import "env" "__memory_base" (global $base i32))
            (func (export "t:t/t#sum") (result i32) (i32.add (global.get $base) (i32.const 20)))
            (func (export "t:t/t#other") (result i32) (i32.add (i32.const 12) (global.get $base)))
            (func (export "t:t/t#alone") (result i32) (i32.mul (global.get $base) (i32.const 1)))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#,
    )];
    let program = link(&libraries);
    let ops = |function: usize| -> Vec<SiteOp> {
        let sites = program.sites[0][function].iter();
        sites.map(|site| site.op.clone()).collect()
    };
    assert_eq!(ops(0), [SiteOp::GlobalPlus(0, 20)]);
    assert_eq!(ops(1), [SiteOp::GlobalPlus(0, 12)]);
    assert_eq!(ops(2), [SiteOp::GlobalGet(0)]);

    let base = program.layout.memory_bases[0].cast_signed();
    assert_eq!(base % 16, 0);
    let (mut store, instance) = start(&program);
    assert_eq!(call(&mut store, instance, "t:t/t#sum"), base + 20);
    assert_eq!(call(&mut store, instance, "t:t/t#other"), base + 12);
    assert_eq!(call(&mut store, instance, "t:t/t#alone"), base);
}

/// Two libraries that define `twice`, and one that passes it on under another name.
pub fn rivals() -> [Library; 3] {
    let caller = r#"(module
        (import "env" "twice" (func $twice (result i32)))
        (import "env" "alias" (func $alias (result i32)))
        (func (export "t:t/t#run") (result i32) (i32.add (call $twice) (call $alias)))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;
    let first = r#"(module
        (func (export "twice") (result i32) (i32.const 1)))"#;
    let second = r#"(module
        (import "env" "twice" (func $twice (result i32)))
        (export "alias" (func $twice))
        (export "twice" (func $twice)))"#;
    [
        library("caller.so", caller),
        library("second.so", second),
        library("first.so", first),
    ]
}

#[test]
fn reexports_lead_to_the_definition() {
    let libraries = rivals();
    let program = link(&libraries);
    let definition = Target::Defined(Id {
        library: 2,
        index: 0,
    });
    assert_eq!(program.symbols.functions[0][0], definition);
    assert_eq!(program.symbols.functions[0][1], definition);
    let (mut store, instance) = start(&program);
    assert_eq!(call(&mut store, instance, "t:t/t#run"), 2);
}

#[test]
fn the_earlier_definition_wins() {
    let [caller, second, first] = rivals();
    let other = r#"(module (func (export "twice") (result i32) (i32.const 20)))"#;
    let libraries = [caller, library("other.so", other), second, first];
    let program = link(&libraries);
    let (mut store, instance) = start(&program);
    assert_eq!(call(&mut store, instance, "t:t/t#run"), 40);
    // Neither the later definition nor its library is there: only realloc, the caller and its callees.
    assert_eq!(program.live.libraries, [true, true, false, false]);
    let own = start::functions(&program, &[]);
    assert_eq!(functions(&program, None) - own.unwrap().len(), 3);
}

#[test]
fn types_that_differ_are_told() {
    let [caller, second, _] = rivals();
    let other = r#"(module (func (export "twice") (param i64)))"#;
    let error = error_of(&[caller, second, library("other.so", other)]);
    assert!(error.is::<ground::UserError>());
    assert_eq!(
        error.to_string(),
        "the library `caller.so` uses `twice` as (func (result i32)), and `other.so` defines it as (func (param i64))"
    );
}

#[test]
fn missing_symbols_are_told_if_they_are_used() {
    let [caller, second, _] = rivals();
    let error = error_of(&[caller, second]);
    assert_eq!(
        error.to_string(),
        "undefined symbols: `twice` in `caller.so`, `twice` in `second.so`"
    );
    let unused = r#"(module
        (import "env" "nowhere" (func $nowhere))
        (func (call $nowhere))
        (func (export "t:t/t#run"))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;
    link(&[library("unused.so", unused)]);
}

#[test]
fn missing_weak_symbols_are_null() {
    let wat = r#"(module
        (@dylink.0 (import-info "env" "f" binding-weak) (import-info "GOT.mem" "v" binding-weak))
        (import "env" "f" (func $f))
        (import "GOT.func" "f" (global $f (mut i32)))
        (import "GOT.mem" "v" (global $v (mut i32)))
        (func (export "t:t/t#run") (result i32) (i32.or (global.get $f) (global.get $v)))
        (func (export "t:t/t#call") (result i32) (call $f) (i32.const 1))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;
    let libraries = [library("weak.so", wat)];
    let program = link(&libraries);
    let (mut store, instance) = start(&program);
    assert_eq!(call(&mut store, instance, "t:t/t#run"), 0);
    let called = instance.get_typed_func::<(), i32>(&mut store, "t:t/t#call");
    assert!(called.unwrap().call(&mut store, ()).is_err());
}

#[test]
fn a_needed_library_must_be_there() {
    let wat =
        format!(r#"(module (@dylink.0 (needed "b.so")) (func (export "t:t/t#run")) {REALLOC})"#);
    let error = error_of(&[library("a.so", &wat)]);
    assert_eq!(
        error.to_string(),
        "the library `a.so` needs `b.so`, which is not there"
    );
}

/// `a.so` has pointers to functions of its own and of `b.so`, in its table, its code and its data.
pub fn pointers() -> [Library; 2] {
    let a = r#"(module
        (@dylink.0 (mem-info (memory 12 2) (table 2 1)) (needed "b.so"))
        (type $number (func (result i32)))
        (import "env" "memory" (memory 1))
        (import "env" "__indirect_function_table" (table 0 funcref))
        (import "env" "__memory_base" (global $memory i32))
        (import "env" "__table_base" (global $table i32))
        (import "GOT.func" "one" (global $one (mut i32)))
        (import "GOT.func" "two" (global $two (mut i32)))
        (import "GOT.mem" "b_pointer" (global $b_pointer (mut i32)))
        (func $one (export "one") (result i32) (i32.const 1))
        (func $unused (result i32) (i32.const 0))
        (func (export "__wasm_apply_data_relocs")
            (i32.store offset=4 (global.get $memory) (global.get $two))
            (i32.store (i32.add (global.get $memory) (i32.const 8)) (global.get $one)))
        ;; The address by name, in the table, and in the data of both are one.
        (func (export "t:t/t#same") (result i32)
            (i32.and
                (i32.eq (global.get $one) (i32.add (global.get $table) (i32.const 0)))
                (i32.and
                    (i32.eq (global.get $one) (i32.load offset=8 (global.get $memory)))
                    (i32.eq (global.get $one) (i32.load (global.get $b_pointer))))))
        (func (export "t:t/t#run") (result i32)
            (i32.add
                (call_indirect (type $number) (i32.load offset=4 (global.get $memory)))
                (call_indirect (type $number) (i32.load (global.get $b_pointer)))))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (elem (offset (global.get $table)) func $one))"#;
    let b = r#"(module
        (@dylink.0 (mem-info (memory 8 2)))
        (import "env" "memory" (memory 1))
        (import "env" "__memory_base" (global $memory i32))
        (import "GOT.func" "one" (global $one (mut i32)))
        (global (export "b_pointer") i32 (i32.const 4))
        (func (export "two") (result i32) (i32.const 2))
        (func (export "__wasm_apply_data_relocs")
            (i32.store offset=4 (global.get $memory) (global.get $one))))"#;
    [library("a.so", a), library("b.so", b)]
}

#[test]
fn a_function_has_one_address() {
    let libraries = pointers();
    let program = link(&libraries);
    let a = program.layout.table_bases[0];
    assert_eq!(a, 2, "aligned, behind the null pointer");
    let inputs = program.inputs();
    let one = GlobalTarget::Slot(Target::Defined(Id {
        library: 0,
        index: 0,
    }));
    assert_eq!(program.symbols.globals[0][2], one);
    let value = |library, index| program.layout.constant(&inputs, Id { library, index });
    assert_eq!(value(0, 2).unwrap(), Some(2));
    assert_eq!(value(1, 1).unwrap(), Some(2));
    // Two slots of `a.so`, of which one is empty, and `two`.
    assert_eq!(program.layout.table.len(), 5);

    let (mut store, instance) = start(&program);
    assert_eq!(call(&mut store, instance, "t:t/t#same"), 1);
    assert_eq!(call(&mut store, instance, "t:t/t#run"), 3);
}

#[test]
fn plain_relocations_are_applied_when_linking() {
    let libraries = pointers();
    let program = link(&libraries);
    assert_eq!(program.image.relocated, [true, true]);
    assert!(start::calls(&program).unwrap().is_empty());
}

#[test]
fn other_relocations_run() {
    let [a, b] = pointers();
    let text = r#"(module
        (@dylink.0 (mem-info (memory 8 2)))
        (import "env" "memory" (memory 1))
        (import "env" "__memory_base" (global $memory i32))
        (import "GOT.func" "one" (global $one (mut i32)))
        (global (export "b_pointer") i32 (i32.const 4))
        (func (export "two") (result i32) (i32.const 2))
        (func (export "__wasm_apply_data_relocs")
            (if (i32.const 1) (then
                (i32.store offset=4 (global.get $memory) (global.get $one))))))"#;
    drop(b);
    let libraries = [a, library("b.so", text)];
    let program = link(&libraries);
    assert_eq!(program.image.relocated, [true, false]);
    let (mut store, instance) = start(&program);
    assert_eq!(call(&mut store, instance, "t:t/t#same"), 1);
    assert_eq!(call(&mut store, instance, "t:t/t#run"), 3);
}

/// Constructors append digits to a number: `last.so` needs `first.so`.
fn constructors() -> [Library; 2] {
    let last = r#"(module
        (@dylink.0 (needed "first.so"))
        (import "env" "append" (func $append (param i32)))
        (import "env" "number" (func $number (result i32)))
        (func (export "__wasm_call_ctors") (call $append (i32.const 2)))
        (func (export "t:t/t#run") (result i32) (call $number))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;
    let first = r#"(module
        (@dylink.0 (mem-info (memory 4 2)))
        (import "env" "memory" (memory 1))
        (import "env" "__memory_base" (global $memory i32))
        (import "env" "__stack_pointer" (global $stack (mut i32)))
        (global $calls (mut i64) (i64.const 40))
        (func (export "append") (param i32)
            (global.set $calls (i64.add (global.get $calls) (i64.const 1)))
            (i32.store (global.get $memory)
                (i32.add (local.get 0) (i32.mul (i32.const 10) (i32.load (global.get $memory))))))
        (func (export "number") (result i32)
            (if (result i32) (i64.eq (global.get $calls) (i64.const 42))
                (then (i32.load (global.get $memory)))
                (else (i32.const -1))))
        (func $own (global.set $stack (global.get $stack)))
        (func (export "__wasm_call_ctors") (call $own) (call 0 (i32.const 1)))
        (data (offset (global.get $memory)) "\07\00\00\00"))"#;
    [library("last.so", last), library("first.so", first)]
}

#[test]
fn constructors_run_in_order_and_only_in_the_build() {
    let libraries = constructors();
    let program = link(&libraries);
    assert_eq!(program.order, [1, 0]);
    let (mut store, instance) = start(&program);
    assert_eq!(call(&mut store, instance, "t:t/t#run"), 712);

    let state = state(&mut store, instance, &program);
    assert_eq!(state.globals, [u64::from(crate::STACK_SIZE), 42]);
    let (mut store, instance) = instantiate(&program, Some(&state));
    assert!(instance.get_export(&mut store, "_initialize").is_none());
    assert_eq!(call(&mut store, instance, "t:t/t#run"), 712);
    // The rest: `run`, `number` and `cabi_realloc`.
    assert_eq!(functions(&program, Some(&state)), 3);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let libraries = constructors();
    let emit = || module_of(&link(&libraries), None);
    assert_eq!(emit(), emit());
}

#[test]
fn exceptions_cross_libraries() {
    let throws = r#"(module
        (import "env" "__cpp_exception" (tag $exception (param i32)))
        (func (export "fail") (throw $exception (i32.const 42))))"#;
    let catches = r#"(module
        (import "env" "fail" (func $fail))
        (import "env" "__cpp_exception" (tag $exception (param i32)))
        (func (export "t:t/t#run") (result i32)
            (block $caught (result i32)
                (try_table (catch $exception $caught) (call $fail))
                (i32.const 0)))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;
    let libraries = [library("catches.so", catches), library("throws.so", throws)];
    let program = link(&libraries);
    assert!(program.has_exceptions());
    let mut config = wasmtime::Config::new();
    config.wasm_exceptions(true);
    let engine = Engine::new(&config).unwrap();
    let bytes = module_of(&program, None);
    let module = wasmtime::Module::new(&engine, bytes).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    assert_eq!(call(&mut store, instance, "t:t/t#run"), 42);
}

/// An extension that `dlopen` finds: nothing else leads to it.
fn opened() -> [Library; 2] {
    let runtime = r#"(module
        (@dylink.0 (mem-info (memory 4 2)))
        (type $number (func (result i32)))
        (import "env" "memory" (memory 1))
        (import "env" "__indirect_function_table" (table 0 funcref))
        (import "env" "__memory_base" (global $memory i32))
        (func (export "__wasm_set_libraries") (param i32)
            (i32.store (global.get $memory) (local.get 0)))
        ;; The address of the library's symbol at a position.
        (func $symbol (param i32) (result i32)
            (i32.load offset=8 (i32.add
                (i32.mul (local.get 0) (i32.const 12))
                (i32.load offset=12 (i32.load offset=4 (i32.load (global.get $memory)))))))
        (func (export "t:t/t#variable") (result i32) (i32.load (call $symbol (i32.const 1))))
        (func (export "t:t/t#function") (result i32)
            (call_indirect (type $number) (call $symbol (i32.const 0))))
        (func (export "t:t/t#root") (result i32) (i32.load (global.get $memory)))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;
    let extension = r#"(module
        (@dylink.0 (mem-info (memory 8 2)))
        (import "env" "memory" (memory 1))
        (import "env" "__memory_base" (global $memory i32))
        (global (export "variable") i32 (i32.const 4))
        (func (export "PyInit_x") (result i32) (i32.const 5))
        (func (export "__wasm_apply_data_relocs"))
        (data (offset (global.get $memory)) "\00\00\00\00\06\00\00\00"))"#;
    let mut extension = library("x.so", extension);
    extension.dl_openable = true;
    [library("runtime.so", runtime), extension]
}

#[test]
fn dlsym_finds_functions_and_variables() {
    let libraries = opened();
    let program = link(&libraries);
    let (mut store, instance) = start(&program);
    assert_eq!(call(&mut store, instance, "t:t/t#function"), 5);
    assert_eq!(call(&mut store, instance, "t:t/t#variable"), 6);
    // Names are there too, as the sizes show.
    let root = call(&mut store, instance, "t:t/t#root") as usize;
    let memory = instance.get_memory(&mut store, "memory").unwrap();
    let data = memory.data(&store);
    let word = |at: usize| u32::from_le_bytes(data[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!(word(root), 1);
    let entry = word(root + 4);
    assert_eq!(&data[word(entry + 4)..][..word(entry)], b"x.so");
    assert_eq!(word(entry + 8), 2);
    let symbol = word(entry + 12);
    assert_eq!(&data[word(symbol + 4)..][..word(symbol)], b"PyInit_x");
}

#[test]
fn names_are_kept_on_request() {
    let libraries = rivals();
    let names = |keep| {
        let program = Program::link(&libraries, keep).unwrap();
        let bytes = module_of(&program, None);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.matches("twice").count()
    };
    assert_eq!(names(false), 0);
    assert_eq!(names(true), 1);
}

#[test]
fn passive_data_keeps_its_numbers() {
    let a = r#"(module
        (import "env" "memory" (memory 1))
        (func (export "nothing"))
        (data "unused"))"#;
    let b = r#"(module
        (@dylink.0 (mem-info (memory 8 2)) (needed "a.so"))
        (import "env" "memory" (memory 1))
        (import "env" "__memory_base" (global $memory i32))
        (data $active (offset (global.get $memory)) "\01\00\00\00")
        (data $passive "\02\00\00\00")
        (func $start
            (memory.init $passive (i32.add (global.get $memory) (i32.const 4)) (i32.const 0) (i32.const 4))
            (data.drop $passive)
            (data.drop $active))
        (start $start)
        (func (export "t:t/t#run") (result i32)
            (i32.add (i32.load (global.get $memory)) (i32.load offset=4 (global.get $memory))))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#;
    let libraries = [library("a.so", a), library("b.so", b)];
    let program = link(&libraries);
    let (mut store, instance) = start(&program);
    assert_eq!(call(&mut store, instance, "t:t/t#run"), 3);
}

#[test]
fn reachability_starts_from_exports() {
    let libraries = rivals();
    let program = link(&libraries);
    let Live {
        functions, hosts, ..
    } = reach(&program.inputs()).unwrap();
    assert!(hosts.is_empty());
    // Imports are never live themselves: their targets are.
    assert_eq!(functions[0], [false, false, true, true]);
    assert_eq!(functions[1], [false]);
    assert_eq!(functions[2], [true]);
}

/// A library in the form that `wasm-ld` writes: its start function sets its own address globals.
fn with_start(setter: &str) -> [Library; 1] {
    let wat = format!(
        r#"(module
        (@dylink.0 (mem-info (memory 16 2)))
        (import "env" "memory" (memory 1))
        (import "env" "__memory_base" (global $memory i32))
        (global $got (mut i32) (i32.const 4))
        (func $start
            (global.set $got (i32.add (global.get $memory) (i32.const 4)))
            (memory.fill (i32.add (global.get $memory) (i32.const 8)) (i32.const 1) (i32.const 8)))
        (start $start)
        (func (export "t:t/t#got") (result i32)
            (i32.sub (i32.add (global.get $got) (i32.const 1)) (global.get $memory)))
        (func (export "t:t/t#filled") (result i32)
            (i32.add (i32.load offset=4 (global.get $got)) (i32.load offset=8 (global.get $got))))
        {setter}
        {REALLOC})"#
    );
    [library("start.so", &wat)]
}

#[test]
fn plain_start_functions_need_not_run() {
    let libraries = with_start("");
    let program = link(&libraries);
    assert_eq!(program.layout.started, [true]);
    assert!(program.own_globals().is_empty());
    assert!(start::calls(&program).unwrap().is_empty());
    let (mut store, instance) = start(&program);
    assert_eq!(call(&mut store, instance, "t:t/t#got"), 5);
    assert_eq!(call(&mut store, instance, "t:t/t#filled"), 0x0202_0202);
}

#[test]
fn globals_that_are_set_again_remain() {
    let libraries = with_start(r#"(func (export "t:t/t#set") (global.set $got (i32.const 0)))"#);
    let program = link(&libraries);
    assert_eq!(program.layout.started, [false]);
    assert_eq!(program.own_globals().len(), 1);
    assert_eq!(start::calls(&program).unwrap().len(), 1);
    let (mut store, instance) = start(&program);
    assert_eq!(call(&mut store, instance, "t:t/t#got"), 5);
    assert_eq!(call(&mut store, instance, "t:t/t#filled"), 0x0202_0202);
}
