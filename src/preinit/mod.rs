//! Pre-initialisation: the interpreter starts and imports the app now, so that it need not do so at run time.
//!
//! Comes in: the linked component and the runtime's settings. Goes out: the same component with its memory after the
//! import, without the export that served for it. Failures of the app are translated into a [`ground::UserError`].

mod engine;
mod error;
mod expectations;
mod failure;
mod filesystem;
mod imports;
mod instance;
mod measure;
mod outside;
mod sandbox;
mod state;
mod strip;
pub mod stub;
mod traceback;
mod watch;

pub use error::AppError;
pub use expectations::Expectations;
pub use imports::offers as sandbox_offers;
pub use sandbox::Mount;
pub use watch::Limits;

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use compiled_code::Entry;
use wasmtime::component::{Component, Instance};
use wasmtime::{Engine, Store, WasmBacktrace, format_err};
use wasmtime_wizer::{ComponentContext, Wizer};

use crate::contract::{Failure, RuntimeSettings, Symbols};
use crate::link::{Linked, Unusable};
use crate::project::{NativeFile, SearchPath};
use crate::settings::Compiler;
use failure::Translator;
use ground::UserError;
use ground::files;
use ground::ui::{Stopped, Ui};
use host::compiled;
use merge::{Draft, INIT_INTERFACE, Phase, Program, Sizes};
use sandbox::Sandbox;
use watch::{Activity, Watch, watched};

/// The inputs of one pre-initialisation.
pub struct Preinit<'a> {
    pub settings: RuntimeSettings,
    pub symbols: &'a Symbols,
    /// Host directories and their guest names.
    pub mounts: &'a [Mount],
    /// Names of files that directory listings leave out: they come and go with the build itself.
    pub hidden_files: &'a [String],
    /// The seed of the sandbox's random numbers.
    pub seed: [u8; 32],
    pub limits: Limits,
    pub compiler: Compiler,
    /// For messages: the place of the user's files, and the classes that the world requires.
    pub path: &'a SearchPath,
    pub expectations: &'a Expectations,
}

/// The guest after the app's import, whether it succeeded or not.
pub struct Imported<'a> {
    origin: Origin<'a>,
    /// The component that ran the import.
    component: Component,
    /// Code and data of each linked library, in bytes.
    pub sizes: Sizes,
    runtime: tokio::runtime::Runtime,
    store: Store<Sandbox>,
    /// `None` after a trap.
    instance: Option<Instance>,
    /// Files that the app asked for but must not have, by their path in the guest.
    pub refused: Vec<(String, files::Unusable)>,
    /// Names of the libraries that `dlopen` was asked for, or may still be asked for.
    pub asked: BTreeSet<String>,
    pub trouble: Option<Trouble>,
}

/// The source of the component with the snapshot.
enum Origin<'a> {
    /// The module that continues from it, complete except for its data.
    Merged(Box<Draft<'a, 'a>>),
    /// Wizer's data about the component that it has instrumented.
    Instrumented(Box<Instrumented<'a>>),
}

type Instrumented<'a> = (Wizer, ComponentContext<'a>);

/// The failure of the app's import.
pub struct Trouble {
    cause: Cause,
    /// The app's output.
    output: String,
    /// The app's activity at the time.
    activity: Activity,
    /// The limit on its memory, if it was hit.
    exhausted: Option<usize>,
}

impl Trouble {
    fn new(cause: Cause, store: &Store<Sandbox>) -> Self {
        let sandbox = store.data();
        Self {
            cause,
            output: sandbox.output().text(),
            activity: sandbox.activity.clone(),
            exhausted: sandbox.memory.exhausted(),
        }
    }
}

enum Cause {
    /// A failure of the app's own code, in the runtime's words.
    Failure(Failure),
    Trap {
        error: wasmtime::Error,
        /// `true` if it came before any code of the app: libraries start then.
        at_start: bool,
        /// The native extension, or a library of one, whose code it happened in.
        library: Option<String>,
    },
}

impl Trouble {
    /// A library that does not even start, and the reason.
    pub fn broken_library(&self) -> Option<(&str, String)> {
        match &self.cause {
            Cause::Trap {
                error,
                at_start: true,
                library: Some(library),
            } => Some((library, error.root_cause().to_string())),
            _ => None,
        }
    }
}

/// A component that can be instantiated, and its source.
pub struct Prepared<'a> {
    program: Option<&'a Program<'a>>,
    wizer: Option<Instrumented<'a>>,
    compiled: Compiled,
}

