//! Calls, lists and records of one application, on instances that stay.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use wasmtime::Engine;
use wasmtime::component::{Component, ComponentType, InstancePre, Lift, Lower};

use crate::instance::{Instance, State, linker};
use crate::{print_time, start};

#[derive(Clone, ComponentType, Debug, Lift, Lower, PartialEq)]
#[component(record)]
struct Row {
    id: u32,
    name: String,
    score: f64,
    tags: Vec<String>,
}

const IMPORT_CALLS: u32 = 20_000;
const WARM_CALLS: u32 = 20_000;
/// The lengths of the lists, which show how costs grow.
const NUMBERS: [usize; 6] = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
const ROWS: [usize; 6] = [10, 100, 1_000, 2_000, 10_000, 100_000];
/// The least number of items for one figure.
const ITEMS: usize = 10_000;

pub fn measure(rounds: usize, paths: &[PathBuf]) -> Result<()> {
    let engine = Engine::default();
    let mut subjects: Vec<Subject> = paths
        .iter()
        .map(|path| Subject::new(&engine, path))
        .collect::<Result<_>>()?;
    // One unmeasured round: it fills the caches, and the guests' memories reach their sizes.
    for round in 0..=rounds {
        for (path, subject) in paths.iter().zip(&mut subjects) {
            for (row, time) in subject.round()? {
                if round > 0 {
                    print_time(path, &row, time);
                }
            }
        }
    }
    Ok(())
}

fn prepare(engine: &Engine, path: &Path) -> Result<InstancePre<State>> {
    let component = Component::from_file(engine, path)?;
    let mut linker = linker(engine)?;
    linker
        .instance("bench:calls/host")?
        .func_wrap("next", |_, (number,): (u32,)| Ok((number + 1,)))?;
    Ok(linker.instantiate_pre(&component)?)
}

struct Subject {
    pre: InstancePre<State>,
    warm: Instance,
}

impl Subject {
    fn new(engine: &Engine, path: &Path) -> Result<Self> {
        let pre = prepare(engine, path)?;
        Ok(Self {
            warm: Instance::new(&pre)?,
            pre,
        })
    }

    /// Every row once.
    fn round(&mut self) -> Result<Vec<(String, Duration)>> {
        let mut times = start::times(&self.pre, |instance| {
            ensure!(instance.identity()?(1)? == 1);
            Ok(())
        })?
        .map(|(row, time)| (row.to_owned(), time))
        .to_vec();

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

/// The functions of `benches/calls/wit`.
impl Instance {
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
        // Short lists are repeated, so that leftovers of the longer lists before them do not matter.
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
