//! The host: every import answers what the test says, and notes what it was given.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{
    Component, Func, Instance, Linker, LinkerInstance, ResourceAny, ResourceTable, ResourceType, Type, Val,
};
use wasmtime::{AsContextMut, Config, Engine, ResourceLimiter, Store, StoreContextMut, Strategy};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use super::component::Call;
use super::handles::{Handles, give, replace, take};

const OUTPUT_LIMIT: usize = 1 << 20;

pub struct Process {
    wasi: WasiCtx,
    table: ResourceTable,
    /// What the next import returns.
    answer: Option<Val>,
    /// The imports called since the last look, with what they were given.
    seen: Vec<(String, Vec<Val>)>,
    memory: Memory,
    pub handles: Handles,
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
    /// How many resource types the component imports.
    declared: Arc<usize>,
    /// The guest's constructors: how a resource of each type is made.
    constructors: Vec<(String, Call)>,
}

impl Host {
    pub fn load(path: &Path, constructors: Vec<(String, Call)>) -> Result<Self> {
        let mut config = Config::new();
        config.strategy(Strategy::Winch);
        config.wasm_component_model_map(true).wasm_component_model_fixed_length_lists(true);
        let engine = Engine::new(&config)?;
        let component = Component::from_file(&engine, path)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
        let declared = Arc::new(answer_imports(&mut linker, &component)?);
        Ok(Self { component, linker, declared, constructors })
    }

    pub fn start(&self) -> Result<Running> {
        let stderr = MemoryOutputPipe::new(OUTPUT_LIMIT);
        let process = Process {
            wasi: WasiCtxBuilder::new().stderr(stderr.clone()).build(),
            table: ResourceTable::new(),
            answer: None,
            seen: Vec::new(),
            memory: Memory::default(),
            handles: Handles::new(Arc::clone(&self.declared)),
        };
        let mut store = Store::new(self.component.engine(), process);
        store.limiter(|process| &mut process.memory);
        let instance = self.linker.instantiate(&mut store, &self.component)?;
        let mut running = Running { store, instance, stderr, makers: Vec::new() };
        for (key, call) in &self.constructors {
            if let Some(Type::Own(ty)) = running.function_type(key)?.results().next() {
                running.makers.push((ty, key.clone(), call.clone()));
            }
        }
        Ok(running)
    }
}

/// Gives how many types of resources there are.
fn answer_imports(linker: &mut Linker<Process>, component: &Component) -> Result<usize> {
    let engine = component.engine().clone();
    let mut declared = Vec::new();
    for (name, item) in component.component_type().imports(&engine) {
        if name.starts_with("wasi:") {
            continue;
        }
        match item.ty {
            ComponentItem::ComponentInstance(ty) => {
                let mut instance = linker.instance(name)?;
                for (inner, item) in ty.exports(&engine) {
                    define(&mut instance, inner, format!("{name}#{inner}"), item.ty, &mut declared)?;
                }
            }
            item => define(&mut linker.root(), name, name.to_owned(), item, &mut declared)?,
        }
    }
    Ok(declared.len())
}

fn define(
    target: &mut LinkerInstance<'_, Process>,
    name: &str,
    key: String,
    item: ComponentItem,
    declared: &mut Vec<ResourceType>,
) -> Result<()> {
    match item {
        ComponentItem::ComponentFunc(_) => target.func_new(name, move |store, ty, given, results| {
            answer(store, &key, &ty, given, results).map_err(wasmtime::Error::from_anyhow)
        })?,
        ComponentItem::Resource(ty) => {
            // One that another interface uses is the same there.
            let known = declared.iter().position(|other| *other == ty);
            let index = known.unwrap_or_else(|| {
                declared.push(ty);
                declared.len() - 1
            });
            let ty = ResourceType::host_dynamic(index as u32);
            target.resource(name, ty, |mut store, number| {
                store.data_mut().handles.drop(number).map_err(wasmtime::Error::from_anyhow)
            })?;
        }
        _ => {}
    }
    Ok(())
}

fn answer(
    mut store: StoreContextMut<'_, Process>,
    key: &str,
    ty: &ComponentFunc,
    given: &[Val],
    results: &mut [Val],
) -> Result<()> {
    let types = ty.params().map(|(_, ty)| ty);
    let mut number = |value: &Val, _: &Type| match value {
        Val::Resource(handle) => Ok(Val::U32(take(store.as_context_mut(), *handle)?)),
        other => Ok(other.clone()),
    };
    let given = given.iter().zip(types).map(|(value, ty)| replace(value, &ty, &mut number)).collect::<Result<_>>()?;
    store.data_mut().seen.push((key.to_owned(), given));
    if let ([result], Some(ty)) = (results, ty.results().next()) {
        let Some(answer) = store.data_mut().answer.take() else {
            bail!("`{key}` is called once more than the test meant");
        };
        *result = replace(&answer, &ty, &mut |value, ty| match value {
            Val::U32(number) => {
                let handle = give(store.as_context_mut(), ty, *number)?;
                Ok(Val::Resource(handle.context("an import returns resources of the host")?))
            }
            other => Ok(other.clone()),
        })?;
    }
    Ok(())
}

