//! An instance of the component: made for its first request, and called once for each of its requests.

use std::pin::Pin;
use std::sync::Arc;

use http::{Request, Response};
use tokio::sync::mpsc;
use wasmtime::Store;
use wasmtime_wasi::I32Exit;
use wasmtime_wasi_http::p2::body::HostOutgoingBody;
use wasmtime_wasi_http::{Error, WasiBody, WasiHttpView as _, p2, p3};

use super::crew::Worker;
use super::failure::Failure;
use super::log::Log;
use super::outcome::Outcome;
use super::together::{Job, Task, begun};
use crate::{Output, StoreState, has_raised};
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;

/// The component, ready to be instantiated.
pub enum Handler {
    P2(p2::bindings::ProxyPre<StoreState>),
    P3(p3::bindings::ServicePre<StoreState>),
}

enum Exports {
    P2(p2::bindings::Proxy),
    P3(Arc<p3::bindings::Service>),
}

impl Handler {
    pub fn engine(&self) -> &wasmtime::Engine {
        match self {
            Self::P2(pre) => pre.engine(),
            Self::P3(pre) => pre.engine(),
        }
    }

    async fn instantiate(&self, store: &mut Store<StoreState>) -> wasmtime::Result<Exports> {
        Ok(match self {
            Self::P2(pre) => Exports::P2(pre.instantiate_async(store).await?),
            Self::P3(pre) => Exports::P3(Arc::new(pre.instantiate_async(store).await?)),
        })
    }
}

/// A store, and the component in it.
pub struct Instance {
    store: Store<StoreState>,
    exports: Option<Exports>,
    stdout: Output,
    stderr: Output,
    /// The number of requests that it has been given.
    requests: u32,
}

impl Instance {
    pub fn new(store: Store<StoreState>, stdout: Output, stderr: Output) -> Self {
        Self {
            store,
            exports: None,
            stdout,
            stderr,
            requests: 0,
        }
    }

    /// Instantiates the component, unless that has been done.
    pub async fn prepare(&mut self, handler: &Handler) -> wasmtime::Result<()> {
        if self.exports.is_none() {
            self.exports = Some(handler.instantiate(&mut self.store).await?);
        }
        Ok(())
    }

    /// Begins the request with this number: from here on, output is its output.
    pub fn begin(&mut self, request: u64) {
        self.requests += 1;
        self.stderr.begin(format!("[{request}] "));
        // The clock has gone on while nobody called.
        self.store.set_epoch_deadline(1);
    }

    /// Its standard output and standard error.
    pub fn output(&self) -> (Output, Output) {
        (self.stdout.clone(), self.stderr.clone())
    }

    /// Passes on an incomplete last line of its output.
    pub fn finish_output(&self) {
        self.stdout.finish();
        self.stderr.finish();
    }

    /// Returns `true` if it may answer another request: it has answered fewer than `limit`, it has not run out of memory,
    /// and the last one has left nothing behind.
    pub fn is_reusable(&mut self, limit: u32) -> bool {
        self.requests < limit && self.store.data_mut().is_clean()
    }

    /// The limit on memory, if it has been hit.
    pub fn exhausted(&self) -> Option<usize> {
        self.store.data().memory.exhausted()
    }

    /// The reason why a call failed, from its error, and what it has left.
    pub fn failure(&self, error: &wasmtime::Error) -> Failure {
        if let Some(I32Exit(code)) = error.downcast_ref() {
            return Failure::Exited { code: *code };
        }
        if let Some(limit) = self.exhausted() {
            return Failure::OutOfMemory { limit };
        }
        if has_raised(error, &self.stderr) {
            return Failure::Raised;
        }
        Failure::Trapped {
            reason: format!("{error:#}"),
        }
    }

