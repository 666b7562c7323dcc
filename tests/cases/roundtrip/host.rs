//! The host: instances, and calls of their exports.

mod resources;

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use tokio::runtime::Runtime;
use wasmtime::component::types::ComponentFunc;
use wasmtime::component::{
    Component, Func, Instance, Linker, ResourceAny, ResourceTable, ResourceType, Type, Val,
};
use wasmtime::{AsContextMut, Config, Engine, ResourceLimiter, Store, Strategy};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use super::component::Call;
use super::handles::{Handles, gathered, opened, replace};
use super::imports::{answer_imports, read_all};

const OUTPUT_LIMIT: usize = 1 << 20;
/// A call that takes longer is stuck.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Process {
    wasi: WasiCtx,
    table: ResourceTable,
    /// The next result of each import.
    pub answers: BTreeMap<String, Val>,
    /// The imports called since the last check, with their arguments.
    pub seen: Vec<(String, Vec<Val>)>,
    memory: Memory,
    pub handles: Handles,
}

/// The bytes to which the component's memory has grown.
#[derive(Default)]
struct Memory(usize);

impl ResourceLimiter for Memory {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.0 = self.0.max(desired);
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

impl WasiView for Process {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

pub struct Host {
    component: Component,
    linker: Linker<Process>,
    /// The number of resource types that the component imports.
    declared: Arc<usize>,
    runtime: Arc<Runtime>,
    /// The guest's constructors, which make a resource of each type.
    constructors: Vec<(String, Call)>,
}

impl Host {
    pub fn load(path: &Path, constructors: Vec<(String, Call)>) -> Result<Self> {
        let mut config = Config::new();
        config.strategy(Strategy::Winch);
        config
            .wasm_component_model_map(true)
            .wasm_component_model_fixed_length_lists(true);
        config
            .wasm_component_model_async(true)
            .wasm_component_model_more_async_builtins(true);
        let engine = Engine::new(&config)?;
        let component = Component::from_file(&engine, path)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        let declared = Arc::new(answer_imports(&mut linker, &component)?);
        let runtime = Arc::new(
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?,
        );
        Ok(Self {
            component,
            linker,
            declared,
            runtime,
            constructors,
        })
    }

