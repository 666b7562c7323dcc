//! The work of an instance of `wasi:http/handler`, which answers several requests at once.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Request;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;
use wasmtime::component::{Accessor, AccessorTask};
use wasmtime_wasi_http::{WasiBody, WasiHttpView as _, p3};

use super::crew::Worker;
use super::instance::{Handler, Instance, Refusal};
use super::log::Log;
use super::outcome::Outcome;
use super::watched::{Watched, Watcher};
use crate::StoreState;

/// The time for a client to take what the app has written, before the app counts as not having finished its response.
const LAST_BYTES: Duration = Duration::from_secs(1);

/// A request that its instance may not have begun. Clones are the same.
#[derive(Clone)]
pub struct Slot(Arc<Mutex<Option<Request<WasiBody>>>>);

impl Slot {
    pub fn new(request: Request<WasiBody>) -> Self {
        Self(Arc::new(Mutex::new(Some(request))))
    }

    /// The request, unless somebody has taken it.
    pub fn take(&self) -> Option<Request<WasiBody>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A request for an instance.
pub struct Job {
    pub request: Slot,
    pub refusal: Refusal,
    pub outcome: Outcome,
    /// Told when the request is over; `true` if the instance may go on.
    pub over: oneshot::Sender<bool>,
}

/// Lets an instance answer requests as they come, until it shall end, or fails.
pub async fn work(
    mut instance: Instance,
    handler: Arc<Handler>,
    worker: Arc<Worker>,
    mut jobs: mpsc::UnboundedReceiver<Job>,
    log: Log,
) {
    let end = tokio::select! {
        end = instance.answer_all(&handler, &worker, &mut jobs) => end,
        () = worker.stopped() => Ok(()),
    };
    worker.finish_output();
    if let Err(error) = end {
        worker.fail(&instance.failure(&error), log);
    }
    worker.close();
    drop(instance);
    worker.ended();
}

/// A request that its instance has begun.
pub struct Begun {
    job: Job,
    request: Request<WasiBody>,
}

/// Waits for the next request, and begins it.
pub async fn begun(worker: &Worker, jobs: &mut mpsc::UnboundedReceiver<Job>) -> Option<Begun> {
    loop {
        let job = jobs.recv().await?;
        // Unless it has been taken back, or nobody waits for it any more.
        let request = if job.over.is_closed() {
            None
        } else {
            job.request.take()
        };
        // Not before: somebody who finds the request still there suspects the instance first.
        worker.note_break();
        if let Some(request) = request {
            worker.begin(job.refusal.request);
            return Some(Begun { job, request });
        }
    }
}

/// The answer to one request, as a task of its instance.
pub struct Task {
    pub begun: Begun,
    pub service: Arc<p3::bindings::Service>,
    pub worker: Arc<Worker>,
}

impl AccessorTask<StoreState> for Task {
    async fn run(self, accessor: &Accessor<StoreState>) -> wasmtime::Result<()> {
        let Begun { job, request } = self.begun;
        let body = answer(accessor, &self.service, request, job.refusal, &job.outcome).await?;
        let is_finished = match body {
            Some(body) => is_finished(accessor, body, &self.worker).await,
            None => false,
        };
        let is_clean = accessor.with(|mut store| store.data_mut().is_clean());
        // Its client may have left.
        let _ = job.over.send(is_finished && is_clean);
        Ok(())
    }
}

/// Calls the component, and sends the head of its response. `None` if it gave an error in place of a response.
async fn answer(
    accessor: &Accessor<StoreState>,
    service: &p3::bindings::Service,
    request: Request<WasiBody>,
    refusal: Refusal,
    outcome: &Outcome,
) -> wasmtime::Result<Option<Watcher>> {
    let (request, transmitted) = accessor.with(|mut store| {
        let hooks = store.data_mut().http().hooks;
        let (request, transmitted) = p3::Request::from_http(hooks, request);
        let transmitted: Pin<Box<dyn Future<Output = _> + Send>> = Box::pin(transmitted);
        (request, transmitted)
    });
    Ok(match service.handle(accessor, request).await? {
        Ok(response) => {
            let response = accessor.with(|store| response.into_http(store, transmitted))?;
            let (response, body) = Watched::response(response);
            outcome.send(Ok(response));
            Some(body)
        }
        Err(code) => {
            outcome.send(Err(refusal.failure(&code)));
            None
        }
    })
}

/// Waits until the response is over, and then for tasks that the app has left behind, unless other requests keep the
/// instance at work anyway. Returns `false` if the app does not finish its response.
async fn is_finished(accessor: &Accessor<StoreState>, mut body: Watcher, worker: &Worker) -> bool {
    let unfinished = async {
        worker.quiet(accessor).await;
        sleep(LAST_BYTES).await;
    };
    tokio::select! {
        () = body.over() => {}
        () = unfinished => return false,
    }
    tokio::select! {
        () = worker.company() => {}
        () = worker.quiet(accessor) => {}
    }
    true
}
