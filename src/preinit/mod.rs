//! Pre-initialisation: the interpreter starts and imports the app now, so that it need not at run time.
//!
//! Comes in: the linked component and what the runtime must know. Goes out: the same component with the
//! memory it had after the import, without the export that served for it. What goes wrong in the app is
//! translated into a [`crate::UserError`].

mod engine;
mod failure;
mod filesystem;
mod imports;
mod instance;
mod sandbox;
mod state;
mod strip;
pub mod stub;
mod traceback;
mod watch;

pub use failure::{Expectation, Expectations};
pub use imports::offers as sandbox_offers;
pub use sandbox::Mount;

use anyhow::{Context as _, Result};
use wasmtime::component::{Component, Instance};
use wasmtime::{Engine, Store, format_err};
use wasmtime_wizer::Wizer;

use crate::cli::Compiler;
use crate::link::merge::Program;
use crate::link::{INIT_INTERFACE, Linked};
use crate::project::SearchPath;
use crate::symbols::{Failure, RuntimeSettings, Symbols};
use crate::ui::{Stopped, Ui};
use failure::Translator;
use sandbox::Sandbox;
use watch::Watch;

/// What one pre-initialisation works on.
pub struct Preinit<'a> {
    pub linked: &'a Linked<'a>,
    pub settings: RuntimeSettings,
    pub symbols: Symbols,
    /// Host directories and their guest names.
    pub mounts: Vec<Mount>,
    /// Names of files that directory listings leave out: they come and go with the build itself.
    pub hidden_files: Vec<String>,
    /// What the sandbox's random numbers are made from.
    pub seed: [u8; 32],
    pub compiler: Compiler,
    /// For messages: where the user's files lie, and what the world asks of them.
    pub path: &'a SearchPath,
    pub expectations: &'a Expectations,
}

impl Preinit<'_> {
    /// Runs the app's import and gives the snapshot.
    pub fn run(self, ui: &Ui) -> Result<Vec<u8>> {
        match self.linked {
            Linked::Merged(program) => self.run_merged(program, ui),
            Linked::Component(component) => self.run_instrumented(component, ui),
        }
    }

    /// One module, which was made to be read and made anew.
    fn run_merged(&self, program: &Program<'_>, ui: &Ui) -> Result<Vec<u8>> {
        let component = ui.stage("encoding", || program.for_build())?;
        let compiler = match self.compiler {
            // Winch does not know exceptions.
            Compiler::Winch if program.has_exceptions() => Compiler::Cranelift,
            compiler => compiler,
        };
        let (engine, component) = compile(compiler, &component, ui)?;
        let runtime = runtime()?;
        let (mut store, instance) = ui.stage("importing the app", || {
            runtime.block_on(self.import_app(&engine, &component, ui))
        })?;
        ui.stage("taking the snapshot", || {
            let state = runtime.block_on(state::read(&mut store, instance))?;
            program.with_state(&state)
        })
        .context("failed to take the snapshot")
    }

    /// Many modules, which wizer instruments and puts back together.
    fn run_instrumented(&self, component: &[u8], ui: &Ui) -> Result<Vec<u8>> {
        let wizer = Wizer::new();
        let (context, instrumented) = ui
            .stage("instrumenting", || {
                Ok(wizer.instrument_component(component)?)
            })
            .context("failed to instrument the component")?;
        let (engine, component) = compile(self.compiler, &instrumented, ui)?;
        drop(instrumented);
        let runtime = runtime()?;
        let (mut store, instance) = ui.stage("importing the app", || {
            runtime.block_on(self.import_app(&engine, &component, ui))
        })?;
        let snapshot = ui
            .stage("taking the snapshot", || {
                let mut state = instance::State::new(&mut store, instance);
                Ok(runtime.block_on(wizer.snapshot_component(&context, &mut state))?)
            })
            .context("failed to take the snapshot")?;
        ui.stage("removing the build's own export", || {
            strip::without_export(&snapshot, INIT_INTERFACE)
        })
    }

    async fn import_app(
        &self,
        engine: &Engine,
        component: &Component,
        ui: &Ui,
    ) -> Result<(Store<Sandbox>, Instance)> {
        let sandbox = Sandbox::new(&self.mounts, &self.hidden_files, &self.seed)?;
        let output = sandbox.output();
        let mut store = Store::new(engine, sandbox);
        let watch = ui
            .observer()
            .map(|observer| Watch::new(&mut store, observer));
        let outcome = self.call_init(&mut store, component).await;
        drop(watch);
        let output = output.text();
        ui.detail(&output);

        let translator = Translator {
            app: &self.settings.app,
            path: self.path,
            expectations: self.expectations,
            verbose: ui.is_verbose(),
            // With `-v` it has just been shown.
            output: if ui.is_verbose() { "" } else { &output },
        };
        match outcome {
            Ok((instance, Ok(()))) => Ok((store, instance)),
            Ok((_, Err(failure))) => Err(translator.failure(failure)),
            Err(error) if error.is::<Stopped>() => Err(Stopped.into()),
            Err(error) => Err(translator.trap(error)),
        }
    }

    async fn call_init(
        &self,
        store: &mut Store<Sandbox>,
        component: &Component,
    ) -> wasmtime::Result<(Instance, Result<(), Failure>)> {
        let linker = imports::linker(component, store.engine())?;
        let instance = linker.instantiate_async(&mut *store, component).await?;
        let missing = || format_err!("the guest runtime does not export `{INIT_INTERFACE}`");
        let (_, interface) = instance
            .get_export(&mut *store, None, INIT_INTERFACE)
            .ok_or_else(missing)?;
        let (_, function) = instance
            .get_export(&mut *store, Some(&interface), "init")
            .ok_or_else(missing)?;
        let init = instance
            .get_typed_func::<(&RuntimeSettings, &Symbols), (Result<(), Failure>,)>(
                &mut *store,
                function,
            )?;
        let (result,) = init
            .call_async(&mut *store, (&self.settings, &self.symbols))
            .await?;
        Ok((instance, result))
    }
}

/// Compiles for a run that lasts milliseconds.
fn compile(compiler: Compiler, component: &[u8], ui: &Ui) -> Result<(Engine, Component)> {
    let compile = |compiler| -> Result<_> {
        let engine = engine::new(compiler, ui)?;
        let component = Component::new(&engine, component)?;
        Ok((engine, component))
    };
    ui.stage("compiling for the build", || match compiler {
        // Winch lacks an instruction here and there, of SIMD for example.
        Compiler::Winch => compile(compiler).or_else(|_| compile(Compiler::Cranelift)),
        Compiler::Cranelift => compile(compiler),
    })
    .context("failed to compile the component")
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .context("failed to start the async runtime")
}
