//! Connections of HTTP/2: how they end, and what their clients may not do.

mod support;

use std::io::{Read as _, Write as _};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use connections::Limits;
use h2::Reason;
use h2::client::{Builder, ResponseFuture, SendRequest};
use http::Request;
use support::{PATIENCE, Server, limits};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

type Driver = JoinHandle<Result<(), h2::Error>>;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];

async fn connect(server: &Server, builder: &Builder) -> (SendRequest<Bytes>, Driver) {
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (client, connection) = builder.handshake(stream).await.unwrap();
    (client, tokio::spawn(connection))
}

/// Asks for a path; nothing is sent with it.
fn get(client: &mut SendRequest<Bytes>, path: &str) -> ResponseFuture {
    let uri = format!("http://x{path}");
    let request = Request::get(uri).body(()).unwrap();
    client.send_request(request, true).unwrap().0
}

/// The whole body. Makes room for more at once.
async fn text(response: ResponseFuture) -> Result<String, h2::Error> {
    let mut body = response.await?.into_body();
    let mut bytes = Vec::new();
    while let Some(data) = body.data().await {
        let data = data?;
        body.flow_control().release_capacity(data.len())?;
        bytes.extend_from_slice(&data);
    }
    Ok(String::from_utf8(bytes).unwrap())
}

/// Waits until the condition holds, while clients go on.
async fn soon(what: impl Fn() -> bool) {
    let all = async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, all).await.expect("it happens");
}

/// Stops the server, while clients go on.
async fn stop(server: Server) {
    tokio::task::spawn_blocking(|| server.stop()).await.unwrap();
}

fn cut_off(after: Duration) -> Server {
    let stalled = Some(after);
    Server::start(Limits {
        stalled,
        ..limits()
    })
}

#[tokio::test]
async fn answers() {
    let server = Server::start(limits());
    let (mut client, driver) = connect(&server, &Builder::new()).await;
    let response = get(&mut client, "/x").await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.version(), http::Version::HTTP_2);
    assert!(response.headers().contains_key("date"));
    drop(response);
    let large = text(get(&mut client, "/large/300")).await.unwrap();
    assert_eq!(large.len(), 301 * (16 << 10));
    // Many at a time, over one connection.
    let responses: Vec<_> = (0..100).map(|_| get(&mut client, "/large/10")).collect();
    let responses: Vec<_> = responses
        .into_iter()
        .map(|one| tokio::spawn(text(one)))
        .collect();
    for response in responses {
        assert_eq!(response.await.unwrap().unwrap().len(), 11 * (16 << 10));
    }
    let request = Request::post("http://x/read").body(()).unwrap();
    let (response, mut body) = client.send_request(request, false).unwrap();
    for _ in 0..10 {
        body.send_data(Bytes::from(vec![0; 300_000]), false)
            .unwrap();
    }
    body.send_data(Bytes::new(), true).unwrap();
    assert_eq!(text(response).await.unwrap(), "3000000 bytes");
    drop(body);
    drop(client);
    driver.await.unwrap().unwrap();
    stop(server).await;
}

/// The preface is compared whole, in whatever pieces it arrives.
#[test]
fn byte_by_byte() {
    let server = Server::start(limits());
    let mut stream = server.connect();
    stream.set_nodelay(true).unwrap();
    for byte in [PREFACE, &SETTINGS].concat() {
        stream.write_all(&[byte]).unwrap();
    }
    // Its settings come first.
    let mut head = [0; 9];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(head[3], 4, "{head:?}");
    drop(stream);
    server.stop();
}

#[tokio::test]
async fn clients_without_a_window() {
    let server = cut_off(Duration::from_secs(1));
    // No window; less than a response; more than a part of it, so that all of it has been handed over.
    for window in [0, 3, 20_000] {
        let mut builder = Builder::new();
        builder.initial_window_size(window);
        let (mut client, driver) = connect(&server, &builder).await;
        let response = get(&mut client, if window == 3 { "/x" } else { "/large/1" });
        let mut body = response.await.unwrap().into_body();
        let error = loop {
            let data = timeout(PATIENCE, body.data()).await.expect("it is cut off");
            match data.expect("it is not whole") {
                Ok(data) => assert!(data.len() <= window as usize),
                Err(error) => break error,
            }
        };
        assert_eq!(error.reason(), Some(Reason::CANCEL), "{window}: {error}");
        // There is nothing else to wait for.
        let ended = timeout(PATIENCE, driver).await.expect("it ends");
        drop((ended, client));
    }
    assert_eq!(server.answers.dropped.load(Ordering::SeqCst), 3);
    stop(server).await;
}

/// A client that takes other responses over the same connection goes on.
#[tokio::test]
async fn a_response_that_is_not_taken_and_another() {
    let server = cut_off(Duration::from_secs(1));
    let mut builder = Builder::new();
    builder.initial_connection_window_size(10 << 20);
    let (mut client, _driver) = connect(&server, &builder).await;
    let stuck = get(&mut client, "/large/1000").await.unwrap();
    let endless = get(&mut client, "/endless").await.unwrap();
    soon(|| server.answers.dropped.load(Ordering::SeqCst) == 1).await;
    assert!(text(get(&mut client, "/x")).await.unwrap().contains("/x"));
    drop((stuck, endless));
    stop(server).await;
}

