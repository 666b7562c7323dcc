//! What belongs to one instance, so to one request: WASI's and HTTP's contexts, handles, limits, and what the component may do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;
use wasmtime::component::{HasData, ResourceTable};
use wasmtime::{StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::http_hooks::OutboundHttp;
use crate::outbound::AllowedHosts;
use crate::parts::Parts;

/// What the manifest grants a component.
#[derive(Debug, Default)]
pub struct Grants {
    pub component: String,
    pub variables: BTreeMap<String, String>,
    pub environment: Vec<(String, String)>,
    pub hosts: AllowedHosts,
    pub key_value_stores: BTreeSet<String>,
    pub sqlite_databases: BTreeSet<String>,
    pub ai_models: BTreeSet<String>,
    /// Directory here, path there.
    pub files: Vec<(PathBuf, String)>,
}

/// The data of a store.
pub struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: OutboundHttp,
    pub table: ResourceTable,
    pub limits: StoreLimits,
    pub grants: Arc<Grants>,
    pub parts: Arc<Parts>,
    _place: Arc<OwnedSemaphorePermit>,
}

/// How the interfaces of ours reach it.
pub struct Spin;

impl HasData for Spin {
    type Data<'a> = &'a mut State;
}

impl State {
    /// `place` is one of those that instances may take, held for as long as this lives.
    pub fn new(
        grants: &Arc<Grants>,
        parts: &Arc<Parts>,
        memory: usize,
        place: Arc<OwnedSemaphorePermit>,
    ) -> wasmtime::Result<Self> {
        let mut wasi = WasiCtx::builder();
        wasi.inherit_stdout()
            .inherit_stderr()
            .envs(&grants.environment);
        for (directory, path) in &grants.files {
            wasi.preopened_dir(directory, path, FsPerms::ReadOnly)?;
        }
        Ok(Self {
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            hooks: OutboundHttp {
                grants: grants.clone(),
                own_address: parts.address,
            },
            table: ResourceTable::new(),
            limits: StoreLimitsBuilder::new().memory_size(memory).build(),
            grants: grants.clone(),
            parts: parts.clone(),
            _place: place,
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
