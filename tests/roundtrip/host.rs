//! The host: every import answers what the test says, and notes what it was given.

use std::path::Path;

use anyhow::{Result, anyhow};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Func, Instance, Linker, ResourceTable, Val};
use wasmtime::{Config, Engine, ResourceLimiter, Store, Strategy};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

const OUTPUT_LIMIT: usize = 1 << 20;

pub struct Process {
    wasi: WasiCtx,
    table: ResourceTable,
    /// What the next import returns.
    answer: Option<Val>,
    /// The imports called since the last look, with what they were given.
    seen: Vec<(String, Vec<Val>)>,
    memory: Memory,
}

/// Bytes that the component's memory has grown to.
#[derive(Default)]
struct Memory(usize);

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.0 = self.0.max(desired);
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

impl WasiView for Process {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

pub struct Host {
    component: Component,
    linker: Linker<Process>,
}

impl Host {
    pub fn load(path: &Path) -> Result<Self> {
        let mut config = Config::new();
        config.strategy(Strategy::Winch);
        config.wasm_component_model_map(true).wasm_component_model_fixed_length_lists(true);
        let engine = Engine::new(&config)?;
        let component = Component::from_file(&engine, path)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
        answer_imports(&mut linker, &component)?;
        Ok(Self { component, linker })
    }

    pub fn start(&self) -> Result<Running> {
        let stderr = MemoryOutputPipe::new(OUTPUT_LIMIT);
        let process = Process {
            wasi: WasiCtxBuilder::new().stderr(stderr.clone()).build(),
            table: ResourceTable::new(),
            answer: None,
            seen: Vec::new(),
            memory: Memory::default(),
        };
        let mut store = Store::new(self.component.engine(), process);
        store.limiter(|process| &mut process.memory);
        let instance = self.linker.instantiate(&mut store, &self.component)?;
        Ok(Running { store, instance, stderr })
    }
}

fn answer_imports(linker: &mut Linker<Process>, component: &Component) -> Result<()> {
    let engine = component.engine().clone();
    for (name, item) in component.component_type().imports(&engine) {
        if name.starts_with("wasi:") {
            continue;
        }
        match item.ty {
            ComponentItem::ComponentFunc(_) => {
                let key = name.to_owned();
                linker.root().func_new(name, move |mut store, _, given, results| {
                    answer(store.data_mut(), &key, given, results)
                })?;
            }
            ComponentItem::ComponentInstance(ty) => {
                let mut instance = linker.instance(name)?;
                for (function, item) in ty.exports(&engine) {
                    if matches!(item.ty, ComponentItem::ComponentFunc(_)) {
                        let key = format!("{name}#{function}");
                        instance.func_new(function, move |mut store, _, given, results| {
                            answer(store.data_mut(), &key, given, results)
                        })?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn answer(process: &mut Process, key: &str, given: &[Val], results: &mut [Val]) -> wasmtime::Result<()> {
    process.seen.push((key.to_owned(), given.to_vec()));
    if let [result] = results {
        let Some(answer) = process.answer.take() else {
            wasmtime::bail!("`{key}` is called once more than the test meant");
        };
        *result = answer;
    }
    Ok(())
}

/// One instance.
pub struct Running {
    store: Store<Process>,
    instance: Instance,
    stderr: MemoryOutputPipe,
}

/// What came of a call.
pub struct Outcome {
    /// None if it trapped: then the instance is of no more use.
    pub returned: Option<Option<Val>>,
    pub seen: Vec<(String, Vec<Val>)>,
    pub stderr: String,
}

impl Running {
    /// `key` is `interface#function` or `function`; `answer` is what the import returns.
    pub fn call(&mut self, key: &str, arguments: &[Val], answer: Option<Val>) -> Result<Outcome> {
        let function = self.find(key)?;
        let before = self.stderr.contents().len();
        self.store.data_mut().answer = answer;
        let count = function.ty(&self.store).results().len();
        let mut results = vec![Val::Bool(false); count];
        let called = function.call(&mut self.store, arguments, &mut results);
        let mut stderr = String::from_utf8_lossy(&self.stderr.contents()[before..]).into_owned();
        if let Err(error) = &called {
            stderr += &format!("{error:?}");
        }
        Ok(Outcome {
            returned: called.is_ok().then(|| results.pop()),
            seen: std::mem::take(&mut self.store.data_mut().seen),
            stderr,
        })
    }

    /// Calls a function of the harness's own, which returns a string.
    pub fn ask(&mut self, name: &str) -> Result<String> {
        match self.call(name, &[], None)? {
            Outcome { returned: Some(Some(Val::String(text))), .. } => Ok(text),
            Outcome { stderr, .. } => Err(anyhow!("`{name}` failed: {stderr}")),
        }
    }

    /// Bytes of linear memory.
    pub fn memory(&self) -> usize {
        self.store.data().memory.0
    }

    pub fn function_type(&mut self, key: &str) -> Result<wasmtime::component::types::ComponentFunc> {
        Ok(self.find(key)?.ty(&self.store))
    }

    fn find(&mut self, key: &str) -> Result<Func> {
        let (outer, name) = match key.split_once('#') {
            Some((interface, name)) => {
                let index = self.instance.get_export_index(&mut self.store, None, interface);
                (Some(index.ok_or_else(|| anyhow!("no exported interface `{interface}`"))?), name)
            }
            None => (None, key),
        };
        let index = self.instance.get_export_index(&mut self.store, outer.as_ref(), name);
        let index = index.ok_or_else(|| anyhow!("no export `{key}`"))?;
        self.instance.get_func(&mut self.store, index).ok_or_else(|| anyhow!("`{key}` is not a function"))
    }
}