impl Preinit<'_> {
    /// Makes a component from the result of [`crate::link::link`], and compiles it.
    pub fn prepare<'a>(&self, linked: &'a Linked<'a>, ui: &Ui) -> Result<Prepared<'a>> {
        let (program, wizer, component) = match linked {
            Linked::Merged(program) => {
                let component =
                    ui.stage("encoding", || program.draft(Phase::Build)?.component(None))?;
                (Some(&**program), None, component)
            }
            Linked::Component { component, .. } => {
                let (wizer, instrumented) = instrument(component, ui)?;
                (None, Some(wizer), instrumented)
            }
        };
        let compiler = match self.compiler {
            // Winch does not support exceptions.
            Compiler::Winch if program.is_some_and(|program| program.has_exceptions()) => {
                Compiler::Cranelift
            }
            compiler => compiler,
        };
        let compiled = Compiled::new(compiler, &component, self.limits.interrupt(ui), ui)?;
        Ok(Prepared {
            program,
            wizer,
            compiled,
        })
    }

    /// Runs the app's import.
    pub fn import<'a>(
        &self,
        linked: &'a Linked<'a>,
        prepared: Prepared<'a>,
        ui: &Ui,
    ) -> Result<Imported<'a>> {
        let Prepared {
            program,
            wizer,
            compiled,
        } = prepared;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .context("failed to start the async runtime")?;
        let mut store = self.store(&compiled.engine)?;
        let (called, draft) = ui.stage("importing the app", || {
            let watch = Watch::new(&mut store, &self.limits, ui);
            // The import has one thread, so others can prepare the next step.
            let both = std::thread::scope(|scope| {
                let draft = program.map(|program| scope.spawn(|| program.draft(Phase::Use)));
                scope.spawn(|| compiled.keep(ui));
                let mut at_start = true;
                let init = async {
                    let instance = instantiate(&mut store, &compiled.component).await?;
                    at_start = false;
                    self.call_init(&mut store, instance).await
                };
                let called = runtime.block_on(watched(watch.as_ref(), init));
                let called = called.map_err(|error| (error, at_start));
                let draft = draft.map(|draft| {
                    let draft = draft.join();
                    draft.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                });
                (called, draft)
            });
            drop(watch);
            Ok(both)
        })?;
        let origin = match draft {
            Some(draft) => Origin::Merged(Box::new(draft?)),
            None => {
                let wizer = wizer.context("the component was not instrumented")?;
                Origin::Instrumented(Box::new(wizer))
            }
        };
        let sizes = match (&origin, linked) {
            (_, Linked::Component { sizes, .. }) => sizes.clone(),
            (Origin::Merged(draft), _) => draft.sizes(),
            (Origin::Instrumented(_), _) => anyhow::bail!("a merged program was instrumented"),
        };
        ui.detail(store.data().output().text());
        let (instance, asked, cause) = match called {
            Ok((instance, result, asked)) => {
                (Some(instance), asked, result.err().map(Cause::Failure))
            }
            Err((error, _)) if error.is::<Stopped>() => return Err(Stopped.into()),
            Err((error, at_start)) => {
                let library = program.and_then(|program| foreign_library(program, &error));
                let cause = Cause::Trap {
                    error,
                    at_start,
                    library,
                };
                (None, Vec::new(), Some(cause))
            }
        };
        let trouble = cause.map(|cause| Trouble::new(cause, &store));
        let refused = store.data().stillness.outside.refused().collect();
        Ok(Imported {
            refused,
            origin,
            component: compiled.component,
            sizes,
            runtime,
            store,
            instance,
            asked: BTreeSet::from_iter(asked),
            trouble,
        })
    }

    /// The error for the user. `unusable` are extensions that the app asked for and that could not be linked; `refused`
    /// are files that it asked for but must not have.
    pub fn explain(
        &self,
        trouble: Trouble,
        unusable: &[(NativeFile, Unusable)],
        refused: &[(String, files::Unusable)],
        ui: &Ui,
    ) -> anyhow::Error {
        let translator = Translator {
            app: &self.settings.app,
            path: self.path,
            expectations: self.expectations,
            unusable,
            refused,
            verbose: ui.is_verbose(),
            activity: &trouble.activity,
            exhausted: trouble.exhausted,
            // With `-v` it has already been shown.
            output: if ui.is_verbose() { "" } else { &trouble.output },
        };
        match trouble.cause {
            Cause::Failure(failure) => translator.failure(failure),
            Cause::Trap { error, library, .. } => translator.trap(error, library.as_deref()),
        }
    }

    fn store(&self, engine: &Engine) -> Result<Store<Sandbox>> {
        let sandbox = Sandbox::new(
            self.mounts,
            &self.path.grounds,
            self.hidden_files,
            &self.seed,
            self.limits.max_memory,
        )?;
        let mut store = Store::new(engine, sandbox);
        store.limiter(|sandbox| &mut sandbox.memory);
        Ok(store)
    }

    async fn call_init(
        &self,
        store: &mut Store<Sandbox>,
        instance: Instance,
    ) -> wasmtime::Result<(Instance, Result<(), Failure>, Vec<String>)> {
        let missing = || format_err!("the guest runtime does not export `{INIT_INTERFACE}`");
        let (_, interface) = instance
            .get_export(&mut *store, None, INIT_INTERFACE)
            .ok_or_else(missing)?;
        let function = |store: &mut Store<Sandbox>, name: &str| {
            let found = instance.get_export(&mut *store, Some(&interface), name);
            found.map(|(_, function)| function).ok_or_else(missing)
        };
        let init = function(store, "init")?;
        let init = instance
            .get_typed_func::<(&RuntimeSettings, &Symbols), (Result<(), Failure>,)>(
                &mut *store,
                init,
            )?;
        let (result,) = init
            .call_async(&mut *store, (&self.settings, self.symbols))
            .await?;
        let asked = function(store, "asked-libraries")?;
        let asked = instance.get_typed_func::<(), (Vec<String>,)>(&mut *store, asked)?;
        let (asked,) = asked.call_async(&mut *store, ()).await?;
        Ok((instance, result, asked))
    }
}

