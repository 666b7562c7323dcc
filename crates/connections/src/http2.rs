//! A connection of HTTP/2. It sends no more than the client has room for, so that we know what the client does not take.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Ping, PingPong, Reason, RecvStream, SendStream};
use http::{HeaderMap, HeaderValue, Request, Response, header};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep};

use crate::accept::{CROWDED_IDLE, Ending, LAST_WORDS, Phase, Shared, TICK};
use crate::wire::{Standing, Wire};
use crate::{Handler, Peers, RequestBody, until, within};

/// The bytes that a client may send ahead, for one body and for all.
const WINDOW: u32 = 1 << 20;
/// The number of requests of a connection at a time.
const STREAMS: u32 = 200;
/// The bytes of a request's headers.
const HEADERS: u32 = 16 << 10;
/// The bytes of a response that are on their way to the system.
const SENDING: usize = 256 << 10;

pub async fn serve<H: Handler>(
    shared: Shared<H>,
    stream: Arc<TcpStream>,
    first: Bytes,
    peers: Peers,
    mut ending: Ending,
) {
    let limits = shared.limits;
    let wire = Wire::new(stream, first, Arc::new(Standing::default()), limits.stalled);
    let mut builder = h2::server::Builder::new();
    builder
        .initial_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADERS)
        .max_send_buffer_size(SENDING);
    let handshake = within(limits.idle, builder.handshake(wire)).await;
    let Some(Ok(mut connection)) = handshake else {
        return;
    };
    let mut silence = pin!(silence(connection.ping_pong(), limits.idle));
    let mut answers = JoinSet::new();
    let mut tick = interval(TICK);
    let mut last_answer = Instant::now();
    // The time when the connection ends for good.
    let mut end = None;
    let mut stopping = false;
    loop {
        tokio::select! {
            accepted = connection.accept() => match accepted {
                Some(Ok((request, respond))) => {
                    let handler = shared.handler.clone();
                    answers.spawn(answer(handler, peers, request, respond, limits.stalled));
                }
                // The connection has failed, or has ended and sent everything.
                Some(Err(_)) | None => return,
            },
            Some(ended) = answers.join_next() => {
                // A client that does not take its only response is not waited for.
                if matches!(ended, Ok(Err(Stalled))) && answers.is_empty() {
                    connection.graceful_shutdown();
                    end = Some(Instant::now() + LAST_WORDS);
                }
            },
            phase = ending.next() => match phase {
                Phase::Told => connection.graceful_shutdown(),
                Phase::Idle => {}
                Phase::Over => stopping = true,
            },
            () = &mut silence => return,
            () = until(end) => return,
            _ = tick.tick() => {
                if !answers.is_empty() {
                    last_answer = Instant::now();
                } else if stopping && end.is_none() {
                    end = Some(Instant::now() + LAST_WORDS);
                } else if shared.is_crowded() && last_answer.elapsed() > CROWDED_IDLE {
                    connection.graceful_shutdown();
                    end = end.or(Some(Instant::now() + LAST_WORDS));
                }
            }
        }
    }
}

/// Ends when the client does not answer a ping.
async fn silence(pings: Option<PingPong>, limit: Option<Duration>) {
    if let (Some(mut pings), Some(limit)) = (pings, limit) {
        loop {
            sleep(limit).await;
            let answered = within(Some(limit), pings.ping(Ping::opaque())).await;
            if !matches!(answered, Some(Ok(_))) {
                return;
            }
        }
    }
    std::future::pending().await
}

/// The client took nothing of its response for too long.
struct Stalled;

async fn answer<H: Handler>(
    handler: H,
    peers: Peers,
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    limit: Option<Duration>,
) -> Result<(), Stalled> {
    let (head, body) = request.into_parts();
    let body = RequestBody::http2(body, &head.headers);
    let request = Request::from_parts(head, body);
    let response = tokio::select! {
        response = handler.respond(peers, request) => response,
        // The client does not want it any more.
        _ = poll_fn(|context| respond.poll_reset(context)) => return Ok(()),
    };
    let (mut head, body) = response.into_parts();
    let mut body = pin!(body);
    complete(&mut head.headers, body.as_ref().get_ref());
    let ends = body.is_end_stream();
    let Ok(mut stream) = respond.send_response(Response::from_parts(head, ()), ends) else {
        respond.send_reset(Reason::INTERNAL_ERROR);
        return Ok(());
    };
    if ends {
        return Ok(());
    }
    loop {
        let frame = tokio::select! {
            frame = body.frame() => frame,
            _ = poll_fn(|context| stream.poll_reset(context)) => return Ok(()),
        };
        let frame = match frame {
            Some(Ok(frame)) => frame,
            // A response that fails must not look complete.
            Some(Err(_)) => {
                stream.send_reset(Reason::INTERNAL_ERROR);
                return Ok(());
            }
            None => {
                let _ = stream.send_data(Bytes::new(), true);
                return Ok(());
            }
        };
        match frame.into_data() {
            Ok(data) => send(&mut stream, data, limit).await?,
            Err(frame) => {
                if let Ok(trailers) = frame.into_trailers() {
                    let _ = stream.send_trailers(trailers);
                    return Ok(());
                }
            }
        }
    }
}

/// Sends bytes as far as the client has room for them. Errors of the stream show when its reset is polled.
async fn send(
    stream: &mut SendStream<Bytes>,
    mut data: Bytes,
    limit: Option<Duration>,
) -> Result<(), Stalled> {
    while !data.is_empty() {
        stream.reserve_capacity(data.len());
        while stream.capacity() == 0 {
            let capacity = poll_fn(|context| stream.poll_capacity(context));
            match within(limit, capacity).await {
                Some(Some(Ok(_))) => {}
                Some(_) => return Ok(()),
                None => {
                    stream.send_reset(Reason::CANCEL);
                    return Err(Stalled);
                }
            }
        }
        let room = stream.capacity().min(data.len());
        if stream.send_data(data.split_to(room), false).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// Adapts headers to HTTP/2.
fn complete(headers: &mut HeaderMap, body: &impl Body) {
    for name in [
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
        header::HeaderName::from_static("keep-alive"),
        header::HeaderName::from_static("proxy-connection"),
    ] {
        headers.remove(name);
    }
    if let Some(length) = body.size_hint().exact()
        && !body.is_end_stream()
    {
        headers
            .entry(header::CONTENT_LENGTH)
            .or_insert_with(|| length.into());
    }
    if let Ok(date) = HeaderValue::try_from(httpdate::fmt_http_date(SystemTime::now())) {
        headers.entry(header::DATE).or_insert(date);
    }
}
