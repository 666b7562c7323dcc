//! Links the glue of small worlds with a runtime that does nothing: `wit-component` derives every core signature from
//! the world itself and refuses any difference.

use std::borrow::Cow;

use wasm_encoder::{
    CodeSection, CustomSection, ExportKind, ExportSection, FunctionSection, Module, TypeSection,
    ValType,
};
use wasmparser::{Parser, Payload, TypeRef, Validator, WasmFeatures};
use wit_component::Linker;
use wit_parser::Resolve;

use super::{ASYNC_LIBRARY, ERROR_CONTEXT, Glue, RUNTIME_LIBRARY};
use bindings::plan::{Naming, plan};
use bindings::world::{ResolvedWorld, WorldRequest, spare};

fn world(wit: &str) -> ResolvedWorld {
    let mut resolve = Resolve::default();
    spare::reserve(&mut resolve);
    let package = resolve
        .push_str("world.wit", wit)
        .expect("the WIT is right");
    let world = resolve
        .select_world(&[package], Some("w"))
        .expect("it has a world `w`");
    ResolvedWorld::of_user(resolve, world)
}

fn glue(world: &ResolvedWorld) -> Glue {
    let plan = plan(world, &[Naming::default()]).expect("the world is supported");
    Glue::new(world, plan.needs_async()).expect("glue can be made")
}

/// The glue of a world that has been linked with it into a valid component.
fn linked(wit: &str) -> Glue {
    let glue = glue(&world(wit));
    link(&glue).unwrap_or_else(|error| panic!("{error:?}"));
    glue
}

fn link(glue: &Glue) -> anyhow::Result<()> {
    let runtime = idle_runtime(&glue.wasm);
    // The linker leaves out the library that the glue does not name.
    let component = Linker::default()
        .library(RUNTIME_LIBRARY, &runtime, false)?
        .library(ASYNC_LIBRARY, &runtime, false)?
        .library("glue.so", &glue.wasm, false)?
        .encode()?;
    Validator::new_with_features(WasmFeatures::all()).validate_all(&component)?;
    Ok(())
}

/// A library with every function that `glue` imports from its environment; all trap.
fn idle_runtime(glue: &[u8]) -> Vec<u8> {
    let mut types = TypeSection::new();
    let mut functions = FunctionSection::new();
    let mut exports = ExportSection::new();
    let mut code = CodeSection::new();
    let mut signatures = Vec::new();
    for payload in Parser::new(0).parse_all(glue) {
        match payload.expect("the glue can be parsed") {
            Payload::TypeSection(section) => {
                signatures = section
                    .into_iter_err_on_gc_types()
                    .map(|ty| ty.expect("a function type"))
                    .collect();
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.expect("an import");
                    let (TypeRef::Func(index), "env") = (import.ty, import.module) else {
                        continue;
                    };
                    let signature = &signatures[index as usize];
                    let values = |types: &[wasmparser::ValType]| -> Vec<ValType> {
                        let convert = |ty: &wasmparser::ValType| ValType::try_from(*ty);
                        types
                            .iter()
                            .map(convert)
                            .collect::<Result<_, _>>()
                            .expect("plain types")
                    };
                    let function = types.len();
                    types
                        .ty()
                        .function(values(signature.params()), values(signature.results()));
                    functions.function(function);
                    exports.export(import.name, ExportKind::Func, function);
                    let mut body = wasm_encoder::Function::new([]);
                    body.instructions().unreachable().end();
                    code.function(&body);
                }
            }
            _ => {}
        }
    }
    // One subsection: no memory and no table of its own.
    let dylink = [1, 4, 0, 0, 0, 0];
    let mut module = Module::new();
    module.section(&CustomSection {
        name: Cow::Borrowed("dylink.0"),
        data: Cow::Borrowed(&dylink),
    });
    module.section(&types);
    module.section(&functions);
    module.section(&exports);
    module.section(&code);
    module.finish()
}

#[test]
fn maps_and_lists_of_fixed_length() {
    let glue = linked(
        "package test:rewritten;
        interface i {
            type table = map<string, list<u8, 4>>;
            type vector = list<f32, 3>;
            record both { a: table, b: vector, c: option<map<u32, table>> }
            flat: func(a: list<u64, 5>, b: vector) -> list<u8, 2>;
            spilled: func(a: list<string, 17>) -> list<list<s16, 2>, 3>;
            echo: func(a: both, b: list<both>) -> result<both, table>;
            resource r { constructor(a: vector); swap: func(b: table) -> tuple<vector, table>; }
            later: async func(a: table, b: vector) -> tuple<table, vector>;
        }
        world w { import i; export i; export run: func(a: map<char, list<bool, 1>>) -> list<u8, 40>; }",
    );
    // `table` of both copies of the interface, the one in `both` there, and that of `run`.
    assert_eq!(glue.rewritten.maps.len(), 5);
    assert_eq!(glue.metadata.fixed_length_lists.len(), 0);
    for list in &glue.metadata.lists {
        let is_entries = matches!(list.ty, wit_dylib::metadata::Type::Tuple(_));
        assert_eq!(glue.rewritten.maps.contains(&list.id), is_entries);
    }
}

