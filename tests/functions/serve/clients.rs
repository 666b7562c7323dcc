//! Limits for clients: they may not harm others, the server's end, or its log. `crates/connections` has the details of
//! connections; here are the real program and its instances.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::Reason;
use http::Request;
use tokio::time::timeout;

use super::{P2, P3, both, ok};
use crate::support::server::{PATIENCE, Server};

fn ask(server: &Server, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")
}

fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Waits until it has this number of sockets.
#[track_caller]
fn sockets(server: &Server, wanted: usize) -> Duration {
    let begin = Instant::now();
    while server.sockets() > wanted {
        assert!(begin.elapsed() < PATIENCE, "{} sockets", server.sockets());
        std::thread::sleep(Duration::from_millis(50));
    }
    begin.elapsed()
}

#[tokio::test]
async fn the_log_shows_no_tricks() {
    let server = Server::start(&P2, &[]);
    // As raw bytes, decoded by the app, and as a line of its own.
    let request = "GET /\u{202e}\u{9b}x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    rest(ask(&server, request));
    let hostile = "%1b%5b31m%E2%80%AE%E2%80%8B%07%0A%5b9%5d%20GET%20/%20200";
    assert_eq!(server.get(&format!("/say?{hostile}")).await, ok("said"));
    server.line("GET /say?%1b");
    server.line("\\u001b[31m\\u202e\\u200b\\u0007");
    server.line("] [9] GET / 200");
    let (_, _, log) = server.stop();
    let is_hostile =
        |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{200b}\u{9b}".contains(c);
    assert_eq!(log.chars().find(|c| is_hostile(*c)), None, "{log:?}");
}

