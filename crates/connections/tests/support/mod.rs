//! A server in this process, for tests of connections.
#![allow(dead_code, reason = "each test uses its part")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use connections::{Connections, Handler, Limits, Peers, RequestBody};
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// Longer than anything that works takes.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Answers according to the path, and counts the requests begun and dropped.
#[derive(Clone, Default)]
pub struct Answers {
    pub begun: Arc<AtomicUsize>,
    pub dropped: Arc<AtomicUsize>,
}

/// Counts when it is dropped.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Handler for Answers {
    type Body = Pieces;

    async fn respond(&self, _: Peers, request: Request<RequestBody>) -> Response<Pieces> {
        let dropped = Dropped(self.dropped.clone());
        self.begun.fetch_add(1, Ordering::SeqCst);
        let path = request.uri().path().to_owned();
        let pieces = match path.as_str() {
            // Never answers, and does not read the body.
            "/never" => {
                let _unread = request;
                std::future::pending().await
            }
            "/read" => {
                let body = request.into_body().collect().await;
                let length = body.map_or(0, |body| body.to_bytes().len());
                Pieces::text(format!("{length} bytes"), dropped)
            }
            "/unread" => Pieces::text("unread".to_owned(), dropped),
            "/endless" => Pieces {
                next: Some(Bytes::from_static(b"begun")),
                again: 0,
                ends: false,
                _dropped: dropped,
            },
            path if path.starts_with("/large/") => Pieces {
                next: Some(Bytes::from(vec![b'x'; 16 << 10])),
                again: path["/large/".len()..].parse().unwrap(),
                ends: true,
                _dropped: dropped,
            },
            path => Pieces::text(format!("{} {path}", request.method()), dropped),
        };
        Response::new(pieces)
    }
}

/// A body that repeats one piece, with or without an end.
pub struct Pieces {
    next: Option<Bytes>,
    again: usize,
    ends: bool,
    _dropped: Dropped,
}

impl Pieces {
    fn text(text: String, dropped: Dropped) -> Self {
        Self {
            next: Some(text.into()),
            again: 0,
            ends: true,
            _dropped: dropped,
        }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let piece = match self.again {
            0 => self.next.take(),
            _ => {
                self.again -= 1;
                self.next.clone()
            }
        };
        match piece {
            Some(piece) => Poll::Ready(Some(Ok(Frame::data(piece)))),
            None if self.ends => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

pub struct Server {
    pub address: SocketAddr,
    pub answers: Answers,
    stop: Arc<Notify>,
    thread: std::thread::JoinHandle<()>,
}

pub fn limits() -> Limits {
    Limits {
        idle: Some(PATIENCE),
        stalled: Some(PATIENCE),
        connections: 1000,
    }
}

impl Server {
    pub fn start(limits: Limits) -> Self {
        let server = Self::prepare(limits, Arc::default());
        drop(server.1);
        server.0
    }

    /// A server that stops as soon as it starts. It starts when the sender is dropped.
    pub fn stopped_from_the_start() -> (Self, std::sync::mpsc::Sender<()>) {
        let stop = Arc::new(Notify::new());
        stop.notify_one();
        Self::prepare(limits(), stop)
    }

    fn prepare(limits: Limits, stop: Arc<Notify>) -> (Self, std::sync::mpsc::Sender<()>) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let answers = Answers::default();
        let (start, started) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn({
            let (answers, stop) = (answers.clone(), stop.clone());
            move || {
                let _ = started.recv();
                let runtime = tokio::runtime::Builder::new_current_thread();
                let runtime = { runtime }.enable_all().build().unwrap();
                runtime.block_on(async {
                    let listener = TcpListener::from_std(listener).unwrap();
                    let connections = Connections::new(answers, limits);
                    connections.accept(listener, stop.notified()).await;
                    connections.ended().await;
                });
            }
        });
        let server = Self {
            address,
            answers,
            stop,
            thread,
        };
        (server, start)
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub fn ask(&self, request: &str) -> TcpStream {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    pub fn tell_to_stop(&self) {
        self.stop.notify_one();
    }

    /// Waits until all connections have ended.
    pub fn end(self) {
        let start = Instant::now();
        while !self.thread.is_finished() {
            assert!(start.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
        self.thread.join().unwrap();
    }

    pub fn stop(self) {
        self.tell_to_stop();
        self.end();
    }
}

/// Waits until the condition holds.
#[track_caller]
pub fn eventually(what: impl Fn() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(start.elapsed() < PATIENCE, "it does not happen");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")
}

/// Everything that arrives until the connection ends.
pub fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads until this text has arrived.
#[track_caller]
pub fn read_until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut text = Vec::new();
    let mut bytes = [0; 4096];
    while !String::from_utf8_lossy(&text).contains(wanted) {
        let length = stream.read(&mut bytes).expect("it comes in time");
        assert!(
            length > 0,
            "no `{wanted}` in {:?}",
            String::from_utf8_lossy(&text)
        );
        text.extend_from_slice(&bytes[..length]);
    }
    String::from_utf8_lossy(&text).into_owned()
}
