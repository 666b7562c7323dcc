//! The state of a store: WASI 0.2 and 0.3, HTTP, and the limit on memory.

use anyhow::{Context as _, Result};
use ground::Mistake as _;
use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::outgoing::Outgoing;
use super::settings::Permissions;
use crate::HostError;
use store_limits::Memory;

/// The most handles that a component may hold at a time. Each takes the host's memory.
const HANDLES: usize = 100_000;

/// More handles than an app needs for the requests that it answers at a time. Their number grows if each request leaves
/// some behind.
const LEFTOVERS: usize = 1000;

/// The data of one run of a component.
pub struct StoreState {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    outgoing: Outgoing,
    pub memory: Memory,
}

impl WasiView for StoreState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for StoreState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.outgoing,
        }
    }
}

impl StoreState {
    /// `wasi` has the individual settings: arguments and standard streams.
    pub fn new(
        mut wasi: WasiCtxBuilder,
        permissions: &Permissions,
        memory: Memory,
    ) -> Result<Self> {
        wasi.envs(&permissions.environment);
        if permissions.network {
            wasi.inherit_network();
        }
        wasi.allow_tcp(permissions.network)
            .allow_udp(permissions.network)
            .allow_ip_name_lookup(permissions.network);
        for directory in &permissions.directories {
            let access = if directory.read_only {
                FsPerms::ReadOnly
            } else {
                FsPerms::ReadWrite
            };
            wasi.preopened_dir(&directory.host, &directory.guest, access)
                .map_err(|error| {
                    HostError::DirectoryUnavailable {
                        path: directory.host.clone(),
                        reason: format!("{:#}", anyhow::Error::from(error)),
                    }
                    .error()
                })?;
        }
        let mut table = ResourceTable::new();
        table.set_max_capacity(HANDLES);
        Ok(Self {
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            table,
            outgoing: Outgoing {
                allowed: permissions.outgoing_http,
            },
            memory,
        })
    }

    /// Returns `true` if it may be used for another request: it has not run out of memory, and does not collect handles.
    pub fn is_clean(&mut self) -> bool {
        self.memory.exhausted().is_none() && self.table.iter_mut().count() < LEFTOVERS
    }

    /// A store with this state. The guest yields to others at every tick of the engine's clock.
    pub fn into_store(self, engine: &Engine) -> Store<Self> {
        let mut store = Store::new(engine, self);
        store.limiter(|guest| &mut guest.memory);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        store
    }
}

/// A linker with everything that a component may import.
pub fn linker(engine: &Engine) -> Result<Linker<StoreState>> {
    fn all(linker: &mut Linker<StoreState>) -> wasmtime::Result<()> {
        wasmtime_wasi::p2::add_to_linker_async(linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
        wasmtime_wasi::p3::add_to_linker(linker)?;
        wasmtime_wasi_http::p3::add_to_linker(linker)
    }
    let mut linker = Linker::new(engine);
    all(&mut linker)
        .map_err(anyhow::Error::from)
        .context("failed to define WASI")?;
    Ok(linker)
}