    /// Answers requests of `wasi:http/handler` as they come, those that have come at once. Returns only if it fails.
    pub async fn answer_all(
        &mut self,
        handler: &Handler,
        worker: &Arc<Worker>,
        jobs: &mut mpsc::UnboundedReceiver<Job>,
    ) -> wasmtime::Result<()> {
        // Before anything can fail, so that the failure has its request.
        let mut first = begun(worker, jobs).await;
        self.prepare(handler).await?;
        let Some(Exports::P3(service)) = &self.exports else {
            unreachable!("only `wasi:http/handler` answers several at once")
        };
        self.store
            .run_concurrent(async |accessor| -> wasmtime::Result<()> {
                loop {
                    let next = match first.take() {
                        Some(first) => Some(first),
                        None => begun(worker, jobs).await,
                    };
                    let Some(begun) = next else { return Ok(()) };
                    accessor.spawn(Task {
                        begun,
                        service: service.clone(),
                        worker: worker.clone(),
                    })?;
                }
            })
            .await?
    }

    /// Calls the component with a request. Returns when it has finished all its work for it: `true` if that includes its
    /// response.
    pub async fn call<B>(
        &mut self,
        handler: &Handler,
        request: Request<B>,
        refusal: Refusal,
        outcome: Outcome,
    ) -> wasmtime::Result<bool>
    where
        B: hyper::body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<Error>,
    {
        self.prepare(handler).await?;
        let store = &mut self.store;
        match &self.exports {
            Some(Exports::P2(proxy)) => {
                call2(store, proxy, request, refusal, outcome).await?;
                Ok(has_finished_bodies(store))
            }
            Some(Exports::P3(service)) => {
                call3(store, service, request, refusal, outcome).await?;
                Ok(true)
            }
            None => unreachable!("it was made just now"),
        }
    }
}

/// Returns `true` if the app holds no body that others wait for. It would end with its instance at the latest.
fn has_finished_bodies(store: &mut Store<StoreState>) -> bool {
    let table = store.data_mut().http().table;
    !table
        .iter_mut()
        .any(|handle| handle.is::<HostOutgoingBody>())
}

async fn call2<B>(
    store: &mut Store<StoreState>,
    proxy: &p2::bindings::Proxy,
    request: Request<B>,
    refusal: Refusal,
    outcome: Outcome,
) -> wasmtime::Result<()>
where
    B: hyper::body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<Error>,
{
    let request = store
        .data_mut()
        .http()
        .new_incoming_request(Scheme::Http, request)?;
    let set = move |response: Result<Response<WasiBody>, _>| {
        outcome.send(response.map_err(|code| refusal.failure(&code)));
    };
    let out = store
        .data_mut()
        .http()
        .new_response_outparam_from_callback(set)?;
    proxy
        .wasi_http_incoming_handler()
        .call_handle(store, request, out)
        .await
}

async fn call3<B>(
    store: &mut Store<StoreState>,
    service: &p3::bindings::Service,
    request: Request<B>,
    refusal: Refusal,
    outcome: Outcome,
) -> wasmtime::Result<()>
where
    B: hyper::body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<Error>,
{
    store
        .run_concurrent(async |accessor| {
            let (request, transmitted) = accessor.with(|mut store| {
                let hooks = store.data_mut().http().hooks;
                let (request, transmitted) = p3::Request::from_http(hooks, request);
                let transmitted: Pin<Box<dyn Future<Output = _> + Send>> = Box::pin(transmitted);
                (request, transmitted)
            });
            let response = match service.handle(accessor, request).await? {
                Ok(response) => accessor.with(|store| response.into_http(store, transmitted))?,
                Err(code) => {
                    outcome.send(Err(refusal.failure(&code)));
                    return Ok(());
                }
            };
            outcome.send(Ok(response));
            // Waits for the body, and other tasks that are not done.
            std::future::poll_fn(|context| accessor.poll_no_interesting_tasks(context)).await;
            Ok(())
        })
        .await?
}

/// The report that the app returned an error code of `wasi:http` for a request.
#[derive(Clone, Copy)]
pub struct Refusal {
    pub log: Log,
    pub request: u64,
}

impl Refusal {
    pub fn failure(self, code: &impl std::fmt::Debug) -> Failure {
        let code = format!("{code:?}");
        let failure = Failure::ErrorCode {
            code: code.trim_start_matches("ErrorCode::").to_owned(),
        };
        self.log.error(self.request, &failure);
        failure
    }
}
