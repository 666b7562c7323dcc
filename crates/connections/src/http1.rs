//! A connection of HTTP/1.

use std::convert::Infallible;
use std::net::Shutdown;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::{Instant, interval, timeout};

use crate::accept::{CROWDED_IDLE, Ending, LAST_WORDS, Phase, Shared, TICK};
use crate::wire::{Answering, Standing, Wire, has_left, is_last};
use crate::{Handler, Peers, RequestBody};

/// The bytes that it may send meanwhile.
const LAST_BYTES: usize = 1 << 20;

pub async fn serve<H: Handler>(
    shared: Shared<H>,
    stream: Arc<TcpStream>,
    first: Bytes,
    peers: Peers,
    mut ending: Ending,
) {
    let standing = Arc::new(Standing::default());
    let wire = Wire::new(
        stream.clone(),
        first,
        standing.clone(),
        shared.limits.stalled,
    );
    let service =
        hyper::service::service_fn(|request| respond(&shared, &standing, &stream, peers, request));
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(shared.limits.idle);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(wire), service));
    let mut tick = interval(TICK);
    let mut last_answer = Instant::now();
    let ended = loop {
        tokio::select! {
            // A connection that fails is the client's affair.
            ended = connection.as_mut() => break ended,
            phase = ending.next() => match phase {
                Phase::Told => {}
                Phase::Idle => standing.end_idle(),
                Phase::Over => standing.end(),
            },
            _ = tick.tick() => {
                if standing.is_answering() {
                    // The protocol does not notice it while it has no reason to read.
                    if has_left(&stream) {
                        return;
                    }
                    last_answer = Instant::now();
                } else if shared.is_crowded() && last_answer.elapsed() > CROWDED_IDLE {
                    return;
                }
            }
        }
    };
    if ended.is_err() || standing.has_unread_body() {
        hear_out(&stream).await;
    }
}

async fn respond<H: Handler>(
    shared: &Shared<H>,
    standing: &Arc<Standing>,
    stream: &TcpStream,
    peers: Peers,
    request: Request<Incoming>,
) -> Result<http::Response<Answer<H::Body>>, Infallible> {
    let answering = Answering::begin(standing);
    let request = request.map(|body| RequestBody::http1(body, standing.clone()));
    let response = shared.handler.respond(peers, request).await;
    let mut response = response.map(|body| Answer {
        body: Box::pin(body),
        _answering: answering,
    });
    if shared.is_stopping() && is_last(standing, stream) {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    Ok(response)
}

/// Reads the remaining input of a client that has got its last response.
async fn hear_out(stream: &TcpStream) {
    if socket2::SockRef::from(stream)
        .shutdown(Shutdown::Write)
        .is_err()
    {
        return;
    }
    let mut bytes = [0; 8 << 10];
    let mut rest = LAST_BYTES;
    let _ = timeout(LAST_WORDS, async {
        while rest > 0 && stream.readable().await.is_ok() {
            match stream.try_read(&mut bytes) {
                Ok(0) => return,
                Ok(length) => rest = rest.saturating_sub(length),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    })
    .await;
}

/// The body of a response, which counts as answered when this is dropped.
struct Answer<B> {
    body: Pin<Box<B>>,
    _answering: Answering,
}

impl<B: Body> Body for Answer<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.body.as_mut().poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
