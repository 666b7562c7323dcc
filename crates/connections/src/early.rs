//! The body of a request that may be looked at before there is an instance to read it.

use std::pin::Pin;
use std::task::{Context, Poll};

use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, SizeHint};

/// The body of a request, of which the first part may be read before the rest is.
pub struct Early<B: Body> {
    first: Option<(SizeHint, Result<Frame<B::Data>, B::Error>)>,
    rest: B,
}

impl<B: Body + Unpin> Early<B> {
    pub fn new(rest: B) -> Self {
        Self { first: None, rest }
    }

    /// Waits until it has begun, or is known to be empty.
    pub async fn begun(&mut self) {
        if self.first.is_none() && !self.rest.is_end_stream() {
            let size = self.rest.size_hint();
            self.first = self.rest.frame().await.map(|frame| (size, frame));
        }
    }
}

impl<B: Body<Data: Unpin, Error: Unpin> + Unpin> Body for Early<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        match self.first.take() {
            Some((_, first)) => Poll::Ready(Some(first)),
            None => Pin::new(&mut self.rest).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.first {
            Some((size, _)) => size.clone(),
            None => self.rest.size_hint(),
        }
    }
}
