//! `--reuse` with `wasi:http/handler`: requests that one instance answers at once.

use std::time::Duration;

use super::*;

/// There are as many instances as processors before one of them gets a second request.
fn processors() -> usize {
    std::thread::available_parallelism().unwrap().get()
}

type Asked = tokio::task::JoinHandle<(StatusCode, String)>;

async fn ask(server: &Server, path: &'static str) -> Asked {
    let mut connection = server.connect().await;
    tokio::spawn(async move { connection.get(path).await })
}

/// Each is answered when there are two in its instance.
#[tokio::test]
async fn requests_that_wait_for_each_other() {
    let server = Server::start(&P3, &["--reuse", "1000", "--timeout", "120"]);
    let mut first = Vec::new();
    for _ in 0..2 * processors() {
        first.push(ask(&server, "/meet").await);
    }
    // On a busy machine an instance may be late for its second request, which then goes elsewhere. An idle instance gets
    // the next request, and the instance with fewest gets those after it: one that still waits is among them, since
    // answers take a second.
    let mut rounds = 0;
    while !first.iter().all(Asked::is_finished) {
        for _ in 0..2 * processors() {
            ask(&server, "/meet").await;
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        rounds += 1;
        assert!(rounds < 50, "they never meet");
    }
    for asked in first {
        assert_eq!(asked.await.unwrap(), ok("met"));
    }
}

#[tokio::test]
async fn work_after_the_response_holds_up_nobody() {
    let server = Server::start(&P3, &["--reuse", "100"]);
    // In every instance that there may be, so that the next request comes to one of them.
    for _ in 0..processors() {
        assert_eq!(server.get("/later?10").await, ok("soon"));
    }
    let (status, count) = server.get("/count").await;
    assert_eq!(status, StatusCode::OK);
    assert!(count.parse::<u32>().unwrap() > 1, "{count}");
    let log = server.log();
    assert!(!log.contains("] later"), "{log}");
    server.line("] later");
}

/// The others in its instance fail with it, and those elsewhere do not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_ends_all_requests_of_its_instance() {
    let server = Server::start(&P3, &["--reuse", "100", "--timeout", "120"]);
    let mut waiting = Vec::new();
    for number in 1..=processors() {
        waiting.push(ask(&server, "/wait?15").await);
        server.line(&format!("[{number}] waiting"));
    }
    assert_eq!(server.get("/raise").await, failed());
    let mut answers = Vec::new();
    for asked in waiting {
        answers.push(asked.await.unwrap());
    }
    let failures = answers.iter().filter(|answer| **answer == failed());
    assert_eq!(failures.count(), 1, "{answers:?}");
    let well = answers.iter().filter(|answer| **answer == ok("waited"));
    assert_eq!(well.count(), processors() - 1, "{answers:?}");
    let (_, _, log) = server.stop();
    // Which of the two printed it cannot be told.
    let raised = format!(",{}] ValueError: as asked", processors() + 1);
    assert!(log.contains(&raised), "{log}");
    let errors = log.matches("] error: the app raised an exception");
    assert_eq!(errors.count(), 2, "{log}");
}

/// A request that is given to an instance that computes without end is answered by another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loop_holds_up_nobody() {
    let server = Server::start(&P3, &["--reuse", "100", "--timeout", "10"]);
    let mut loops = Vec::new();
    for number in 1..=processors() {
        loops.push(ask(&server, "/loop").await);
        server.line(&format!("[{number}] looping"));
    }
    assert_eq!(server.get("/").await, ok("Hello, World!"));
    for asked in loops {
        let (status, _) = asked.await.unwrap();
        assert_eq!(status, StatusCode::GATEWAY_TIMEOUT);
    }
    assert_eq!(server.get("/").await, ok("Hello, World!"));
}

/// Many at once, whose bodies go back and forth, with failures and clients that leave in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_of_few_instances() {
    let options = ["--reuse", "50", "--max-instances", "8"];
    let server = Server::start(&P3, &options);
    let mut clients = Vec::new();
    for client in 0..16 {
        let mut connection = server.connect().await;
        clients.push(tokio::spawn(async move {
            for request in 0..60 {
                let body = format!("{request} of {client}");
                let echo = connection.send("POST", "/echo", full(body.clone())).await;
                let echo = echo.unwrap().into_body().collect().await.unwrap();
                assert_eq!(echo.to_bytes(), body);
            }
        }));
    }
    for _ in 0..20 {
        let mut leaving = server.connect().await;
        let (_sender, body) = pieces();
        let response = leaving.send("POST", "/echo", body).await.unwrap();
        drop(response);
        leaving.abandon();
    }
    for client in clients {
        client.await.unwrap();
    }
    let (status, _, log) = server.stop();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.contains("] error: "), "{log}");
}
