//! One request and its response: the link between the instance that answers, the body that it writes and the client.
//!
//! An instance that fails after the head of its response leaves a body that ends as if it were complete, so the body asks here
//! how its instance ended. An instance whose client has left is told so, because nobody will read its output.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Method, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::Notify;

use crate::Pace;

/// Clones are the same exchange.
#[derive(Clone, Debug, Default)]
pub struct Exchange(Arc<State>);

#[derive(Debug, Default)]
struct State {
    failed: AtomicBool,
    left: AtomicBool,
    news: Notify,
    /// The pace at which the client takes the response.
    pace: Pace,
}

impl Exchange {
    /// Notes that the instance has failed. To be called before its store is dropped, which drops the writing end of the body.
    pub fn fail(&self) {
        self.0.failed.store(true, Ordering::Release);
    }

    fn has_failed(&self) -> bool {
        self.0.failed.load(Ordering::Acquire)
    }

    fn leave(&self) {
        self.0.left.store(true, Ordering::Release);
        // Kept for tasks that ask later.
        self.0.news.notify_one();
    }

    /// Returns `true` if the client has left without its whole response.
    pub fn has_left(&self) -> bool {
        self.0.left.load(Ordering::Acquire)
    }

    /// Waits until the client has left without its whole response. Only one task at a time may wait.
    pub async fn left(&self) {
        while !self.has_left() {
            self.0.news.notified().await;
        }
    }

    pub fn pace(&self) -> &Pace {
        &self.0.pace
    }

    /// Held while the client waits for the head of the response: dropping it means that the client has left.
    pub fn waiting(&self) -> Waiting {
        Waiting(Some(self.clone()))
    }

    /// The instance's response in the form that the client gets.
    pub fn respond<B, A: Account>(
        self,
        method: &Method,
        response: Response<B>,
        account: A,
    ) -> Response<ResponseBody<B, A>>
    where
        B: Body + Unpin + Send + 'static,
        B::Data: Send,
    {
        let (head, body) = response.into_parts();
        let bodiless = *method == Method::HEAD
            || head.status == StatusCode::NO_CONTENT
            || head.status == StatusCode::NOT_MODIFIED;
        let length = head.headers.get(header::CONTENT_LENGTH);
        let (inner, expected) = if bodiless {
            // The protocol would drop the body, and an app that writes one all the same would fail.
            drain(body);
            (None, Some(0))
        } else {
            let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
            (Some(body), length)
        };
        let body = ResponseBody {
            inner,
            exchange: self,
            account,
            expected,
            sent: 0,
            complete: false,
            given_up: false,
        };
        Response::from_parts(head, body)
    }
}

/// See [`Exchange::waiting`].
pub struct Waiting(Option<Exchange>);

impl Waiting {
    /// Notes that there is a head, or another answer.
    pub fn over(mut self) {
        self.0 = None;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(exchange) = &self.0 {
            exchange.leave();
        }
    }
}

/// A record of responses, which is dropped after it has been told.
pub trait Account: Send + Unpin + 'static {
    /// The client has this many bytes of the response's body; `complete` if that is all of it.
    fn close(&mut self, bytes: u64, complete: bool);
}

/// The body of a response, which is cut off if its instance failed.
pub struct ResponseBody<B, A>
where
    B: Body + Unpin + Send + 'static,
    B::Data: Send,
    A: Account,
{
    inner: Option<B>,
    exchange: Exchange,
    account: A,
    /// The number of bytes according to the headers.
    expected: Option<u64>,
    sent: u64,
    complete: bool,
    /// The instance has given its body up, which is not the client's doing.
    given_up: bool,
}

/// Its instance has failed.
#[derive(Debug)]
struct Incomplete;

impl std::fmt::Display for Incomplete {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("the response ends before its end")
    }
}

impl Error for Incomplete {}

impl<B, A> Body for ResponseBody<B, A>
where
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Unpin + Send + 'static,
    A: Account,
{
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        // A reader that asks for more has passed on everything before.
        self.exchange.pace().go_on(0);
        let frame = match &mut self.inner {
            Some(body) => ready!(Pin::new(body).poll_frame(context)),
            None => None,
        };
        match &frame {
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                self.sent += bytes as u64;
                self.exchange.pace().go_on(bytes);
                self.exchange.pace().wait();
            }
            Some(Err(_)) => self.given_up = true,
            None if self.exchange.has_failed() => {
                return Poll::Ready(Some(Err(Incomplete.into())));
            }
            None => self.complete = true,
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream) && !self.exchange.has_failed()
    }

    fn size_hint(&self) -> SizeHint {
        let nothing = SizeHint::with_exact(0);
        self.inner.as_ref().map_or(nothing, Body::size_hint)
    }
}

