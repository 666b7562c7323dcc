//! A body that shows whether somebody still has it.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::oneshot::{self, error::TryRecvError};
use wasmtime_wasi_http::WasiBody;

/// A body with a watcher.
pub struct Watched<B> {
    body: B,
    _held: oneshot::Sender<Infallible>,
}

/// The watcher of a body.
pub struct Watcher(oneshot::Receiver<Infallible>);

impl<B> Watched<B> {
    pub fn new(body: B) -> (Self, Watcher) {
        let (_held, watcher) = oneshot::channel();
        (Self { body, _held }, Watcher(watcher))
    }
}

impl Watched<WasiBody> {
    /// A response with a watcher of its body.
    pub fn response(response: Response<WasiBody>) -> (Response<WasiBody>, Watcher) {
        let (head, body) = response.into_parts();
        let (body, watcher) = Self::new(body);
        (Response::from_parts(head, body.boxed_unsync()), watcher)
    }
}

impl Watcher {
    /// Waits until the body has been dropped.
    pub async fn over(&mut self) {
        if !self.0.is_terminated() {
            let _ = (&mut self.0).await;
        }
    }

    /// Returns `true` if the body has been dropped.
    pub fn is_over(&mut self) -> bool {
        // Nothing is ever sent, so the channel ends in no other way.
        self.0.is_terminated() || self.0.try_recv() == Err(TryRecvError::Closed)
    }
}

impl<B: Body + Unpin> Body for Watched<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
