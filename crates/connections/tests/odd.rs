//! Requests of HTTP/1 that are odd, or try to be two requests at once.

mod support;

use std::io::Write as _;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use connections::Limits;
use support::{Server, get, limits, read_until, rest};

const CHUNKED: &str =
    "POST /read HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n";

#[test]
fn bodies_in_all_their_forms() {
    let server = Server::start(limits());
    let chunks = "3;name=value;flag\r\nabc\r\nA\r\n0123456789\r\n0\r\nx-sum: 1\r\n\r\n";
    let sized = "POST /read HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 13\r\n\r\nabc0123456789";
    for request in [&format!("{CHUNKED}\r\n{chunks}"), sized] {
        let answer = rest(&mut server.ask(request));
        assert!(answer.contains("13 bytes"), "{answer}");
        let mut stream = server.connect();
        stream.set_nodelay(true).unwrap();
        for byte in request.as_bytes() {
            stream.write_all(&[*byte]).unwrap();
        }
        let answer = rest(&mut stream);
        assert!(answer.contains("13 bytes"), "in single bytes: {answer}");
    }
    server.stop();
}

#[test]
fn expectations() {
    let server = Server::start(limits());
    let expecting = |path: &str| {
        server.ask(&format!("POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n"))
    };
    let mut stream = expecting("/read");
    read_until(&mut stream, "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"abc").unwrap();
    assert!(rest(&mut stream).contains("3 bytes"));
    // Nobody wants the body, so the client is not asked for it.
    let answer = rest(&mut expecting("/unread"));
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    server.stop();
}

/// Whatever a proxy before us may think: the second request is part of a body for us, or refused.
#[test]
fn requests_within_requests() {
    let server = Server::start(limits());
    let inner = "GET /inner HTTP/1.1\r\nhost: x\r\n\r\n";
    let length = inner.len();
    for heads in [
        "content-length: 0\r\ncontent-length: 5".to_owned(),
        format!("content-length: {length}\r\ncontent-length: 0"),
        "content-length: +0".to_owned(),
        "content-length: 0x0".to_owned(),
        "content-length: -1".to_owned(),
        "content-length: 0, 5".to_owned(),
        "content-length : 0".to_owned(),
        "transfer-encoding : chunked".to_owned(),
        "transfer-encoding: xchunked".to_owned(),
        "transfer-encoding: chunked, identity".to_owned(),
        "transfer-encoding: identity".to_owned(),
        "x: 1\r\n folded: 2".to_owned(),
        "x\0: 1".to_owned(),
        "x: 1\rcontent-length: 0".to_owned(),
    ] {
        let request = format!("POST /outer HTTP/1.1\r\nhost: x\r\n{heads}\r\n\r\n{inner}");
        let answer = rest(&mut server.ask(&request));
        assert!(answer.starts_with("HTTP/1.1 400 "), "{heads:?}: {answer}");
        assert!(!answer.contains("/inner"), "{heads:?}: {answer}");
    }
    for chunks in [
        "-1\r\n",
        "+0\r\n\r\n",
        "0x0\r\n\r\n",
        "10000000000000000\r\n",
        " 0\r\n\r\n",
        "\r\n\r\n",
    ] {
        let request = format!("{CHUNKED}\r\n{chunks}{inner}");
        let answer = rest(&mut server.ask(&request));
        assert!(!answer.contains("/inner"), "{chunks:?}: {answer}");
    }
    server.stop();
}

#[test]
fn heads_without_measure() {
    let server = Server::start(limits());
    let many = "x: 1\r\n".repeat(10_000);
    let large = format!("x: {}\r\n", "y".repeat(4 << 20));
    let target = "y".repeat(4 << 20);
    for request in [
        format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n"),
        format!("GET / HTTP/1.1\r\nhost: x\r\n{large}\r\n"),
        format!("GET /{target} HTTP/1.1\r\nhost: x\r\n\r\n"),
    ] {
        let mut stream = server.connect();
        // It may end before all of it is sent.
        let _ = stream.write_all(request.as_bytes());
        let answer = rest(&mut stream);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{answer}"
        );
    }
    assert_eq!(server.answers.begun.load(Ordering::SeqCst), 0);
    read_until(&mut server.ask(&get("/")), "GET /");
    server.stop();
}

#[test]
fn an_upgrade_that_is_not_offered() {
    let server = Server::start(limits());
    for protocol in ["h2c", "websocket"] {
        let request = format!(
            "GET /x HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: {protocol}\r\n\r\n"
        );
        let answer = read_until(&mut server.ask(&request), "GET /x");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
    server.stop();
}

#[test]
fn connections_that_ask_nothing() {
    let idle = Some(Duration::from_secs(1));
    let server = Server::start(Limits { idle, ..limits() });
    let begin = Instant::now();
    for beginning in ["", "P", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\nhost"] {
        let answer = rest(&mut server.ask(beginning));
        assert!(!answer.contains(" 200 "), "{beginning}: {answer}");
    }
    let answer = rest(&mut server.ask(&get("/")));
    assert!(answer.contains("GET /"), "{answer}");
    assert!(
        begin.elapsed() > Duration::from_secs(4),
        "{:?}",
        begin.elapsed()
    );
    server.stop();
}
