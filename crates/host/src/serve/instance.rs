//! One request in one instance: the component is instantiated, called, and dropped.

use ground::Mistake as _;
use std::pin::Pin;
use std::time::Duration;

use anyhow::Result;
use connections::{Exchange, Pace, Place};
use http::{Request, Response};
use tokio::sync::oneshot;
use tokio::time::{sleep, sleep_until};
use wasmtime::Store;
use wasmtime::component::InstancePre;
use wasmtime_wasi::{I32Exit, WasiCtxBuilder};
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::{Error, WasiBody, WasiHttpView as _, p2, p3};

use super::failure::Failure;
use super::log::Log;
use super::{Limits, Serve};
use crate::HostError;
use crate::{Interface, Memory, Output, Permissions, StoreState, Target, has_raised};
use ground::UserError;

/// The deadline, if there is a limit.
pub type Deadline = Option<tokio::time::Instant>;

/// The time for an app to notice that its client has left.
const FAREWELL: Duration = Duration::from_secs(1);

/// The reasons to end an instance early.
pub struct Bounds {
    pub deadline: Deadline,
    /// The pace at which the request's body arrives.
    pub pace: Pace,
    pub place: Place,
    pub exchange: Exchange,
}

/// How an instance ended.
enum End {
    Done(wasmtime::Result<()>),
    TimedOut,
    Slow,
    Left,
}

impl Bounds {
    async fn deadline(&self) {
        match self.deadline {
            Some(deadline) => sleep_until(deadline).await,
            None => std::future::pending().await,
        }
    }

    /// Waits until the client is too slow: too slow for any client, or while others wait for its place.
    async fn slow(&self, limit: Option<Duration>) {
        tokio::select! {
            () = self.pace.stalls(limit) => {}
            () = self.place.wanted() => {}
        }
    }

    async fn left(&self) {
        self.exchange.left().await;
        sleep(FAREWELL).await;
    }
}

/// The receiver of the head of the response, used once.
type Answer = oneshot::Sender<Result<Response<WasiBody>, Failure>>;

/// The component that answers, and its permissions and limits.
pub struct Application {
    handler: Handler,
    permissions: Permissions,
    pub limits: Limits,
    pub log: Log,
    component: std::path::PathBuf,
}

enum Handler {
    P2(p2::bindings::ProxyPre<StoreState>),
    P3(p3::bindings::ServicePre<StoreState>),
}

impl Application {
    pub fn new(
        settings: &Serve,
        interface: Interface,
        component: InstancePre<StoreState>,
        log: Log,
    ) -> wasmtime::Result<Self> {
        let handler = match interface {
            Interface::Http3 => p3::bindings::ServicePre::new(component).map(Handler::P3),
            _ => p2::bindings::ProxyPre::new(component).map(Handler::P2),
        };
        Ok(Self {
            handler: handler?,
            permissions: settings.permissions.clone(),
            limits: settings.limits.clone(),
            log,
            component: settings.component.clone(),
        })
    }

    /// Makes an instance and drops it, so that errors show before the first request.
    pub async fn try_out(&self) -> Result<()> {
        let mut store = self.store(&Output::raw(Target::Stdout), &Output::raw(Target::Stderr))?;
        let instance = match &self.handler {
            Handler::P2(pre) => pre.instantiate_async(&mut store).await.map(drop),
            Handler::P3(pre) => pre.instantiate_async(&mut store).await.map(drop),
        };
        let Err(error) = instance else { return Ok(()) };
        Err(match store.data().memory.exhausted() {
            Some(limit) => HostError::MemoryTooSmall {
                path: self.component.clone(),
                limit,
            },
            None => HostError::ComponentInvalid {
                path: self.component.clone(),
                reason: format!("{error:#}"),
            },
        }
        .error())
    }

    fn store(&self, stdout: &Output, stderr: &Output) -> Result<Store<StoreState>> {
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdout(stdout.clone()).stderr(stderr.clone());
        let guest = StoreState::new(
            wasi,
            &self.permissions,
            Memory::limited(Some(self.limits.max_memory)),
        )?;
        let engine = match &self.handler {
            Handler::P2(pre) => pre.engine(),
            Handler::P3(pre) => pre.engine(),
        };
        Ok(guest.into_store(engine))
    }

