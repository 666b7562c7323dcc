//! From a request as hyper gives it to a response: checks, the wait for a place, and an instance in a task of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::uri::{Authority, Scheme};
use http::{Method, Request, Response, Uri, Version, header};
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::body::{Broken, ResponseBody};
use super::failure::Failure;
use super::instance::{Application, Deadline};
use super::log::Access;
use super::server::Alive;

/// What all connections share.
pub struct Service {
    pub application: Application,
    /// One for each instance that may be at work.
    places: Arc<Semaphore>,
    requests: AtomicU64,
}

impl Service {
    pub fn new(application: Application) -> Self {
        let places = Arc::new(Semaphore::new(application.limits.max_instances as usize));
        Self {
            application,
            places,
            requests: AtomicU64::new(0),
        }
    }

    /// Requests whose instance is at work.
    pub fn at_work(&self) -> usize {
        self.application.limits.max_instances as usize - self.places.available_permits()
    }

    /// Never fails: what goes wrong is a response.
    pub async fn respond(
        self: Arc<Self>,
        request: Request<Incoming>,
        alive: Alive,
    ) -> Response<ResponseBody> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let method = request.method().clone();
        let access = Access::new(self.application.log, number, &method, request.uri());
        let broken = Broken::default();
        match self.head(number, request, broken.clone(), alive).await {
            Ok(response) => ResponseBody::of_instance(response, &method, broken, access),
            Err(failure) => ResponseBody::of_failure(&failure, access),
        }
    }

    /// The head of the instance's response. If nobody waits for it any more, because the client is gone, the instance goes too.
    async fn head(
        self: &Arc<Self>,
        number: u64,
        request: Request<Incoming>,
        broken: Broken,
        alive: Alive,
    ) -> Result<Response<wasmtime_wasi_http::WasiBody>, Failure> {
        let request =
            complete(request).inspect_err(|failure| self.application.log.error(number, failure))?;
        let place = self
            .place()
            .await
            .inspect_err(|failure| self.application.log.error(number, failure))?;
        // The time that others took is not counted against it.
        let deadline = self.deadline();
        let (answer, response) = oneshot::channel();
        let service = self.clone();
        let task = tokio::spawn(async move {
            service
                .application
                .answer(number, request, deadline, broken, answer)
                .await;
            drop((place, alive));
        });
        let task = AbortOnDrop(Some(task));
        let response = response.await;
        let task = task.keep();
        match response {
            Ok(response) => response,
            // The task ended without a word: it panicked.
            Err(_) => {
                let reason = task
                    .await
                    .err()
                    .map_or_else(String::new, |error| error.to_string());
                let failure = Failure::Internal { reason };
                self.application.log.error(number, &failure);
                Err(failure)
            }
        }
    }

    fn deadline(&self) -> Deadline {
        self.application
            .limits
            .timeout
            .map(|limit| Instant::now() + limit)
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let busy = Failure::Busy {
            instances: self.application.limits.max_instances,
        };
        let place = self.places.clone().acquire_owned();
        let place = match self.deadline() {
            Some(deadline) => timeout_at(deadline, place)
                .await
                .map_err(|_| busy.clone())?,
            None => place.await,
        };
        // It is closed by nobody.
        place.map_err(|_| busy)
    }
}

/// Gives the request a URI with scheme and authority, which `wasi:http` wants and HTTP/1.1 has in a header.
fn complete<B>(mut request: Request<B>) -> Result<Request<B>, Failure> {
    let unusable = |reason| Failure::Unusable { reason };
    if *request.method() == Method::CONNECT {
        return Err(unusable("this server is not a proxy"));
    }
    let mut parts = request.uri().clone().into_parts();
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => Authority::try_from(host.as_bytes()).ok(),
        (Some(_), Some(_)) => return Err(unusable("the request has several `host` headers")),
        // HTTP/2 has a field of its own for it.
        (None, _) if request.version() == Version::HTTP_2 => parts.authority.clone(),
        (None, _) => return Err(unusable("the request has no `host` header")),
    };
    // `user@host` is an authority, but not one that a client may name here.
    let is_plain = |authority: &Authority| !authority.as_str().contains('@');
    let host = host
        .filter(is_plain)
        .ok_or(unusable("the `host` header is not valid"))?;
    let authority = parts.authority.take().unwrap_or(host);
    if !is_plain(&authority) {
        return Err(unusable("the request's target is not valid"));
    }
    parts.authority = Some(authority);
    parts.scheme = Some(Scheme::HTTP);
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| unusable("the request has no path"))?;
    Ok(request)
}

/// A task that ends with whoever waits for it.
struct AbortOnDrop(Option<JoinHandle<()>>);

impl AbortOnDrop {
    /// From here on it goes on by itself.
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
