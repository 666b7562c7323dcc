//! Pre-initialisation: the interpreter starts and imports the app now, so that it need not do so at run time.
//!
//! Comes in: the linked component and the runtime's settings. Goes out: the same component with its memory after the
//! import, without the export that served for it. Failures of the app are translated into a [`ground::UserError`].

mod absent;
mod compiled;
mod copied;
mod engine;
mod error;
mod expectations;
mod failure;
mod filesystem;
mod imports;
mod instrumented;
mod measure;
mod merged;
mod outside;
mod runnable;
mod sandbox;
pub mod stub;
mod traceback;
mod trouble;
mod watch;

pub use error::AppError;
pub use expectations::Expectations;
pub use imports::offers as sandbox_offers;
pub use sandbox::Mount;
pub use trouble::Trouble;
pub use watch::Limits;

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use wasmtime::component::{ComponentExportIndex, Instance};
use wasmtime::{Engine, Store, format_err};

use crate::contract::{Failure, RuntimeSettings, Symbols};
use crate::link::{Linked, Unusable};
use crate::project::{NativeFile, SearchPath};
use crate::settings::Compiler;
use compiled::Compiled;
use failure::Translator;
use ground::UserError;
use ground::files;
use ground::ui::{Stopped, Ui};
use merge::{INIT_INTERFACE, Sizes};
use runnable::{Runnable, Usable};
use sandbox::Sandbox;
use trouble::Cause;
use watch::{Watch, watched};

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
    /// For messages: the user's module, the place of their files, and the classes that the world requires.
    pub app: &'a str,
    pub path: &'a SearchPath,
    pub expectations: &'a Expectations,
}

/// The guest after the app's import, whether it succeeded or not.
pub struct Imported<'a> {
    usable: Box<dyn Usable<'a> + 'a>,
    /// The component that ran the import.
    compiled: Compiled,
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
    /// Guest paths of the files that the component should have.
    pub wanted_files: Vec<String>,
    pub trouble: Option<Trouble>,
}

/// A component that can be instantiated, and its source.
pub struct Prepared<'a> {
    runnable: Box<dyn Runnable<'a> + 'a>,
    compiled: Compiled,
}

impl Preinit<'_> {
    /// Makes a component from the result of [`crate::link::link`], and compiles it. `taken_symbols` are those that libraries take from
    /// each other; `None` stands for all.
    pub fn prepare<'a>(
        &self,
        linked: &'a Linked<'a>,
        taken_symbols: Option<&BTreeSet<String>>,
        ui: &Ui,
    ) -> Result<Prepared<'a>> {
        let (runnable, program) = runnable::prepare(linked, taken_symbols, ui)?;
        let compiler = match self.compiler {
            // Winch does not support exceptions.
            Compiler::Winch if runnable.has_exceptions() => Compiler::Cranelift,
            compiler => compiler,
        };
        let compiled = Compiled::new(compiler, &program, self.limits.interrupt(ui), ui)?;
        Ok(Prepared { runnable, compiled })
    }

    /// Runs the app's import.
    pub fn import<'a>(&self, prepared: Prepared<'a>, ui: &Ui) -> Result<Imported<'a>> {
        let Prepared { runnable, compiled } = prepared;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .context("failed to start the async runtime")?;
        let mut store = self.store(&compiled.engine)?;
        let (called, usable) = ui.stage("importing the app", || {
            let watch = Watch::new(&mut store, &self.limits, ui);
            // The import has one thread, so others can prepare the next step.
            let both = std::thread::scope(|scope| {
                let usable = scope.spawn(|| runnable.prepare_use());
                scope.spawn(|| compiled.keep(ui));
                let mut at_start = true;
                let init = async {
                    let instance = instantiate(&mut store, &compiled).await?;
                    at_start = false;
                    self.call_init(&mut store, instance).await
                };
                let called = runtime.block_on(watched(watch.as_ref(), init));
                let called = called.map_err(|error| (error, at_start));
                let usable = usable.join();
                let usable = usable.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                (called, usable)
            });
            drop(watch);
            Ok(both)
        })?;
        let usable = usable?;
        ui.detail(store.data().output().text());
        let (instance, wishes, cause) = match called {
            Ok((instance, result, wishes)) => {
                (Some(instance), wishes, result.err().map(Cause::Failure))
            }
            Err((error, _)) if error.is::<Stopped>() => return Err(Stopped.into()),
            Err((error, at_start)) => {
                let library = usable.foreign_library(&error);
                let cause = Cause::Trap {
                    error,
                    at_start,
                    library,
                };
                (None, Wishes::default(), Some(cause))
            }
        };
        let trouble = cause.map(|cause| Trouble::new(cause, &store));
        let refused = store.data().stillness.outside.refused().collect();
        Ok(Imported {
            refused,
            sizes: usable.sizes(),
            usable,
            compiled,
            runtime,
            store,
            instance,
            asked: BTreeSet::from_iter(wishes.libraries),
            wanted_files: wishes.files,
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
            app: self.app,
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
    ) -> wasmtime::Result<(Instance, Result<(), Failure>, Wishes)> {
        let init = contract_function(store, &instance, "init")?;
        let init = instance
            .get_typed_func::<(&RuntimeSettings, &Symbols), (Result<(), Failure>,)>(
                &mut *store,
                init,
            )?;
        let (result,) = init
            .call_async(&mut *store, (&self.settings, self.symbols))
            .await?;
        let wishes = Wishes {
            libraries: list(store, &instance, "asked-libraries").await?,
            files: list(store, &instance, "wanted-files").await?,
        };
        Ok((instance, result, wishes))
    }
}

