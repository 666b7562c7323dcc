//! The server: connections in, routes, the access log, and an orderly end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use wasmtime::EngineWeak;
use wasmtime_wasi_http::WasiBody;

use crate::app::{Application, Loaded};
use crate::parts::Parts;
use crate::requests::{self, Limits};
use crate::routes::{Matched, Route};
use crate::say::say;

/// How often guests are made to give way.
const TICK: Duration = Duration::from_millis(5);
/// How long requests may take to end after the server was told to.
const GRACE: Duration = Duration::from_secs(10);

/// An application with all that it needs to be served.
pub struct Server {
    pub application: Application,
    pub parts: Arc<Parts>,
    pub limits: Limits,
    /// As many as instances may live at a time; who comes when there is none left waits.
    pub instances: Arc<Semaphore>,
}

impl Server {
    /// Serves until `stop` is done, then lets the requests that run come to an end.
    pub async fn run(self, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<()> {
        start_clock(self.application.engine.weak());
        let server = Arc::new(self);
        let connections = GracefulShutdown::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => server.clone().start(stream, peer, &connections),
                    // Of that connection or for want of handles; either way others go on.
                    Err(error) => {
                        say(&format!("a connection was not accepted: {error}"));
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
            }
        }
        drop(listener);
        tokio::time::timeout(GRACE, connections.shutdown())
            .await
            .context("requests were still running, and were cut off")
    }

    fn start(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, connections: &GracefulShutdown) {
        let service = service_fn(move |request| {
            let server = self.clone();
            async move { Ok::<_, Infallible>(server.serve(request, peer).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            // The client went away or spoke no HTTP: its affair.
            let _ = connection.await;
        });
    }

    async fn serve(&self, request: Request<Incoming>, peer: SocketAddr) -> Response<WasiBody> {
        let start = Instant::now();
        let line = format!("{} {}", request.method(), request.uri());
        let response = self.route(request, peer).await;
        say(&format!(
            "{peer} \"{line}\" {} {:.1} ms",
            response.status().as_u16(),
            start.elapsed().as_secs_f64() * 1e3
        ));
        response
    }

    async fn route(&self, mut request: Request<Incoming>, peer: SocketAddr) -> Response<WasiBody> {
        let path = request.uri().path().to_owned();
        if path == "/.well-known/spin/health" {
            return plain(StatusCode::OK, "OK");
        }
        let found = self
            .application
            .routes
            .iter()
            .find_map(|(route, component)| Some((route, component, route.matches(&path)?)));
        let Some((route, component, matched)) = found else {
            return plain(StatusCode::NOT_FOUND, "");
        };
        describe(&mut request, route, &matched, component, peer);
        let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
        let instances = self.instances.clone();
        match requests::answer(
            &self.application.engine,
            component,
            &self.parts,
            self.limits,
            instances,
            request,
        )
        .await
        {
            Ok(response) => response,
            Err(error) => {
                say(&format!(
                    "component `{}` gave no answer: {error:#}",
                    component.grants.component
                ));
                plain(StatusCode::INTERNAL_SERVER_ERROR, "")
            }
        }
    }
}

/// The headers by which Spin tells a component how it was reached.
fn describe(
    request: &mut Request<Incoming>,
    route: &Route,
    matched: &Matched,
    component: &Loaded,
    peer: SocketAddr,
) {
    // They are the host's word, so none may come from a client.
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
    let host = request
        .headers()
        .get(http::header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
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
        // A route's parameter may have a name, or its value bytes, that a header cannot have; then there is none.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            request.headers_mut().insert(name, value);
        }
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
