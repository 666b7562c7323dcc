//! The component that answers requests: each by an instance of its own, unless the user allows that instances answer
//! several.

use anyhow::Result;
use ground::{Mistake as _, UserError};
use http::Request;
use wasmtime::component::InstancePre;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi_http::{Error, p2, p3};

use super::bounds::Bounds;
use super::failure::Failure;
use super::idle::Idle;
use super::instance::{Handler, Instance, Refusal};
use super::log::Log;
use super::outcome::{Answer, Outcome};
use super::watched::Watched;
use super::{Limits, Serve};
use crate::{HostError, Interface, Memory, Output, Permissions, StoreState, Target};

/// The component, its permissions and limits, and its idle instances.
pub struct Application {
    handler: Handler,
    permissions: Permissions,
    pub limits: Limits,
    pub log: Log,
    component: std::path::PathBuf,
    pub idle: Idle<Instance>,
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
            idle: Idle::default(),
        })
    }

    /// Makes an instance and drops it, so that errors show before the first request.
    pub async fn try_out(&self) -> Result<()> {
        let mut instance = self.instance()?;
        let Err(error) = instance.prepare(&self.handler).await else {
            return Ok(());
        };
        Err(match instance.exhausted() {
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

    /// A new instance, whose code has not run yet.
    fn instance(&self) -> Result<Instance> {
        let stdout = Output::in_lines(Target::Stdout, String::new());
        let stderr = Output::in_lines(Target::Stderr, String::new());
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdout(stdout.clone()).stderr(stderr.clone());
        let guest = StoreState::new(
            wasi,
            &self.permissions,
            Memory::limited(Some(self.limits.max_memory)),
        )?;
        let store = guest.into_store(self.handler.engine());
        Ok(Instance::new(store, stdout, stderr))
    }

    /// Answers a request, and continues until the component has finished all its work for it. A failure goes into the
    /// log, and to the client if the response has not begun. An instance that did well waits for its next request.
    pub async fn answer<B>(&self, number: u64, request: Request<B>, bounds: &Bounds, answer: Answer)
    where
        B: hyper::body::Body<Data = bytes::Bytes> + Unpin + Send + 'static,
        B::Error: Into<Error>,
    {
        let outcome = Outcome::new(answer);
        let instance = self.idle.take().map_or_else(|| self.instance(), Ok);
        let mut instance = match instance {
            Ok(instance) => instance,
            Err(error) => return self.fail(number, unavailable(&error), &outcome),
        };
        let (head, body) = request.into_parts();
        let (body, mut watcher) = Watched::new(body);
        let request = Request::from_parts(head, body);
        instance.begin(number);
        let refusal = Refusal {
            log: self.log,
            request: number,
        };
        let call = instance.call(&self.handler, request, refusal, outcome.clone());
        let end = bounds.within(&self.limits, call).await;
        instance.finish_output();
        let is_finished = matches!(end, Ok(Ok(true)));
        let failure = match end {
            Ok(Ok(_)) => outcome.is_open().then_some(Failure::NoResponse),
            Ok(Err(error)) => Some(instance.failure(&error)),
            Err(cut) => cut.failure(&self.limits),
        };
        if let Some(failure) = failure {
            // This must happen before the store is dropped, and with it the writing end of the body.
            bounds.exchange.fail();
            self.fail(number, failure, &outcome);
        }
        let did_well = is_finished && outcome.is_response() && !bounds.exchange.has_left();
        if did_well && watcher.is_over() && instance.is_reusable(self.limits.reuse) {
            // Before the request gives its place back, so that there are never more instances than places.
            self.idle.put(instance);
        }
    }

    fn fail(&self, number: u64, failure: Failure, outcome: &Outcome) {
        self.log.error(number, &failure);
        outcome.send(Err(failure));
    }
}

/// The reason why no instance could be made.
fn unavailable(error: &anyhow::Error) -> Failure {
    let reason = format!("{error:#}");
    // A directory that has disappeared since the start is not our fault.
    if error.is::<UserError>() {
        Failure::Unavailable { reason }
    } else {
        Failure::Internal { reason }
    }
}
