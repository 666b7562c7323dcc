//! The body of a request, and the pace at which a client sends or takes bytes.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, header};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::Instant;

use crate::wire::Standing;

/// The bytes a second that a client must manage while others wait for their turn.
const ENOUGH: u64 = 1 << 10;

/// The time that the server has waited for a client. Clones share their state.
#[derive(Clone, Debug, Default)]
pub struct Pace(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    since: Option<Instant>,
    before: Duration,
    bytes: u64,
}

impl Pace {
    /// It is now the client's turn.
    pub fn wait(&self) {
        self.state(|state| {
            state.since.get_or_insert_with(Instant::now);
        });
    }

    /// It is now the server's turn, after this many bytes.
    pub fn go_on(&self, bytes: usize) {
        self.state(|state| {
            if let Some(since) = state.since.take() {
                state.before += since.elapsed();
            }
            state.bytes += bytes as u64;
        });
    }

    /// Forgets the past.
    pub fn restart(&self) {
        self.state(|state| *state = State::default());
    }

    /// The time for which it has been the client's turn.
    pub fn stalled(&self) -> Duration {
        self.state(|state| state.since.map_or(Duration::ZERO, |since| since.elapsed()))
    }

    /// Returns `true` if it is the client's turn, and it has taken longer by `grace` than it would at a kilobyte a second.
    pub fn is_slow(&self, grace: Duration) -> bool {
        self.state(|state| {
            let Some(since) = state.since else {
                return false;
            };
            let allowed = grace + Duration::from_secs(state.bytes / ENOUGH);
            state.before + since.elapsed() > allowed
        })
    }

    /// Waits until it has been the client's turn for this long without a break.
    pub async fn stalls(&self, limit: Option<Duration>) {
        let Some(limit) = limit else {
            return std::future::pending().await;
        };
        while let Some(rest) = limit.checked_sub(self.stalled()) {
            tokio::time::sleep(rest.max(Duration::from_millis(10))).await;
        }
    }

    fn state<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The body of a request. Its [`Pace`] counts the time for which its reader has waited.
pub struct RequestBody {
    from: From,
    pace: Pace,
}

enum From {
    Http1 {
        body: Incoming,
        standing: Arc<Standing>,
    },
    Http2 {
        stream: h2::RecvStream,
        /// The bytes that are still to come, if known.
        length: Option<u64>,
        /// Only trailers can follow.
        data_is_over: bool,
    },
}

/// The reason why a body ended early.
#[derive(Debug)]
pub enum BodyError {
    Http1(hyper::Error),
    Http2(h2::Error),
}

impl std::fmt::Display for BodyError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Http1(error) => error.fmt(out),
            Self::Http2(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for BodyError {}

#[cfg(feature = "wasi")]
impl std::convert::From<BodyError> for wasmtime_wasi_http::Error {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Http1(error) => error.into(),
            BodyError::Http2(_) => Self::HttpProtocolError,
        }
    }
}

impl RequestBody {
    pub(crate) fn http1(body: Incoming, standing: Arc<Standing>) -> Self {
        standing.set_unread_body(!body.is_end_stream());
        Self {
            from: From::Http1 { body, standing },
            pace: Pace::default(),
        }
    }

    pub(crate) fn http2(stream: h2::RecvStream, headers: &HeaderMap) -> Self {
        let length = headers.get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        Self {
            from: From::Http2 {
                stream,
                length,
                data_is_over: false,
            },
            pace: Pace::default(),
        }
    }

    /// The pace at which the client sends the body.
    pub fn pace(&self) -> &Pace {
        &self.pace
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let polled = match &mut this.from {
            From::Http1 { body, standing } => {
                let polled = Pin::new(&mut *body).poll_frame(context);
                if matches!(polled, Poll::Ready(None)) || body.is_end_stream() {
                    standing.set_unread_body(false);
                }
                polled.map_err(BodyError::Http1)
            }
            From::Http2 {
                stream,
                length,
                data_is_over,
            } => {
                let polled = poll_stream(stream, data_is_over, context);
                *length = length.map(|length| length.saturating_sub(bytes_of(&polled) as u64));
                polled.map_err(BodyError::Http2)
            }
        };
        match &polled {
            Poll::Pending => this.pace.wait(),
            Poll::Ready(_) => this.pace.go_on(bytes_of(&polled)),
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        match &self.from {
            From::Http1 { body, .. } => body.is_end_stream(),
            From::Http2 { stream, .. } => stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.from {
            From::Http1 { body, .. } => body.size_hint(),
            From::Http2 { stream, .. } if stream.is_end_stream() => SizeHint::with_exact(0),
            From::Http2 { length, .. } => length.map_or_else(SizeHint::new, SizeHint::with_exact),
        }
    }
}

fn bytes_of<E>(polled: &Poll<Option<Result<Frame<Bytes>, E>>>) -> usize {
    match polled {
        Poll::Ready(Some(Ok(frame))) => frame.data_ref().map_or(0, Bytes::len),
        _ => 0,
    }
}

fn poll_stream(
    stream: &mut h2::RecvStream,
    data_is_over: &mut bool,
    context: &mut Context<'_>,
) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
    if !*data_is_over {
        match ready!(stream.poll_data(context)) {
            Some(Ok(data)) => {
                // The bytes that were read make room for more.
                let _ = stream.flow_control().release_capacity(data.len());
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => *data_is_over = true,
        }
    }
    let trailers = ready!(stream.poll_trailers(context));
    Poll::Ready(
        trailers
            .map(|trailers| trailers.map(Frame::trailers))
            .transpose(),
    )
}
