//! A host for the runtime cases: Wasmtime, WASI 0.2 and 0.3, and every other import answered by name and type
//! (`host/imports.rs`). Values are read and written as text (`host/text.rs`).
//!
//! Stores are asynchronous, as hosts with several calls in flight have them; what is offered here blocks.

mod calls;
mod imports;
pub mod play;
pub mod streams;
mod text;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, ensure};
use tokio::runtime::Runtime;
use wasmtime::component::{
    Component, Func, Instance, Linker, ResourceAny, ResourceTable, ResourceType, Val,
};
use wasmtime::{Config, Engine, ResourceLimiter, Store};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

pub use calls::{Outcome, Repeated};

const OUTPUT_LIMIT: usize = 1 << 20;

/// The proposals that the tests need beyond the defaults of a host.
pub fn enable_proposals(config: &mut Config) {
    config
        .wasm_component_model_map(true)
        .wasm_component_model_fixed_length_lists(true)
        .wasm_component_model_async(true)
        .wasm_component_model_more_async_builtins(true)
        .wasm_component_model_error_context(true);
}

/// The data of one run of a component.
pub struct Process {
    wasi: WasiCtx,
    table: ResourceTable,
    /// The guest's effects on the host: calls of imports without a result, as `name(arguments)`, and dropped resources.
    pub notes: Vec<String>,
    pub resources: Resources,
    /// Bytes of linear memory, over all instances.
    memory: usize,
}

impl WasiView for Process {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl ResourceLimiter for Process {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.memory += desired - current;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        _desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

/// The resources that the host implements: a record each, under its representation.
#[derive(Default)]
pub struct Resources {
    /// The names of the types; a resource's type is the index.
    types: Arc<Vec<String>>,
    live: Vec<(u32, String)>,
    /// Child and parent, as long as both live.
    families: Vec<(u32, u32)>,
    last: u32,
}

impl Resources {
    /// Makes one; its label is the type's name and a number, for example `thing-1`.
    fn create(&mut self, ty: u32) -> u32 {
        self.last += 1;
        let label = format!("{}-{}", self.types[ty as usize], self.last);
        self.live.push((self.last, label));
        self.last
    }

    fn label(&self, representation: u32) -> String {
        let found = self
            .live
            .iter()
            .find(|(number, _)| *number == representation);
        found.map_or_else(
            || format!("gone-{representation}"),
            |(_, label)| label.clone(),
        )
    }

    fn adopt(&mut self, parent: u32, child: u32) {
        self.families.push((child, parent));
    }

    /// Removes one, which may not have children, as in WASI.
    fn remove(&mut self, representation: u32) -> Result<String> {
        let label = self.label(representation);
        let mut parents = self.families.iter().map(|(_, parent)| parent);
        ensure!(
            parents.all(|parent| *parent != representation),
            "{label} has children"
        );
        self.families.retain(|(child, _)| *child != representation);
        self.live.retain(|(number, _)| *number != representation);
        Ok(label)
    }

