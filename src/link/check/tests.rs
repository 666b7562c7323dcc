//! Modules that somebody could have made, by hand or by accident (`table.txt`), and the result for each: it is refused
//! with a reason, one of its symbols is refused, or it is linked into valid WebAssembly.

use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, ElementSection, Elements, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection, Module,
    TypeSection, ValType,
};
use wasmparser::{Validator, WasmFeatures};

#[path = "../../../tests/support/random/bytes.rs"]
mod bytes;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../../tests/support/random/rng.rs"]
mod rng;

use super::check;
use crate::link::interface::Interface;
use crate::link::signatures::Signatures;
use merge::{Library, Phase, Program};

enum Fate {
    /// Refused before anything is linked, for a reason with these words.
    Refused(&'static str),
    /// Refused because of a symbol.
    Differs(&'static str),
    /// Refused by the linker itself.
    Unlinkable(&'static str),
    Linked,
}
use Fate::{Differs, Linked, Refused, Unlinkable};

/// A minimal library of ours for these modules. It takes one symbol weakly.
const OWN: &str = r#"(module
    (@dylink.0 (mem-info (memory 16 2)) (import-info "env" "PyInit_weak" binding-weak))
    (import "env" "memory" (memory 1))
    (import "env" "__memory_base" (global $base i32))
    (import "env" "PyInit_weak" (func $weak (result i32)))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
    (func (export "malloc") (param i32) (result i32) (i32.const 1))
    (func (export "Py_Initialize"))
    (func (export "t:t/t#weak") (result i32) (call $weak))
    (global (export "Py_None") i32 (i32.const 4))
    (global (export "state") (mut i64) (i64.const 4)))"#;

struct Case {
    name: &'static str,
    fate: Fate,
    body: &'static str,
}

fn table() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in include_str!("table.txt").lines() {
        if let Some(body) = line.strip_prefix("    ") {
            cases.last_mut().expect("a name comes first").body = body;
        } else if let Some((name, fate)) = line.split_once(": ")
            && !line.starts_with('#')
        {
            let (fate, words) = fate.split_once(' ').unwrap_or((fate, ""));
            let fate = match fate {
                "refused" => Refused(words),
                "differs" => Differs(words),
                "unlinkable" => Unlinkable(words),
                "linked" => Linked,
                other => panic!("{name}: unknown fate `{other}`"),
            };
            cases.push(Case {
                name,
                fate,
                body: "",
            });
        }
    }
    cases
}

/// Short for the imports of most modules.
fn text(body: &str) -> String {
    let memory =
        r#"(import "env" "memory" (memory 1)) (import "env" "__memory_base" (global $base i32))"#;
    let table = r#"(import "env" "__indirect_function_table" (table 0 funcref)) (import "env" "__table_base" (global $table i32))"#;
    let body = body.replace("MEMORY", memory).replace("TABLE", table);
    format!("(module (@dylink.0 (mem-info (memory 64 2) (table 4 0))) {body})")
}

fn library(name: &str, wasm: Vec<u8>, is_foreign: bool) -> Library {
    Library {
        name: name.to_owned(),
        wasm: wasm.into(),
        is_foreign,
        dl_openable: is_foreign,
    }
}

/// The result for a file: the reason to refuse it, if there is one.
fn refusal(wasm: &[u8]) -> Option<String> {
    check(wasm.to_vec())
        .err()
        .map(|unfit| format!("{}", crate::link::Unusable::Unfit(unfit)))
}

/// Links a module with our libraries, and validates both resulting modules.
fn link(wasm: &[u8]) -> anyhow::Result<Vec<u8>> {
    let own = wat::parse_str(OWN)?;
    let libraries = [
        library("own.so", own, false),
        library("/0/x.so", wasm.to_vec(), true),
    ];
    let program = Program::link(&libraries, true)?;
    let mut linked = Vec::new();
    for phase in [Phase::Build, Phase::Use] {
        linked = program.draft(phase)?.module(None)?;
        Validator::new_with_features(WasmFeatures::all()).validate_all(&linked)?;
    }
    Ok(linked)
}

fn mismatch(wasm: &[u8]) -> Option<String> {
    let own = Signatures::read(&wat::parse_str(OWN).unwrap()).unwrap();
    let user = Signatures::read(wasm).unwrap();
    let found = user.mismatch(&[("own.so", &own), ("x.so", &user)])?;
    Some(found.symbol)
}

#[test]
fn every_module_of_the_table_has_its_fate() {
    let table = table();
    assert!(table.len() > 100);
    let mut faults = Vec::new();
    for Case { name, fate, body } in &table {
        let wasm = wat::parse_str(text(body)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let refused = refusal(&wasm);
        let differs = refused.is_none().then(|| mismatch(&wasm)).flatten();
        let linked = (refused.is_none() && differs.is_none()).then(|| link(&wasm));
        let is_right = match (fate, &refused, &differs, &linked) {
            (Refused(words), Some(reason), ..) => reason.contains(words),
            (Differs(symbol), None, Some(found), _) => symbol == found,
            (Unlinkable(words), None, None, Some(Err(error))) => {
                format!("{error:#}").contains(words)
            }
            (Linked, None, None, Some(Ok(_))) => true,
            _ => false,
        };
        if !is_right {
            let linked = linked.map(|linked| linked.map(drop));
            faults.push(format!("{name}: {refused:?} {differs:?} {linked:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn ours_are_not_replaced() {
    let table = table();
    let weak = table
        .iter()
        .find(|case| case.name == "defines-what-is-weak");
    let wasm = wat::parse_str(text(weak.unwrap().body)).unwrap();
    let linked = link(&wasm).unwrap();
    let mut store = wasmtime::Store::<()>::default();
    let module = wasmtime::Module::new(store.engine(), linked).unwrap();
    let instance = wasmtime::Instance::new(&mut store, &module, &[]).unwrap();
    let call = instance.get_typed_func::<(), i32>(&mut store, "t:t/t#weak");
    assert!(
        call.unwrap().call(&mut store, ()).is_err(),
        "nobody defines it for us"
    );
}

/// The section `dylink.0` with these bytes, in front of an empty module.
fn with_dylink(section: &[u8]) -> Vec<u8> {
    let mut module = Module::new();
    module.section(&CustomSection {
        name: "dylink.0".into(),
        data: section.into(),
    });
    module.finish()
}

fn mem_info(numbers: [u32; 4]) -> Vec<u8> {
    let mut section = Vec::new();
    for number in numbers {
        wasm_encoder::Encode::encode(&number, &mut section);
    }
    let mut whole = vec![1, section.len() as u8];
    whole.extend(section);
    whole
}

#[test]
fn numbers_of_dylink_are_bounded() {
    let asked = |numbers| refusal(&with_dylink(&mem_info(numbers)));
    assert_eq!(asked([1 << 20, 4, 1000, 0]), None);
    assert_eq!(asked([256 << 20, 16, 1 << 20, 16]), None);
    for (numbers, words) in [
        ([u32::MAX, 0, 0, 0], "4294967295 bytes of memory"),
        ([(256 << 20) + 1, 0, 0, 0], "bytes of memory"),
        ([0, 17, 0, 0], "alignment of 2^17"),
        ([0, 31, 0, 0], "alignment of 2^31"),
        ([0, 32, 0, 0], "alignment of 2^32"),
        ([0, u32::MAX, 0, 0], "alignment of 2^4294967295"),
        ([0, 0, 1 << 28, 0], "268435456 slots"),
        ([0, 0, u32::MAX, 0], "4294967295 slots"),
        ([0, 0, 0, 28], "alignment of 2^28"),
        ([0, 0, 0, 64], "alignment of 2^64"),
    ] {
        let reason = asked(numbers).unwrap_or_default();
        assert!(reason.contains(words), "{numbers:?}: {reason}");
    }
}

#[test]
fn dylink_must_make_sense() {
    let refused = |section: &[u8], words: &str| {
        let reason = refusal(&with_dylink(section)).unwrap_or_default();
        assert!(reason.contains(words), "{section:?}: {reason}");
    };
    refused(&[1, 0], "damaged");
    refused(&[1, 200], "damaged");
    refused(&[9, 0], "unknown part 9");
    refused(&[2, 5, 0xff, 0xff, 0xff, 0xff, 0x0f], "damaged");
    refused(&[2, 2, 1, 0], "has no name");
    refused(&[2, 4, 1, 2, 0xff, 0xfe], "damaged");
    refused(&[4, 5, 0xff, 0xff, 0xff, 0xff, 0x0f], "damaged");
    refused(
        &[mem_info([1, 0, 0, 0]), mem_info([2, 0, 0, 0])].concat(),
        "says twice",
    );
    let one = with_dylink(&mem_info([0; 4]));
    let twice = [&one[..], &one[8..]].concat();
    assert!(refusal(&twice).unwrap().contains("two sections"));
    let many: Vec<u8> = (0..1001).flat_map(|_| [1, b'x']).collect();
    let mut needed = Vec::new();
    wasm_encoder::Encode::encode(&1001u32, &mut needed);
    needed.extend(many);
    let mut section = vec![2];
    wasm_encoder::Encode::encode(&(needed.len() as u32), &mut section);
    section.extend(needed);
    refused(&section, "needs 1001 libraries");
}

#[test]
fn what_is_no_module_of_this_kind() {
    let refused = |wasm: &[u8], words: &str| {
        let reason = refusal(wasm).unwrap_or_default();
        assert!(reason.contains(words), "{reason}");
    };
    refused(&wat::parse_str("(component)").unwrap(), "is a component");
    refused(&wat::parse_str("(module)").unwrap(), "`dylink.0`");
    refused(b"\0asm\x01\0\0\0\xff", "damaged");
    refused(b"\0asm\x02\0\0\0", "damaged");
    refused(b"\0asm", "damaged");
    refused(&with_dylink(&mem_info([0; 4]))[..20], "damaged");
}

/// A library with a function body, and whatever else.
fn with_code(body: &Function, more: impl FnOnce(&mut Module)) -> Vec<u8> {
    let mut module = Module::new();
    module.section(&CustomSection {
        name: "dylink.0".into(),
        data: mem_info([64, 2, 4, 0]).into(),
    });
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut exports = ExportSection::new();
    exports.export("f", ExportKind::Func, 0);
    let mut code = CodeSection::new();
    code.function(body);
    module
        .section(&types)
        .section(&functions)
        .section(&exports)
        .section(&code);
    more(&mut module);
    module.finish()
}

#[test]
fn names_of_functions_may_be_rubbish() {
    for data in [
        &b"\xff\xff\xff\xff\xff"[..],
        &[1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f],
        &[1, 0x80],
        &[0x80],
    ] {
        let mut body = Function::new([]);
        body.instructions().end();
        let wasm = with_code(&body, |module| {
            let name = "name".into();
            let data = data.into();
            module.section(&CustomSection { name, data });
        });
        assert_eq!(refusal(&wasm), None);
        link(&wasm).unwrap();
    }
}

#[test]
fn locals_are_bounded() {
    let functions = 400;
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut section = FunctionSection::new();
    let mut code = CodeSection::new();
    for _ in 0..functions {
        section.function(0);
        let mut body = Function::new([(50_000, ValType::V128)]);
        body.instructions().end();
        code.function(&body);
    }
    let mut module = Module::new();
    module.section(&CustomSection {
        name: "dylink.0".into(),
        data: mem_info([0; 4]).into(),
    });
    module.section(&types).section(&section).section(&code);
    let reason = refusal(&module.finish()).unwrap();
    assert!(reason.contains("20000000 local variables"), "{reason}");
}

/// Sizes for which nested loops would take minutes.
#[test]
fn many_symbols_take_no_time() {
    const MANY: u32 = 60_000;
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut imports = ImportSection::new();
    let mut globals = GlobalSection::new();
    let mut exports = ExportSection::new();
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    let mut start = Function::new([]);
    let slot = GlobalType {
        val_type: ValType::I32,
        mutable: true,
        shared: false,
    };
    for index in 0..MANY {
        imports.import("GOT.func", &format!("f{index}"), slot);
        globals.global(slot, &ConstExpr::i32_const(0));
        start.instructions().i32_const(1).global_set(MANY + index);
    }
    start.instructions().end();
    for index in 0..MANY {
        exports.export(&format!("f{index}"), ExportKind::Func, index);
        functions.function(0);
        let mut body = Function::new([]);
        body.instructions()
            .i32_const(0)
            .global_set(MANY + index)
            .end();
        code.function(&body);
    }
    functions.function(0);
    code.function(&start);
    let mut module = Module::new();
    module.section(&CustomSection {
        name: "dylink.0".into(),
        data: mem_info([64, 2, 4, 0]).into(),
    });
    module
        .section(&types)
        .section(&imports)
        .section(&functions)
        .section(&globals)
        .section(&exports)
        .section(&wasm_encoder::StartSection {
            function_index: MANY,
        })
        .section(&code);
    let wasm = module.finish();
    assert_eq!(refusal(&wasm), None);
    let began = std::time::Instant::now();
    link(&wasm).unwrap();
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

#[test]
fn worlds_of_extensions_only_take() {
    let wit = |world: &str| {
        let mut resolve = wit_parser::Resolve::default();
        let package = resolve.push_str(
            "w.wit",
            &format!("package a:b; interface i {{ f: func(); }} world w {{ {world} }}"),
        );
        let world = resolve
            .select_world(&[package.unwrap()], Some("w"))
            .unwrap();
        let mut wasm = wat::parse_str(text("")).unwrap();
        wit_component::embed_component_metadata(
            &mut wasm,
            &resolve,
            world,
            wit_component::StringEncoding::UTF8,
        )
        .unwrap();
        wasm
    };
    assert_eq!(refusal(&wit("import i;")), None);
    assert!(
        refusal(&wit("export i;"))
            .unwrap()
            .contains("exports `a:b/i` to the host")
    );
    assert!(
        refusal(&wit("export run: func();"))
            .unwrap()
            .contains("exports `run` to the host")
    );
    let mut rubbish = wat::parse_str(text("")).unwrap();
    Module::new().section(&CustomSection {
        name: "x".into(),
        data: (&[][..]).into(),
    });
    let mut section = Module::new();
    section.section(&CustomSection {
        name: "component-type:rubbish".into(),
        data: b"\0asm\x0d\0\x01\0\xff"[..].into(),
    });
    rubbish.extend(&section.finish()[8..]);
    assert!(refusal(&rubbish).unwrap().contains("world cannot be read"));
}

#[test]
fn what_the_host_gives_is_known() {
    let wasm = wat::parse_str(text(r#"(import "a:b/c" "d" (func))"#)).unwrap();
    assert_eq!(refusal(&wasm), None);
    let interface = Interface::read(&wasm).unwrap();
    assert_eq!(
        Vec::from_iter(interface.host),
        [("a:b/c".to_owned(), "d".to_owned())]
    );
}

#[test]
fn segments_without_memory_or_table_are_invalid() {
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(0), [1, 2, 3]);
    let mut elements = ElementSection::new();
    elements.active(
        None,
        &ConstExpr::i32_const(0),
        Elements::Functions((&[0][..]).into()),
    );
    let mut module = Module::new();
    module.section(&CustomSection {
        name: "dylink.0".into(),
        data: mem_info([64, 2, 4, 0]).into(),
    });
    let prefix = module.finish();
    for section in [
        Module::new().section(&data).clone().finish(),
        Module::new().section(&elements).clone().finish(),
    ] {
        let wasm = [&prefix[..], &section[8..]].concat();
        assert!(refusal(&wasm).unwrap().contains("damaged"));
    }
}

/// Modules of the table with changed bytes: each that passes the check is linked or refused, and the result is valid.
#[test]
fn changed_modules_do_no_harm() {
    let words: &[&[u8]] = &[
        b"env",
        b"GOT.mem",
        b"GOT.func",
        b"malloc",
        b"__wasm_call_ctors",
    ];
    let bases: Vec<Vec<u8>> = table()
        .iter()
        .map(|case| wat::parse_str(text(case.body)).unwrap())
        .collect();
    let (mut passed, mut linked) = (0, 0);
    for seed in 0..10_000 {
        let mut rng = rng::Rng::new(seed);
        let base = rng.pick(&bases).clone();
        let wasm = bytes::mutate(&mut rng, &base, words);
        let survived = std::panic::catch_unwind(|| {
            if refusal(&wasm).is_some() {
                return (0, 0);
            }
            let _ = mismatch(&wasm);
            match link(&wasm) {
                Ok(_) => (1, 1),
                Err(error) => {
                    let is_invalid = error.is::<wasmparser::BinaryReaderError>();
                    assert!(!is_invalid, "linked into rubbish: {error:#}");
                    (1, 0)
                }
            }
        });
        let counts = survived.unwrap_or_else(|_| panic!("seed {seed}"));
        passed += counts.0;
        linked += counts.1;
    }
    // Otherwise nothing has been tried.
    assert!(passed > 100 && linked > 80, "{passed} {linked}");
}