/// One instance.
pub struct Running {
    store: Store<Process>,
    instance: Instance,
    stderr: MemoryOutputPipe,
    /// The guest's types of resources, and the constructor of each with what it is called with.
    makers: Vec<(ResourceType, String, Call)>,
}

/// What came of a call. Resources are numbers here.
pub struct Outcome {
    /// What was passed and answered, with the numbers that the resources in it got.
    pub sent: Call,
    /// None if it trapped: then the instance is of no more use.
    pub returned: Option<Option<Val>>,
    pub seen: Vec<(String, Vec<Val>)>,
    pub stderr: String,
    /// Resources that the guest still holds.
    pub held: Vec<u32>,
}

impl Running {
    /// `key` is `interface#function` or `function`; the call's answer is what the import returns.
    pub fn call(&mut self, key: &str, call: &Call) -> Result<Outcome> {
        let function = self.find(key)?;
        let ty = function.ty(&self.store);
        let params: Vec<Type> = ty.params().map(|(_, ty)| ty).collect();
        let result = ty.results().next();
        let sent = self.numbered(call, &params, result.as_ref())?;
        let mut lent = Vec::new();
        let mut arguments = Vec::new();
        for (value, ty) in sent.arguments.iter().zip(&params) {
            arguments.push(replace(value, ty, &mut |value, ty| {
                let Val::U32(number) = value else { bail!("a number stands for each resource") };
                let handle = self.make(ty, *number)?;
                if matches!(ty, Type::Borrow(_)) {
                    lent.push((handle, *number));
                }
                Ok(Val::Resource(handle))
            })?);
        }
        let before = self.stderr.contents().len();
        self.store.data_mut().seen.clear();
        self.store.data_mut().answer = sent.answer.clone();
        let mut results = vec![Val::Bool(false); usize::from(result.is_some())];
        let mut ended = function.call(&mut self.store, &arguments, &mut results).map_err(anyhow::Error::from);
        let mut returned = None;
        if ended.is_ok() {
            ended = self.settle(lent, results.pop().zip(result)).map(|value| returned = Some(value));
        }
        let mut stderr = String::from_utf8_lossy(&self.stderr.contents()[before..]).into_owned();
        if let Err(error) = &ended {
            stderr += &format!("{error:?}");
        }
        let process = self.store.data_mut();
        let held = std::mem::take(&mut process.handles.alive).into_iter().collect();
        Ok(Outcome { sent, returned, seen: std::mem::take(&mut process.seen), stderr, held })
    }

    /// Ends what was lent, and takes back what was returned.
    fn settle(&mut self, lent: Vec<(ResourceAny, u32)>, returned: Option<(Val, Type)>) -> Result<Option<Val>> {
        let store = &mut self.store;
        let mut number = |value: &Val, _: &Type| match value {
            Val::Resource(handle) => Ok(Val::U32(take(store.as_context_mut(), *handle)?)),
            other => Ok(other.clone()),
        };
        let returned = returned.map(|(value, ty)| replace(&value, &ty, &mut number)).transpose()?;
        for (handle, number) in lent {
            let ours = !self.store.data().handles.is_guests(handle.ty());
            handle.resource_drop(self.store.as_context_mut())?;
            if ours {
                // The guest never owned it, so dropping it calls nothing.
                self.store.data_mut().handles.alive.remove(&number);
            }
        }
        Ok(returned)
    }

    fn numbered(&mut self, call: &Call, params: &[Type], result: Option<&Type>) -> Result<Call> {
        let handles = &mut self.store.data_mut().handles;
        let mut next = |_: &Val, _: &Type| Ok(Val::U32(handles.number()));
        let arguments = call.arguments.iter().zip(params).map(|(value, ty)| replace(value, ty, &mut next));
        let arguments = arguments.collect::<Result<_>>()?;
        let answer = call.answer.iter().zip(result).map(|(value, ty)| replace(value, ty, &mut next)).next();
        Ok(Call { arguments, answer: answer.transpose()? })
    }

    /// A resource with that number: the host's own, or one of the guest's that holds one of the host's.
    fn make(&mut self, ty: &Type, number: u32) -> Result<ResourceAny> {
        if let Some(handle) = give(self.store.as_context_mut(), ty, number)? {
            return Ok(handle);
        }
        let (Type::Own(wanted) | Type::Borrow(wanted)) = ty else { bail!("no resource type") };
        let maker = self.makers.iter().find(|(made, ..)| made == wanted);
        let (_, key, call) = maker.context("every resource of the guest's has a constructor")?.clone();
        let function = self.find(&key)?;
        self.store.data_mut().answer = Some(Val::U32(number));
        let mut results = [Val::Bool(false)];
        function.call(&mut self.store, &call.arguments, &mut results)?;
        match results {
            [Val::Resource(handle)] => Ok(handle),
            other => bail!("a constructor gave {other:?}"),
        }
    }

    /// Calls a function of the harness's own, which returns a string.
    pub fn ask(&mut self, name: &str) -> Result<String> {
        let call = Call { arguments: Vec::new(), answer: Some(Val::String(String::new())) };
        match self.call(name, &call)? {
            Outcome { returned: Some(Some(Val::String(text))), .. } => Ok(text),
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
