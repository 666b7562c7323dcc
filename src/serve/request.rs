//! From a request as hyper gives it to a response: checks, the wait for a place, and an instance in a task of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use connections::{BodyError, Handler, Peers, RequestBody};
use http::uri::{Authority, Scheme};
use http::{Method, Request, Response, Uri, Version, header};
use http_body_util::BodyExt as _;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use wasmtime_wasi_http::{Error, WasiBody};

use super::body::{Early, Exchange, ResponseBody};
use super::failure::Failure;
use super::instance::{Application, Bounds, Deadline};
use super::log::Access;
use super::places::{Place, Places};

/// What all connections share.
#[derive(Clone)]
pub struct Service(Arc<Shared>);

struct Shared {
    application: Application,
    places: Arc<Places>,
    requests: AtomicU64,
    /// Requests without their whole answer, which have a copy each.
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

    /// Requests whose instance is at work.
    pub fn at_work(&self) -> usize {
        self.0.places.taken()
    }

    /// Requests that have not been answered, or whose instance is at work all the same.
    pub fn open(&self) -> usize {
        (Arc::strong_count(&self.0.open) - 1).max(self.at_work())
    }
}

impl Handler for Service {
    type Body = ResponseBody;

    /// Never fails: what goes wrong is a response.
    async fn respond(&self, peers: Peers, request: Request<RequestBody>) -> Response<ResponseBody> {
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let method = request.method().clone();
        let open = self.0.open.clone();
        let access = Access::new(self.0.application.log, number, &method, request.uri(), open);
        let exchange = Exchange::default();
        match self.head(number, peers, request, exchange.clone()).await {
            Ok(response) => ResponseBody::of_instance(response, &method, exchange, access),
            Err(failure) => ResponseBody::of_failure(&failure, access),
        }
    }
}

impl Service {
    /// The head of the instance's response. If nobody waits for it any more, because the client is gone, the instance goes too.
    async fn head(
        &self,
        number: u64,
        peers: Peers,
        request: Request<RequestBody>,
        exchange: Exchange,
    ) -> Result<Response<WasiBody>, Failure> {
        let log = self.0.application.log;
        let request =
            complete(request, peers.server).inspect_err(|failure| log.error(number, failure))?;
        let pace = request.body().pace().clone();
        let mut request = request.map(Early::new);
        let paces = [pace.clone(), exchange.pace().clone()];
        let place = self.place(peers, paces, request.body_mut()).await;
        let place = place.inspect_err(|failure| log.error(number, failure))?;
        let request = request.map(|body| body.map_err(body_error));
        // The time that others took is not counted against it.
        pace.restart();
        let bounds = Bounds {
            deadline: self.deadline(),
            pace,
            place,
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
            // The task ended without a word: it panicked.
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

    async fn place(
        &self,
        peers: Peers,
        paces: [connections::Pace; 2],
        body: &mut Early<RequestBody>,
    ) -> Result<Place, Failure> {
        let place = self.0.places.take(peers.client.ip(), paces, body.begun());
        match self.deadline() {
            Some(deadline) => timeout_at(deadline, place)
                .await
                .map_err(|_| Failure::Busy {
                    instances: self.0.application.limits.max_instances,
                }),
            None => Ok(place.await),
        }
    }
}

fn body_error(error: BodyError) -> Error {
    match error {
        BodyError::Http1(error) => error.into(),
        BodyError::Http2(_) => Error::HttpProtocolError,
    }
}

/// Gives the request a URI with scheme and authority, which `wasi:http` wants and HTTP/1.1 has in a header. HTTP/1.0 need not
/// have any: then it is where the client found us.
fn complete<B>(mut request: Request<B>, server: SocketAddr) -> Result<Request<B>, Failure> {
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
        (None, _) if request.version() <= Version::HTTP_10 => {
            Authority::try_from(server.to_string()).ok()
        }
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
