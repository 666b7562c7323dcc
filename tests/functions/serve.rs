//! `componentize-py serve`, by the real program: the answers to its clients, and the faults that it survives.
//!
//! The applications are `tests/serve/{p2,p3,orders}/app.py`, built once; most tests use the first two. Tests arrange
//! simultaneous events by messages; where an instance may be late (`together.rs`), they ask again.

mod clients;
mod lifetime;
mod orders;
mod requests;
mod reuse;
mod together;

use std::io::{BufRead as _, Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::LazyLock;

use crate::support::components::build;
use crate::support::server::{Server, full, pieces, read};
use bytes::Bytes;
use http::StatusCode;
use http_body_util::BodyExt as _;

static P2: LazyLock<PathBuf> =
    LazyLock::new(|| compiled(build("serve/p2", "wit/wasi-0.2", "wasi:http/proxy@0.2.12")));
static P3: LazyLock<PathBuf> =
    LazyLock::new(|| compiled(build("serve/p3", "wit/wasi-0.3", "wasi:http/service@0.3.0")));

/// Compiles it once, before several servers do so at the same time.
fn compiled(component: PathBuf) -> PathBuf {
    Server::start(&component, &[]).stop();
    component
}

/// Runs a test for both, each with its own server.
async fn both<F: Future<Output = ()>>(options: &[&str], test: impl Fn(Server) -> F) {
    for component in [&P2, &P3] {
        test(Server::start(component, options)).await;
    }
}

fn ok(text: &str) -> (StatusCode, String) {
    (StatusCode::OK, text.to_owned())
}

fn failed() -> (StatusCode, String) {
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        "the application failed\n".to_owned(),
    )
}

#[tokio::test]
async fn requests_are_answered_each_by_a_new_instance() {
    both(&[], async |server| {
        let mut connection = server.connect().await;
        assert_eq!(connection.get("/").await, ok("Hello, World!"));
        assert_eq!(connection.get("/count").await, ok("1"));
        assert_eq!(connection.get("/count").await, ok("1"));
        assert_eq!(
            connection.get("/x?y").await,
            (StatusCode::NOT_FOUND, "not here".to_owned())
        );
        assert_eq!(
            connection.get("/target").await,
            ok(&format!("Scheme_Http {}", server.address))
        );
        drop(connection);
        let (status, stdout, log) = server.stop();
        assert_eq!((status.code(), stdout.as_str()), (Some(0), ""));
        let line = log.lines().find(|line| line.starts_with("[4] ")).unwrap();
        let rest = line.strip_prefix("[4] GET /x?y 404 8 ").expect(line);
        let time = rest.strip_suffix(" ms").expect(line);
        assert!(time.parse::<f64>().unwrap() > 0.0, "{line}");
    })
    .await;
}

#[tokio::test]
async fn bodies_stream_in_both_directions() {
    both(&[], async |server| {
        let mut connection = server.connect().await;
        let (sender, body) = pieces();
        let mut response = connection.send("POST", "/echo", body).await.unwrap();
        // Each piece comes back before the next is sent.
        for piece in ["one", "two", "three"] {
            sender.send(Bytes::from(piece)).await.unwrap();
            assert_eq!(
                read(response.body_mut(), piece.len()).await.unwrap(),
                piece.as_bytes()
            );
        }
        let large = vec![7; 8 << 20];
        let upload = tokio::spawn({
            let large = large.clone();
            async move { sender.send(Bytes::from(large)).await.unwrap() }
        });
        assert!(read(response.body_mut(), large.len()).await.unwrap() == large);
        upload.await.unwrap();
        assert!(
            response.body_mut().frame().await.is_none(),
            "it ends where ours does"
        );
        drop(connection);
        server.line("POST /echo 200 8388619 ");
    })
    .await;
}

#[tokio::test]
async fn many_at_a_time() {
    const STREAMS: usize = 20;
    both(&[], async |server| {
        // All of them have begun before the first ends.
        let mut streams = Vec::new();
        for number in 0..STREAMS {
            let mut connection = server.connect().await;
            let (sender, body) = pieces();
            let mut response = connection.send("POST", "/echo", body).await.unwrap();
            let text = format!("stream {number}");
            sender.send(Bytes::from(text.clone())).await.unwrap();
            assert_eq!(
                read(response.body_mut(), text.len()).await.unwrap(),
                text.as_bytes()
            );
            streams.push((connection, sender, response));
        }
        for (_connection, sender, mut response) in streams {
            sender.send(Bytes::from("end")).await.unwrap();
            drop(sender);
            assert_eq!(read(response.body_mut(), usize::MAX).await.unwrap(), b"end");
        }
    })
    .await;
}