    /// Answers a request, and continues until the component has finished all its work for it. A failure goes into the
    /// log, and to the client if the response has not begun.
    pub async fn answer<B>(&self, number: u64, request: Request<B>, bounds: &Bounds, answer: Answer)
    where
        B: hyper::body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<Error>,
    {
        let stdout = Output::in_lines(Target::Stdout, String::new());
        let stderr = Output::in_lines(Target::Stderr, format!("[{number}] "));
        // Shared with the object through which the component sets its response.
        let answer = Once::new(answer);
        let mut store = match self.store(&stdout, &stderr) {
            Ok(store) => store,
            Err(error) => {
                let reason = format!("{error:#}");
                // A directory that has disappeared since the start is not our fault.
                let failure = if error.is::<UserError>() {
                    Failure::Unavailable { reason }
                } else {
                    Failure::Internal { reason }
                };
                return self.fail(number, failure, &answer);
            }
        };
        let call = self.call(number, &mut store, request, answer.clone());
        let end = tokio::select! {
            result = call => End::Done(result),
            () = bounds.deadline() => End::TimedOut,
            () = bounds.slow(self.limits.connections().stalled) => End::Slow,
            () = bounds.left() => End::Left,
        };
        stdout.finish();
        stderr.finish();
        let failure = match end {
            End::Done(Ok(())) if answer.is_open() => Some(Failure::NoResponse),
            End::Done(Ok(())) => None,
            End::Done(Err(error)) => Some(failure_of(&error, &store, &stderr)),
            End::TimedOut => Some(Failure::TimedOut {
                limit: self.limits.timeout.unwrap_or_default(),
            }),
            End::Slow => Some(Failure::Slow),
            // The line of its request reports it.
            End::Left => None,
        };
        if let Some(failure) = failure {
            // This must happen before the store is dropped, and with it the writing end of the body.
            bounds.exchange.fail();
            self.fail(number, failure, &answer);
        }
    }

    fn fail(&self, number: u64, failure: Failure, answer: &Once) {
        self.log.error(number, &failure);
        answer.send(Err(failure));
    }

    async fn call<B>(
        &self,
        number: u64,
        store: &mut Store<StoreState>,
        request: Request<B>,
        answer: Once,
    ) -> wasmtime::Result<()>
    where
        B: hyper::body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<Error>,
    {
        match &self.handler {
            Handler::P2(pre) => {
                let proxy = pre.instantiate_async(&mut *store).await?;
                let request = store
                    .data_mut()
                    .http()
                    .new_incoming_request(Scheme::Http, request)?;
                let log = self.log;
                let set = move |response: Result<Response<WasiBody>, _>| {
                    answer.send(response.map_err(|code| refused(log, number, &code)));
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
            Handler::P3(pre) => {
                let service = pre.instantiate_async(&mut *store).await?;
                store
                    .run_concurrent(async |accessor| {
                        let (request, transmitted) = accessor.with(|mut store| {
                            let hooks = store.data_mut().http().hooks;
                            let (request, transmitted) = p3::Request::from_http(hooks, request);
                            let transmitted: Pin<Box<dyn Future<Output = _> + Send>> =
                                Box::pin(transmitted);
                            (request, transmitted)
                        });
                        let response = match service.handle(accessor, request).await? {
                            Ok(response) => {
                                accessor.with(|store| response.into_http(store, transmitted))?
                            }
                            Err(code) => {
                                answer.send(Err(refused(self.log, number, &code)));
                                return Ok(());
                            }
                        };
                        answer.send(Ok(response));
                        // Waits for the body, and other tasks that are not done.
                        std::future::poll_fn(|context| accessor.poll_no_interesting_tasks(context))
                            .await;
                        Ok(())
                    })
                    .await?
            }
        }
    }
}

/// The app returned an error code of `wasi:http`.
fn refused(log: Log, number: u64, code: &impl std::fmt::Debug) -> Failure {
    let code = format!("{code:?}");
    let failure = Failure::ErrorCode {
        code: code.trim_start_matches("ErrorCode::").to_owned(),
    };
    log.error(number, &failure);
    failure
}

/// The reason why a call failed, from its error, its store and its standard error.
fn failure_of(error: &wasmtime::Error, store: &Store<StoreState>, stderr: &Output) -> Failure {
    if let Some(I32Exit(code)) = error.downcast_ref() {
        return Failure::Exited { code: *code };
    }
    if let Some(limit) = store.data().memory.exhausted() {
        return Failure::OutOfMemory { limit };
    }
    if has_raised(error, stderr) {
        return Failure::Raised;
    }
    Failure::Trapped {
        reason: format!("{error:#}"),
    }
}

/// A channel with several holders, one of which uses it.
#[derive(Clone)]
struct Once(std::sync::Arc<std::sync::Mutex<Option<Answer>>>);

impl Once {
    fn new(answer: Answer) -> Self {
        Self(std::sync::Arc::new(std::sync::Mutex::new(Some(answer))))
    }

    fn send(&self, response: Result<Response<WasiBody>, Failure>) {
        if let Some(answer) = self.lock().take() {
            // The client may have left.
            let _ = answer.send(response);
        }
    }

    fn is_open(&self) -> bool {
        self.lock().is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Answer>> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