#[tokio::test]
async fn clients_that_read_slowly() {
    let server = cut_off(Duration::from_secs(1));
    let mut builder = Builder::new();
    builder.initial_window_size(1000);
    let (mut client, _driver) = connect(&server, &builder).await;
    let mut body = get(&mut client, "/large/0").await.unwrap().into_body();
    let begin = Instant::now();
    let mut length = 0;
    while let Some(data) = body.data().await {
        let data = data.expect("it is not cut off");
        length += data.len();
        tokio::time::sleep(Duration::from_millis(200)).await;
        body.flow_control().release_capacity(data.len()).unwrap();
    }
    assert_eq!(length, 16 << 10);
    assert!(
        begin.elapsed() > Duration::from_secs(2),
        "too fast for a test"
    );
    stop(server).await;
}

#[tokio::test]
async fn clients_that_reset() {
    let server = Server::start(limits());
    let (mut client, _driver) = connect(&server, &Builder::new()).await;
    let count = |what: &std::sync::atomic::AtomicUsize| what.load(Ordering::SeqCst);
    // Before the head: dropping the wait for it resets the stream.
    let request = Request::get("http://x/never").body(()).unwrap();
    let (response, mut stream) = client.send_request(request, false).unwrap();
    soon(|| count(&server.answers.begun) == 1).await;
    stream.send_reset(Reason::CANCEL);
    drop((response, stream));
    soon(|| count(&server.answers.dropped) == 1).await;
    // After it.
    let request = Request::get("http://x/endless").body(()).unwrap();
    let (response, mut stream) = client.send_request(request, false).unwrap();
    let response = response.await.unwrap();
    stream.send_reset(Reason::CANCEL);
    soon(|| count(&server.answers.dropped) == 2).await;
    drop(response);
    stop(server).await;
}

#[tokio::test]
async fn clients_whose_connection_breaks() {
    let server = Server::start(limits());
    let (mut client, driver) = connect(&server, &Builder::new()).await;
    let never = get(&mut client, "/never");
    let endless = get(&mut client, "/endless").await.unwrap();
    soon(|| server.answers.begun.load(Ordering::SeqCst) == 2).await;
    driver.abort();
    drop((never, endless, client));
    soon(|| server.answers.dropped.load(Ordering::SeqCst) == 2).await;
    stop(server).await;
}

#[tokio::test]
async fn requests_that_have_arrived_when_it_stops() {
    let server = Server::start(limits());
    let mut clients = Vec::new();
    for _ in 0..8 {
        let (mut client, driver) = connect(&server, &Builder::new()).await;
        let first = get(&mut client, "/first").await;
        assert!(first.is_ok());
        clients.push((client, driver));
    }
    server.tell_to_stop();
    let mut responses = Vec::new();
    for (client, _) in &mut clients {
        responses.extend((0..8).map(|_| tokio::spawn(text(get(client, "/large/3")))));
    }
    let mut refused = 0;
    for response in responses {
        match response.await.unwrap() {
            Ok(text) => assert_eq!(text.len(), 4 * (16 << 10)),
            // It was sent after the server said which request was the last. The server says that it did nothing with it.
            Err(error) => {
                assert!(error.is_go_away() && error.is_remote(), "{error}");
                refused += 1;
            }
        }
    }
    assert!(refused < 64, "none was answered");
    for (client, driver) in clients {
        drop(client);
        driver.await.unwrap().unwrap();
    }
    tokio::task::spawn_blocking(|| server.end()).await.unwrap();
}

#[tokio::test]
async fn requests_that_wait_to_be_accepted_when_it_stops() {
    let (server, start) = Server::stopped_from_the_start();
    let address = server.address;
    let clients: Vec<_> = (0..16)
        .map(|_| {
            tokio::spawn(async move {
                let stream = TcpStream::connect(address).await.unwrap();
                let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
                let response = get(&mut client, "/x");
                let driver = tokio::spawn(connection);
                let text = text(response).await.unwrap();
                drop(client);
                driver.await.unwrap().unwrap();
                text
            })
        })
        .collect();
    // The clients have sent everything that they can send without an answer.
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop(start);
    for client in clients {
        assert!(client.await.unwrap().contains("/x"));
    }
    tokio::task::spawn_blocking(|| server.end()).await.unwrap();
}

/// Nobody answers the server's ping.
#[test]
fn a_client_that_says_nothing_when_it_stops() {
    let server = Server::start(limits());
    let mut stream = server.connect();
    stream.write_all(&[PREFACE, &SETTINGS].concat()).unwrap();
    let mut head = [0; 9];
    stream.read_exact(&mut head).unwrap();
    let begin = Instant::now();
    server.stop();
    assert!(
        begin.elapsed() < Duration::from_secs(20),
        "{:?}",
        begin.elapsed()
    );
}

#[test]
fn a_client_that_answers_no_ping() {
    let idle = Some(Duration::from_secs(1));
    let server = Server::start(Limits { idle, ..limits() });
    let mut stream = server.connect();
    stream.write_all(&[PREFACE, &SETTINGS].concat()).unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).expect("it ends");
    server.stop();
}
