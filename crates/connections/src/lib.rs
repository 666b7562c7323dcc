//! Connections of an HTTP server that none of its clients can hold up: HTTP/1.1 and HTTP/2 without TLS.
//!
//! Comes in: a listener, limits, and a [`Handler`] that turns requests into responses. Goes out: nothing but those responses.
//! What is seen to here, so that no server has to:
//!
//! - A client must bring its request, and take its response, at some pace ([`Limits`]).
//! - A client that has left is noticed while its request is worked on: the handler's future, or its response's body, is dropped.
//! - When the server is told to stop, what has arrived is answered: connections that wait to be accepted, and requests that
//!   nobody has read yet. Then connections end, in bounded time.
//! - When there are too many connections, those that do nothing give way.
//!
//! For servers whose requests are answered by instances of something there are, besides:
//!
//! - [`Places`] for instances, which no client keeps from the others.
//! - [`Exchange`]: what an instance, its response and its client learn of each other. A response whose instance failed does not
//!   look whole.
//! - [`Connections::serve`]: a server's life, from its first request to the orderly end.

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

/// What a connection may take; `None` is for ever.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time to bring the head of the next request; with HTTP/2, to answer a ping.
    pub idle: Option<Duration>,
    /// Time without any progress of what is written to the client.
    pub stalled: Option<Duration>,
    /// Connections at a time. More of them wait until others end.
    pub connections: usize,
}

impl Limits {
    /// For requests that may take as long as `timeout`: a client may take as long as one of them, or as until the next one, to send
    /// more of its request or to take more of its response. Less than some seconds could be the network's fault.
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

/// What answers requests.
pub trait Handler: Clone + Send + Sync + 'static {
    type Body: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>> + Send>
        + Send
        + 'static;

    /// The response to a request. Dropped, as the response's body is, when the client has left.
    fn respond(
        &self,
        peers: Peers,
        request: Request<RequestBody>,
    ) -> impl Future<Output = Response<Self::Body>> + Send;
}

/// Waits for this, but no longer than the limit: `None` if that has passed.
async fn within<T>(limit: Option<Duration>, work: impl Future<Output = T>) -> Option<T> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, work).await.ok(),
        None => Some(work.await),
    }
}

/// The end of this time, which may never come.
async fn until_after(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

/// A point in time that may never come.
async fn until(instant: Option<tokio::time::Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}