#[tokio::test]
async fn exceptions_end_their_request_only() {
    both(&[], async |server| {
        let mut connection = server.connect().await;
        assert_eq!(connection.get("/raise").await, failed());
        assert_eq!(connection.get("/").await, ok("Hello, World!"));
        server.line("[2] GET / 200");
        let log = server.log();
        assert!(
            log.contains(
                "\n[1] Traceback (most recent call last):\n[1]   File \"/0/app.py\", line "
            ),
            "{log}"
        );
        assert!(
            log.contains("\n[1] ValueError: as asked\n[1] error: the app raised an exception\n"),
            "{log}"
        );
        assert!(log.contains("\n[1] GET /raise 500 23 "), "{log}");
    })
    .await;
}

#[tokio::test]
async fn a_response_that_is_broken_off_is_not_whole() {
    let server = Server::start(&P2, &[]);
    for path in ["/raise-late", "/raise-late-sized"] {
        let response = server.connect().await.send("GET", path, full("")).await;
        // It depends on who is faster whether the head is sent.
        if let Ok(response) = response {
            assert_eq!(response.status(), StatusCode::OK);
            let body = response.into_body().collect().await;
            assert!(body.is_err(), "{path} must not look complete");
        }
        let line = server.line(&format!("GET {path} 200 "));
        assert!(line.ends_with(" aborted"), "{line}");
    }
    assert_eq!(server.get("/").await, ok("Hello, World!"));
}

