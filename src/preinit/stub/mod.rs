//! Removes imports of WASI from a finished component: `--wasi`.
//!
//! Comes in: a component that imports `wasi:*` interfaces. Goes out: one that imports fewer of them. What a component
//! keeps is decided by names (`plan.rs`), from its imports as WIT. Each core function that called one that goes is replaced
//! by one with an answer of its own (`answers.rs`, `shape.rs`), in modules of ours (`module.rs`). At the component level
//! everything that came from those imports is removed, and indices move accordingly (`cutter.rs`).

mod answers;
mod cutter;
mod indices;
mod module;
mod orders;
mod plan;
mod shape;

pub use plan::Listed;

use anyhow::{Context as _, Result, anyhow, bail};
use ground::Mistake as _;
use wasm_encoder::reencode::ReencodeComponent as _;
use wasm_encoder::{Component, InstanceSection, ModuleSection};
use wasmparser::Parser;
use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{Resolve, WorldId};

use crate::preinit::AppError;
use answers::{Answer, answer};
use cutter::Cutter;
use module::{ClockPlace, Signatures, Surroundings, of_stubs};
use orders::Orders;

/// The prefix of WASI's imports.
const WASI: &str = "wasi:";

/// The component without any import of WASI. Calling one traps.
pub fn without_wasi(component: &[u8]) -> Result<Vec<u8>> {
    cut(component, Orders::default())
}

/// The component with those imports of WASI that its world lists. The others have the answers of a host without them.
pub fn within_world(component: &[u8], listed: &Listed) -> Result<Vec<u8>> {
    let (resolve, world) = imports(component)?;
    let kept = plan::listed(&resolve, world, listed);
    cut(component, Orders::new(&resolve, world, kept, answer))
}

/// The component without imports of WASI that no code can reach.
pub fn trimmed(component: Vec<u8>, listed: &Listed) -> Result<Vec<u8>> {
    let (resolve, world) = imports(&component)?;
    let kept = plan::reachable(&resolve, world, listed);
    if kept == plan::everything(&resolve, world) {
        return Ok(component);
    }
    // Only a handle that nothing takes can ever be asked for.
    let answer = |interface: &str, function: &str| match answer(interface, function) {
        Answer::Handle => Answer::Handle,
        _ => Answer::Trap,
    };
    cut(&component, Orders::new(&resolve, world, kept, answer))
}

/// The component's imports and exports as WIT.
fn imports(component: &[u8]) -> Result<(Resolve, WorldId)> {
    match decode(component).context("failed to read the component's imports")? {
        DecodedWasm::Component(resolve, world) => Ok((resolve, world)),
        DecodedWasm::WitPackage(..) => bail!("the component is a package of WIT"),
    }
}

fn cut(component: &[u8], orders: Orders) -> Result<Vec<u8>> {
    let signatures = Signatures::read(component)?;
    let mut cutter = Cutter::new(orders, &signatures, component)?;
    let mut body = Component::new();
    let outcome = cutter.parse_component(&mut body, Parser::new(0), component);
    if let Some(reason) = cutter.needed.take() {
        return AppError::WasiNeeded { reason }.raise();
    }
    outcome
        .map_err(|error| anyhow!("{error:?}"))
        .context("failed to stub out WASI")?;

    let around = Surroundings {
        clock: match cutter.uses_clock {
            true => ClockPlace::Own,
            false => ClockPlace::None,
        },
        ..Surroundings::default()
    };
    let mut stubs = Component::new();
    stubs.section(&ModuleSection(&of_stubs(
        &cutter.stubs,
        &signatures,
        around,
    )?));
    let mut instances = InstanceSection::new();
    instances.instantiate(0, std::iter::empty::<(&str, wasm_encoder::ModuleArg)>());
    stubs.section(&instances);
    let mut stubbed = stubs.finish();
    stubbed.extend_from_slice(&body.finish()[Component::HEADER.len()..]);
    Ok(stubbed)
}

#[cfg(test)]
mod tests {
    use wit_parser::SizeAlign;

    use super::*;
    use shape::{Reply, reply};

    /// Functions of WASI 0.2 without an answer: there is none, or nothing can call them without a socket.
    const TRAPS: [&str; 7] = [
        "wasi:cli/exit#exit",
        "wasi:cli/exit#exit-with-code",
        "wasi:cli/run#run",
        "wasi:random/insecure#get-insecure-random-bytes",
        "wasi:random/random#get-random-u64",
        "wasi:sockets/tcp#[method]tcp-socket.address-family",
        "wasi:sockets/udp#[method]udp-socket.address-family",
    ];

    #[test]
    fn answers_fit_the_types_of_their_functions() {
        let mut resolve = Resolve::default();
        let wasi = concat!(env!("CARGO_MANIFEST_DIR"), "/wit/wasi-0.2");
        resolve.push_path(wasi).unwrap();
        let mut sizes = SizeAlign::default();
        sizes.fill(&resolve);
        let mut traps = Vec::new();
        for (id, interface) in &resolve.interfaces {
            let name = resolve.id_of(id).unwrap();
            let short = name.split('@').next().unwrap();
            for function in interface.functions.values() {
                let answer = answer(&name, &function.name);
                if reply(&resolve, &sizes, function, answer) == Reply::Trap {
                    traps.push(format!("{short}#{}", function.name));
                }
            }
        }
        traps.retain(|name| !name.starts_with("wasi:http/"));
        traps.sort();
        assert_eq!(traps, TRAPS);
    }
}
