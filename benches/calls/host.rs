//! The host of `cargo xtask bench calls`: runs components of the world in `wit/` on one Wasmtime (default configuration) in turn,
//! and prints a measurement a line: component, row, nanoseconds; separated by tabs.
//!
//!     bench_calls ROUNDS COMPONENT...

use std::env;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use wasmtime::component::{
    Component, ComponentNamedList, ComponentType, InstancePre, Lift, Linker, Lower, ResourceTable,
    TypedFunc,
};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

#[derive(Clone, ComponentType, Debug, Lift, Lower, PartialEq)]
#[component(record)]
struct Row {
    id: u32,
    name: String,
    score: f64,
    tags: Vec<String>,
}

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

const IMPORT_CALLS: u32 = 20_000;
const WARM_CALLS: u32 = 20_000;
/// Lengths of the lists, which show how costs grow.
const NUMBERS: [usize; 6] = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
const ROWS: [usize; 6] = [10, 100, 1_000, 2_000, 10_000, 100_000];
/// So many items at least go into one figure.
const ITEMS: usize = 10_000;

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let usage = "usage: bench_calls ROUNDS COMPONENT...";
    let rounds: usize = arguments.next().context(usage)?.parse().context(usage)?;
    let engine = Engine::default();
    let mut subjects = Vec::new();
    for path in arguments {
        subjects.push(Subject::new(&engine, &path)?);
    }
    // One unmeasured round: it fills the caches, and the guests' memories reach their sizes.
    for round in 0..=rounds {
        for subject in &mut subjects {
            for (row, time) in subject.round()? {
                if round > 0 {
                    println!("{}\t{row}\t{}", subject.path, time.as_nanos());
                }
            }
        }
    }
    Ok(())
}

struct Subject {
    path: String,
    pre: InstancePre<State>,
    warm: Instance,
}

impl Subject {
    fn new(engine: &Engine, path: &str) -> Result<Self> {
        let component = Component::from_file(engine, path)?;
        let mut linker = Linker::<State>::new(engine);
        wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
        linker
            .instance("bench:calls/host")?
            .func_wrap("next", |_, (number,): (u32,)| Ok((number + 1,)))?;
        let pre = linker.instantiate_pre(&component)?;
        Ok(Self {
            path: path.to_owned(),
            warm: Instance::new(&pre)?,
            pre,
        })
    }

    /// Every row once.
    fn round(&mut self) -> Result<Vec<(String, Duration)>> {
        let mut times = Vec::new();
        let start = Instant::now();
        let mut fresh = Instance::new(&self.pre)?;
        times.push(("instantiate".to_owned(), start.elapsed()));
        ensure!(fresh.identity()?(1)? == 1);
        drop(fresh);

        let start = Instant::now();
        ensure!(Instance::new(&self.pre)?.identity()?(1)? == 1);
        times.push(("instantiate, first call, drop".to_owned(), start.elapsed()));

        let mut identity = self.warm.identity()?;
        let start = Instant::now();
        for number in 0..WARM_CALLS {
            black_box(identity(number)?);
        }
        times.push(("warm call".to_owned(), start.elapsed() / WARM_CALLS));
        drop(identity);

        let time = self.warm.call_imports(IMPORT_CALLS)?;
        times.push((format!("{IMPORT_CALLS} calls of an import"), time));
        for length in NUMBERS {
            times.push((format!("echo {length} f64"), self.warm.numbers(length)?));
        }
        for length in ROWS {
            times.push((format!("echo {length} records"), self.warm.rows(length)?));
        }
        Ok(times)
    }
}

/// An instance and its functions.
struct Instance {
    store: Store<State>,
    instance: wasmtime::component::Instance,
}

impl Instance {
    fn new(pre: &InstancePre<State>) -> Result<Self> {
        let state = State {
            wasi: WasiCtx::builder().inherit_stderr().build(),
            table: ResourceTable::new(),
        };
        let mut store = Store::new(pre.engine(), state);
        let instance = pre.instantiate(&mut store)?;
        Ok(Self { store, instance })
    }

    fn function<P, R>(&mut self, name: &str) -> Result<TypedFunc<P, R>>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        Ok(self.instance.get_typed_func(&mut self.store, name)?)
    }

    fn identity(&mut self) -> Result<impl FnMut(u32) -> Result<u32>> {
        let function = self.function::<(u32,), (u32,)>("identity")?;
        Ok(move |number| Ok(function.call(&mut self.store, (number,))?.0))
    }

    fn call_imports(&mut self, count: u32) -> Result<Duration> {
        let function = self.function::<(u32,), (u32,)>("call-imports")?;
        let start = Instant::now();
        let (last,) = function.call(&mut self.store, (count,))?;
        let time = start.elapsed();
        ensure!(last == count, "{last} calls instead of {count}");
        Ok(time)
    }

    fn numbers(&mut self, length: usize) -> Result<Duration> {
        let numbers = (0..length).map(|number| number as f64 + 0.5);
        self.echo("echo-numbers", numbers.collect())
    }

    fn rows(&mut self, length: usize) -> Result<Duration> {
        let rows = (0..length).map(|number| Row {
            id: number as u32,
            name: format!("row number {number}"),
            score: number as f64 / 7.0,
            tags: vec![format!("tag-{}", number % 10), "common".to_owned()],
        });
        self.echo("echo-rows", rows.collect())
    }

    fn echo<T>(&mut self, name: &str, items: Arc<[T]>) -> Result<Duration>
    where
        T: Lift + Lower + PartialEq + Send + Sync + 'static,
    {
        let function = self.function::<(Arc<[T]>,), (Vec<T>,)>(name)?;
        // Short lists often enough for what the longer ones before them left behind not to matter.
        let repeats = (ITEMS / items.len().max(1)).max(1);
        let mut returned = Vec::new();
        let start = Instant::now();
        for _ in 0..repeats {
            (returned,) = function.call(&mut self.store, (Arc::clone(&items),))?;
        }
        let time = start.elapsed() / repeats as u32;
        ensure!(*returned == *items, "`{name}` changed its argument");
        Ok(time)
    }
}
