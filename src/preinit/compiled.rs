//! The machine code that a build runs: from the cache, or from the first compiler that can make it.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use compiled_code::{Cache, Entry, Loaded};
use ground::ui::Ui;
use host::compiled;
use merge::SeparateModule;
use wasmtime::component::Component;
use wasmtime::{Engine, Module};

use super::engine;
use super::runnable::Program;
use crate::settings::Compiler;

/// Code that is compiled for a run that lasts milliseconds.
pub struct Compiled {
    pub engine: Engine,
    pub component: Component,
    /// The core modules that the component imports, by name.
    pub modules: Vec<(String, Module)>,
    /// New code for later builds. None of it depends on the app; that of modules not even on the world.
    fresh: Vec<Fresh>,
}

/// New code, and its place in the cache.
enum Fresh {
    Component(Entry, Component),
    Module(Entry, Module),
}

impl Compiled {
    pub fn new(compiler: Compiler, program: &Program, interrupt: bool, ui: &Ui) -> Result<Self> {
        ui.stage("compiling for the build", || {
            let compilers = match compiler {
                // Winch lacks some instructions, for example of SIMD.
                Compiler::Winch => vec![Compiler::Winch, Compiler::Cranelift],
                Compiler::Cranelift => vec![Compiler::Cranelift],
            };
            let cache = compiled::cache(ui);
            let mut candidates = Vec::new();
            for compiler in compilers {
                let engine = engine::new(compiler, interrupt)?;
                let candidate = Candidate::new(engine, cache.as_ref(), program, ui);
                if candidate.is_complete() {
                    return candidate.compile();
                }
                candidates.push(candidate);
            }
            let mut failure = anyhow::anyhow!("there is no engine");
            for candidate in candidates {
                match candidate.compile() {
                    Ok(compiled) => return Ok(compiled),
                    Err(error) => failure = error,
                }
            }
            Err(failure)
        })
        .context("failed to compile the component")
    }

    pub fn keep(&self, ui: &Ui) {
        for fresh in &self.fresh {
            match fresh {
                Fresh::Component(entry, component) => compiled::write(entry, component, ui),
                Fresh::Module(entry, module) => compiled::write(entry, module, ui),
            }
        }
    }
}

/// The code that the cache has for one engine, and the rest to compile.
struct Candidate<'p> {
    engine: Engine,
    component: Part<'p, Component>,
    modules: Vec<(&'p SeparateModule, Part<'p, Module>)>,
}

struct Part<'p, T> {
    wasm: &'p [u8],
    entry: Option<Entry>,
    kept: Option<T>,
}

impl<'p> Candidate<'p> {
    fn new(engine: Engine, cache: Option<&Arc<Cache>>, program: &'p Program, ui: &Ui) -> Self {
        let modules = program.modules.iter();
        let modules = modules
            .map(|module| (module, Part::new(&engine, cache, &module.wasm, ui)))
            .collect();
        Self {
            component: Part::new(&engine, cache, &program.component, ui),
            modules,
            engine,
        }
    }

    fn is_complete(&self) -> bool {
        let mut modules = self.modules.iter();
        self.component.kept.is_some() && modules.all(|(_, part)| part.kept.is_some())
    }

    fn compile(self) -> Result<Compiled> {
        let engine = self.engine;
        let mut fresh = Vec::new();
        let mut modules = Vec::new();
        for (named, part) in self.modules {
            let (module, entry) = part.or_compile(|wasm| Module::new(&engine, wasm))?;
            fresh.extend(entry.map(|entry| Fresh::Module(entry, module.clone())));
            modules.push((named.import.clone(), module));
        }
        let (component, entry) = self
            .component
            .or_compile(|wasm| Component::new(&engine, wasm))?;
        fresh.extend(entry.map(|entry| Fresh::Component(entry, component.clone())));
        Ok(Compiled {
            engine,
            component,
            modules,
            fresh,
        })
    }
}

impl<'p, T: Loaded> Part<'p, T> {
    fn new(engine: &Engine, cache: Option<&Arc<Cache>>, wasm: &'p [u8], ui: &Ui) -> Self {
        let entry = cache.map(|cache| cache.entry(engine, wasm));
        let kept = entry
            .as_ref()
            .and_then(|entry| compiled::read(entry, engine, ui));
        Self { wasm, entry, kept }
    }

    /// The code, and its place in the cache if it is new.
    fn or_compile(
        self,
        compile: impl FnOnce(&[u8]) -> wasmtime::Result<T>,
    ) -> Result<(T, Option<Entry>)> {
        match self.kept {
            Some(kept) => Ok((kept, None)),
            None => Ok((compile(self.wasm)?, self.entry)),
        }
    }
}
