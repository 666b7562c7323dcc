//! Scratch of worker A; not to be committed.
use std::io::Read as _;
use anyhow::Result;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store, Strategy};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
struct State { wasi: WasiCtx, table: ResourceTable }
impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> { WasiCtxView { ctx: &mut self.wasi, table: &mut self.table } }
}
fn main() -> Result<()> {
    let a: Vec<String> = std::env::args().collect();
    let mut config = Config::new();
    if a[2] == "winch" { config.strategy(Strategy::Winch); }
    if let Some(s) = a.get(3) { config.max_wasm_stack(s.parse()?); config.async_stack_size(s.parse::<usize>()? + (2 << 20)); }
    let engine = Engine::new(&config)?;
    let cache = format!("{}.{}.cwasm", a[1], a[2]);
    let fresh = std::fs::metadata(&cache).and_then(|m| m.modified()).ok() > std::fs::metadata(&a[1])?.modified().ok();
    if !fresh || a.len() > 3 { std::fs::write(&cache, engine.precompile_component(&std::fs::read(&a[1])?)?)?; }
    // SAFETY: we have just written it.
    let component = unsafe { Component::deserialize_file(&engine, &cache)? };
    let mut linker = Linker::<State>::new(&engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    for snippet in text.split("---\n") {
        let state = State { wasi: WasiCtx::builder().inherit_stderr().inherit_stdout().env("FOO","bar").build(), table: ResourceTable::new() };
        let mut store = Store::new(&engine, state);
        let instance = linker.instantiate(&mut store, &component)?;
        let hello = instance.get_typed_func::<(&str,), (String,)>(&mut store, "hello")?;
        let t = std::time::Instant::now();
        let first = snippet.lines().next().unwrap_or_default();
        match hello.call(&mut store, (snippet,)) {
            Ok((r,)) => println!("{first}\n   => {} [{:?}]", &r[..r.len().min(300)], t.elapsed()),
            Err(e) => println!("{first}\n   => TRAP {}", format!("{e:?}").lines().filter(|l| l.contains("trap")||l.contains("exhaust")||l.contains("unreach")||l.contains("Error")).collect::<Vec<_>>().join(" | ")),
        }
    }
    Ok(())
}