#[tokio::test]
async fn odd_methods_and_old_clients() {
    let server = Server::start(&P2, &[]);
    for method in ["PRINT", "PRIVATE", "PRI"] {
        let request = format!("{method} / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = rest(ask(&server, &request));
        assert!(
            answer.starts_with("HTTP/1.1 200 OK\r\n"),
            "{method}: {answer}"
        );
    }
    let answer = rest(ask(&server, "GET /target HTTP/1.0\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
    assert!(
        answer.ends_with(&format!("Scheme_Http {}", server.address)),
        "{answer}"
    );
    let answer = rest(ask(&server, "GET /target HTTP/1.0\r\nhost: old\r\n\r\n"));
    assert!(answer.ends_with("Scheme_Http old"), "{answer}");
    // With HTTP/1.1 it is a mistake. If the target names a host, the header does not matter.
    let answer = rest(ask(&server, "GET / HTTP/1.1\r\n\r\n"));
    assert!(
        answer.starts_with("HTTP/1.1 400 Bad Request\r\n"),
        "{answer}"
    );
    let request = "GET http://one/target HTTP/1.1\r\nhost: two\r\nconnection: close\r\n\r\n";
    let answer = rest(ask(&server, request));
    assert!(answer.contains("Scheme_Http one"), "{answer}");
}

#[tokio::test]
async fn clients_that_do_not_read() {
    let server = Server::start(&P2, &["--timeout", "4"]);
    let before = server.sockets();
    let clients: Vec<_> = (0..32).map(|_| ask(&server, &get("/big?64"))).collect();
    sockets(&server, before);
    // No request of theirs in between, but connections of others that have not been cut off yet.
    let more: Vec<_> = (0..8).map(|_| ask(&server, &get("/big?64"))).collect();
    server.line("[40] ");
    let begin = Instant::now();
    let (status, _, log) = server.stop();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(
        begin.elapsed() < Duration::from_secs(60),
        "{:?}",
        begin.elapsed()
    );
    drop((clients, more));
}

#[tokio::test]
async fn a_window_of_zero() {
    let server = Server::start(&P2, &["--timeout", "4"]);
    let before = server.sockets();
    let stream = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    let mut builder = h2::client::Builder::new();
    builder.initial_window_size(0);
    let (mut client, connection) = builder.handshake::<_, Bytes>(stream).await.unwrap();
    let driver = tokio::spawn(connection);
    let request = Request::get("http://x/").body(()).unwrap();
    let (response, _) = client.send_request(request, true).unwrap();
    let mut body = response.await.unwrap().into_body();
    let end = timeout(PATIENCE, body.data()).await.expect("it is cut off");
    let error = end.expect("it is not whole").expect_err("it has no room");
    assert_eq!(error.reason(), Some(Reason::CANCEL), "{error}");
    let _ = timeout(PATIENCE, driver)
        .await
        .expect("the connection ends");
    sockets(&server, before);
    let (status, _, log) = server.stop();
    assert_eq!(status.code(), Some(0), "{log}");
}

/// Sends all of them at once, with few instances: most have not been read when the signal comes.
#[tokio::test]
async fn a_stop_drops_nothing_that_has_arrived() {
    const CLIENTS: usize = 64;
    for (component, kept) in [(&P2, false), (&P2, true), (&P3, false)] {
        let server = Server::start(component, &["--max-instances", "4"]);
        let mut clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let mut stream = ask(&server, if kept { "" } else { "G" });
                if kept {
                    stream.write_all(get("/count").as_bytes()).unwrap();
                    let mut bytes = [0; 4096];
                    while !bytes.ends_with(b"0\r\n\r\n") {
                        bytes.rotate_left(1);
                        stream.read_exact(&mut bytes[4095..]).unwrap();
                    }
                }
                stream
            })
            .collect();
        let request = get("/wait?0.05");
        for client in &mut clients {
            let request = if kept { &request } else { &request[1..] };
            client.write_all(request.as_bytes()).unwrap();
        }
        server.signal("TERM");
        for client in clients {
            let answer = rest(client);
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
            assert!(answer.contains("waited"), "{answer}");
        }
        let (status, _, log) = server.wait();
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(!log.contains("aborted"), "{log}");
    }
}

/// There is no time limit and only one instance, so others are answered only if the instance of the client that left has
/// ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_of_clients_that_have_left() {
    let options = ["--max-instances", "1", "--timeout", "0"];
    both(&options, async |server| {
        // Before the head, with a body that nobody reads.
        let request = "POST /wait?100000 HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\n\r\n";
        let client = ask(&server, &format!("{request}{}", "x".repeat(999)));
        server.line("[1] waiting");
        drop(client);
        assert_eq!(server.get("/").await, ok("Hello, World!"));
    })
    .await;
    let server = Server::start(&P2, &options);
    // After the head.
    let mut client = ask(&server, &get("/drip"));
    let mut bytes = [0; 5];
    while bytes != *b"begun" {
        bytes.rotate_left(1);
        client.read_exact(&mut bytes[4..]).unwrap();
    }
    drop(client);
    assert_eq!(server.get("/").await, ok("Hello, World!"));
    let line = server.line("GET /drip 200 5 ");
    assert!(line.ends_with(" aborted"), "{line}");
    // One stream of a connection that continues.
    let stream = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    let handshake = h2::client::Builder::new().handshake::<_, Bytes>(stream);
    let (mut client, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    for path in ["/wait?100000", "/drip"] {
        let request = Request::get(format!("http://x{path}")).body(()).unwrap();
        let (response, mut stream) = client.send_request(request, false).unwrap();
        let response = if path == "/drip" {
            let mut body = response.await.unwrap().into_body();
            assert_eq!(body.data().await.unwrap().unwrap(), "begun");
            (None, Some(body))
        } else {
            server.line("[3] waiting");
            (Some(response), None)
        };
        stream.send_reset(Reason::CANCEL);
        assert_eq!(server.get("/").await, ok("Hello, World!"));
        drop((response, stream));
    }
}

#[tokio::test]
async fn clients_that_send_no_body() {
    let options = ["--max-instances", "4", "--timeout", "120"];
    both(&options, async |server| {
        let request = "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n";
        // More than there are places, before and after; some send a little now and then.
        let silent: Vec<_> = (0..64).map(|_| ask(&server, request)).collect();
        let first = silent.iter().take(4);
        let mut drips: Vec<_> = first.map(|stream| stream.try_clone().unwrap()).collect();
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let stopped = stop.clone();
        let dripping = std::thread::spawn(move || {
            while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
                for stream in &mut drips {
                    let _ = stream.write_all(b"x");
                }
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        let begin = Instant::now();
        for _ in 0..4 {
            assert_eq!(server.get("/").await, ok("Hello, World!"));
        }
        let elapsed = begin.elapsed();
        assert!(elapsed < Duration::from_secs(60), "{elapsed:?}");
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        dripping.join().unwrap();
        server.line("error: the client sent or took too little, too slowly");
        drop(silent);
    })
    .await;
}

/// While nobody waits, slow clients have the time that the limits grant.
#[tokio::test]
async fn a_slow_body_that_is_in_nobodys_way() {
    let server = Server::start(&P2, &["--max-instances", "2", "--timeout", "60"]);
    let request =
        "POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 4\r\n\r\n";
    let mut client = ask(&server, request);
    for _ in 0..4 {
        std::thread::sleep(Duration::from_secs(1));
        assert_eq!(server.get("/").await, ok("Hello, World!"));
        client.write_all(b"x").unwrap();
    }
    let answer = rest(client);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}
