//! The body of a response: what the instance writes, counted for the log, and broken off where the instance failed.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::{Body, Frame, SizeHint};
use wasmtime_wasi_http::{Error, WasiBody};

use super::failure::Failure;
use super::log::Access;

/// Set when an instance has failed, before the bodies that it wrote come to an end.
#[derive(Clone, Debug, Default)]
pub struct Broken(Arc<AtomicBool>);

impl Broken {
    pub fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// The body of a response, which writes its request's line into the log when it is gone.
pub struct ResponseBody {
    inner: WasiBody,
    broken: Broken,
    access: Access,
    /// Bytes that the response has by its headers.
    expected: Option<u64>,
}

impl ResponseBody {
    /// The instance's response.
    pub fn of_instance(
        response: Response<WasiBody>,
        method: &Method,
        broken: Broken,
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
            broken,
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
            broken: Broken::default(),
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
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.access.bytes += data.len() as u64;
                }
            }
            Some(Err(_)) => {}
            // An instance that is gone leaves a body that ends as if it were whole.
            None if self.broken.get() => {
                return Poll::Ready(Some(Err(Error::HttpResponseIncomplete)));
            }
            None => self.access.complete = true,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream() && !self.broken.get()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
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
    }
}