/// The guest's requests to the build.
#[derive(Default)]
struct Wishes {
    libraries: Vec<String>,
    files: Vec<String>,
}

/// A function of the contract.
fn contract_function(
    store: &mut Store<Sandbox>,
    instance: &Instance,
    name: &str,
) -> wasmtime::Result<ComponentExportIndex> {
    let missing = || format_err!("the guest runtime does not export `{INIT_INTERFACE}#{name}`");
    let (_, interface) = instance
        .get_export(&mut *store, None, INIT_INTERFACE)
        .ok_or_else(missing)?;
    let found = instance.get_export(&mut *store, Some(&interface), name);
    found.map(|(_, function)| function).ok_or_else(missing)
}

async fn list(
    store: &mut Store<Sandbox>,
    instance: &Instance,
    name: &str,
) -> wasmtime::Result<Vec<String>> {
    let function = contract_function(store, instance, name)?;
    let function = instance.get_typed_func::<(), (Vec<String>,)>(&mut *store, function)?;
    let (items,) = function.call_async(&mut *store, ()).await?;
    Ok(items)
}

/// Libraries start here.
async fn instantiate(
    store: &mut Store<Sandbox>,
    compiled: &Compiled,
) -> wasmtime::Result<Instance> {
    let linker = imports::linker(compiled)?;
    linker.instantiate_async(store, &compiled.component).await
}

impl Imported<'_> {
    /// Leaves out libraries that the app has not asked for; returns whether that was possible.
    pub fn leave_out(&mut self, libraries: &[&str], ui: &Ui) -> Result<bool> {
        let rest = ui.stage("leaving out unused libraries", || {
            self.usable.without(libraries)
        })?;
        let Some(usable) = rest else {
            return Ok(false);
        };
        self.sizes = usable.sizes();
        self.usable = usable;
        Ok(true)
    }

    /// Gives the guest the archive of its files.
    pub fn take_files(&mut self, archive: &[u8]) -> Result<()> {
        let instance = self.instance.context("the guest trapped")?;
        let store = &mut self.store;
        let take = async {
            let function = contract_function(store, &instance, "take-files")?;
            let function = instance.get_typed_func::<(&[u8],), ()>(&mut *store, function)?;
            function.call_async(&mut *store, (archive,)).await
        };
        let taken = self.runtime.block_on(take);
        taken.map_err(|error| anyhow::Error::from(error).context("the guest cannot hold its files"))
    }

    /// The component with the memory after the import.
    pub fn snapshot(mut self, ui: &Ui) -> Result<Vec<u8>> {
        let instance = self.instance.context("the guest trapped")?;
        ui.stage("taking the snapshot", || {
            self.usable
                .snapshot(&mut self.store, instance, &self.runtime)
        })
        .map_err(|error| match error.is::<UserError>() {
            true => error,
            false => error.context("failed to take the snapshot"),
        })
    }
}
