//! Imports that the linker lacks: functions that trap with their name when they are called, so that a component runs as long as
//! it does not use them. An SDK's world imports far more than an application calls.
//!
//! `Linker::define_unknown_imports_as_traps` compares exact names only: with 0.2.6 in the linker it would put traps under
//! 0.2.0.

use wasmtime::component::types::{ComponentFunc, ComponentInstance, ComponentItem};
use wasmtime::component::{Component, Linker, LinkerInstance, ResourceType};
use wasmtime::{Engine, Result, bail};

use super::databases;
use crate::state::State;

/// A resource that nobody can make.
struct Nothing;

pub fn link(component: &Component, linker: &mut Linker<State>) -> Result<()> {
    let engine = linker.engine().clone();
    for (name, import) in component.component_type().imports(&engine) {
        match import.ty {
            ComponentItem::ComponentInstance(instance) if !is_offered(name) => {
                trap_instance(&engine, name, &instance, linker.instance(name)?)?;
            }
            ComponentItem::ComponentFunc(function) => {
                trap(&mut linker.root(), name, name, &function)?
            }
            _ => {}
        }
    }
    Ok(())
}

fn trap_instance(
    engine: &Engine,
    interface: &str,
    instance: &ComponentInstance,
    mut linker: LinkerInstance<'_, State>,
) -> Result<()> {
    for (name, export) in instance.exports(engine) {
        match export.ty {
            ComponentItem::Resource(_) => {
                linker.resource(name, ResourceType::host::<Nothing>(), |_, _| Ok(()))?
            }
            ComponentItem::ComponentFunc(function)
                if databases::is_database(interface) && databases::opens(name) =>
            {
                refuse_database(&mut linker, interface, name, &function)?;
            }
            ComponentItem::ComponentFunc(function) => {
                trap(&mut linker, name, &format!("{interface}#{name}"), &function)?
            }
            _ => {}
        }
    }
    Ok(())
}

fn trap(
    linker: &mut LinkerInstance<'_, State>,
    name: &str,
    shown: &str,
    function: &ComponentFunc,
) -> Result<()> {
    let shown = shown.to_owned();
    if function.async_() {
        return linker.func_new_concurrent(name, move |_, _, _, _| {
            let shown = shown.clone();
            Box::pin(async move { bail!("spin-host does not have `{shown}`") })
        });
    }
    linker.func_new(name, move |_, _, _, _| {
        bail!("spin-host does not have `{shown}`")
    })
}

fn refuse_database(
    linker: &mut LinkerInstance<'_, State>,
    interface: &str,
    name: &str,
    function: &ComponentFunc,
) -> Result<()> {
    let interface = interface.to_owned();
    if function.async_() {
        return linker.func_new_concurrent(name, move |accessor, _, parameters, results| {
            let answer = accessor.with(|mut access| {
                databases::refuse(access.get(), &interface, parameters, results)
            });
            Box::pin(async move { answer })
        });
    }
    linker.func_new(name, move |store, _, parameters, results| {
        databases::refuse(store.data(), &interface, parameters, results)
    })
}

/// The packages that `super::link` adds, with their versions. An import's version must be the same or an older compatible one.
const OFFERED: &[(&str, &str)] = &[
    ("fermyon:spin/key-value", "2.0.0"),
    ("fermyon:spin/llm", "2.0.0"),
    ("fermyon:spin/redis", "2.0.0"),
    ("fermyon:spin/sqlite", "2.0.0"),
    ("fermyon:spin/variables", "2.0.0"),
    ("spin:key-value/key-value", "3."),
    ("spin:redis/redis", "3."),
    ("spin:sqlite/sqlite", "3."),
    ("spin:variables/variables", "3."),
    ("wasi:config/store", "0.2.0-draft-2024-09-27"),
    ("wasi:keyvalue/atomics", "0.2.0-draft2"),
    ("wasi:keyvalue/batch", "0.2.0-draft2"),
    ("wasi:keyvalue/store", "0.2.0-draft2"),
];

/// Packages of WASI that Wasmtime offers completely in 0.2.x and 0.3.x.
const WASI: &[&str] = &[
    "cli",
    "clocks",
    "filesystem",
    "http",
    "io",
    "random",
    "sockets",
];

fn is_offered(name: &str) -> bool {
    let Some((interface, version)) = name.split_once('@') else {
        return false;
    };
    if interface == "wasi:clocks/timezone" {
        // Still unstable, in both.
        return false;
    }
    let wasi = interface
        .strip_prefix("wasi:")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(package, _)| WASI.contains(&package));
    if wasi {
        return !version.contains('-')
            && (version.starts_with("0.2.") || version.starts_with("0.3."));
    }
    OFFERED.iter().any(|(offered, versions)| {
        interface == *offered
            && (version == *versions || versions.ends_with('.') && version.starts_with(versions))
    })
}

#[cfg(test)]
mod tests {
    use super::is_offered;

    #[test]
    fn versions_are_told_apart() {
        for name in [
            "wasi:io/poll@0.2.0",
            "wasi:http/client@0.3.0",
            "fermyon:spin/redis@2.0.0",
            "spin:sqlite/sqlite@3.0.0",
            "wasi:keyvalue/store@0.2.0-draft2",
        ] {
            assert!(is_offered(name), "{name}");
        }
        for name in [
            "wasi:http/client@0.3.0-rc-2026-03-15",
            "wasi:clocks/timezone@0.2.6",
            "spin:postgres/postgres@3.0.0",
            "wasi:keyvalue/watcher@0.2.0-draft2",
            "run",
        ] {
            assert!(!is_offered(name), "{name}");
        }
    }
}
