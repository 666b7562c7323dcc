//! `componentize-py serve`: a `wasi:http` component in; it answers HTTP requests until the server is told to stop.
//!
//! Every request gets its own instance, unless [`Limits::reuse`] allows more. A failure ends only the request in which it
//! happens.

mod application;
mod bounds;
mod crew;
mod failure;
mod idle;
mod instance;
mod log;
mod outcome;
mod request;
mod server;
mod together;
mod watched;

use ground::Mistake as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use wasmtime::component::InstancePre;

use crate::HostError;
use crate::{Compiler, ComponentFile, Permissions, Purpose, StoreState, Ticker};
use application::Application;
use ground::ui::{Ui, Verbosity};
use log::Log;

/// Serves a component that exports `wasi:http/incoming-handler@0.2.x` or `wasi:http/handler@0.3.x`.
///
/// ```no_run
/// host::Serve::new("app.wasm").address("127.0.0.1:8080").run()?;
/// # Ok::<(), anyhow::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Serve {
    /// The component's file.
    pub component: PathBuf,
    /// `HOST:PORT`; port 0 picks a free port.
    pub address: String,
    /// The parts of this machine that it may see.
    pub permissions: Permissions,
    /// The limits of requests and connections.
    pub limits: Limits,
    /// The compiler of the component's code.
    pub compiler: Compiler,
    /// How much is printed to standard error.
    pub verbosity: Verbosity,
}

/// The limits of one request, of one connection and of all requests together.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The time for a request to get an instance, and then again until the last byte of the response; `None` means no
    /// limit.
    pub timeout: Option<Duration>,
    /// The time for a connection to send its next request, or with HTTP/2 to answer a ping; `None` means no limit.
    pub idle_timeout: Option<Duration>,
    /// In bytes, for all memories of an instance together.
    pub max_memory: usize,
    /// The number of requests that are answered at a time; others wait.
    pub max_instances: u32,
    /// The number of requests that an instance may answer, those of `wasi:http/handler` also at once; at least 1. With 1,
    /// no request can see anything of another.
    pub reuse: u32,
    /// The number of connections at a time; others wait, and idle ones are closed.
    pub max_connections: u32,
}

impl Limits {
    fn connections(&self) -> connections::Limits {
        let connections = self.max_connections as usize;
        connections::Limits::new(self.timeout, self.idle_timeout, connections)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Some(Duration::from_secs(30)),
            idle_timeout: Some(Duration::from_secs(30)),
            max_memory: 512 << 20,
            max_instances: 64,
            reuse: 1,
            max_connections: 512,
        }
    }
}

impl Serve {
    /// A server on port 8080 of loopback. The component may send HTTP requests, and nothing else.
    pub fn new(component: impl Into<PathBuf>) -> Self {
        Self {
            component: component.into(),
            address: "127.0.0.1:8080".to_owned(),
            permissions: Permissions {
                outgoing_http: true,
                ..Permissions::default()
            },
            limits: Limits::default(),
            compiler: Compiler::default(),
            verbosity: Verbosity::Quiet,
        }
    }

    /// The address to listen on, `HOST:PORT`.
    pub fn address(mut self, address: impl Into<String>) -> Self {
        self.address = address.into();
        self
    }

    /// Serves until SIGINT or SIGTERM. Errors hold a [`UserError`] if the component or the address is at fault.
    pub fn run(&self) -> Result<()> {
        let ui = Ui::new(self.verbosity);
        let program = ui.stage("reading the component", || {
            ComponentFile::open(&self.component)
        })?;
        let interface = program.handler()?;
        let runtime = Runtime::new().context("failed to start the runtime")?;
        // Before anything that takes long, so that an address in use is reported at once.
        let listener = runtime.block_on(listen(&self.address))?;

        let component = self
            .compiler
            .link(|compiler| self.prepare(&program, compiler, &ui))?;
        let _clock = Ticker::start(component.engine());
        drop(ui);
        let log = Log::new(self.verbosity);
        let application = Application::new(self, interface, component, log)
            .map_err(|error| program.invalid(&error))?;
        let result = runtime.block_on(async {
            application.try_out().await?;
            server::run(application, listener).await
        });
        runtime.shutdown_background();
        result
    }
}

impl Serve {
    /// Uses a pool of instances, unless the system has no room for one or the component exceeds its bounds. Wasmtime
    /// has no type for the latter failure, so every refusal is tried again without the pool, which gives the better
    /// message.
    fn prepare(
        &self,
        program: &ComponentFile,
        compiler: Compiler,
        ui: &Ui,
    ) -> Result<InstancePre<StoreState>> {
        // One that is idle may still be ending while its successor begins.
        let instances = self.limits.max_instances + u32::from(self.limits.reuse > 1);
        let engine = |pooled| Purpose::Many { instances, pooled }.engine(compiler, ui.is_verbose());
        // The system may not have enough addresses for a pool.
        let Ok(with_pool) = engine(true) else {
            return program.link(&engine(false)?, ui);
        };
        match program.link(&with_pool, ui) {
            Ok(linked) => Ok(linked),
            Err(_) => program.link(&engine(false)?, ui),
        }
    }
}

async fn listen(address: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|source| {
        HostError::AddressUnavailable {
            address: address.to_owned(),
            source,
        }
        .error()
    })
}
