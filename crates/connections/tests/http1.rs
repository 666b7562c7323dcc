//! Connections of HTTP/1: which requests are HTTP/1, how connections end, and what their clients may not do.

mod support;

use std::io::{Read as _, Write as _};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use connections::Limits;
use support::{Server, eventually, get, limits, read_until, rest};

#[test]
fn methods_that_begin_like_http2() {
    let server = Server::start(limits());
    for method in ["PRINT", "PRIVATE", "PRI", "P", "PR", "PRI-", "PROPFIND"] {
        let request = format!("{method} /x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = rest(&mut server.ask(&request));
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(
            answer.ends_with(&format!("{method} /x\r\n0\r\n\r\n")),
            "{answer}"
        );
    }
    // The same in small pieces.
    let mut stream = server.connect();
    stream.set_nodelay(true).unwrap();
    for byte in b"PRI * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n" {
        stream.write_all(&[*byte]).unwrap();
    }
    assert!(rest(&mut stream).starts_with("HTTP/1.1 200 OK\r\n"));
    server.stop();
}

#[test]
fn requests_that_wait_to_be_accepted_when_it_stops() {
    const CLIENTS: usize = 64;
    let (server, start) = Server::stopped_from_the_start();
    let mut clients: Vec<_> = (0..CLIENTS).map(|_| server.ask(&get("/"))).collect();
    // These clients have said nothing, and must not be waited for.
    let _silent: Vec<_> = (0..8).map(|_| server.connect()).collect();
    let begin = Instant::now();
    drop(start);
    for client in &mut clients {
        let answer = rest(client);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    }
    server.end();
    assert!(
        begin.elapsed() < Duration::from_secs(20),
        "{:?}",
        begin.elapsed()
    );
}

#[test]
fn requests_that_nobody_has_read_when_it_stops() {
    let server = Server::start(limits());
    let mut clients: Vec<_> = (0..64).map(|_| server.ask(&get("/first"))).collect();
    for client in &mut clients {
        read_until(client, "0\r\n\r\n");
    }
    server.tell_to_stop();
    for client in &mut clients {
        client.write_all(get("/second").as_bytes()).unwrap();
    }
    for client in &mut clients {
        let answer = rest(client);
        assert!(answer.contains("GET /second"), "{answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    }
    server.end();
}

#[test]
fn requests_one_behind_another_when_it_stops() {
    let (server, start) = Server::stopped_from_the_start();
    let mut client = server.ask(&[get("/1"), get("/2"), get("/3")].concat());
    drop(start);
    let answer = rest(&mut client);
    let found: Vec<_> = ["/1", "/2", "/3"]
        .map(|path| answer.find(path).expect(&answer))
        .into();
    assert!(found.is_sorted(), "{answer}");
    assert_eq!(answer.matches("connection: close").count(), 1, "{answer}");
    server.end();
}

#[test]
fn a_request_that_has_begun_when_it_stops() {
    let server = Server::start(limits());
    let mut fresh = server.ask("GET /fresh HTTP/1.1\r\nho");
    let mut kept = server.ask(&get("/first"));
    read_until(&mut kept, "0\r\n\r\n");
    kept.write_all(b"GET /kept HTTP/1.1\r\nho").unwrap();
    // The server reads in turn: once this is answered, it has read the others.
    read_until(&mut server.ask(&get("/")), "GET /");
    server.tell_to_stop();
    std::thread::sleep(Duration::from_secs(1));
    for (client, path) in [(&mut fresh, "/fresh"), (&mut kept, "/kept")] {
        client.write_all(b"st: x\r\n\r\n").unwrap();
        let answer = rest(client);
        assert!(answer.contains(path), "{answer}");
    }
    server.end();
}

#[test]
fn a_request_that_never_ends_when_it_stops() {
    let server = Server::start(limits());
    let _head = server.ask("GET / HTTP/1.1\r\nho");
    let _preface = server.ask("PRI * HT");
    read_until(&mut server.ask(&get("/")), "GET /");
    let begin = Instant::now();
    server.stop();
    assert!(
        begin.elapsed() < Duration::from_secs(20),
        "{:?}",
        begin.elapsed()
    );
}

/// Clients that ask again as soon as they are answered lose nothing: they are told in time.
#[test]
fn clients_at_full_speed_when_it_stops() {
    let server = Server::start(limits());
    let client = |mut stream: std::net::TcpStream| {
        let mut answers = 0;
        loop {
            stream.write_all(get("/").as_bytes()).expect("it listens");
            let answer = read_until(&mut stream, "0\r\n\r\n");
            answers += 1;
            if answer.contains("connection: close") {
                return answers;
            }
        }
    };
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let stream = server.connect();
            std::thread::spawn(move || client(stream))
        })
        .collect();
    std::thread::sleep(Duration::from_millis(300));
    server.tell_to_stop();
    for client in clients {
        assert!(client.join().unwrap() > 1);
    }
    server.end();
}

#[test]
fn clients_that_do_not_read() {
    let stalled = Some(Duration::from_secs(1));
    let server = Server::start(Limits {
        stalled,
        ..limits()
    });
    let clients: Vec<_> = (0..32).map(|_| server.ask(&get("/large/10000"))).collect();
    eventually(|| server.answers.dropped.load(Ordering::SeqCst) == 32);
    // Not only the body is gone.
    for mut client in clients {
        let mut bytes = vec![0; 1 << 20];
        loop {
            match client.read(&mut bytes) {
                Ok(0) => panic!("it looks whole"),
                Ok(_) => {}
                Err(error) => {
                    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
                    break;
                }
            }
        }
    }
    server.stop();
}

#[test]
fn clients_that_read_slowly() {
    let stalled = Some(Duration::from_secs(2));
    let server = Server::start(Limits {
        stalled,
        ..limits()
    });
    let mut client = server.ask(&get("/large/600"));
    let mut bytes = vec![0; 64 << 10];
    let mut length = 0;
    let begin = Instant::now();
    loop {
        match client.read(&mut bytes).expect("it is not cut off") {
            0 => panic!("there is no end"),
            more => length += more,
        }
        if bytes[..].windows(7).any(|end| end == b"\r\n0\r\n\r\n") {
            break;
        }
        std::thread::sleep(Duration::from_millis(40));
    }
    assert!(length > 600 * (16 << 10), "{length}");
    assert!(
        begin.elapsed() > Duration::from_secs(4),
        "too fast for a test"
    );
    server.stop();
}

#[test]
fn clients_that_leave() {
    let server = Server::start(limits());
    // Before the head; with a body that nobody reads; after the head.
    let unread = format!(
        "POST /never HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n{}",
        "x".repeat(50_000)
    );
    for (request, count) in [(get("/never"), 1), (unread, 2), (get("/endless"), 3)] {
        let client = server.ask(&request);
        eventually(|| server.answers.begun.load(Ordering::SeqCst) == count);
        drop(client);
        eventually(|| server.answers.dropped.load(Ordering::SeqCst) == count);
    }
    server.stop();
}

#[test]
fn connections_that_do_nothing_give_way() {
    let server = Server::start(Limits {
        connections: 4,
        ..limits()
    });
    let _silent = [server.connect(), server.connect(), server.ask("P")];
    let mut kept = server.ask(&get("/first"));
    read_until(&mut kept, "0\r\n\r\n");
    for _ in 0..8 {
        read_until(&mut server.ask(&get("/")), "GET /");
    }
    server.stop();
}

/// A response that comes before the whole request has been sent reaches its client.
#[test]
fn a_response_to_a_request_that_is_still_sent() {
    let server = Server::start(limits());
    let mut client =
        server.ask("POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: 400000\r\n\r\n");
    for _ in 0..4 {
        client.write_all(&[0; 100_000]).unwrap();
        std::thread::sleep(Duration::from_millis(20));
    }
    let answer = read_until(&mut client, "unread");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    server.stop();
}
