//! The imports of a component in the sandbox: WASI 0.2 is real, and everything else traps with the name of the
//! function.

use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{Component, Linker, LinkerInstance, ResourceType};
use wasmtime::{Engine, format_err};
use wasmtime_wasi::p2::bindings::{cli, filesystem, io, sockets};

use super::compiled::Compiled;
use super::filesystem::hold_still;
use super::sandbox::Sandbox;

/// The interfaces of WASI 0.2 that `wasmtime-wasi` implements.
const OFFERED: [&str; 27] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/network",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
];

/// Returns `true` if the sandbox offers an imported interface, such as `wasi:cli/environment@0.2.0`.
pub fn offers(interface: &str) -> bool {
    match interface.split_once('@') {
        Some((name, version)) => version.starts_with("0.2.") && OFFERED.contains(&name),
        None => false,
    }
}

/// A linker with everything that the component imports.
pub fn linker(compiled: &Compiled) -> wasmtime::Result<Linker<Sandbox>> {
    let Compiled {
        engine, component, ..
    } = compiled;
    let mut linker = Linker::new(engine);
    for (name, module) in &compiled.modules {
        linker.root().module(name, module)?;
    }
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    hold_still(&mut linker)?;

    let known = known_resources(component, engine);
    for (name, import) in component.component_type().imports(engine) {
        if !offers(name) && !matches!(import.ty, ComponentItem::Module(_)) {
            stub(&mut linker.root(), "", name, import.ty, engine, &known)?;
        }
    }
    Ok(linker)
}

/// Resource types of the offered interfaces, under the component's ids: other interfaces may use them.
type Known = Vec<(ResourceType, ResourceType)>;

fn known_resources(component: &Component, engine: &Engine) -> Known {
    let mut known = Known::new();
    for (interface, import) in component.component_type().imports(engine) {
        let ComponentItem::ComponentInstance(instance) = import.ty else {
            continue;
        };
        if !offers(interface) {
            continue;
        }
        for (name, export) in instance.exports(engine) {
            if let ComponentItem::Resource(ty) = export.ty
                && let Some(host) = host_resource(name)
            {
                known.push((ty, host));
            }
        }
    }
    known
}

/// The type with which `wasmtime-wasi` defines a resource; no two of WASI 0.2 share a name.
fn host_resource(name: &str) -> Option<ResourceType> {
    Some(match name {
        "error" => ResourceType::host::<io::error::Error>(),
        "pollable" => ResourceType::host::<io::poll::Pollable>(),
        "input-stream" => ResourceType::host::<io::streams::InputStream>(),
        "output-stream" => ResourceType::host::<io::streams::OutputStream>(),
        "descriptor" => ResourceType::host::<filesystem::types::Descriptor>(),
        "directory-entry-stream" => ResourceType::host::<filesystem::types::DirectoryEntryStream>(),
        "network" => ResourceType::host::<sockets::network::Network>(),
        "tcp-socket" => ResourceType::host::<sockets::tcp::TcpSocket>(),
        "udp-socket" => ResourceType::host::<sockets::udp::UdpSocket>(),
        "incoming-datagram-stream" => ResourceType::host::<sockets::udp::IncomingDatagramStream>(),
        "outgoing-datagram-stream" => ResourceType::host::<sockets::udp::OutgoingDatagramStream>(),
        "resolve-address-stream" => {
            ResourceType::host::<sockets::ip_name_lookup::ResolveAddressStream>()
        }
        "terminal-input" => ResourceType::host::<cli::terminal_input::TerminalInput>(),
        "terminal-output" => ResourceType::host::<cli::terminal_output::TerminalOutput>(),
        _ => return None,
    })
}

/// Defines one import so that calling it traps. `prefix` is `interface#`, or empty.
fn stub(
    linker: &mut LinkerInstance<'_, Sandbox>,
    prefix: &str,
    name: &str,
    item: ComponentItem,
    engine: &Engine,
    known: &Known,
) -> wasmtime::Result<()> {
    match item {
        ComponentItem::ComponentFunc(ty) => {
            stub_function(linker, name, format!("{prefix}{name}"), &ty)
        }
        ComponentItem::ComponentInstance(instance) => {
            let mut inner = linker.instance(name)?;
            let prefix = format!("{name}#");
            instance.exports(engine).try_for_each(|(name, export)| {
                stub(&mut inner, &prefix, name, export.ty, engine, known)
            })
        }
        ComponentItem::Resource(ty) => {
            let host = known.iter().find(|(known, _)| *known == ty);
            // Nothing ever creates a resource of another interface.
            let host = host.map_or(ResourceType::host::<()>(), |(_, host)| *host);
            linker.resource(name, host, |_, _| Ok(()))
        }
        ComponentItem::Type(_) => Ok(()),
        ComponentItem::CoreFunc(_) | ComponentItem::Module(_) | ComponentItem::Component(_) => Err(
            format_err!("no world imports anything like `{prefix}{name}`"),
        ),
    }
}

/// A call of a function that does not exist while building.
#[derive(Debug, thiserror::Error)]
#[error("the import `{0}` is not there while building")]
pub struct UnavailableImport(pub String);

fn stub_function(
    linker: &mut LinkerInstance<'_, Sandbox>,
    name: &str,
    qualified: String,
    ty: &ComponentFunc,
) -> wasmtime::Result<()> {
    if ty.async_() {
        linker.func_new_concurrent(name, move |_, _, _, _| {
            let error = UnavailableImport(qualified.clone());
            Box::pin(async move { Err(error.into()) })
        })
    } else {
        linker.func_new(name, move |_, _, _, _| {
            Err(UnavailableImport(qualified.clone()).into())
        })
    }
}
