//! Native extensions with changed bytes, or composed of pieces in a way that no compiler would, which an app imports. Every
//! other app can do without them.

use std::path::Path;

use anyhow::{Context as _, Result};
use guest::{Extension, Silent};

use super::campaign::Campaign;
use crate::random::bytes;
use crate::random::rng::Rng;

/// Names and numbers with a meaning for the linker.
const WORDS: &[&[u8]] = &[
    b"dylink.0",
    b"env",
    b"GOT.mem",
    b"GOT.func",
    b"__memory_base",
    b"__table_base",
    b"__stack_pointer",
    b"__wasm_call_ctors",
    b"__wasm_apply_data_relocs",
    b"memory",
    b"malloc",
    b"Py_Initialize",
    b"cabi_realloc",
    b"wasi_snapshot_preview1",
    b"component-type:x",
    b"libc.so",
    b"\x1b[2J",
];
const WORLD: &[u8] = b"package test:attack;\n\nworld attack {\n  export run: func();\n}\n";
const CLASS: &str = "\n\nclass WitWorld:\n    def run(self):\n        pass\n";

pub fn mutated(campaign: &mut Campaign) -> Result<()> {
    let base = extension()?;
    while let Some(mut rng) = campaign.next() {
        let library = match rng.below(3) {
            0 => bytes::mutate(&mut rng, &base, WORDS),
            1 => composed(&mut rng)?,
            _ => {
                let composed = composed(&mut rng)?;
                bytes::mutate(&mut rng, &composed, WORDS)
            }
        };
        let import = if rng.percent(50) {
            "import late"
        } else {
            "try:\n    import late\nexcept ImportError:\n    pass"
        };
        let app = format!("{import}{CLASS}");
        campaign.run(
            campaign
                .isolated()
                // A mutated extension may loop for ever, and only the limit ends it.
                .args([
                    "-d",
                    "world.wit",
                    "-q",
                    "componentize",
                    "--timeout",
                    "20",
                    "app",
                ]),
            &[
                ("app.py", app.as_bytes()),
                ("world.wit", WORLD),
                ("late.cpython-314-wasm32-wasi.so", &library),
            ],
        )?;
    }
    Ok(())
}

/// Numbers that a library may ask for, or lie at; the second half is beyond what it has.
const NUMBERS: &[u32] = &[0, 1, 4, 60, 64, 65, 8 << 20, 1 << 28, 1 << 31, u32::MAX];
/// Names that another library defines, or looks up.
const NAMES: &[&str] = &[
    "PyModule_Create2",
    "PyExc_ImportError",
    "malloc",
    "cabi_realloc",
    "nowhere",
    "__stack_pointer",
    "__memory_base",
    "__heap_base",
    "__wasm_call_ctors",
    "__wasm_apply_data_relocs",
    "__wasm_set_libraries",
    "_initialize",
    "PyInit__sqlite3",
    "test:attack/x#f",
];
/// Imports, then everything else; `#` is a number and `@` a name.
const IMPORTS: &[&str] = &[
    r#"(import "env" "@" (func (param i32) (result i32)))"#,
    r#"(import "env" "@" (func))"#,
    r#"(import "env" "@" (global i32))"#,
    r#"(import "env" "@" (global (mut i32)))"#,
    r#"(import "GOT.mem" "@" (global (mut i32)))"#,
    r#"(import "GOT.func" "@" (global (mut i32)))"#,
    r#"(import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))"#,
    r#"(import "wasi:random/random@0.2.0" "get-random-u64" (func (result i32)))"#,
    r#"(import "test:attack/x" "f" (func))"#,
];
const PARTS: &[&str] = &[
    r#"(func (export "@"))"#,
    r#"(func (export "@") (param i32) (result i32) unreachable)"#,
    r#"(func (export "@") (loop (br 0)))"#,
    r#"(global (export "@") i32 (i32.const #))"#,
    r#"(global (export "@") (mut i64) (i64.const #))"#,
    r#"(data (offset (i32.add (global.get $base) (i32.const #))) "data")"#,
    r#"(data (i32.const #) "data")"#,
    r#"(elem (offset (i32.add (global.get $slots) (i32.const #))) func $init)"#,
    r#"(func (drop (i32.load offset=# (global.get $base))))"#,
    r#"(func $start (i32.store (global.get $base) (i32.const #))) (start $start)"#,
    r#"(func (export "__wasm_call_ctors") unreachable)"#,
];

/// A module that is well formed, and sometimes makes sense.
fn composed(rng: &mut Rng) -> Result<Vec<u8>> {
    let mut text = String::from(
        r#"(module (@dylink.0 (mem-info (memory # #) (table # #)) (needed "libpython3.14.so"))
            (import "env" "memory" (memory 1)) (import "env" "__indirect_function_table" (table 0 funcref))
            (import "env" "__memory_base" (global $base i32)) (import "env" "__table_base" (global $slots i32))"#,
    );
    // A table that is too large hides all other faults, so it is mostly correct.
    if rng.percent(90) {
        text = text.replacen("(memory # #) (table # #)", "(memory 64 2) (table 4 0)", 1);
    }
    for _ in 0..rng.below(3) {
        text += *rng.pick::<&str>(IMPORTS);
    }
    text += r#"(func $init (export "PyInit_late") (result i32) i32.const 0)"#;
    let mut parts: Vec<&str> = PARTS.to_vec();
    for _ in 0..rng.between(1, 4) {
        // Each once: there is only one start function, and one export of each name.
        let part = rng.below(parts.len());
        text += parts.remove(part);
    }
    text.push(')');
    let mut whole = String::new();
    let mut taken = Vec::new();
    for character in text.chars() {
        match character {
            // Like `@dylink.0`.
            '@' if whole.ends_with('(') => whole.push('@'),
            '@' => {
                let mut name = *rng.pick(NAMES);
                while taken.contains(&name) {
                    name = *rng.pick(NAMES);
                }
                taken.push(name);
                whole += name;
            }
            '#' => whole += &rng.pick(NUMBERS).to_string(),
            other => whole.push(other),
        }
    }
    wat::parse_str(&whole).with_context(|| format!("a composed module does not parse:\n{whole}"))
}

/// A small one, so that a change affects something important.
fn extension() -> Result<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let built = guest::extension(
        root,
        &Extension {
            name: "late.cpython-314-wasm32-wasi.so",
            sources: &[root.join("tests/runtime/native-c/late.c")],
            ..Extension::default()
        },
        &Silent,
    )?;
    Ok(fs_err::read(built)?)
}
