//! The machine code that a build runs: from the cache, or from the first compiler that can make it.

use anyhow::{Context as _, Result};
use compiled_code::Entry;
use ground::ui::Ui;
use host::compiled;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::engine;
use crate::settings::Compiler;

/// Code that is compiled for a run that lasts milliseconds.
pub struct Compiled {
    pub engine: Engine,
    pub component: Component,
    /// The place to keep it for the next build with this world and these libraries; it does not depend on the app.
    entry: Option<Entry>,
}

impl Compiled {
    pub fn new(compiler: Compiler, component: &[u8], interrupt: bool, ui: &Ui) -> Result<Self> {
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
                let entry = cache.as_ref().map(|cache| cache.entry(&engine, component));
                let kept = entry
                    .as_ref()
                    .and_then(|entry| compiled::read(entry, &engine, ui));
                if let Some(component) = kept {
                    return Ok(Self {
                        engine,
                        component,
                        entry: None,
                    });
                }
                candidates.push((engine, entry));
            }
            Self::compile(candidates, component)
        })
        .context("failed to compile the component")
    }

    /// Compiles with the first engine that can.
    fn compile(candidates: Vec<(Engine, Option<Entry>)>, component: &[u8]) -> Result<Self> {
        let mut failure = anyhow::anyhow!("there is no engine");
        for (engine, entry) in candidates {
            match Component::new(&engine, component) {
                Ok(component) => {
                    return Ok(Self {
                        engine,
                        component,
                        entry,
                    });
                }
                Err(error) => failure = error.into(),
            }
        }
        Err(failure)
    }

    pub fn keep(&self, ui: &Ui) {
        if let Some(entry) = &self.entry {
            compiled::write(entry, &self.component, ui);
        }
    }
}
