//! The body of a request that can be checked before there is an instance to read it.

use std::pin::Pin;
use std::task::{Context, Poll};

use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, SizeHint};

/// The body of a request whose first part may be read before the rest.
pub struct Early<B: Body> {
    first: Option<First<B>>,
    rest: B,
}

/// The first part, and the size of the body before it was read.
struct First<B: Body> {
    size: SizeHint,
    frame: Result<Frame<B::Data>, B::Error>,
}

impl<B: Body + Unpin> Early<B> {
    pub fn new(rest: B) -> Self {
        Self { first: None, rest }
    }

    /// Waits until the body has begun, or is known to be empty.
    pub async fn begun(&mut self) {
        if self.first.is_none() && !self.rest.is_end_stream() {
            let size = self.rest.size_hint();
            self.first = self.rest.frame().await.map(|frame| First { size, frame });
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
            Some(first) => Poll::Ready(Some(first.frame)),
            None => Pin::new(&mut self.rest).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.first {
            Some(first) => first.size,
            None => self.rest.size_hint(),
        }
    }
}
