//! The server: routes, the information about a request for the component, and an orderly end. `connections` handles clients.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use connections::{
    Connections, Exchange, Handler, Peers, Places, RequestBody, ResponseBody, Signals, absolute,
};
use http::header::RETRY_AFTER;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use tokio::net::TcpListener;
use wasmtime::EngineWeak;
use wasmtime_wasi_http::WasiBody;

use crate::access::Access;
use crate::app::{Application, Loaded};
use crate::limits::{Bounds, Limits};
use crate::parts::Parts;
use crate::requests::{Failure, answer};
use crate::routes::{Matched, Route};
use crate::say::say;

/// The interval at which guests must yield.
const TICK: Duration = Duration::from_millis(5);

/// An application ready to be served. Clones share it.
#[derive(Clone)]
pub struct Server(Arc<Shared>);

struct Shared {
    application: Application,
    parts: Arc<Parts>,
    limits: Limits,
    places: Arc<Places>,
    /// Requests without a complete answer; each has a clone.
    open: Arc<()>,
}

impl Server {
    pub fn new(application: Application, parts: Arc<Parts>, limits: Limits) -> Self {
        Self(Arc::new(Shared {
            application,
            parts,
            limits,
            places: Places::new(limits.instances.into()),
            open: Arc::new(()),
        }))
    }

    /// Serves until a signal, then lets running requests finish. A second signal ends them.
    pub async fn run(self, listener: TcpListener, signals: Signals) -> Result<()> {
        start_clock(self.0.application.engine.weak());
        let connections = Connections::new(self.clone(), self.0.limits.connections());
        let stopping = |at_work| say(&format!("Stopping after {at_work} more"));
        let time = Some(self.0.limits.time);
        connections
            .serve(listener, signals, &self.0.places, time, stopping)
            .await;
        let open = Arc::strong_count(&self.0.open) - 1;
        let requests = if open == 1 { "request" } else { "requests" };
        ensure!(open == 0, "{open} {requests} had no whole answer");
        Ok(())
    }

    /// The component's response, or ours in its place.
    async fn route(
        &self,
        peers: Peers,
        request: Request<RequestBody>,
        exchange: &Exchange,
    ) -> Result<Response<WasiBody>, Response<WasiBody>> {
        let mut request = absolute(request, peers.server)
            .map_err(|reason| plain(StatusCode::BAD_REQUEST, reason))?;
        let path = request.uri().path().to_owned();
        if path == "/.well-known/spin/health" {
            return Err(plain(StatusCode::OK, "OK"));
        }
        let routes = &self.0.application.routes;
        let found = routes
            .iter()
            .find_map(|(route, component)| Some((route, component, route.matches(&path)?)));
        let Some((route, component, matched)) = found else {
            return Err(plain(StatusCode::NOT_FOUND, ""));
        };
        describe(&mut request, route, &matched, component, peers.client);
        let answer = self.answer(peers, component, request, exchange).await;
        answer.map_err(|failure| {
            let component = &component.grants.component;
            say(&format!(
                "component `{component}` gave no answer: {failure}"
            ));
            refusal(&failure)
        })
    }
    async fn answer(
        &self,
        peers: Peers,
        component: &Loaded,
        request: Request<RequestBody>,
        exchange: &Exchange,
    ) -> Result<Response<WasiBody>, Failure> {
        let shared = &*self.0;
        let limits = shared.limits;
        let pace = request.body().pace().clone();
        let client = peers.client.ip();
        let admitted = shared
            .places
            .admit(client, request, exchange, Some(limits.time));
        let (place, request) = admitted.await.ok_or(Failure::Busy)?;
        let bounds = Bounds::new(limits, exchange.clone(), pace, place);
        let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
        let engine = &shared.application.engine;
        answer(engine, component, &shared.parts, bounds, request).await
    }
}

impl Handler for Server {
    type Body = ResponseBody<WasiBody, Access>;

    /// Never fails: a failure becomes a response.
    async fn respond(&self, peers: Peers, request: Request<RequestBody>) -> Response<Self::Body> {
        let mut access = Access::new(peers.client, &request, self.0.open.clone());
        let method = request.method().clone();
        let exchange = Exchange::default();
        let (response, exchange) = match self.route(peers, request, &exchange).await {
            Ok(response) => (response, exchange),
            // Our response is complete, however the instance ended.
            Err(response) => (response, Exchange::default()),
        };
        access.status = Some(response.status());
        exchange.respond(&method, response, access)
    }
}

/// The headers in which Spin tells a component how it was reached.
fn describe<B>(
    request: &mut Request<B>,
    route: &Route,
    matched: &Matched,
    component: &Loaded,
    peer: SocketAddr,
) {
    // These headers are the host's word, so a client may not send them.
    let forged: Vec<HeaderName> = request
        .headers()
        .keys()
        .filter(|name| name.as_str().starts_with("spin-"))
        .cloned()
        .collect();
    for name in forged {
        request.headers_mut().remove(name);
    }
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let host = request.uri().authority().map_or("", |host| host.as_str());
    let mut described = vec![
        ("spin-full-url".to_owned(), format!("http://{host}{path}")),
        ("spin-path-info".to_owned(), matched.rest.clone()),
        ("spin-matched-route".to_owned(), route.text.clone()),
        ("spin-raw-component-route".to_owned(), route.text.clone()),
        ("spin-component-route".to_owned(), route.base().to_owned()),
        ("spin-base-path".to_owned(), "/".to_owned()),
        ("spin-client-addr".to_owned(), peer.to_string()),
        (
            "spin-component-id".to_owned(),
            component.grants.component.clone(),
        ),
    ];
    for (name, value) in &matched.parameters {
        described.push((
            format!("spin-path-match-{}", name.to_lowercase()),
            value.clone(),
        ));
    }
    for (name, value) in described {
        // A header cannot have the name, or the bytes of the value, of some parameters of routes. Then it is left out.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            request.headers_mut().insert(name, value);
        }
    }
}

/// Our response in place of the component's.
fn refusal(failure: &Failure) -> Response<WasiBody> {
    match failure {
        Failure::Busy => {
            let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, "the server is busy\n");
            let soon = HeaderValue::from_static("1");
            response.headers_mut().insert(RETRY_AFTER, soon);
            response
        }
        Failure::Slow => plain(StatusCode::REQUEST_TIMEOUT, "the request came too slowly\n"),
        Failure::Failed(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, ""),
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response<WasiBody> {
    let body = Full::new(Bytes::from_static(text.as_bytes()));
    let mut response = Response::new(body.map_err(|never| match never {}).boxed_unsync());
    *response.status_mut() = status;
    response
}

/// A thread that lives as long as the engine does.
fn start_clock(engine: EngineWeak) {
    std::thread::spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    });
}
