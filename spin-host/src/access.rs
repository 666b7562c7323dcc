//! The access log: a line for each request, once its client has the response or is gone.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use connections::Account;
use http::{Request, StatusCode};

use crate::say::say;

/// The line of one request, written when this is dropped.
pub struct Access {
    client: SocketAddr,
    request: String,
    start: Instant,
    pub status: Option<StatusCode>,
    bytes: u64,
    complete: bool,
    _open: Arc<()>,
}

impl Access {
    /// `open` counts the requests whose line is not written yet.
    pub fn new<B>(client: SocketAddr, request: &Request<B>, open: Arc<()>) -> Self {
        let target = request.uri().path_and_query();
        let target = target.map_or("/", |target| target.as_str());
        Self {
            client,
            request: format!("{} {target}", request.method()),
            start: Instant::now(),
            status: None,
            bytes: 0,
            complete: false,
            _open: open,
        }
    }
}

impl Account for Access {
    fn close(&mut self, bytes: u64, complete: bool) {
        (self.bytes, self.complete) = (bytes, complete);
    }
}

impl Drop for Access {
    fn drop(&mut self) {
        let status = self.status.as_ref().map_or("-", StatusCode::as_str);
        let milliseconds = self.start.elapsed().as_secs_f64() * 1e3;
        let aborted = if self.complete { "" } else { ", aborted" };
        say(&format!(
            "{} \"{}\" {status} {} bytes{aborted}, {milliseconds:.1} ms",
            self.client, self.request, self.bytes
        ));
    }
}
