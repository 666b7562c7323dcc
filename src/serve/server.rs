//! Connections: accepted until a signal comes, HTTP/1.1 and HTTP/2 without TLS, none of them waited for without limit.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

use super::instance::Application;
use super::request::Service;
use crate::error::UserError;

/// What holds the server back from ending: one for each connection and instance.
pub type Alive = mpsc::Sender<()>;

/// Beyond the time limit of requests, for responses on their way.
const GRACE: Duration = Duration::from_secs(5);
/// Until another try, where the system has no more connections for us.
const BREATH: Duration = Duration::from_millis(100);

/// Serves until a signal, then ends what has begun; a second signal ends it at once.
pub async fn run(application: Application, listener: TcpListener) -> Result<()> {
    let log = application.log;
    let limit = application.limits.timeout;
    let address = listener
        .local_addr()
        .context("failed to look up the address in use")?;
    let mut signals = Signals::new()?;
    let service = Arc::new(Service::new(application));
    let (stop, stopped) = watch::channel(false);
    let (alive, mut ended) = mpsc::channel(1);
    log.say(&format!("Serving on http://{address}/"));
    loop {
        tokio::select! {
            () = signals.next() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let connection = Connection {
                        service: service.clone(),
                        stopped: stopped.clone(),
                        alive: alive.clone(),
                    };
                    tokio::spawn(connection.serve(stream));
                }
                // The client's fault, or there are too many of them.
                Err(_) => sleep(BREATH).await,
            },
        }
    }
    drop((listener, alive));
    let _ = stop.send(true);
    let at_work = service.at_work();
    if at_work > 0 {
        log.say(&format!("Stopping after {at_work} more"));
    }
    let patience = async {
        match limit {
            // Some may wait for an instance before they have their own time.
            Some(limit) => sleep(limit * 2 + GRACE).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = ended.recv() => Ok(()),
        () = signals.next() => Err(UserError::ServeCutShort { requests: service.at_work() }.into()),
        () = patience => Err(UserError::ServeCutShort { requests: service.at_work() }.into()),
    }
}

/// What a connection needs of the rest.
struct Connection {
    service: Arc<Service>,
    stopped: watch::Receiver<bool>,
    alive: Alive,
}

impl Connection {
    async fn serve(self, stream: TcpStream) {
        let Self {
            service,
            mut stopped,
            alive,
        } = self;
        // Small responses go out at once.
        let _ = stream.set_nodelay(true);
        let idle = service.application.limits.idle_timeout;
        let version = tokio::select! {
            version = timeout(idle, version(&stream)) => version,
            _ = stopped.wait_for(|stopped| *stopped) => return,
        };
        let Ok(Some(version)) = version else { return };
        let handler = hyper::service::service_fn(move |request| {
            let (service, alive) = (service.clone(), alive.clone());
            async move { Ok::<_, Infallible>(service.respond(request, alive).await) }
        });
        let io = TokioIo::new(stream);
        // A connection that fails is the client's affair; what happened is in the line of its request.
        match version {
            Version::Http1 => {
                let mut builder = http1::Builder::new();
                builder.timer(TokioTimer::new()).header_read_timeout(idle);
                let mut connection = pin!(builder.serve_connection(io, handler));
                tokio::select! {
                    _ = connection.as_mut() => return,
                    _ = stopped.wait_for(|stopped| *stopped) => connection.as_mut().graceful_shutdown(),
                }
                let _ = connection.await;
            }
            Version::Http2 => {
                let mut builder = http2::Builder::new(TokioExecutor::new());
                builder
                    .timer(TokioTimer::new())
                    .keep_alive_interval(idle)
                    .keep_alive_timeout(idle);
                let mut connection = pin!(builder.serve_connection(io, handler));
                tokio::select! {
                    _ = connection.as_mut() => return,
                    _ = stopped.wait_for(|stopped| *stopped) => connection.as_mut().graceful_shutdown(),
                }
                let _ = connection.await;
            }
        }
    }
}

enum Version {
    Http1,
    Http2,
}

/// What the client speaks; `None` if it has gone.
async fn version(stream: &TcpStream) -> Option<Version> {
    // HTTP/2 begins with `PRI * HTTP/2.0`, and `PRI` is no method.
    const PREFACE: [u8; 3] = *b"PRI";
    let mut start = [0; PREFACE.len()];
    loop {
        let length = stream.peek(&mut start).await.ok()?;
        match &start[..length] {
            [] => return None,
            start if *start == PREFACE => return Some(Version::Http2),
            start if !PREFACE.starts_with(start) => return Some(Version::Http1),
            // There is no way to wait for more than is there already.
            _ => sleep(Duration::from_millis(10)).await,
        }
    }
}

/// SIGINT and SIGTERM; Ctrl-C where there are no signals.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).context("failed to listen for signals");
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    #[cfg(not(unix))]
    fn new() -> Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