#[tokio::test]
async fn no_response_in_time() {
    both(&["--timeout", "1"], async |server| {
        for path in ["/loop", "/wait?1000"] {
            let expected = (
                StatusCode::GATEWAY_TIMEOUT,
                "the application took too long\n".to_owned(),
            );
            assert_eq!(server.get(path).await, expected);
            server.line(&format!("GET {path} 504 30 "));
        }
        server.line("[1] error: took longer than 1 second (`--timeout`)");
        assert_eq!(server.get("/wait?0.01").await, ok("waited"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loops_leave_room_for_others() {
    both(&["--timeout", "60"], async |server| {
        // More of them than there are processors.
        let mut loops = Vec::new();
        for _ in 0..4 {
            let mut connection = server.connect().await;
            loops.push(tokio::spawn(async move {
                connection.send("GET", "/loop", full("")).await
            }));
        }
        for number in 1..=4 {
            server.line(&format!("[{number}] looping"));
        }
        for _ in 0..3 {
            assert_eq!(server.get("/").await, ok("Hello, World!"));
        }
        assert!(
            loops.iter().all(|task| !task.is_finished()),
            "they still run"
        );
    })
    .await;
}

#[tokio::test]
async fn too_much_memory() {
    both(&["--max-memory", "80MiB"], async |server| {
        assert_eq!(server.get("/eat").await, failed());
        server.line("[1] error: needed more memory than 80 MiB (`--max-memory`)");
        assert_eq!(server.get("/").await, ok("Hello, World!"));
    })
    .await;
}

#[tokio::test]
async fn other_ways_not_to_answer() {
    both(&[], async |server| {
        assert_eq!(server.get("/error").await, failed());
        server.line("[1] error: the app gave the error `InternalError(Some(\"as asked\"))` in place of a response");
    })
    .await;
    let server = Server::start(&P2, &[]);
    assert_eq!(server.get("/nothing").await, failed());
    server.line("[1] error: the app returned without a response");
    assert_eq!(server.get("/exit").await, failed());
    server.line("[2] error: the app exited with code 1");
    assert_eq!(server.get("/").await, ok("Hello, World!"));
}

#[tokio::test]
async fn what_the_app_prints() {
    both(&[], async |server| {
        assert_eq!(server.get("/print").await, ok("printed"));
        server.line("[1] without an end");
        let (_, stdout, log) = server.stop();
        assert_eq!(stdout, "to stdout\n");
        assert!(log.contains("\n[1] to stderr\n"), "{log}");
    })
    .await;
}

#[tokio::test]
async fn outgoing_requests_unless_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let elsewhere = std::thread::spawn(move || {
        for _ in 0..2 {
            let (mut connection, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                connection.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            assert!(
                head.starts_with(b"GET /from-the-app HTTP/1.1\r\n"),
                "{}",
                String::from_utf8_lossy(&head)
            );
            connection
                .write_all(b"HTTP/1.1 418 I'm a teapot\r\ncontent-length: 0\r\n\r\n")
                .unwrap();
        }
        listener
    });
    let path = format!("/fetch?{authority}");
    both(&[], async |server| {
        assert_eq!(server.get(&path).await, ok("status 418"))
    })
    .await;
    let listener = elsewhere.join().unwrap();
    both(&["--no-outgoing-http"], async |server| {
        assert_eq!(
            server.get(&path).await,
            ok("refused: ErrorCode_HttpRequestDenied")
        );
    })
    .await;
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "nobody has connected");
}

#[tokio::test]
async fn waiting_for_a_place() {
    let server = Server::start(&P2, &["--max-instances", "1"]);
    let mut first = server.connect().await;
    let (sender, body) = pieces();
    let mut response = first.send("POST", "/echo", body).await.unwrap();
    sender.send(Bytes::from("here")).await.unwrap();
    assert_eq!(read(response.body_mut(), 4).await.unwrap(), b"here");
    let mut second = server.connect().await;
    let second = tokio::spawn(async move { second.get("/").await });
    // The end of the first one makes room.
    drop(sender);
    assert!(read(response.body_mut(), 1).await.unwrap().is_empty());
    assert_eq!(second.await.unwrap(), ok("Hello, World!"));
}

#[tokio::test]
async fn no_place_becomes_free() {
    let server = Server::start(&P2, &["--max-instances", "1", "--timeout", "2"]);
    let mut busy = Vec::new();
    for _ in 0..3 {
        let mut connection = server.connect().await;
        busy.push(tokio::spawn(async move {
            connection.get("/loop").await.0.as_u16()
        }));
    }
    let mut statuses = Vec::new();
    for task in busy {
        statuses.push(task.await.unwrap());
    }
    statuses.sort();
    assert_eq!(statuses[0], 503, "{statuses:?}");
    assert_eq!(statuses[2], 504, "{statuses:?}");
    server.line("error: none of the 1 instances became free in time (`--max-instances`)");
    assert_eq!(server.get("/").await, ok("Hello, World!"));
}

/// A client whose request, the server's number `number`, waits in an instance, and who leaves then.
async fn leave_while_waiting(server: &Server, number: u32) {
    let mut connection = server.connect().await;
    let (leave, left) = tokio::sync::oneshot::channel();
    let client = tokio::spawn(async move {
        tokio::select! {
            _ = connection.send("GET", "/wait?100000", full("")) => panic!("it was answered"),
            told = left => told.unwrap(),
        }
        connection.abandon();
    });
    server.line(&format!("[{number}] waiting"));
    leave.send(()).unwrap();
    client.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_frees_its_instance() {
    both(
        &["--max-instances", "1", "--timeout", "0"],
        async |server| {
            leave_while_waiting(&server, 1).await;
            // There is no time limit, so this is answered only if the other was ended.
            assert_eq!(server.get("/").await, ok("Hello, World!"));
            let line = server.line("GET /wait?100000 - 0 ");
            assert!(line.ends_with(" aborted"), "{line}");
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_stops_reading_is_cut_off() {
    let server = Server::start(&P2, &["--timeout", "2"]);
    let mut connection = server.connect().await;
    let (sender, body) = pieces();
    let _response = connection.send("POST", "/echo", body).await.unwrap();
    // More than the buffers of the system hold; nobody reads it back.
    let upload =
        tokio::spawn(
            async move { while sender.send(Bytes::from(vec![0; 1 << 20])).await.is_ok() {} },
        );
    server.line("error: took longer than 2 seconds");
    connection.abandon();
    upload.await.unwrap();
    assert_eq!(server.get("/").await, ok("Hello, World!"));
}
