//! Bytes that are nearly HTTP/1.1 and HTTP/2, sent to `serve`: it continues to answer, releases every connection, and stops
//! when it is told.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use http::StatusCode;

use super::campaign::Campaign;
use crate::random::bytes;
use crate::random::rng::Rng;
use crate::support::components::build;
use crate::support::server::Server;

/// A valid request follows each time after so many inputs.
const EVERY: u64 = 50;
/// After this time the server has closed all connections without a request.
const TIMEOUT: &str = "3";

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Empty settings; a stream that is opened and closed by `GET /` with the authority `a`; a ping; a window that is opened.
const FRAMES: &[&[u8]] = &[
    b"\0\0\0\x04\0\0\0\0\0",
    b"\0\0\x06\x01\x05\0\0\0\x01\x82\x84\x86\x41\x01a",
    b"\0\0\x08\x06\0\0\0\0\0pingpong",
    b"\0\0\x04\x08\0\0\0\0\0\0\x10\0\0",
    b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08",
    b"\0\0\x05\0\x01\0\0\0\x01hello",
];
const REQUESTS: &[&[u8]] = &[
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /count HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"GET http://a/ HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    b"PRINT / HTTP/1.1\r\nHost: a\r\n\r\n",
];
const WORDS: &[&[u8]] = &[
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\0",
    b"\x1b[2J",
    b"\xff\xff\xff\xff",
    b"Content-Length: 18446744073709551616\r\n",
    b"Content-Length: -1\r\n",
    b"Content-Length: 0\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: identity, chunked\r\n",
    b"ffffffffffffffff\r\n",
    b"0\r\n\r\n",
    b"Host: b\r\n",
    b"%00%0d%0a",
    b"/../../etc/passwd",
    b" HTTP/9.9",
    PREFACE,
];

pub fn requests(campaign: &mut Campaign) -> Result<()> {
    let component = build("serve/p2", "wit/wasi-0.2", "wasi:http/proxy@0.2.12");
    let options = ["--timeout", TIMEOUT, "--idle-timeout", TIMEOUT];
    let server = Server::start(&component, &options);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let answers = || {
        let answer = async { tokio::time::timeout(Duration::from_secs(60), server.get("/")).await };
        let (status, body) = runtime.block_on(answer).context("it no longer answers")?;
        ensure!(
            status == StatusCode::OK && body == "Hello, World!",
            "it answers {status}: {body}"
        );
        Ok(())
    };
    answers()?;
    let before = server.sockets();
    let mut number = 0;
    while let Some(mut rng) = campaign.next() {
        let input = input(&mut rng);
        match send(&server, &mut rng, &input) {
            Ok(true) => campaign.accept(),
            Ok(false) => {}
            Err(error) => campaign.fault(&format!("{error:#}"), &[("request", &input)])?,
        }
        number += 1;
        if number % EVERY == 0 {
            answers()?;
        }
    }
    answers()?;
    let start = Instant::now();
    while server.sockets() > before {
        ensure!(
            start.elapsed() < Duration::from_secs(60),
            "connections are left open"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    let resident = server.resident().unwrap_or(0);
    ensure!(resident < 2_000_000, "it occupies {resident} kB");
    let (status, _, log) = server.stop();
    ensure!(status.code() == Some(0), "it ends with {status}:\n{log}");
    ensure!(
        !log.contains(|c: char| c.is_control() && c != '\n'),
        "control characters in the log: {log:?}"
    );
    Ok(())
}

fn input(rng: &mut Rng) -> Vec<u8> {
    let base = if rng.percent(40) {
        let mut base = PREFACE.to_vec();
        for _ in 0..rng.between(1, 8) {
            base.extend_from_slice(rng.pick::<&[u8]>(FRAMES));
        }
        base
    } else {
        rng.pick::<&[u8]>(REQUESTS).to_vec()
    };
    bytes::mutate(rng, &base, WORDS)
}

/// Sends the input whole, in pieces, or without an end; returns whether there was an answer with a status of success.
fn send(server: &Server, rng: &mut Rng, input: &[u8]) -> Result<bool> {
    let mut stream = TcpStream::connect(server.address).context("it no longer listens")?;
    stream.set_read_timeout(Some(Duration::from_millis(20)))?;
    let middle = rng.between(0, input.len());
    let (first, second) = input.split_at(middle);
    // The server may close at once; then there is nothing left to send.
    let sent = stream
        .write_all(first)
        .and_then(|()| stream.write_all(second));
    if sent.is_ok() && rng.percent(50) {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut answer = [0; 4096];
    let length = stream.read(&mut answer).unwrap_or(0);
    let answer = &answer[..length];
    let is_http1 = answer.starts_with(b"HTTP/1.");
    // A frame of HTTP/2 begins with its length; the first ones are settings.
    let is_http2 = answer.len() >= 9 && answer[3] <= 9;
    ensure!(
        answer.is_empty() || is_http1 || is_http2,
        "it answers {answer:?}"
    );
    Ok(answer.starts_with(b"HTTP/1.1 2") || answer.starts_with(b"HTTP/1.0 2"))
}
