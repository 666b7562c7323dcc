//! `--stub-wasi`: the component imports nothing of WASI, still works, and traps where it would have called WASI.

use std::fs;
use std::path::Path;
use std::process::Command;

use wasmtime::component::{Component, Linker, Val};
use wasmtime::{Config, Engine, Store};

const WIT: &str = "package example:clock;

interface source {
  resource tick {
    get: func() -> u64;
  }
  now: func() -> tick;
}

world clock {
  import source;
  import wasi:clocks/wall-clock@0.2.0;
  export greet: func(name: string) -> string;
  export time: func() -> u64;
}
";

const WASI: &str = "package wasi:clocks@0.2.0;

interface wall-clock {
  record datetime {
    seconds: u64,
    nanoseconds: u32,
  }
  now: func() -> datetime;
}
";

const APP: &str = "import random
import time

import wit_world


class WitWorld(wit_world.WitWorld):
    def greet(self, name: str) -> str:
        return f\"Hello, {name}! {random.choice([1, 2, 3]) in (1, 2, 3)}\"

    def time(self) -> int:
        return int(time.time())
";

fn build(directory: &Path) -> Vec<u8> {
    fs::create_dir_all(directory.join("wit/deps/clocks")).unwrap();
    fs::write(directory.join("wit/world.wit"), WIT).unwrap();
    fs::write(directory.join("wit/deps/clocks/clocks.wit"), WASI).unwrap();
    fs::write(directory.join("app.py"), APP).unwrap();
    let environment = directory.join("venv");
    fs::create_dir_all(environment.join("lib/python3.14/site-packages")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_componentize-py"))
        .args(["componentize", "app", "--stub-wasi", "-o", "out/app.wasm"])
        .current_dir(directory)
        .env("VIRTUAL_ENV", &environment)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    fs::read(directory.join("out/app.wasm")).unwrap()
}

#[test]
fn no_wasi_is_left() {
    let temporary = tempfile::tempdir().unwrap();
    let bytes = build(temporary.path());
    // A synchronous world needs no host with the asynchronous ABI either.
    let engine = Engine::new(Config::new().wasm_component_model_async(false)).unwrap();
    let component = Component::new(&engine, &bytes).unwrap();
    let ty = component.component_type();
    let imports: Vec<String> = ty
        .imports(&engine)
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(imports, ["example:clock/source"]);
    let exports: Vec<String> = ty
        .exports(&engine)
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(exports, ["greet", "time"]);

    let mut linker = Linker::<()>::new(&engine);
    linker.define_unknown_imports_as_traps(&component).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &component).unwrap();
    let greet = instance.get_func(&mut store, "greet").unwrap();
    let mut result = [Val::Bool(false)];
    greet
        .call(&mut store, &[Val::String("you".into())], &mut result)
        .unwrap();
    assert_eq!(result[0], Val::String("Hello, you! True".into()));

    let time = instance.get_func(&mut store, "time").unwrap();
    let error = time.call(&mut store, &[], &mut result).unwrap_err();
    assert!(
        format!("{error:?}").contains("wasi:clocks/wall-clock@0.2.0#now"),
        "the trap names what was called: {error:?}"
    );
}
