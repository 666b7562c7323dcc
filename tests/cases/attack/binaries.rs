//! Binaries for the tool: WIT packages in binary form, and components to run.

use std::path::Path;

use anyhow::{Context as _, Result};
use wit_parser::Resolve;

use super::campaign::Campaign;
use crate::random::bytes;
use crate::support::components::tool;

/// Names and types with a meaning in components.
const WORDS: &[&[u8]] = &[
    b"\0asm\x0d\0\x01\0",
    b"\0asm\x01\0\0\0",
    b"component-type",
    b"wasi:cli/run@0.2.0",
    b"[method]a.b",
    b"[constructor]a",
    b"\x1b[31m",
    b"\x72\x02",
    b"\x6b\x79",
    b"\x70\x00",
    b"\x67\x70\x80\x80\x80\x80\x01",
];

/// Binary WIT made of the WASI packages in `wit/`, as `-d`.
pub fn wit(campaign: &mut Campaign) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut bases = Vec::new();
    for directory in ["wit/wasi-0.2", "wit/wasi-0.3"] {
        let mut resolve = Resolve {
            all_features: true,
            ..Resolve::default()
        };
        let (package, _) = resolve.push_path(root.join(directory))?;
        bases.push(wit_component::encode(&resolve, package)?);
    }
    while let Some(mut rng) = campaign.next() {
        let base = rng.pick(&bases).clone();
        let binary = bytes::mutate(&mut rng, &base, WORDS);
        campaign.run(
            tool().args(["-d", "wit.wasm", "-w", "wasi:http/proxy", "bindings", "out"]),
            &[("wit.wasm", &binary)],
        )?;
    }
    Ok(())
}

/// A small program, as input for `run`. A mutated one may loop, so it is told to end.
pub fn components(campaign: &mut Campaign) -> Result<()> {
    let base = wat::parse_str(PROGRAM).context("the program is WebAssembly")?;
    while let Some(mut rng) = campaign.next() {
        let component = bytes::mutate(&mut rng, &base, WORDS);
        let command = *rng.pick(&["run", "serve"]);
        let mut tool = tool();
        // Each is compiled only once.
        tool.env("COMPONENTIZE_PY_CACHE", campaign.place("cache"));
        // An address that nobody can listen on: a component that is accepted all the same is refused at the end.
        match command {
            "run" => tool.args(["run", "--timeout", "2", "app.wasm"]),
            _ => tool.args(["serve", "--addr", "203.0.113.1:1", "app.wasm"]),
        };
        campaign.run(&mut tool, &[("app.wasm", &component)])?;
    }
    Ok(())
}

const PROGRAM: &str = r#"
(component
  (core module $m
    (memory (export "memory") 1)
    (data (i32.const 16) "some data")
    (table 4 funcref)
    (elem (i32.const 0) $helper)
    (global $g (mut i32) (i32.const 0))
    (func $helper (param i32) (result i32) local.get 0 i32.const 1 i32.add)
    (func (export "run") (result i32)
      (loop $again
        (global.set $g (call $helper (global.get $g)))
        (br_if $again (i32.lt_u (global.get $g) (i32.const 1000))))
      i32.const 0))
  (core instance $i (instantiate $m))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $run-interface (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $run-interface)))
"#;
