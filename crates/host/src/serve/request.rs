//! From a request of hyper to a response: checks, the wait for a place, and an instance in a separate task.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use connections::{Exchange, Handler, Peers, Places, RequestBody, ResponseBody, absolute};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use wasmtime_wasi_http::WasiBody;

use super::application::Application;
use super::bounds::{Bounds, Deadline};
use super::failure::Failure;
use super::log::Access;

/// The state that all connections share.
#[derive(Clone)]
pub struct Service(Arc<Shared>);

struct Shared {
    application: Application,
    places: Arc<Places>,
    requests: AtomicU64,
    /// Requests without a complete answer; each has a clone.
    open: Arc<()>,
}

impl Service {
    pub fn new(application: Application) -> Self {
        let places = Places::new(application.limits.max_instances);
        Self(Arc::new(Shared {
            application,
            places,
            requests: AtomicU64::new(0),
            open: Arc::new(()),
        }))
    }

    pub fn places(&self) -> &Arc<Places> {
        &self.0.places
    }

    /// Drops instances that have been idle for long, for ever.
    pub async fn tidy(&self) -> Infallible {
        self.0.application.tidy().await
    }

    /// The number of requests that have not been answered, or whose instance is still at work.
    pub fn open(&self) -> usize {
        (Arc::strong_count(&self.0.open) - 1).max(self.0.places.taken())
    }
}

impl Handler for Service {
    type Body = ResponseBody<WasiBody, Access>;

    /// Never fails: a failure becomes a response.
    async fn respond(&self, peers: Peers, request: Request<RequestBody>) -> Response<Self::Body> {
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let method = request.method().clone();
        let open = self.0.open.clone();
        let mut access = Access::new(self.0.application.log, number, &method, request.uri(), open);
        let exchange = Exchange::default();
        let (response, exchange) = match self.head(number, peers, request, exchange.clone()).await {
            Ok(response) => (response, exchange),
            Err(failure) => (response_to(&failure), Exchange::default()),
        };
        access.status = Some(response.status());
        exchange.respond(&method, response, access)
    }
}

impl Service {
    /// The head of the instance's response. If nobody waits for it any more, because the client has left, the instance
    /// is dropped too.
    async fn head(
        &self,
        number: u64,
        peers: Peers,
        request: Request<RequestBody>,
        exchange: Exchange,
    ) -> Result<Response<WasiBody>, Failure> {
        let log = self.0.application.log;
        let request = absolute(request, peers.server)
            .map_err(|reason| Failure::Unusable { reason })
            .inspect_err(|failure| log.error(number, failure))?;
        let pace = request.body().pace().clone();
        let limits = &self.0.application.limits;
        let client = peers.client.ip();
        let places = &self.0.places;
        let admitted = places.admit(client, request, &exchange, limits.timeout);
        let busy = Failure::Busy {
            instances: limits.max_instances,
        };
        let admitted = admitted.await.ok_or(busy);
        let (place, request) = admitted.inspect_err(|failure| log.error(number, failure))?;
        let bounds = Bounds {
            deadline: self.deadline(),
            pace,
            place: Arc::new(place),
            exchange,
        };
        let (answer, response) = oneshot::channel();
        let service = self.clone();
        let task = tokio::spawn(async move {
            let application = &service.0.application;
            application.answer(number, request, &bounds, answer).await;
        });
        let task = AbortOnDrop(Some(task));
        let response = response.await;
        let task = task.keep();
        match response {
            Ok(response) => response,
            // The task panicked: it ended without an answer.
            Err(_) => {
                let reason = task
                    .await
                    .err()
                    .map_or_else(String::new, |error| error.to_string());
                let failure = Failure::Internal { reason };
                log.error(number, &failure);
                Err(failure)
            }
        }
    }

    fn deadline(&self) -> Deadline {
        let limit = self.0.application.limits.timeout;
        limit.map(|limit| Instant::now() + limit)
    }
}

/// Our response in place of the instance's.
fn response_to(failure: &Failure) -> Response<WasiBody> {
    let text = Full::from(failure.body());
    let mut response = Response::new(text.map_err(|never| match never {}).boxed_unsync());
    let status = failure.status();
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(CONTENT_TYPE, plain);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// A task that ends with the task that waits for it.
struct AbortOnDrop(Option<JoinHandle<()>>);

impl AbortOnDrop {
    /// From here on it continues by itself.
    fn keep(mut self) -> JoinHandle<()> {
        self.0.take().expect("it is there until this is dropped")
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}