    pub fn start(&self) -> Result<Running> {
        let stderr = MemoryOutputPipe::new(OUTPUT_LIMIT);
        let process = Process {
            wasi: WasiCtxBuilder::new().stderr(stderr.clone()).build(),
            table: ResourceTable::new(),
            answers: BTreeMap::new(),
            seen: Vec::new(),
            memory: Memory::default(),
            handles: Handles::new(Arc::clone(&self.declared)),
        };
        let mut store = Store::new(self.component.engine(), process);
        store.limiter(|process| &mut process.memory);
        let instance = self
            .runtime
            .block_on(self.linker.instantiate_async(&mut store, &self.component))?;
        let runtime = Arc::clone(&self.runtime);
        let mut running = Running {
            store,
            instance,
            runtime,
            stderr,
            makers: Vec::new(),
        };
        for (key, call) in &self.constructors {
            if let Some(Type::Own(ty)) = running.function_type(key)?.results().next() {
                running.makers.push((ty, key.clone(), call.clone()));
            }
        }
        Ok(running)
    }
}

/// One instance.
pub struct Running {
    store: Store<Process>,
    instance: Instance,
    runtime: Arc<Runtime>,
    stderr: MemoryOutputPipe,
    /// The guest's types of resources, and the constructor of each with its arguments.
    makers: Vec<(ResourceType, String, Call)>,
}

/// A call with the data to start and to end it.
struct Started {
    key: String,
    function: Func,
    sent: Call,
    arguments: Vec<Val>,
    lent: Vec<(ResourceAny, u32)>,
    result: Option<Type>,
    results: Vec<Val>,
}

/// Waits for all; ends with the first error.
async fn all_of(
    calls: Vec<Pin<Box<dyn Future<Output = wasmtime::Result<()>> + '_>>>,
) -> wasmtime::Result<()> {
    let mut calls: Vec<_> = calls.into_iter().map(Some).collect();
    poll_fn(|context| {
        for slot in &mut calls {
            if let Some(call) = slot
                && let Poll::Ready(ended) = call.as_mut().poll(context)
            {
                *slot = None;
                if ended.is_err() {
                    return Poll::Ready(ended);
                }
            }
        }
        if calls.iter().all(Option::is_none) {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    })
    .await
}

/// The result of a call. Resources are numbers here.
pub struct Outcome {
    /// The passed values and the answer, with the numbers of their resources.
    pub sent: Call,
    /// `None` if it trapped: then the instance cannot be used any more.
    pub returned: Option<Option<Val>>,
    pub seen: Vec<(String, Vec<Val>)>,
    pub stderr: String,
    /// Resources that the guest still holds.
    pub held: Vec<u32>,
}

impl Running {
    /// `key` is `interface#function` or `function`; the call's answer is what the import returns.
    pub fn call(&mut self, key: &str, call: &Call) -> Result<Outcome> {
        let mut outcomes = self.together(&[(key, call)])?;
        outcomes.pop().context("an outcome for each call")
    }

    /// Calls of different functions, all in flight at once; if one fails, all do.
    pub fn together(&mut self, calls: &[(&str, &Call)]) -> Result<Vec<Outcome>> {
        let mut started = Vec::new();
        for (key, call) in calls {
            started.push(self.prepare(key, call)?);
        }
        let before = self.stderr.contents().len();
        let process = self.store.data_mut();
        process.seen.clear();
        process.answers.clear();
        for one in &started {
            process.answers.extend(
                one.sent
                    .answer
                    .clone()
                    .map(|answer| (one.key.clone(), answer)),
            );
        }
        let mut ended = self.run(&mut started);
        let mut returned = Vec::new();
        for one in &mut started {
            if ended.is_ok() {
                ended = self.gather(&mut one.results);
            }
            if ended.is_ok() {
                let settled = self.settle(
                    std::mem::take(&mut one.lent),
                    one.results.pop().zip(one.result.clone()),
                );
                ended = settled.map(|value| returned.push(value));
            }
        }
        let mut stderr = String::from_utf8_lossy(&self.stderr.contents()[before..]).into_owned();
        if let Err(error) = &ended {
            stderr += &format!("{error:?}");
        }
        let process = self.store.data_mut();
        let held: Vec<u32> = std::mem::take(&mut process.handles.alive)
            .into_iter()
            .collect();
        let seen = std::mem::take(&mut process.seen);
        let several = started.len() > 1;
        let mut returned = returned.into_iter();
        let outcomes = started.into_iter().map(|one| Outcome {
            // A single call has seen everything; of several, each has its own.
            seen: seen
                .iter()
                .filter(|(key, _)| !several || *key == one.key)
                .cloned()
                .collect(),
            sent: one.sent,
            returned: returned.next().filter(|_| ended.is_ok()),
            stderr: stderr.clone(),
            held: held.clone(),
        });
        Ok(outcomes.collect())
    }

    fn prepare(&mut self, key: &str, call: &Call) -> Result<Started> {
        let function = self.find(key)?;
        let ty = function.ty(&self.store);
        let params: Vec<Type> = ty.params().map(|(_, ty)| ty).collect();
        let result = ty.results().next();
        let sent = self.numbered(call, &params, result.as_ref())?;
        let mut lent = Vec::new();
        let mut arguments = Vec::new();
        for (value, ty) in sent.arguments.iter().zip(&params) {
            let value = replace(value, ty, &mut |value, ty| {
                let Val::U32(number) = value else {
                    bail!("a number stands for each resource")
                };
                let handle = self.make(ty, *number)?;
                if matches!(ty, Type::Borrow(_)) {
                    lent.push((handle, *number));
                }
                Ok(Val::Resource(handle))
            })?;
            arguments.push(opened(self.store.as_context_mut(), value, ty)?);
        }
        let results = vec![Val::Bool(false); usize::from(result.is_some())];
        Ok(Started {
            key: key.to_owned(),
            function,
            sent,
            arguments,
            lent,
            result,
            results,
        })
    }

    /// Runs all calls to their ends.
    fn run(&mut self, started: &mut [Started]) -> Result<()> {
        let store = &mut self.store;
        let running = async {
            if let [one] = started {
                return one
                    .function
                    .call_async(store, &one.arguments, &mut one.results)
                    .await;
            }
            let all = store.run_concurrent(async |accessor| {
                let calls = started.iter_mut().map(|one| {
                    let call =
                        one.function
                            .call_concurrent(accessor, &one.arguments, &mut one.results);
                    Box::pin(call) as Pin<Box<dyn Future<Output = wasmtime::Result<()>> + '_>>
                });
                all_of(calls.collect()).await
            });
            all.await?
        };
        let patient = async { tokio::time::timeout(PATIENCE, running).await };
        match self.runtime.block_on(patient) {
            Ok(ended) => Ok(ended?),
            Err(_) => bail!("the call does not end"),
        }
    }

    /// Reads streams and futures to their ends.
    fn gather(&mut self, results: &mut Vec<Val>) -> Result<()> {
        let reading = read_all(self.store.as_context_mut(), results)?;
        if reading.iter().all(Option::is_none) {
            return Ok(());
        }
        let store = &mut self.store;
        let patient = async {
            let all = store.run_concurrent(async |_| gathered(results, &reading).await);
            tokio::time::timeout(PATIENCE, all).await
        };
        *results = self
            .runtime
            .block_on(patient)
            .context("a stream or future does not end")??;
        Ok(())
    }

    /// Calls a function of the harness's own, which returns a string.
    pub fn ask(&mut self, name: &str) -> Result<String> {
        let call = Call {
            arguments: Vec::new(),
            answer: Some(Val::String(String::new())),
        };
        match self.call(name, &call)? {
            Outcome {
                returned: Some(Some(Val::String(text))),
                ..
            } => Ok(text),
            Outcome { stderr, .. } => Err(anyhow!("`{name}` failed: {stderr}")),
        }
    }

    /// Bytes of linear memory.
    pub fn memory(&self) -> usize {
        self.store.data().memory.0
    }

    pub fn function_type(&mut self, key: &str) -> Result<ComponentFunc> {
        Ok(self.find(key)?.ty(&self.store))
    }

    fn find(&mut self, key: &str) -> Result<Func> {
        let (outer, name) = match key.split_once('#') {
            Some((interface, name)) => {
                let index = self
                    .instance
                    .get_export_index(&mut self.store, None, interface);
                (
                    Some(index.ok_or_else(|| anyhow!("no exported interface `{interface}`"))?),
                    name,
                )
            }
            None => (None, key),
        };
        let index = self
            .instance
            .get_export_index(&mut self.store, outer.as_ref(), name);
        let index = index.ok_or_else(|| anyhow!("no export `{key}`"))?;
        self.instance
            .get_func(&mut self.store, index)
            .ok_or_else(|| anyhow!("`{key}` is not a function"))
    }
}