/// Libraries start here.
async fn instantiate(
    store: &mut Store<Sandbox>,
    component: &Component,
) -> wasmtime::Result<Instance> {
    let linker = imports::linker(component, store.engine())?;
    linker.instantiate_async(store, component).await
}

/// The library of the search path whose code a trap happened in, or that called that code.
fn foreign_library(program: &Program<'_>, error: &wasmtime::Error) -> Option<String> {
    let backtrace = error.downcast_ref::<WasmBacktrace>()?;
    let draft = program.draft(Phase::Build).ok()?;
    let mut frames = backtrace.frames().iter();
    let library = frames.find_map(|frame| draft.foreign_library(frame.func_index()))?;
    Some(library.to_owned())
}

impl Imported<'_> {
    /// The component with the memory after the import.
    pub fn snapshot(mut self, ui: &Ui) -> Result<Vec<u8>> {
        let instance = self.instance.context("the guest trapped")?;
        ui.stage("taking the snapshot", || match self.origin {
            Origin::Merged(draft) => {
                let state = state::read(&mut self.store, instance);
                draft.component(Some(&self.runtime.block_on(state)?))
            }
            Origin::Instrumented(origin) => {
                let (wizer, context) = *origin;
                let mut state = instance::State::new(&mut self.store, instance);
                let snapshot = wizer.snapshot_component(&context, &mut state);
                let snapshot = self.runtime.block_on(snapshot)?;
                strip::without_export(&snapshot, INIT_INTERFACE)
            }
        })
        .map_err(|error| match error.is::<UserError>() {
            true => error,
            false => error.context("failed to take the snapshot"),
        })
    }
}

fn instrument<'a>(component: &'a [u8], ui: &Ui) -> Result<(Instrumented<'a>, Vec<u8>)> {
    let wizer = Wizer::new();
    let (context, instrumented) = ui
        .stage("instrumenting", || {
            Ok(wizer.instrument_component(component)?)
        })
        .context("failed to instrument the component")?;
    Ok(((wizer, context), instrumented))
}

/// Code compiled for a run that lasts milliseconds.
struct Compiled {
    engine: Engine,
    component: Component,
    /// The place to keep it for the next build with this world and these libraries; it does not depend on the app.
    entry: Option<Entry>,
}

impl Compiled {
    fn new(compiler: Compiler, component: &[u8], interrupt: bool, ui: &Ui) -> Result<Self> {
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

    fn keep(&self, ui: &Ui) {
        if let Some(entry) = &self.entry {
            compiled::write(entry, &self.component, ui);
        }
    }
}
