//! `componentize-py run`: a `wasi:cli` component in, its exit code out.
//!
//! The component gets our standard streams, and only those parts of everything else that the settings allow.

use ground::Mistake as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::runtime::Runtime;
use wasmtime::Store;
use wasmtime::component::InstancePre;
use wasmtime_wasi::{I32Exit, WasiCtxBuilder, p2, p3};

use crate::HostError;
use crate::{
    Compiler, ComponentFile, Interface, Memory, Output, Permissions, Purpose, StoreState, Target,
    Ticker, has_raised,
};
use ground::ui::{Ui, Verbosity};

/// Runs a component that exports `wasi:cli/run`, of WASI 0.2 or 0.3.
///
/// ```no_run
/// let code = host::Run::new("app.wasm").argument("--help").run()?;
/// # Ok::<(), anyhow::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Run {
    /// The component's file.
    pub component: PathBuf,
    /// Without the program's name.
    pub arguments: Vec<String>,
    /// The parts of this machine that it may see.
    pub permissions: Permissions,
    /// No limit by default.
    pub timeout: Option<Duration>,
    /// In bytes, for all memories together; no limit by default.
    pub max_memory: Option<usize>,
    /// The compiler of its code.
    pub compiler: Compiler,
    /// How much is printed to standard error.
    pub verbosity: Verbosity,
}

impl Run {
    /// Without arguments, and with nothing allowed.
    pub fn new(component: impl Into<PathBuf>) -> Self {
        Self {
            component: component.into(),
            arguments: Vec::new(),
            permissions: Permissions::default(),
            timeout: None,
            max_memory: None,
            compiler: Compiler::default(),
            verbosity: Verbosity::Quiet,
        }
    }

    /// Adds an argument.
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Sets a variable of the environment.
    pub fn environment(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.permissions
            .environment
            .push((name.into(), value.into()));
        self
    }

    /// Runs it to its end and returns its exit code. Errors hold a [`UserError`] if the component or its limits are at
    /// fault.
    pub fn run(&self) -> Result<i32> {
        let purpose = match self.timeout {
            Some(_) => Purpose::OnceInterruptible,
            None => Purpose::Once,
        };
        let (engine, command) = {
            // The spinner of this `Ui` is gone before the program prints.
            let ui = Ui::new(self.verbosity);
            let program = ui.stage("reading the component", || {
                ComponentFile::open(&self.component)
            })?;
            let interface = program.command()?;
            let component = self
                .compiler
                .link(|compiler| program.link(&purpose.engine(compiler, ui.is_verbose())?, &ui))?;
            let engine = component.engine().clone();
            let command = Command::new(interface, component);
            (engine, command.map_err(|error| program.invalid(&error))?)
        };
        let runtime = Runtime::new().context("failed to start the runtime")?;
        let stderr = Output::raw(Target::Stderr);
        let guest = {
            let _inside = runtime.enter();
            StoreState::new(
                self.wasi(&stderr),
                &self.permissions,
                Memory::limited(self.max_memory),
            )?
        };
        let mut store = guest.into_store(&engine);
        let result = {
            let _clock = self.timeout.map(|_| Ticker::start(&engine));
            runtime.block_on(within(self.timeout, command.call(&mut store)))
        };
        let code = self.exit_code(result, &store, &stderr);
        drop(store);
        // A read from standard input that nobody waits for any more must not keep the process alive.
        runtime.shutdown_background();
        code
    }

    fn wasi(&self, stderr: &Output) -> WasiCtxBuilder {
        let name = self.component.file_name().unwrap_or_default();
        let mut wasi = WasiCtxBuilder::new();
        wasi.inherit_stdin()
            .inherit_stdout()
            .stderr(stderr.clone())
            .arg(name.to_string_lossy())
            .args(&self.arguments);
        wasi
    }

    /// `None` if it ran out of time.
    fn exit_code(
        &self,
        result: Option<wasmtime::Result<Result<(), ()>>>,
        store: &Store<StoreState>,
        stderr: &Output,
    ) -> Result<i32> {
        let component = self.component.clone();
        let error = match result {
            Some(Ok(result)) => return Ok(i32::from(result.is_err())),
            Some(Err(error)) => error,
            None => {
                let limit = self.timeout.unwrap_or_default();
                return HostError::RunTimedOut { component, limit }.raise();
            }
        };
        if let Some(I32Exit(code)) = error.downcast_ref() {
            return Ok(*code);
        }
        if let Some(limit) = store.data().memory.exhausted() {
            return HostError::RunOutOfMemory { component, limit }.raise();
        }
        if has_raised(&error, stderr) {
            return HostError::RunRaised { component }.raise();
        }
        let reason = format!("{:#}", anyhow::Error::from(error));
        HostError::RunTrapped { component, reason }.raise()
    }
}

async fn within<T>(limit: Option<Duration>, work: impl Future<Output = T>) -> Option<T> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, work).await.ok(),
        None => Some(work.await),
    }
}

/// The component's instance and its `run`.
enum Command {
    P2(p2::bindings::CommandPre<StoreState>),
    P3(p3::bindings::CommandPre<StoreState>),
}

impl Command {
    fn new(interface: Interface, component: InstancePre<StoreState>) -> wasmtime::Result<Self> {
        match interface {
            Interface::Run3 => p3::bindings::CommandPre::new(component).map(Self::P3),
            _ => p2::bindings::CommandPre::new(component).map(Self::P2),
        }
    }

    /// The program's own result. The outer one is an exit, a trap, or a failed instantiation.
    async fn call(&self, store: &mut Store<StoreState>) -> wasmtime::Result<Result<(), ()>> {
        let command = match self {
            Self::P2(command) => {
                let command = command.instantiate_async(&mut *store).await?;
                return command.wasi_cli_run().call_run(store).await;
            }
            Self::P3(command) => command.instantiate_async(&mut *store).await?,
        };
        store
            .run_concurrent(async |accessor| {
                let result = command.wasi_cli_run().call_run(accessor).await?;
                // Waits for tasks that the program started and did not wait for, such as pending output.
                std::future::poll_fn(|context| accessor.poll_no_interesting_tasks(context)).await;
                wasmtime::error::Ok(result)
            })
            .await?
    }
}
