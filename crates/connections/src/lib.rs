//! Connections of an HTTP server that no client can hold up: HTTP/1.1 and HTTP/2 without TLS.
//!
//! Comes in: a listener, limits, and a [`Handler`] that turns requests into responses. Goes out: nothing but those responses.
//! The crate ensures the following, so that no server has to:
//!
//! - A client must send its request, and take its response, at a minimum pace ([`Limits`]).
//! - A client that leaves while its request is being handled is noticed: the handler's future, or its response's body, is
//!   dropped.
//! - When the server is told to stop, everything that has arrived is answered: connections that wait to be accepted, and
//!   requests that nobody has read yet. Then connections end, in bounded time.
//! - When there are too many connections, idle ones are closed.
//!
//! Servers whose requests are answered by instances also get:
//!
//! - [`Places`] for instances, shared fairly between clients.
//! - [`Exchange`]: the link between an instance, its response and its client. A response whose instance failed does not look
//!   complete.
//! - [`Connections::serve`]: a server's life, from its first request to its orderly end.

mod accept;
mod body;
mod early;
mod exchange;
mod http1;
mod http2;
mod lifetime;
mod places;
mod signals;
mod target;
mod wire;

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Body;

pub use accept::Connections;
pub use body::{BodyError, Pace, RequestBody};
pub use early::Early;
pub use exchange::{Account, Exchange, ResponseBody, Waiting, drain};
pub use places::{Place, Places};
pub use signals::Signals;
pub use target::absolute;

/// The limits of a connection; `None` means no limit.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The time until the head of the next request arrives; with HTTP/2, until a ping is answered.
    pub idle: Option<Duration>,
    /// The time that a write to the client may make no progress.
    pub stalled: Option<Duration>,
    /// The number of connections at a time. More of them wait until others end.
    pub connections: usize,
}

impl Limits {
    /// Limits for requests that may take as long as `timeout`. A client may pause for that long, or for as long as until its
    /// next request, before it sends or takes more. Shorter pauses than some seconds could be the network's fault.
    pub fn new(timeout: Option<Duration>, idle: Option<Duration>, connections: usize) -> Self {
        const LEAST: Duration = Duration::from_secs(5);
        let least = [timeout, idle].into_iter().flatten().min();
        Self {
            idle,
            stalled: least.map(|limit| limit.max(LEAST)),
            connections,
        }
    }
}

/// The two ends of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peers {
    pub client: SocketAddr,
    pub server: SocketAddr,
}

/// The handler of requests.
pub trait Handler: Clone + Send + Sync + 'static {
    type Body: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>> + Send>
        + Send
        + 'static;

    /// The response to a request. The future and the response's body are dropped when the client has left.
    fn respond(
        &self,
        peers: Peers,
        request: Request<RequestBody>,
    ) -> impl Future<Output = Response<Self::Body>> + Send;
}

/// Waits for `work` within the limit; `None` if that has passed.
async fn within<T>(limit: Option<Duration>, work: impl Future<Output = T>) -> Option<T> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, work).await.ok(),
        None => Some(work.await),
    }
}

/// Waits for this time, or for ever.
async fn until_after(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

/// Waits for a point in time, or for ever.
async fn until(instant: Option<tokio::time::Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}
