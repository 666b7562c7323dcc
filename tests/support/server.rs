//! A running `componentize-py serve`, and an HTTP client for it.

use std::convert::Infallible;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::components::tool;

/// Longer than anything that works takes, including the compilation of a component on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(300);

pub struct Server {
    child: Child,
    pub address: SocketAddr,
    log: Arc<Log>,
    stdout: Option<JoinHandle<String>>,
}

#[derive(Default)]
struct Log {
    lines: Mutex<(Vec<String>, bool)>,
    changed: Condvar,
}

impl Server {
    /// Starts it on a free port and waits until it listens.
    pub fn start(component: &Path, options: &[&str]) -> Self {
        let mut child = tool()
            .args(["serve", "--addr", "127.0.0.1:0"])
            .args(options)
            .arg(component)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the tool starts");
        let mut stdout = child.stdout.take().expect("it is piped");
        let stdout = std::thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).expect("it is text");
            text
        });
        let log = Arc::new(Log::default());
        let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let writer = log.clone();
        std::thread::spawn(move || {
            for line in stderr.lines() {
                writer
                    .lines
                    .lock()
                    .unwrap()
                    .0
                    .push(line.expect("it is text"));
                writer.changed.notify_all();
            }
            writer.lines.lock().unwrap().1 = true;
            writer.changed.notify_all();
        });
        let mut server = Self {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            log,
            stdout: Some(stdout),
        };
        let line = server.line("Serving on http://");
        let address = line
            .strip_prefix("Serving on http://")
            .and_then(|rest| rest.strip_suffix('/'));
        server.address = address
            .and_then(|text| text.parse().ok())
            .expect("it names its address");
        server
    }

    /// Waits for a line on stderr that contains this.
    #[track_caller]
    pub fn line(&self, wanted: &str) -> String {
        let find = |lines: &[String]| lines.iter().find(|line| line.contains(wanted)).cloned();
        let guard = self.log.lines.lock().unwrap();
        let waiting = |state: &mut (Vec<String>, bool)| find(&state.0).is_none() && !state.1;
        let (guard, _) = self
            .log
            .changed
            .wait_timeout_while(guard, PATIENCE, waiting)
            .unwrap();
        let (found, log) = (find(&guard.0), guard.0.join("\n"));
        drop(guard);
        found.unwrap_or_else(|| panic!("no line with `{wanted}` in:\n{log}"))
    }

    /// Its output so far.
    pub fn log(&self) -> String {
        self.log.lines.lock().unwrap().0.join("\n")
    }

    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status();
        assert!(status.expect("`kill` starts").success());
    }

    /// Waits for its end; returns its status and output.
    pub fn wait(mut self) -> (ExitStatus, String, String) {
        let status = self.child.wait().expect("it is our child");
        let stdout = self
            .stdout
            .take()
            .expect("once")
            .join()
            .expect("the thread does not panic");
        let guard = self.log.lines.lock().unwrap();
        let guard = self
            .log
            .changed
            .wait_while(guard, |state| !state.1)
            .unwrap();
        let log = guard.0.join("\n");
        drop(guard);
        (status, stdout, log)
    }

    /// Stops it in the same way as users.
    pub fn stop(self) -> (ExitStatus, String, String) {
        self.signal("TERM");
        self.wait()
    }

    /// Sockets that it has open.
    pub fn sockets(&self) -> usize {
        super::sockets(self.child.id())
    }

    /// Kilobytes of memory that it occupies.
    pub fn resident(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().strip_suffix(" kB")?.trim().parse().ok()
    }

    pub async fn connect(&self) -> Connection {
        let stream = TcpStream::connect(self.address).await.expect("it listens");
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .expect("HTTP/1.1 needs no greeting");
        let task = tokio::spawn(async move { drop(connection.await) });
        Connection {
            sender,
            task,
            address: self.address,
        }
    }

    /// One request on a connection of its own: the status and the whole body.
    pub async fn get(&self, path: &str) -> (StatusCode, String) {
        self.connect().await.get(path).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub type Outgoing = UnsyncBoxBody<Bytes, Infallible>;

/// A connection that stays open from request to request.
pub struct Connection {
    pub sender: http1::SendRequest<Outgoing>,
    task: tokio::task::JoinHandle<()>,
    address: SocketAddr,
}

impl Connection {
    /// Sends a request and waits for the head of the response.
    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        body: Outgoing,
    ) -> hyper::Result<Response<Incoming>> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", self.address.to_string())
            .body(body)
            .expect("it is a request");
        self.sender.ready().await?;
        self.sender.send_request(request).await
    }

    pub async fn get(&mut self, path: &str) -> (StatusCode, String) {
        let response = self
            .send("GET", path, full(""))
            .await
            .expect("there is a response");
        let status = response.status();
        let body = response
            .into_body()
            .collect()
            .await
            .expect("it is whole")
            .to_bytes();
        (
            status,
            String::from_utf8(body.to_vec()).expect("it is text"),
        )
    }

    /// Leaves without notice.
    pub fn abandon(self) {
        self.task.abort();
    }
}

pub fn full(text: impl Into<Bytes>) -> Outgoing {
    Full::new(text.into()).boxed_unsync()
}

/// A body that is sent piece by piece; it ends when the sender is dropped.
pub fn pieces() -> (mpsc::Sender<Bytes>, Outgoing) {
    struct Pieces(mpsc::Receiver<Bytes>);

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.0
                .poll_recv(context)
                .map(|piece| piece.map(|bytes| Ok(Frame::data(bytes))))
        }
    }

    let (sender, receiver) = mpsc::channel(1);
    (sender, Pieces(receiver).boxed_unsync())
}

/// Reads from a body until there are as many bytes as this, or it ends.
pub async fn read(body: &mut Incoming, length: usize) -> hyper::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while bytes.len() < length {
        let Some(frame) = body.frame().await else {
            break;
        };
        if let Ok(data) = frame?.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}
