//! Bodies. Of a response: what the instance writes, counted for the log, and broken off where the instance failed. Of a request:
//! what its client sends, which may be looked at before there is an instance to read it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use connections::Pace;
use http::{Method, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::Notify;
use wasmtime_wasi_http::{Error, WasiBody};

use super::failure::Failure;
use super::log::Access;

/// What an instance and the bodies of its request and its response know of each other. Copies are the same.
#[derive(Clone, Debug, Default)]
pub struct Exchange(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    broken: AtomicBool,
    left: Notify,
    /// At what pace the client takes the response.
    pace: Pace,
}

impl Exchange {
    /// The instance has failed: to be told before the bodies that it wrote come to an end.
    pub fn set_broken(&self) {
        self.0.broken.store(true, Ordering::Release);
    }

    fn is_broken(&self) -> bool {
        self.0.broken.load(Ordering::Acquire)
    }

    /// Waits until the client has left without its whole response.
    pub async fn left(&self) {
        self.0.left.notified().await;
    }

    pub fn pace(&self) -> &Pace {
        &self.0.pace
    }
}

/// The body of a response, which writes its request's line into the log when it is gone.
pub struct ResponseBody {
    inner: WasiBody,
    exchange: Exchange,
    access: Access,
    /// Bytes that the response has by its headers.
    expected: Option<u64>,
}

impl ResponseBody {
    /// The instance's response.
    pub fn of_instance(
        response: Response<WasiBody>,
        method: &Method,
        exchange: Exchange,
        mut access: Access,
    ) -> Response<Self> {
        let (head, mut inner) = response.into_parts();
        access.status = Some(head.status);
        let bodiless = *method == Method::HEAD
            || head.status == StatusCode::NO_CONTENT
            || head.status == StatusCode::NOT_MODIFIED;
        if bodiless {
            // Hyper would drop it, and an app that writes one all the same would find that an error.
            drain(std::mem::replace(&mut inner, nothing()));
        }
        let length = || {
            let value = head.headers.get(header::CONTENT_LENGTH)?;
            value.to_str().ok()?.parse().ok()
        };
        let expected = if bodiless { Some(0) } else { length() };
        let body = Self {
            inner,
            exchange,
            access,
            expected,
        };
        Response::from_parts(head, body)
    }

    /// Ours, in place of one.
    pub fn of_failure(failure: &Failure, mut access: Access) -> Response<Self> {
        let status = failure.status();
        access.status = Some(status);
        let text = Bytes::from(failure.body());
        let expected = Some(text.len() as u64);
        let inner = Full::new(text)
            .map_err(|never| match never {})
            .boxed_unsync();
        let mut response = Response::new(Self {
            inner,
            exchange: Exchange::default(),
            access,
            expected,
        });
        *response.status_mut() = status;
        let plain = header::HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, plain);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let soon = header::HeaderValue::from_static("1");
            response.headers_mut().insert(header::RETRY_AFTER, soon);
        }
        response
    }
}

/// Reads the rest of a body that nobody asks for, so that writing it succeeds.
fn drain(mut body: WasiBody) {
    // There is none while the program ends.
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(async move { while let Some(Ok(_)) = body.frame().await {} });
    }
}

fn nothing() -> WasiBody {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        // Whoever asks for more has passed on what came before.
        self.exchange.pace().go_on(0);
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                self.access.bytes += bytes as u64;
                self.exchange.pace().go_on(bytes);
                self.exchange.pace().wait();
            }
            Some(Err(_)) => {}
            // An instance that is gone leaves a body that ends as if it were whole.
            None if self.exchange.is_broken() => {
                return Poll::Ready(Some(Err(Error::HttpResponseIncomplete)));
            }
            None => self.access.complete = true,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream() && !self.exchange.is_broken()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        self.exchange.pace().go_on(0);
        // Hyper asks for no more than what a response has by its headers, and the app may still be about to flush.
        if self
            .expected
            .is_some_and(|expected| self.access.bytes >= expected)
        {
            self.access.complete = true;
            drain(std::mem::replace(&mut self.inner, nothing()));
        } else {
            self.access.complete |= self.is_end_stream();
        }
        if !self.access.complete {
            self.exchange.0.left.notify_one();
        }
    }
}

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
