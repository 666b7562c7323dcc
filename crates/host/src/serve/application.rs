//! The component that answers requests: each by an instance of its own, unless the user allows that instances answer
//! several.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use ground::{Mistake as _, UserError};
use http::Request;
use http_body_util::BodyExt as _;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{interval, timeout};
use wasmtime::component::InstancePre;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi_http::{Error, WasiBody, p2, p3};

use super::bounds::Bounds;
use super::crew::{Crew, Member, Seat, Worker};
use super::failure::Failure;
use super::idle::Idle;
use super::instance::{Handler, Instance, Refusal};
use super::log::Log;
use super::outcome::{Answer, Outcome};
use super::together::{Job, Slot, work};
use super::watched::{Watched, Watcher};
use super::{Limits, Serve};
use crate::{HostError, Interface, Memory, Output, Permissions, StoreState, Target};

/// The time for an instance at work to begin another request.
const PATIENCE: Duration = Duration::from_millis(500);

/// The component, its permissions and limits, and its idle instances.
pub struct Application {
    handler: Arc<Handler>,
    permissions: Permissions,
    pub limits: Limits,
    pub log: Log,
    component: std::path::PathBuf,
    /// Instances that wait for a request.
    idle: Idle<Instance>,
    /// Instances that answer several requests at once.
    crew: Crew,
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
            handler: Arc::new(handler?),
            permissions: settings.permissions.clone(),
            limits: settings.limits.clone(),
            log,
            component: settings.component.clone(),
            idle: Idle::default(),
            crew: Crew::default(),
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

    /// Drops instances that have been idle for long, for ever.
    pub async fn tidy(&self) -> Infallible {
        let mut ticks = interval(Duration::from_secs(1));
        loop {
            let now = ticks.tick().await;
            self.idle.drop_old(now);
            self.crew.dismiss_old(now);
        }
    }

    /// Answers a request, and continues until the component has finished all its work for it. A failure goes into the
    /// log, and to the client if the response has not begun. An instance that did well waits for its next request.
    pub async fn answer<B>(&self, number: u64, request: Request<B>, bounds: &Bounds, answer: Answer)
    where
        B: hyper::body::Body<Data = bytes::Bytes> + Unpin + Send + 'static,
        B::Error: Into<Error>,
    {
        let outcome = Outcome::new(answer);
        let (head, body) = request.into_parts();
        let (body, watcher) = Watched::new(body);
        let request = Request::from_parts(head, body);
        match *self.handler {
            Handler::P3(_) if self.limits.reuse > 1 => {
                let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
                self.answer_together(number, request, watcher, bounds, outcome)
                    .await;
            }
            _ => {
                self.answer_alone(number, request, watcher, bounds, outcome)
                    .await;
            }
        }
    }

    /// Answers a request by an instance that does nothing else meanwhile.
    async fn answer_alone<B>(
        &self,
        number: u64,
        request: Request<B>,
        mut watcher: Watcher,
        bounds: &Bounds,
        outcome: Outcome,
    ) where
        B: hyper::body::Body<Data = bytes::Bytes> + Unpin + Send + 'static,
        B::Error: Into<Error>,
    {
        let instance = self.idle.take().map_or_else(|| self.instance(), Ok);
        let mut instance = match instance {
            Ok(instance) => instance,
            Err(error) => return self.fail(number, unavailable(&error), &outcome),
        };
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

    /// Answers a request by an instance that may answer others meanwhile. One that does not begin with it soon, because it
    /// computes without a break, loses it to another.
    async fn answer_together(
        &self,
        number: u64,
        request: Request<WasiBody>,
        mut watcher: Watcher,
        bounds: &Bounds,
        outcome: Outcome,
    ) {
        let member = Member {
            exchange: bounds.exchange.clone(),
            outcome: outcome.clone(),
            place: bounds.place.clone(),
        };
        let mut slot = Slot::new(request);
        loop {
            let seat = self.crew.seat(number, &member);
            let seat = match seat.map_or_else(|| self.hire(number, &member), Ok) {
                Ok(seat) => seat,
                Err(error) => return self.fail(number, unavailable(&error), &outcome),
            };
            let work = self.have_done(number, &seat, &mut slot, &outcome);
            match bounds.within(&self.limits, work).await {
                Ok(did_well) => {
                    if let Some(request) = slot.take() {
                        seat.take_back();
                        slot = Slot::new(request);
                        continue;
                    }
                    if did_well && !bounds.exchange.has_left() && watcher.is_over() {
                        seat.leave();
                    }
                }
                Err(cut) => {
                    if let Some(failure) = cut.failure(&self.limits) {
                        bounds.exchange.fail();
                        self.fail(number, failure, &outcome);
                    }
                }
            }
            return;
        }
    }

    /// Returns `true` if the instance has done the request, and may go on. If it does not begin it, the request is taken
    /// from the slot and put into another, which is the caller's.
    async fn have_done(
        &self,
        number: u64,
        seat: &Seat,
        slot: &mut Slot,
        outcome: &Outcome,
    ) -> bool {
        let (over, mut is_over) = oneshot::channel();
        seat.work(Job {
            request: slot.clone(),
            refusal: Refusal {
                log: self.log,
                request: number,
            },
            outcome: outcome.clone(),
            over,
        });
        if let Ok(end) = timeout(PATIENCE, &mut is_over).await {
            // If the instance has failed, it has reported that for the requests that it had begun.
            return end.unwrap_or(false);
        }
        // First, since an instance that looks for requests later is not blocked.
        seat.suspect();
        if let Some(request) = slot.take() {
            *slot = Slot::new(request);
            return false;
        }
        seat.trust();
        is_over.await.unwrap_or(false)
    }

    /// A seat in a new instance.
    fn hire(&self, number: u64, member: &Member) -> Result<Seat> {
        let instance = self.instance()?;
        let (give, jobs) = mpsc::unbounded_channel();
        let worker = Arc::new(Worker::new(self.limits.reuse, give, &instance));
        let seat = self.crew.join(&worker, number, member);
        let handler = self.handler.clone();
        tokio::spawn(work(instance, handler, worker, jobs, self.log));
        Ok(seat)
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
