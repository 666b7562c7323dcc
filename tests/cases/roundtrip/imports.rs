//! Answers every import as the test says, and notes its arguments.

use anyhow::{Context as _, Result, bail};
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{Component, Linker, LinkerInstance, ResourceType, Type, Val};
use wasmtime::{AsContextMut, StoreContextMut};

use super::handles::{Reading, gathered, give, opened, read, replace, take};
use super::host::Process;

/// Returns the number of resource types.
pub fn answer_imports(linker: &mut Linker<Process>, component: &Component) -> Result<usize> {
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
                    define(
                        &mut instance,
                        inner,
                        format!("{name}#{inner}"),
                        item.ty,
                        &mut declared,
                    )?;
                }
            }
            item => define(
                &mut linker.root(),
                name,
                name.to_owned(),
                item,
                &mut declared,
            )?,
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
        ComponentItem::ComponentFunc(function) if function.async_() => {
            target.func_new_concurrent(name, move |accessor, ty, given, results| {
                let key = key.clone();
                Box::pin(async move {
                    // Others run first.
                    tokio::task::yield_now().await;
                    let reading =
                        accessor.with(|mut access| read_all(access.as_context_mut(), given))?;
                    let given = gathered(given, &reading).await;
                    accessor.with(|mut access| {
                        let answered = answer(access.as_context_mut(), &key, &ty, &given, results);
                        answered.map_err(wasmtime::Error::from_anyhow)
                    })
                })
            })?;
        }
        ComponentItem::ComponentFunc(_) => {
            target.func_new(name, move |store, ty, given, results| {
                answer(store, &key, &ty, given, results).map_err(wasmtime::Error::from_anyhow)
            })?
        }
        ComponentItem::Resource(ty) => {
            // One that another interface uses is the same there.
            let known = declared.iter().position(|other| *other == ty);
            let index = known.unwrap_or_else(|| {
                declared.push(ty);
                declared.len() - 1
            });
            let ty = ResourceType::host_dynamic(index as u32);
            target.resource(name, ty, |mut store, number| {
                store
                    .data_mut()
                    .handles
                    .drop(number)
                    .map_err(wasmtime::Error::from_anyhow)
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
    let given = given
        .iter()
        .zip(types)
        .map(|(value, ty)| replace(value, &ty, &mut number))
        .collect::<Result<_>>()?;
    store.data_mut().seen.push((key.to_owned(), given));
    if let ([result], Some(ty)) = (results, ty.results().next()) {
        let Some(answer) = store.data_mut().answers.remove(key) else {
            bail!("`{key}` is called once more than the test meant");
        };
        let answer = replace(&answer, &ty, &mut |value, ty| match value {
            Val::U32(number) => {
                let handle = give(store.as_context_mut(), ty, *number)?;
                Ok(Val::Resource(
                    handle.context("an import returns resources of the host")?,
                ))
            }
            other => Ok(other.clone()),
        })?;
        *result = opened(store, answer, &ty)?;
    }
    Ok(())
}

pub fn read_all(
    mut store: StoreContextMut<'_, Process>,
    values: &[Val],
) -> wasmtime::Result<Vec<Reading>> {
    let all = values
        .iter()
        .map(|value| read(store.as_context_mut(), value));
    all.collect::<Result<_>>()
        .map_err(wasmtime::Error::from_anyhow)
}
