//! A host in a few lines: instantiates the `hello` component on Wasmtime and prints its greeting.
//!
//!     cargo run --release --bin hello -- target/demo/hello.wasm World

use std::env;

use anyhow::{Context, Result};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let path = arguments.next().context("usage: hello COMPONENT [NAME]")?;
    let name = arguments.next().unwrap_or_else(|| "World".to_owned());

    let engine = Engine::default();
    let component = Component::from_file(&engine, path)?;
    let mut linker = Linker::<State>::new(&engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    let state = State {
        wasi: WasiCtx::builder().inherit_stderr().build(),
        table: ResourceTable::new(),
    };
    let mut store = Store::new(&engine, state);
    let instance = linker.instantiate(&mut store, &component)?;
    let hello = instance.get_typed_func::<(&str,), (String,)>(&mut store, "hello")?;
    let (greeting,) = hello.call(&mut store, (&name,))?;
    println!("{greeting}");
    Ok(())
}