    /// The index of a type that the host implements.
    fn index(&self, ty: ResourceType) -> Option<u32> {
        (0..self.types.len() as u32).find(|index| ResourceType::host_dynamic(*index) == ty)
    }
}

/// The environment and the arguments that a process starts with.
#[derive(Clone, Default)]
pub struct Surroundings {
    pub environment: Vec<(String, String)>,
    pub arguments: Vec<String>,
}

/// A compiled component, from which instances are made.
pub struct Host {
    component: Component,
    linker: Linker<Process>,
    resource_types: Arc<Vec<String>>,
    runtime: Arc<Runtime>,
}

impl Host {
    /// `Config::new()` has the defaults of a host: Cranelift, 512 KiB of wasm stack.
    pub fn load(path: &Path, config: &Config) -> Result<Self> {
        let engine = Engine::new(config)?;
        let component = Component::from_file(&engine, path)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        let resource_types = imports::answer_all(&mut linker, &component)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        Ok(Self {
            component,
            linker,
            resource_types: Arc::new(resource_types),
            runtime: Arc::new(runtime),
        })
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
            resources: Resources {
                types: Arc::clone(&self.resource_types),
                ..Resources::default()
            },
            memory: 0,
        };
        let mut store = Store::new(self.component.engine(), process);
        store.limiter(|process| process);
        let instantiated = self.linker.instantiate_async(&mut store, &self.component);
        let instance = self.runtime.block_on(instantiated)?;
        Ok(Running {
            store,
            instance,
            runtime: Arc::clone(&self.runtime),
            handles: Vec::new(),
            unnamed: 0,
            stdout,
            stderr,
        })
    }
}

/// A handle that the guest gave to the host, or that the host made for an argument.
struct Held {
    name: String,
    handle: ResourceAny,
    /// The representation, for a resource that the host implements.
    representation: Option<u32>,
}

/// One instance and what it printed.
pub struct Running {
    store: Store<Process>,
    instance: Instance,
    runtime: Arc<Runtime>,
    /// The values of `$name` in calls.
    handles: Vec<Held>,
    unnamed: usize,
    pub stdout: MemoryOutputPipe,
    pub stderr: MemoryOutputPipe,
}

impl Running {
    /// The function `name` or `interface#name`.
    pub fn find(&mut self, name: &str) -> Result<Func> {
        let (outer, name) = match name.split_once('#') {
            Some((interface, name)) => {
                let index = self
                    .instance
                    .get_export_index(&mut self.store, None, interface);
                let index = index.ok_or_else(|| anyhow!("no exported interface `{interface}`"))?;
                (Some(index), name)
            }
            None => (None, name),
        };
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

    /// Bytes of linear memory that the guest has.
    pub fn memory(&self) -> usize {
        self.store.data().memory
    }

    /// The host's resources that the guest still has, except those that calls hold under a name.
    pub fn leaked(&self) -> Vec<String> {
        let resources = &self.store.data().resources;
        let held = |number: u32| {
            self.handles
                .iter()
                .any(|held| held.representation == Some(number))
        };
        let leaked = resources.live.iter().filter(|(number, _)| !held(*number));
        leaked.map(|(_, label)| label.clone()).collect()
    }

    /// `drop $name`: releases a handle, which runs the destructor of a resource that the guest implements.
    pub fn release(&mut self, name: &str) -> Result<Outcome> {
        let position = self.handles.iter().position(|held| held.name == name);
        let held = self
            .handles
            .remove(position.with_context(|| format!("no handle `${name}`"))?);
        self.drop_handle(&held)
    }

    fn drop_handle(&mut self, held: &Held) -> Result<Outcome> {
        if let Some(number) = held.representation {
            self.store.data_mut().resources.remove(number)?;
        }
        let dropped = held.handle.resource_drop_async(&mut self.store);
        Ok(match self.runtime.block_on(dropped) {
            Ok(()) => Outcome::Returned {
                given: Vec::new(),
                result: Vec::new(),
            },
            Err(error) => Outcome::trapped(&error),
        })
    }

    /// Names the handles in a result, and returns the values in the form that is shown.
    pub fn name_handles(&mut self, results: &[Val], names: &[String]) -> Result<Vec<Val>> {
        let mut found = Vec::new();
        for result in results {
            text::handles(result, &mut found);
        }
        let mut shown = Vec::new();
        for (position, handle) in found.iter().enumerate() {
            let (handle, representation) = imports::unwrap(&mut self.store, *handle)?;
            let name = match (names.get(position), representation) {
                (Some(name), _) => name.clone(),
                (None, Some(number)) => self.store.data().resources.label(number),
                (None, None) => {
                    self.unnamed += 1;
                    format!("h{}", self.unnamed)
                }
            };
            shown.push(match representation {
                Some(number) => self.store.data().resources.label(number),
                None => format!("${name}"),
            });
            self.handles.push(Held {
                name,
                handle,
                representation,
            });
        }
        let mut labels = shown.into_iter();
        Ok(results
            .iter()
            .map(|result| text::labelled(result, &mut labels))
            .collect())
    }
}

/// Values as text.
pub fn show(values: &[Val]) -> Result<String> {
    let mut none = std::iter::empty();
    let texts: Result<Vec<_>, _> = values
        .iter()
        .map(|value| text::labelled(value, &mut none).to_wave())
        .collect();
    Ok(texts?.join(", "))
}