#[test]
fn streams_and_futures_everywhere() {
    let glue = linked(
        "package test:streams;
        interface i {
            resource r { constructor(); m: async func(s: stream<u8>) -> future<r>; make: static async func() -> r; }
            record holder { s: stream<own<r>>, f: option<future<string>> }
            type bytes = stream<u8>;
            type unused = future<list<string>>;
            record unused-too { a: stream<u64> }
            a: async func(h: holder, b: bytes) -> result<stream<list<holder>>, future>;
            b: func(m: map<string, stream<s8>>) -> stream;
            nested: func(a: stream<stream<string>>) -> future<future<u8>>;
        }
        world w {
            import i; export i;
            import get: async func() -> stream<u8>;
            export run: async func(a: list<u8, 3>, s: stream<tuple<u8, list<u8, 3>>>);
        }",
    );
    assert_eq!(glue.clock, None);
    assert!(glue.metadata.streams.len() > 10);
}

#[test]
fn error_contexts_are_a_resource_to_the_glue_alone() {
    let glue = linked(
        "package test:errors;
        interface i {
            type reason = error-context;
            record %error-context { text: string, cause: option<reason> }
            variant v { a(error-context), b(tuple<u8, reason>) }
            both: func(a: %error-context, b: error-context) -> result<v, error-context>;
            many: func(a: list<error-context>, b: map<string, reason>) -> list<error-context, 3>;
            later: async func(a: reason) -> future<error-context>;
            all: func() -> stream<error-context>;
        }
        world w { import i; export i; export run: func(e: error-context) -> error-context; }",
    );
    let imports = imports_of(&glue.wasm, "$root");
    for builtin in [
        "[error-context-new-utf8]",
        "[error-context-debug-message-utf8]",
        "[error-context-drop]",
    ] {
        assert!(imports.contains(&builtin.to_owned()), "{imports:?}");
    }
    assert_eq!(imports_of(&glue.wasm, ERROR_CONTEXT), [""; 0]);
    let without = linked("package test:none; world w { export run: func() -> string; }");
    assert!(without.added.is_empty());
    assert_eq!(imports_of(&without.wasm, "$root"), [""; 0]);
}

fn imports_of(glue: &[u8], module: &str) -> Vec<String> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(glue) {
        if let Payload::ImportSection(section) = payload.expect("the glue can be parsed") {
            let imports = section
                .into_imports()
                .map(|import| import.expect("an import"));
            let from = imports.filter(|import| import.module == module);
            names.extend(from.map(|import| import.name.to_owned()));
        }
    }
    names
}

#[test]
fn timers_get_the_clock_of_the_wasi_that_is_imported() {
    let wasi = |more: &str| {
        format!(
            "package test:timers;
            {more}
            package wasi:random@0.3.7 {{ interface random {{ get: func() -> u64; }} }}
            world w {{ import wasi:random/random@0.3.7; export run: async func(); }}"
        )
    };
    let glue = linked(&wasi(""));
    let clock = glue.clock.expect("the world imports WASI 0.3");
    let import = &glue.metadata.import_funcs[clock];
    assert_eq!(
        import.interface.as_deref(),
        Some("wasi:clocks/monotonic-clock@0.3.7")
    );
    assert_eq!((import.name.as_str(), glue.added.len()), ("wait-for", 2));

    // The package may be present without being imported.
    let other = "package wasi:clocks@0.3.7 { interface monotonic-clock { type mark = u64; now: func() -> mark; } }";
    let glue = linked(&wasi(other));
    assert!(glue.clock.is_some());
}

#[test]
fn a_clock_that_is_imported_is_taken() {
    let glue = linked(
        "package test:timers;
        package wasi:clocks@0.3.0 { interface monotonic-clock {
            type mark = u64; now: func() -> mark; get-resolution: func() -> u64; wait-until: async func(when: mark); wait-for: async func(how-long: u64); }
        }
        world w { import wasi:clocks/monotonic-clock@0.3.0; }",
    );
    assert!(glue.clock.is_some() && glue.added.is_empty());
}

#[test]
fn no_clock_beside_one_that_is_exported() {
    let glue = linked(
        "package test:timers;
        package wasi:clocks@0.3.0 { interface monotonic-clock { now: func() -> u64; } }
        package wasi:random@0.3.0 { interface random { get: async func() -> u64; } }
        world w { import wasi:random/random@0.3.0; export wasi:clocks/monotonic-clock@0.3.0; }",
    );
    assert!(glue.clock.is_none() && glue.added.is_empty());
}

#[test]
fn no_clock_without_need() {
    let wit = "package test:none;
        package wasi:random@0.3.0 { interface random { get: func() -> u64; } }
        package wasi:io@0.2.0 { interface streams { get: func() -> u64; } }
        world w { import wasi:random/random@0.3.0; }
        world x { import wasi:io/streams@0.2.0; export run: async func(); }";
    assert_eq!(linked(wit).clock, None);
    let old = wit
        .replace("world w", "world y")
        .replace("world x", "world w");
    assert_eq!(linked(&old).clock, None);
}

/// The glue can handle every world that the plan accepts.
#[test]
fn every_world_with_golden_bindings() {
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/bindings");
    let mut count = 0;
    for case in std::fs::read_dir(cases).expect("the goldens are there") {
        let path = case.expect("an entry").path();
        let wit = path.join("world.wit");
        if path.join("cmd").exists() || !path.join("expected/stubs").exists() || !wit.exists() {
            continue;
        }
        let request = WorldRequest {
            wit_paths: &[wit],
            ..WorldRequest::default()
        };
        let world = bindings::world::resolve(&request).expect("the WIT is right");
        link(&glue(&world)).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
        count += 1;
    }
    assert!(count > 20, "only {count} worlds were found");
}
