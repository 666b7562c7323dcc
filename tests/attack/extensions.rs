//! Native extensions with bytes changed, which an app imports; every other app does without them if they cannot be imported.

use std::path::Path;

use anyhow::Result;
use guest::{Extension, Silent};

use crate::campaign::Campaign;
use crate::random::bytes;

/// Names and numbers that mean something to the linker.
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
        let library = bytes::mutate(&mut rng, &base, WORDS);
        let import = if rng.percent(50) {
            "import late"
        } else {
            "try:\n    import late\nexcept ImportError:\n    pass"
        };
        let app = format!("{import}{CLASS}");
        campaign.run(
            campaign
                .isolated()
                .args(["-d", "world.wit", "-q", "componentize", "app"]),
            &[
                ("app.py", app.as_bytes()),
                ("world.wit", WORLD),
                ("late.cpython-314-wasm32-wasi.so", &library),
            ],
        )?;
    }
    Ok(())
}

/// A small one, so that a change hits something that matters.
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
