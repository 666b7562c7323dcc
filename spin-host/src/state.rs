//! The state of one instance, and so of one request: contexts of WASI and HTTP, handles, limits, and grants.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use store_limits::Memory;
use tokio::sync::Semaphore;
use wasmtime::component::{HasData, ResourceTable};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::http_hooks::OutboundHttp;
use crate::outbound::AllowedHosts;
use crate::parts::{Parts, Place};

/// The most handles that an instance may hold at a time. Each takes the host's memory.
const HANDLES: usize = 10_000;
/// The most databases, connections to Redis and outgoing requests that it may have open at a time.
const CONNECTIONS: usize = 32;

/// The grants of the manifest to a component.
#[derive(Debug, Default)]
pub struct Grants {
    pub component: String,
    pub variables: BTreeMap<String, String>,
    pub environment: Vec<(String, String)>,
    pub hosts: AllowedHosts,
    pub key_value_stores: BTreeSet<String>,
    pub sqlite_databases: BTreeSet<String>,
    pub ai_models: BTreeSet<String>,
    /// The host's directory and the guest's path.
    pub files: Vec<(PathBuf, String)>,
}

/// The data of a store.
pub struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: OutboundHttp,
    pub table: ResourceTable,
    pub memory: Memory,
    /// The connections to databases and servers that it may still open.
    pub connections: Arc<Semaphore>,
    pub grants: Arc<Grants>,
    pub parts: Arc<Parts>,
    _place: Arc<connections::Place>,
}

/// The type through which our interfaces reach the state.
pub struct Spin;

impl HasData for Spin {
    type Data<'a> = &'a mut State;
}

impl State {
    /// `place` is one of the places for instances, held for as long as this lives.
    pub fn new(
        grants: &Arc<Grants>,
        parts: &Arc<Parts>,
        memory: usize,
        place: Arc<connections::Place>,
    ) -> wasmtime::Result<Self> {
        let mut wasi = WasiCtx::builder();
        wasi.inherit_stdout()
            .inherit_stderr()
            .envs(&grants.environment);
        for (directory, path) in &grants.files {
            wasi.preopened_dir(directory, path, FsPerms::ReadOnly)?;
        }
        let mut table = ResourceTable::new();
        table.set_max_capacity(HANDLES);
        let connections = Arc::new(Semaphore::new(CONNECTIONS));
        Ok(Self {
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            hooks: OutboundHttp {
                grants: grants.clone(),
                own_address: parts.address,
                connections: connections.clone(),
            },
            table,
            memory: Memory::limited(Some(memory)),
            connections,
            grants: grants.clone(),
            parts: parts.clone(),
            _place: place,
        })
    }
}

impl State {
    /// A place for one more connection, held while it is open.
    pub fn place_for_connection(&self) -> Result<Place, String> {
        let place = self.connections.clone().try_acquire_owned();
        place.map(Arc::new).map_err(|_| {
            format!("an instance may have {CONNECTIONS} connections open at a time, and has them")
        })
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.hooks,
        }
    }
}
