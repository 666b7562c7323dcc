//! `--reuse`: how many requests an instance answers, and after which it answers no more. `/count` shows how many it has
//! been given. With one place for instances, each request waits until the instance of the one before is ready or gone.

use super::*;

const ONE: [&str; 4] = ["--reuse", "100", "--max-instances", "1"];

/// The answers to `/count`, as numbers.
async fn counts(server: &Server, requests: usize) -> Vec<u32> {
    let mut counts = Vec::new();
    for _ in 0..requests {
        let (status, count) = server.get("/count").await;
        assert_eq!(status, StatusCode::OK, "{count}");
        counts.push(count.parse().unwrap());
    }
    counts
}

#[tokio::test]
async fn an_instance_answers_as_many_requests_as_it_may() {
    both(&["--reuse", "3", "--max-instances", "1"], async |server| {
        assert_eq!(counts(&server, 7).await, [1, 2, 3, 1, 2, 3, 1]);
    })
    .await;
    for options in [&["--reuse", "1"][..], &[]] {
        both(options, async |server| {
            assert_eq!(counts(&server, 3).await, [1, 1, 1]);
        })
        .await;
    }
}

/// Asks for each path after a request that did well: the instance must be another one afterwards.
async fn ends_with(server: &Server, paths: &[&str]) {
    for path in paths {
        assert_eq!(counts(server, 2).await, [1, 2], "before {path}");
        // Not every response is whole.
        if let Ok(response) = server.connect().await.send("GET", path, full("")).await {
            let _ = response.into_body().collect().await;
        }
        // Its line comes when the client has its answer; the instance may need longer.
        server.line(&format!("GET {path} "));
    }
    assert_eq!(counts(server, 2).await, [1, 2]);
}

#[tokio::test]
async fn an_instance_that_failed_answers_no_more() {
    let mut options = ONE.to_vec();
    options.extend(["--max-memory", "80MiB", "--timeout", "5"]);
    both(&options, async |server| {
        ends_with(&server, &["/raise", "/error", "/eat", "/full", "/loop"]).await;
    })
    .await;
    let server = Server::start(&P2, &options);
    ends_with(&server, &["/exit", "/nothing", "/raise-late", "/drip"]).await;
    let server = Server::start(&P3, &options);
    ends_with(&server, &["/abort-late"]).await;
}

/// Otherwise the body of a request would hold up its connection, and a response would never end.
#[tokio::test]
async fn an_instance_that_keeps_something_answers_no_more() {
    both(&ONE, async |server| {
        ends_with(&server, &["/keep", "/unfinished"]).await;
        let (_, _, log) = server.stop();
        assert!(!log.contains("error"), "{log}");
    })
    .await;
    let server = Server::start(&P2, &ONE);
    ends_with(&server, &["/leave-pollables?2000"]).await;
    assert_eq!(server.get("/leave-pollables?5").await, ok("left"));
    assert_eq!(counts(&server, 1).await, [4]);
}

/// The only place becomes free when the instance of the client that left has ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_whose_client_left_answers_no_more() {
    let mut options = ONE.to_vec();
    options.extend(["--timeout", "0"]);
    both(&options, async |server| {
        assert_eq!(counts(&server, 1).await, [1]);
        leave_while_waiting(&server, 2).await;
        assert_eq!(counts(&server, 2).await, [1, 2]);
    })
    .await;
}

#[tokio::test]
async fn each_request_has_its_own_time() {
    let mut options = ONE.to_vec();
    options.extend(["--timeout", "6"]);
    both(&options, async |server| {
        for _ in 0..2 {
            assert_eq!(server.get("/wait?4").await, ok("waited"));
        }
        assert_eq!(counts(&server, 1).await, [3]);
    })
    .await;
}

#[tokio::test]
async fn output_has_the_number_of_its_request() {
    both(&ONE, async |server| {
        for _ in 0..3 {
            assert_eq!(server.get("/print").await, ok("printed"));
        }
        assert_eq!(server.get("/raise").await, failed());
        let (_, stdout, log) = server.stop();
        assert_eq!(stdout, "to stdout\n".repeat(3));
        for number in 1..=3 {
            for text in ["to stderr", "without an end"] {
                assert!(log.contains(&format!("\n[{number}] {text}\n")), "{log}");
            }
        }
        assert!(log.contains("\n[4] Traceback"), "{log}");
        assert!(
            log.contains("\n[4] error: the app raised an exception"),
            "{log}"
        );
    })
    .await;
}

/// Instances that wait for a request take no place from others: failures in between need new ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_are_never_more_instances_than_allowed() {
    let options = ["--reuse", "5", "--max-instances", "2"];
    both(&options, async |server| {
        let mut clients = Vec::new();
        for client in 0..8 {
            let mut connection = server.connect().await;
            clients.push(tokio::spawn(async move {
                for request in 0..50 {
                    if (client + request) % 7 == 0 {
                        assert_eq!(connection.get("/raise").await, failed());
                    } else {
                        let (status, count) = connection.get("/count").await;
                        assert_eq!(status, StatusCode::OK);
                        assert!((1..=5).contains(&count.parse().unwrap()), "{count}");
                    }
                }
            }));
        }
        for client in clients {
            client.await.unwrap();
        }
        let (status, _, log) = server.stop();
        assert_eq!(status.code(), Some(0), "{log}");
        let errors = log.lines().filter(|line| line.contains("] error: "));
        let raised = log.matches("GET /raise 500 ").count();
        assert_eq!(errors.count(), raised, "{log}");
    })
    .await;
}

/// All by one instance, which is given up if it collects handles. Memory must have settled long before the last.
#[tokio::test]
async fn ten_thousand_requests_leave_nothing_behind() {
    both(
        &["--reuse", "10000", "--max-instances", "1"],
        async |server| {
            let mut connection = server.connect().await;
            let mut early = None;
            for request in 1..10_000 {
                let body = format!("body of {request}");
                let response = connection.send("POST", "/echo", full(body.clone())).await;
                let echo = response.unwrap().into_body().collect().await.unwrap();
                assert_eq!(echo.to_bytes(), body);
                if request == 2_000 {
                    early = server.resident();
                }
            }
            assert_eq!(counts(&server, 2).await, [10_000, 1]);
            if let (Some(early), Some(late)) = (early, server.resident()) {
                assert!(
                    late < early + 16 * 1024,
                    "memory grew from {early} kB to {late} kB"
                );
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_stop_waits_for_no_idle_instance() {
    both(&ONE, async |server| {
        assert_eq!(counts(&server, 2).await, [1, 2]);
        let (status, _, log) = server.stop();
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(!log.contains("Stopping after 1"), "{log}");
    })
    .await;
}
