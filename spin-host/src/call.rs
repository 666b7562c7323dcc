//! One call of a component: what its instance, its response and its client's connection learn of each other.
//!
//! An instance that fails after the head of its response leaves a body that ends as if it were whole, so the body asks here how
//! its instance ended. And an instance whose client has left is given up, because nobody will read what it writes.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::Notify;
use wasmtime_wasi_http::{Error, WasiBody};

/// Copies are the same call.
#[derive(Clone, Debug, Default)]
pub struct Call(Arc<State>);

#[derive(Debug, Default)]
struct State {
    failed: AtomicBool,
    abandoned: AtomicBool,
    news: Notify,
}

impl Call {
    /// The instance has failed. Said before its store goes, and with it the writing end of the body.
    pub fn fail(&self) {
        self.0.failed.store(true, Ordering::Release);
    }

    fn has_failed(&self) -> bool {
        self.0.failed.load(Ordering::Acquire)
    }

    /// The client has left.
    fn abandon(&self) {
        self.0.abandoned.store(true, Ordering::Release);
        // Kept for who asks later.
        self.0.news.notify_one();
    }

    pub fn is_abandoned(&self) -> bool {
        self.0.abandoned.load(Ordering::Acquire)
    }

    /// Waits until the client leaves. One at a time may wait.
    pub async fn abandoned(&self) {
        while !self.is_abandoned() {
            self.0.news.notified().await;
        }
    }

    /// For as long as the client waits for the head of the response: dropping it means that the client has left.
    pub fn waiting(&self) -> Waiting {
        Waiting(Some(self.clone()))
    }
}

/// See [`Call::waiting`].
pub struct Waiting(Option<Call>);

impl Waiting {
    /// The head has come, and its body is waited for from now on.
    pub fn respond(mut self, method: &Method, response: Response<WasiBody>) -> Response<WasiBody> {
        let Some(call) = self.0.take() else {
            return response;
        };
        let (head, mut body) = response.into_parts();
        let bodiless = *method == Method::HEAD
            || head.status == StatusCode::NO_CONTENT
            || head.status == StatusCode::NOT_MODIFIED;
        if bodiless {
            // Hyper would drop it, which would look as if the client had.
            drain(std::mem::replace(&mut body, nothing()));
        }
        let length = head.headers.get(header::CONTENT_LENGTH);
        let expected = match bodiless {
            true => Some(0),
            false => length.and_then(|length| length.to_str().ok()?.parse().ok()),
        };
        let body = ResponseBody {
            inner: body,
            call,
            expected,
            sent: 0,
            over: false,
        };
        Response::from_parts(head, body.boxed_unsync())
    }

    /// There is an answer without the instance.
    pub fn answered(mut self) {
        self.0 = None;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(call) = &self.0 {
            call.abandon();
        }
    }
}

struct ResponseBody {
    inner: WasiBody,
    call: Call,
    /// Bytes that it has by its headers.
    expected: Option<u64>,
    sent: u64,
    over: bool,
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
            Some(Ok(frame)) => self.sent += frame.data_ref().map_or(0, Bytes::len) as u64,
            Some(Err(_)) => self.over = true,
            None => {
                self.over = true;
                if self.call.has_failed() {
                    return Poll::Ready(Some(Err(Error::HttpResponseIncomplete)));
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream() && !self.call.has_failed()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        // Hyper asks for no more than what a response has by its headers, and the component may still be about to flush.
        if self.expected.is_some_and(|expected| self.sent >= expected) {
            drain(std::mem::replace(&mut self.inner, nothing()));
        } else if !self.over && !self.inner.is_end_stream() {
            self.call.abandon();
        }
    }
}

/// Reads the rest of a body that nobody asks for, so that writing it succeeds. Ends with the instance at the latest.
fn drain(mut body: WasiBody) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(async move { while let Some(Ok(_)) = body.frame().await {} });
    }
}

fn nothing() -> WasiBody {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}
