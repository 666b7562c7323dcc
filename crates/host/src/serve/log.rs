//! Messages of `serve` on stderr: the start, a line for each request, and errors.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use connections::Account;
use http::{Method, StatusCode, Uri};

use ground::ui::Verbosity;

/// The gate for all messages, which lets nothing pass that a terminal would obey. Every text is written at once, so
/// that lines of several requests do not mix.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    quiet: bool,
}

impl Log {
    pub fn new(verbosity: Verbosity) -> Self {
        Self {
            quiet: verbosity == Verbosity::Quiet,
        }
    }

    /// News, which `-q` suppresses.
    pub fn say(&self, line: &str) {
        if !self.quiet {
            write(&format!("{}\n", foreign_text::line(line)));
        }
    }

    pub fn error(&self, request: u64, what: &impl std::fmt::Display) {
        // Each line has its request's number, so that none can pose as that of another request.
        let text = format!("error: {what}");
        let text: String = foreign_text::lines(text.trim_end())
            .lines()
            .map(|line| format!("[{request}] {line}\n"))
            .collect();
        write(&text);
    }
}

/// There may be no reader any more, which is not a reason to stop serving.
fn write(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// The line of one request, written when this is dropped.
#[derive(Debug)]
pub struct Access {
    log: Log,
    pub request: u64,
    method: Method,
    path: String,
    start: Instant,
    pub status: Option<StatusCode>,
    bytes: u64,
    /// The client has all of the response.
    complete: bool,
    _open: Arc<()>,
}

impl Access {
    /// `open` counts the requests whose line is not written yet.
    pub fn new(log: Log, request: u64, method: &Method, uri: &Uri, open: Arc<()>) -> Self {
        Self {
            log,
            request,
            method: method.clone(),
            path: target(uri),
            start: Instant::now(),
            status: None,
            bytes: 0,
            complete: false,
            _open: open,
        }
    }
}

impl Account for Access {
    fn close(&mut self, bytes: u64, complete: bool) {
        (self.bytes, self.complete) = (bytes, complete);
    }
}

impl Drop for Access {
    fn drop(&mut self) {
        let mut line = format!("[{}] {} {}", self.request, self.method, self.path);
        let _ = match self.status {
            Some(status) => write!(line, " {}", status.as_u16()),
            None => write!(line, " -"),
        };
        let _ = write!(
            line,
            " {} {}",
            self.bytes,
            milliseconds(self.start.elapsed())
        );
        if !self.complete {
            line.push_str(" aborted");
        }
        self.log.say(&line);
    }
}

fn target(uri: &Uri) -> String {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    path.to_owned()
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
