//! Reads the state that the run has left behind, from a component that was made for it (`wit/state.wit`).

use anyhow::{Context as _, Result};
use wasmtime::Store;
use wasmtime::component::{ComponentNamedList, Instance, Lift, Lower, TypedFunc, WasmList};

use crate::preinit::sandbox::Sandbox;
use merge::STACK_SIZE;
use merge::{STATE_INTERFACE, State};

const PAGE: u64 = 1 << 16;
/// A list may not have 256 MiB or more.
const CHUNK: u64 = 128 << 20;

/// The state of the guest, without the C stack: no call is active, so its contents are useless and would only take
/// space in the component.
pub async fn read(store: &mut Store<Sandbox>, instance: Instance) -> Result<State> {
    let pages = accessor::<(), (u32,)>(store, instance, "pages")?;
    let (pages,) = pages.call_async(&mut *store, ()).await?;
    let size = u64::from(pages) * PAGE;
    let read = accessor::<(u32, u32), (WasmList<u8>,)>(store, instance, "memory")?;
    let mut start = u64::from(STACK_SIZE);
    let mut memory = Vec::with_capacity(usize::try_from(size.saturating_sub(start))?);
    while start < size {
        let length = CHUNK.min(size - start);
        let range = (u32::try_from(start)?, u32::try_from(length)?);
        let (part,) = read.call_async(&mut *store, range).await?;
        memory.extend_from_slice(part.as_le_slice(&*store));
        start += length;
    }
    let globals = accessor::<(), (Vec<u64>,)>(store, instance, "globals")?;
    let (globals,) = globals.call_async(&mut *store, ()).await?;
    Ok(State { memory, globals })
}

fn accessor<Params, Results>(
    store: &mut Store<Sandbox>,
    instance: Instance,
    name: &str,
) -> Result<TypedFunc<Params, Results>>
where
    Params: ComponentNamedList + Lower,
    Results: ComponentNamedList + Lift,
{
    let missing = || format!("the component does not export `{STATE_INTERFACE}#{name}`");
    let (_, interface) = instance
        .get_export(&mut *store, None, STATE_INTERFACE)
        .with_context(missing)?;
    let (_, function) = instance
        .get_export(&mut *store, Some(&interface), name)
        .with_context(missing)?;
    Ok(instance.get_typed_func(&mut *store, function)?)
}
