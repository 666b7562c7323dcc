//! Compiling, instantiating, and the first call.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre};

use crate::instance::{Instance, State, prepare};
use crate::print_time;

/// The number of instances for one figure.
const INSTANCES: u32 = 10;

pub fn compile(rounds: usize, paths: &[PathBuf]) -> Result<()> {
    let components: Vec<Vec<u8>> = paths
        .iter()
        .map(|path| fs_err::read(path).map_err(anyhow::Error::from))
        .collect::<Result<_>>()?;
    for round in 0..=rounds {
        for (path, bytes) in paths.iter().zip(&components) {
            let engine = Engine::default();
            let start = Instant::now();
            let component = Component::new(&engine, bytes);
            let time = start.elapsed();
            component
                .map_err(anyhow::Error::from)
                .with_context(|| format!("{} does not compile", path.display()))?;
            if round > 0 {
                print_time(path, "host compile", time);
            }
        }
    }
    Ok(())
}

pub fn start(rounds: usize, paths: &[PathBuf]) -> Result<()> {
    let engine = Engine::default();
    let subjects: Vec<InstancePre<State>> = paths
        .iter()
        .map(|path| prepare(&engine, path))
        .collect::<Result<_>>()?;
    // One unmeasured round: it fills the caches.
    for round in 0..=rounds {
        for (path, pre) in paths.iter().zip(&subjects) {
            for (row, time) in times(pre, greet)? {
                if round > 0 {
                    print_time(path, row, time);
                }
            }
        }
    }
    Ok(())
}

/// Measures both rows once. Fails if the first call returns a wrong result.
pub fn times(
    pre: &InstancePre<State>,
    call: impl Fn(&mut Instance) -> Result<()>,
) -> Result<[(&'static str, Duration); 2]> {
    let mut instantiated = Duration::ZERO;
    for _ in 0..INSTANCES {
        let start = Instant::now();
        let mut instance = Instance::new(pre)?;
        instantiated += start.elapsed();
        call(&mut instance)?;
    }
    let start = Instant::now();
    for _ in 0..INSTANCES {
        call(&mut Instance::new(pre)?)?;
    }
    Ok([
        ("instantiate", instantiated / INSTANCES),
        ("instantiate, first call, drop", start.elapsed() / INSTANCES),
    ])
}

fn greet(instance: &mut Instance) -> Result<()> {
    let greeting = instance.hello("World")?;
    ensure!(greeting == "Hello, World!", "it greets with: {greeting}");
    Ok(())
}
