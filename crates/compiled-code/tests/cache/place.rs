//! A cache in a directory of its own, and two components that differ in their answers.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::{Arc, LazyLock};

use anyhow::{Context as _, Result, bail};
use compiled_code::{Cache, Unusable};
use tempfile::TempDir;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

/// The answer of the component that is asked for.
pub const OURS: u32 = 7;
/// The answer of code that somebody else has put there.
pub const FOREIGN: u32 = 666;

pub static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);

/// The source of a component.
#[derive(Debug)]
pub enum Found {
    Kept,
    /// Compiled, because nothing was there.
    Nothing,
    /// Compiled, because the entry is not used.
    Unused(Unusable),
}

/// A fresh cache.
pub struct Place {
    directory: TempDir,
    pub cache: PathBuf,
    pub secrets: PathBuf,
}

impl Place {
    pub fn new() -> Result<Self> {
        let directory = TempDir::new()?;
        let path = directory.path().canonicalize()?;
        Ok(Self {
            cache: path.join("cache/compiled"),
            secrets: path.join("state"),
            directory,
        })
    }

    /// A cache whose only entry is ours.
    pub fn with_entry() -> Result<Self> {
        let place = Self::new()?;
        let found = place.load()?;
        anyhow::ensure!(matches!(found, Found::Nothing), "{found:?}");
        Ok(place)
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The file with our entry.
    pub fn entry(&self) -> Result<PathBuf> {
        let mut entries = std::fs::read_dir(&self.cache)?;
        let entry = entries.next().context("there is an entry")??.path();
        anyhow::ensure!(entries.next().is_none(), "and nothing else");
        Ok(entry)
    }

    pub fn key(&self) -> PathBuf {
        self.secrets.join("compiled-code.key")
    }

    /// One start: the component is found or compiled, kept, and called.
    pub fn load(&self) -> Result<Found> {
        start(Cache::open(&self.cache, &self.secrets))
    }

    /// The start succeeds, and does not use the entry, for a reason that contains this text.
    pub fn refuses(&self, reason: &str) -> Result<()> {
        match self.load()? {
            Found::Unused(unusable) if unusable.to_string().contains(reason) => Ok(()),
            found => bail!("expected `{reason}`, got {found:?}"),
        }
    }

    /// The start succeeds, with the entry.
    pub fn uses(&self) -> Result<()> {
        match self.load()? {
            Found::Kept => Ok(()),
            found => bail!("expected that it was kept, got {found:?}"),
        }
    }
}

/// A component that answers with a number.
pub fn component(answer: u32) -> String {
    format!(
        "(component
           (core module $m (func (export \"f\") (result i32) i32.const {answer}))
           (core instance $i (instantiate $m))
           (func (export \"answer\") (result u32) (canon lift (core func $i \"f\"))))"
    )
}

/// The machine code that a stranger would like to have executed.
pub fn foreign() -> Result<Vec<u8>> {
    Ok(Component::new(&ENGINE, component(FOREIGN))?.serialize()?)
}

pub fn start(cache: Result<Cache, Unusable>) -> Result<Found> {
    let text = component(OURS);
    let (component, found) = match cache {
        Ok(cache) => {
            let entry = Arc::new(cache).entry(&ENGINE, text.as_bytes());
            match entry.read(&ENGINE) {
                Ok(Some(component)) => (component, Found::Kept),
                missing => {
                    let component = Component::new(&ENGINE, &text)?;
                    let written = entry.write(&component);
                    match (missing.err(), written.err()) {
                        (Some(reason), _) | (None, Some(reason)) => {
                            (component, Found::Unused(reason))
                        }
                        (None, None) => (component, Found::Nothing),
                    }
                }
            }
        }
        Err(reason) => (Component::new(&ENGINE, &text)?, Found::Unused(reason)),
    };
    let mut store = Store::new(&ENGINE, ());
    let instance = Linker::new(&ENGINE).instantiate(&mut store, &component)?;
    let answer = instance.get_typed_func::<(), (u32,)>(&mut store, "answer")?;
    let (answer,) = answer.call(&mut store, ())?;
    anyhow::ensure!(answer == OURS, "foreign code was executed: {answer}");
    Ok(found)
}

/// A separate process that starts a given number of times and prints the source of the component each time.
pub fn process(program: &Path, times: usize) -> Command {
    let mut command = Command::new(program);
    command.arg(super::CHILD).arg(times.to_string());
    command
}

impl Place {
    /// Such a process, with this cache.
    pub fn process(&self, program: &Path, times: usize) -> Command {
        let mut command = process(program, times);
        command.arg(&self.cache).arg(&self.secrets);
        command
    }
}

/// The work of such a process. Without directories the cache is the user's.
pub fn child(arguments: &[OsString]) -> ExitCode {
    let times = arguments[0].to_string_lossy().parse().unwrap_or(1);
    for _ in 0..times {
        let cache = match arguments {
            [_, cache, secrets] => Cache::open(cache.as_ref(), secrets.as_ref()),
            _ => Cache::of_user(),
        };
        match start(cache) {
            Ok(Found::Kept) => println!("kept"),
            Ok(Found::Nothing) => println!("nothing"),
            Ok(Found::Unused(reason)) => println!("unused: {reason}"),
            Err(error) => {
                println!("failed: {error:#}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

/// The output of a process that must succeed.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    anyhow::ensure!(output.status.success(), "{}: {text}", output.status);
    Ok(text)
}
