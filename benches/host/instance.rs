//! Instances of components, each with a store and WASI of its own.

use std::path::Path;

use anyhow::{Context as _, Result};
use wasmtime::component::{
    Component, ComponentNamedList, InstancePre, Lift, Linker, Lower, ResourceTable, TypedFunc,
};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

pub struct State {
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

/// A linker with WASI.
pub fn linker(engine: &Engine) -> Result<Linker<State>> {
    let mut linker = Linker::<State>::new(engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    Ok(linker)
}

/// Compiles a component that imports WASI alone.
pub fn prepare(engine: &Engine, path: &Path) -> Result<InstancePre<State>> {
    let component = Component::from_file(engine, path)?;
    linker(engine)?
        .instantiate_pre(&component)
        .map_err(anyhow::Error::from)
        .with_context(|| format!("{} cannot be instantiated", path.display()))
}

/// An instance and its functions.
pub struct Instance {
    pub store: Store<State>,
    instance: wasmtime::component::Instance,
}

impl Instance {
    pub fn new(pre: &InstancePre<State>) -> Result<Self> {
        let state = State {
            wasi: WasiCtx::builder().inherit_stderr().build(),
            table: ResourceTable::new(),
        };
        let mut store = Store::new(pre.engine(), state);
        let instance = pre.instantiate(&mut store)?;
        Ok(Self { store, instance })
    }

    pub fn function<P, R>(&mut self, name: &str) -> Result<TypedFunc<P, R>>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        Ok(self.instance.get_typed_func(&mut self.store, name)?)
    }

    /// Calls `hello`, as the smallest example exports it.
    pub fn hello(&mut self, name: &str) -> Result<String> {
        let hello = self.function::<(&str,), (String,)>("hello")?;
        Ok(hello.call(&mut self.store, (name,))?.0)
    }
}