impl<B, A> Drop for ResponseBody<B, A>
where
    B: Body + Unpin + Send + 'static,
    B::Data: Send,
    A: Account,
{
    fn drop(&mut self) {
        self.exchange.pace().go_on(0);
        // The protocol asks for no more than the headers announce, and the app may still be about to flush.
        if self.expected.is_some_and(|expected| self.sent >= expected) {
            self.complete = true;
            if let Some(body) = self.inner.take() {
                drain(body);
            }
        } else {
            let ended = self.inner.as_ref().is_none_or(Body::is_end_stream);
            self.complete |= ended && !self.exchange.has_failed();
        }
        self.account.close(self.sent, self.complete);
        // An instance that gives its body up may be about to fail, and is to say why.
        if !self.complete && !self.given_up {
            self.exchange.leave();
        }
    }
}

/// Reads the rest of a body that nobody asks for, so that writing it succeeds. Ends with the instance at the latest.
pub fn drain<B>(mut body: B)
where
    B: Body + Unpin + Send + 'static,
    B::Data: Send,
{
    // The program has no runtime while it ends.
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(async move { while let Some(Ok(_)) = body.frame().await {} });
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::io;
    use std::pin::Pin;
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll};

    use bytes::Bytes;
    use http::{Method, Response};
    use http_body_util::combinators::UnsyncBoxBody;
    use http_body_util::{BodyExt as _, Full};
    use hyper::body::{Body, Frame};

    use super::{Account, Exchange, ResponseBody};

    /// The calls that an account has received.
    #[derive(Clone, Default)]
    struct Told(Arc<Mutex<Vec<(u64, bool)>>>);

    impl Account for Told {
        fn close(&mut self, bytes: u64, complete: bool) {
            self.0.lock().unwrap().push((bytes, complete));
        }
    }

    type Text = UnsyncBoxBody<Bytes, Infallible>;

    /// The response to this method, with this length in its head.
    fn respond(method: &Method, length: Option<u64>) -> (ResponseBody<Text, Told>, Exchange, Told) {
        let (exchange, told) = (Exchange::default(), Told::default());
        let mut response = Response::builder();
        if let Some(length) = length {
            response = response.header("content-length", length);
        }
        let response = response.body(Full::from("text").boxed_unsync()).unwrap();
        let response = exchange.clone().respond(method, response, told.clone());
        (response.into_body(), exchange, told)
    }

    /// The body of an instance that has dropped its end.
    struct GivenUp;

    impl Body for GivenUp {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
            Poll::Ready(Some(Err(io::Error::other("given up"))))
        }
    }

    #[tokio::test]
    async fn a_whole_response() {
        let (mut body, exchange, told) = respond(&Method::GET, None);
        while let Some(frame) = body.frame().await {
            frame.unwrap();
        }
        drop(body);
        assert!(!exchange.has_left());
        assert_eq!(*told.0.lock().unwrap(), [(4, true)]);
    }

    #[tokio::test]
    async fn an_instance_that_fails() {
        let (mut body, exchange, told) = respond(&Method::GET, None);
        assert_eq!(
            body.frame().await.unwrap().unwrap().into_data().unwrap(),
            "text"
        );
        exchange.fail();
        assert!(!body.is_end_stream());
        let end = body.frame().await.expect("it must not look whole");
        assert_eq!(
            end.unwrap_err().to_string(),
            "the response ends before its end"
        );
        drop(body);
        assert_eq!(*told.0.lock().unwrap(), [(4, false)]);
    }

    #[tokio::test]
    async fn an_instance_that_gives_its_body_up() {
        let (exchange, told) = (Exchange::default(), Told::default());
        let response = Response::new(GivenUp);
        let response = exchange
            .clone()
            .respond(&Method::GET, response, told.clone());
        let mut body = response.into_body();
        assert_eq!(
            body.frame().await.unwrap().unwrap_err().to_string(),
            "given up"
        );
        drop(body);
        assert!(!exchange.has_left());
        assert_eq!(*told.0.lock().unwrap(), [(0, false)]);
    }

    #[tokio::test]
    async fn a_client_that_leaves() {
        let (body, exchange, told) = respond(&Method::GET, None);
        assert!(!exchange.has_left());
        drop(body);
        exchange.left().await;
        assert_eq!(*told.0.lock().unwrap(), [(0, false)]);
        let exchange = Exchange::default();
        exchange.waiting().over();
        assert!(!exchange.has_left());
        drop(exchange.waiting());
        exchange.left().await;
    }

    #[tokio::test]
    async fn all_that_the_head_announces_is_all() {
        let (mut body, exchange, told) = respond(&Method::GET, Some(4));
        body.frame().await.unwrap().unwrap();
        drop(body);
        assert_eq!(*told.0.lock().unwrap(), [(4, true)]);
        assert!(!exchange.has_left());
        let (body, exchange, told) = respond(&Method::HEAD, Some(4));
        assert!(body.is_end_stream());
        drop(body);
        assert_eq!(*told.0.lock().unwrap(), [(0, true)]);
        assert!(!exchange.has_left());
    }
}
