//! The server as a process: its start or its refusal, the things that apps may see, its end, and its endurance.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use bytes::Bytes;

use super::{P2, P3, failed, ok};
use crate::support::components::{tiny, tool};
use crate::support::server::{PATIENCE, Server, pieces, read};

#[tokio::test]
async fn shutting_down() {
    for (component, signal) in [(&P2, "TERM"), (&P3, "INT")] {
        let server = Server::start(component, &[]);
        let mut idle = server.connect().await;
        assert_eq!(idle.get("/").await, ok("Hello, World!"));
        let mut connection = server.connect().await;
        let (sender, body) = pieces();
        let mut response = connection.send("POST", "/echo", body).await.unwrap();
        sender.send(Bytes::from("before")).await.unwrap();
        assert_eq!(read(response.body_mut(), 6).await.unwrap(), b"before");
        server.signal(signal);
        server.line("Stopping after 1 more");
        // It takes no new connections, and finishes the requests that have begun.
        assert!(
            tokio::net::TcpStream::connect(server.address)
                .await
                .is_err()
        );
        sender.send(Bytes::from("after")).await.unwrap();
        drop(sender);
        assert_eq!(
            read(response.body_mut(), usize::MAX).await.unwrap(),
            b"after"
        );
        let (status, _, log) = server.wait();
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(
            log.contains("POST /echo 200 11 ") && !log.contains("aborted"),
            "{log}"
        );
    }
}

#[tokio::test]
async fn shutting_down_at_once() {
    let server = Server::start(&P2, &["--timeout", "0"]);
    let mut connection = server.connect().await;
    let (sender, body) = pieces();
    let mut response = connection.send("POST", "/echo", body).await.unwrap();
    sender.send(Bytes::from("before")).await.unwrap();
    assert_eq!(read(response.body_mut(), 6).await.unwrap(), b"before");
    server.signal("TERM");
    server.line("Stopping after 1 more");
    server.signal("TERM");
    let (status, _, log) = server.wait();
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(
        log.contains("error: stopped before 1 request was answered"),
        "{log}"
    );
}

#[tokio::test]
async fn quiet() {
    let component = &*P2;
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let address = format!("127.0.0.1:{port}");
    let mut child = tool()
        .args(["-q", "serve", "--addr", &address])
        .arg(component)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // It prints nothing when it listens, so the client tries until it does.
    let started = std::time::Instant::now();
    let mut stream = loop {
        assert!(child.try_wait().unwrap().is_none(), "it has ended");
        assert!(started.elapsed() < PATIENCE, "it does not listen");
        match std::net::TcpStream::connect(&address) {
            Ok(stream) => break stream,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    stream
        .write_all(b"GET /raise HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    let kill = std::process::Command::new("kill")
        .arg(child.id().to_string())
        .status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(
        log.starts_with("[1] Traceback")
            && log.ends_with("[1] error: the app raised an exception\n"),
        "{log}"
    );
}

#[test]
fn what_cannot_be_served() {
    let fails = |arguments: &[&str]| {
        let output = tool().arg("serve").args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let component = P2.to_str().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = fails(&["--addr", &address, component]);
    assert!(
        error.starts_with(&format!(
            "error: cannot listen on `{address}`\n  caused by: "
        )),
        "{error}"
    );
    assert!(
        error.ends_with("\n\nhint: name another one with `--addr`; port 0 is any that is free\n"),
        "{error}"
    );

    let error = fails(&["--addr", "127.0.0.1:0", "--max-memory", "1MiB", component]);
    assert!(
        error.starts_with(&format!(
            "error: `{component}` needs more than 1 MiB of memory to start\n"
        )),
        "{error}"
    );

    let error = fails(&[
        "--addr",
        "127.0.0.1:0",
        "--dir",
        "surely/not/there",
        component,
    ]);
    assert!(
        error.starts_with("error: cannot open the directory `surely/not/there`\n"),
        "{error}"
    );

    // Beyond the pool it gets instances on demand, and then fails for another reason.
    let memories = "(core module $m (memory 1) (memory 1)) (core instance (instantiate $m))";
    let handler = "(instance $i) (export \"wasi:http/incoming-handler@0.2.0\" (instance $i))";
    let program = tiny("memories", &format!("(component {memories} {handler})"));
    let error = fails(&["--addr", "127.0.0.1:0", program.to_str().unwrap()]);
    assert!(
        error.contains("is not a component that can be used")
            && !error.contains("pooling allocator"),
        "{error}"
    );

    let program = tiny(
        "program",
        "(component (instance $i) (export \"wasi:cli/run@0.2.0\" (instance $i)))",
    );
    let program = program.to_str().unwrap();
    let error = fails(&[program]);
    assert!(
        error.ends_with(&format!(
            "\nhint: it is a program: `componentize-py run {program}`\n"
        )),
        "{error}"
    );
}

#[tokio::test]
async fn an_app_that_flushes_after_the_last_byte() {
    let server = Server::start(&P2, &[]);
    let mut connection = server.connect().await;
    for _ in 0..100 {
        assert_eq!(connection.get("/sized").await, ok("sized"));
    }
    drop(connection);
    let (_, _, log) = server.stop();
    assert!(!log.contains("error") && !log.contains("aborted"), "{log}");
}

#[tokio::test]
async fn what_the_app_may_see() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("file.txt"), "from the host").unwrap();
    let mapped = format!("{}::/data:ro", directory.path().display());
    let server = Server::start(&P2, &["--dir", &mapped, "--env", "A=1"]);
    assert_eq!(
        server.get("/read?/data/file.txt").await,
        ok("from the host")
    );
    assert_eq!(server.get("/environment").await, ok("[('A', '1')]"));
    let server = Server::start(&P2, &[]);
    assert_eq!(server.get("/read?/data/file.txt").await, failed());
    assert_eq!(server.get("/environment").await, ok("[]"));
}

#[tokio::test]
async fn a_directory_that_vanishes() {
    let directory = tempfile::tempdir().unwrap();
    let host = directory.path().display().to_string();
    let server = Server::start(&P2, &["--dir", &host]);
    assert_eq!(server.get("/").await, ok("Hello, World!"));
    directory.close().unwrap();
    assert_eq!(server.get("/").await, failed());
    server.line(&format!("[2] error: cannot open the directory `{host}`"));
}

/// Sends requests one after another on several connections. Memory must have settled long before the last.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_requests() {
    const CONNECTIONS: usize = 8;
    let server = Server::start(&P2, &["--max-instances", "8"]);
    let round = async |requests: usize| {
        let mut tasks = Vec::new();
        for _ in 0..CONNECTIONS {
            let mut connection = server.connect().await;
            tasks.push(tokio::spawn(async move {
                for _ in 0..requests / CONNECTIONS {
                    assert_eq!(connection.get("/count").await, ok("1"));
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        server.resident()
    };
    let early = round(2_000).await;
    let late = round(8_000).await;
    if let (Some(early), Some(late)) = (early, late) {
        assert!(
            late < early + 32 * 1024,
            "memory grew from {early} kB to {late} kB"
        );
    }
    let (status, _, log) = server.stop();
    assert_eq!(status.code(), Some(0));
    assert!(!log.contains("error"), "{log}");
    assert_eq!(
        log.lines()
            .filter(|line| line.contains(" GET /count 200 1 "))
            .count(),
        10_000
    );
}
