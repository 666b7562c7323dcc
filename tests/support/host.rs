//! A host for the runtime cases: Wasmtime, WASI, and every other import answered by name and type.
//!
//! An imported function with one parameter returns it; one without a result only notes its arguments. Values
//! are read and written as WAVE, the text form of WIT values.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::wasm_wave::untyped::UntypedFuncCall;
use wasmtime::component::{Component, Func, Instance, Linker, ResourceTable, Val};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

const OUTPUT_LIMIT: usize = 1 << 20;

/// What one run of a component owns.
pub struct Process {
    wasi: WasiCtx,
    table: ResourceTable,
    /// Calls of imports without a result, as `name(arguments)`.
    pub notes: Vec<String>,
}

impl WasiView for Process {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// The environment and the arguments that a process starts with.
#[derive(Clone, Default)]
pub struct Surroundings {
    pub environment: Vec<(String, String)>,
    pub arguments: Vec<String>,
}

/// How a call ended.
pub enum Outcome {
    /// What was passed, and what came back.
    Returned { given: Vec<Val>, result: Vec<Val> },
    Trapped,
}

/// A compiled component, from which instances are made.
pub struct Host {
    component: Component,
    linker: Linker<Process>,
}

impl Host {
    /// `Config::new()` is what a host gets by default: Cranelift, 512 KiB of wasm stack.
    pub fn load(path: &Path, config: &Config) -> Result<Self> {
        let engine = Engine::new(config)?;
        let component = Component::from_file(&engine, path)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
        answer_imports(&mut linker, &component)?;
        Ok(Self { component, linker })
    }

    pub fn start(&self, surroundings: &Surroundings) -> Result<Running> {
        let stdout = MemoryOutputPipe::new(OUTPUT_LIMIT);
        let stderr = MemoryOutputPipe::new(OUTPUT_LIMIT);
        let wasi = WasiCtxBuilder::new()
            .stdout(stdout.clone())
            .stderr(stderr.clone())
            .envs(&surroundings.environment)
            .args(&surroundings.arguments)
            .build();
        let process = Process {
            wasi,
            table: ResourceTable::new(),
            notes: Vec::new(),
        };
        let mut store = Store::new(self.component.engine(), process);
        let instance = self.linker.instantiate(&mut store, &self.component)?;
        Ok(Running {
            store,
            instance,
            stdout,
            stderr,
        })
    }
}

/// One instance and what it printed.
pub struct Running {
    store: Store<Process>,
    instance: Instance,
    pub stdout: MemoryOutputPipe,
    pub stderr: MemoryOutputPipe,
}

impl Running {
    /// Calls `name(arguments)`, where `name` may be `interface#function`.
    pub fn call(&mut self, text: &str) -> Result<Outcome> {
        let (interface, call) = match text.split_once('#') {
            Some((interface, call)) => (Some(interface), call),
            None => (None, text),
        };
        let call = UntypedFuncCall::parse(call).with_context(|| format!("in `{text}`"))?;
        let function = self.find(interface, call.name())?;
        let ty = function.ty(&self.store);
        let types: Vec<_> = ty.params().map(|(_, ty)| ty).collect();
        let arguments: Vec<Val> = call
            .to_wasm_params(&types)
            .with_context(|| format!("in the arguments of `{text}`"))?;
        let mut results = vec![Val::Bool(false); ty.results().len()];
        match function.call(&mut self.store, &arguments, &mut results) {
            Ok(()) => Ok(Outcome::Returned {
                given: arguments,
                result: results,
            }),
            Err(_) => Ok(Outcome::Trapped),
        }
    }

    fn find(&mut self, interface: Option<&str>, name: &str) -> Result<Func> {
        let outer = interface.map(|interface| {
            self.instance
                .get_export_index(&mut self.store, None, interface)
                .ok_or_else(|| anyhow!("no exported interface `{interface}`"))
        });
        let outer = outer.transpose()?;
        let index = self
            .instance
            .get_export_index(&mut self.store, outer.as_ref(), name)
            .ok_or_else(|| anyhow!("no export `{name}`"))?;
        self.instance
            .get_func(&mut self.store, index)
            .ok_or_else(|| anyhow!("`{name}` is not a function"))
    }

    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.store.data_mut().notes)
    }
}

/// Values as WAVE.
pub fn show(values: &[Val]) -> Result<String> {
    let texts: Result<Vec<_>, _> = values.iter().map(Val::to_wave).collect();
    Ok(texts?.join(", "))
}

fn answer_imports(linker: &mut Linker<Process>, component: &Component) -> Result<()> {
    let engine = component.engine().clone();
    let mut instances = BTreeMap::new();
    for (name, item) in component.component_type().imports(&engine) {
        if name.starts_with("wasi:") {
            continue;
        }
        match item.ty {
            ComponentItem::ComponentFunc(_) => {
                let noted = name.to_owned();
                linker.root().func_new(name, move |store, ty, arguments, results| {
                    answer(store, &noted, &ty, arguments, results)
                })?;
            }
            ComponentItem::ComponentInstance(ty) => {
                let functions: Vec<String> = ty
                    .exports(&engine)
                    .filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)))
                    .map(|(function, _)| function.to_owned())
                    .collect();
                instances.insert(name.to_owned(), functions);
            }
            _ => {}
        }
    }
    for (name, functions) in instances {
        let mut instance = linker.instance(&name)?;
        for function in functions {
            let noted = format!("{name}#{function}");
            instance.func_new(&function, move |store, ty, arguments, results| {
                answer(store, &noted, &ty, arguments, results)
            })?;
        }
    }
    Ok(())
}

fn answer(
    mut store: wasmtime::StoreContextMut<'_, Process>,
    name: &str,
    _ty: &ComponentFunc,
    arguments: &[Val],
    results: &mut [Val],
) -> wasmtime::Result<()> {
    match (arguments, results) {
        (_, []) => {
            let shown = show(arguments).map_err(wasmtime::Error::from_anyhow)?;
            store.data_mut().notes.push(format!("{name}({shown})"));
        }
        ([argument], [result]) => *result = argument.clone(),
        (arguments, [result]) => *result = Val::Tuple(arguments.to_vec()),
        _ => wasmtime::bail!("the test host has no answer for `{name}`"),
    }
    Ok(())
}
