//! Programs in pure Python. All components run each of them in turn and must return the same.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use wasmtime::Engine;
use wasmtime::component::TypedFunc;

use crate::instance::{Instance, prepare};
use crate::print_time;

struct Subject<'a> {
    path: &'a Path,
    instance: Instance,
    run: TypedFunc<(String,), (String,)>,
}

pub fn measure(rounds: usize, paths: &[PathBuf]) -> Result<()> {
    let engine = Engine::default();
    let mut subjects: Vec<Subject> = paths
        .iter()
        .map(|path| Subject::new(&engine, path))
        .collect::<Result<_>>()?;
    let first = subjects.first_mut().context("no component given")?;
    let names = first.names()?;
    // One unmeasured round: it fills the caches, and the guests' memories reach their sizes.
    for round in 0..=rounds {
        for name in &names {
            let mut expected: Option<String> = None;
            for subject in &mut subjects {
                let (value, time) = subject.run(name)?;
                let expected = expected.get_or_insert_with(|| value.clone());
                ensure!(
                    value == *expected,
                    "{}: `{name}` gives {value} instead of {expected}",
                    subject.path.display()
                );
                if round > 0 {
                    print_time(subject.path, name, time);
                }
            }
        }
    }
    Ok(())
}

impl<'a> Subject<'a> {
    fn new(engine: &Engine, path: &'a Path) -> Result<Self> {
        let mut instance = Instance::new(&prepare(engine, path)?)?;
        let run = instance.function("run")?;
        Ok(Self {
            path,
            instance,
            run,
        })
    }

    fn names(&mut self) -> Result<Vec<String>> {
        let names = self.instance.function::<(), (Vec<String>,)>("names")?;
        Ok(names.call(&mut self.instance.store, ())?.0)
    }

    fn run(&mut self, name: &str) -> Result<(String, Duration)> {
        let arguments = (name.to_owned(),);
        let start = Instant::now();
        let (value,) = self.run.call(&mut self.instance.store, arguments)?;
        Ok((value, start.elapsed()))
    }
}
