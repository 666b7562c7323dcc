//! The output of a component: passed on to our own streams, unchanged or in whole lines. Also notes whether it contains
//! a traceback of Python.
//!
//! Unchanged output is the program's own affair. Lines go to a log, or to a terminal that others write to as well, and
//! quote clients, so their text is made safe to show.

use std::io::Write as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// A longer line is written in parts.
const LINE: usize = 16 << 10;
/// The most bytes to write at once.
const CHUNK: usize = 64 << 10;

/// The stream of ours that it goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Stdout,
    Stderr,
}

/// One of the standard streams of an instance. Clones are the same stream.
#[derive(Clone)]
pub struct Output(Arc<Mutex<Lines>>);

struct Lines {
    target: Target,
    /// The text before each line. Without it nothing is held back until its line is complete.
    prefix: Option<String>,
    /// The incomplete last line.
    rest: Vec<u8>,
    traceback: bool,
}

impl Output {
    /// Passes output on as it arrives.
    pub fn raw(target: Target) -> Self {
        Self::new(target, None)
    }

    /// Passes output on in whole lines, each with this prefix, so that those of several instances do not mix.
    pub fn in_lines(target: Target, prefix: String) -> Self {
        Self::new(target, Some(prefix))
    }

    fn new(target: Target, prefix: Option<String>) -> Self {
        Self(Arc::new(Mutex::new(Lines {
            target,
            prefix,
            rest: Vec::new(),
            traceback: false,
        })))
    }

    /// Returns `true` if it contained a traceback of Python.
    pub fn has_traceback(&self) -> bool {
        self.lines(|lines| lines.traceback)
    }

    /// Gives the lines from here on this prefix, and forgets earlier tracebacks.
    pub fn begin(&self, prefix: String) {
        self.lines(|lines| {
            lines.prefix = Some(prefix);
            lines.traceback = false;
        });
    }

    /// Gives the lines from here on this prefix.
    pub fn continue_as(&self, prefix: String) {
        self.lines(|lines| lines.prefix = Some(prefix));
    }

    /// Writes an incomplete last line.
    pub fn finish(&self) {
        self.lines(|lines| {
            if !lines.rest.is_empty() {
                lines.rest.push(b'\n');
                lines.pass_on(lines.rest.len());
            }
        });
    }

    fn lines<T>(&self, work: impl FnOnce(&mut Lines) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Lines {
    fn add(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        if self.prefix.is_none() {
            return self.pass_on(self.rest.len());
        }
        let whole = self
            .rest
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        if whole > 0 {
            self.pass_on(whole);
        } else if self.rest.len() > LINE {
            let end = whole_characters(&self.rest);
            self.rest.insert(end, b'\n');
            self.pass_on(end + 1);
        }
    }

    /// Returns `true` if others write there, too. Standard output to a file or a program is the app's own.
    fn is_log(&self) -> bool {
        match self.target {
            Target::Stderr => true,
            Target::Stdout => std::io::IsTerminal::is_terminal(&std::io::stdout()),
        }
    }

    fn pass_on(&mut self, length: usize) {
        const TRACEBACK: &[u8] = b"Traceback (most recent call last):";
        let mut text = Vec::with_capacity(length + 64);
        for line in self.rest[..length].split_inclusive(|byte| *byte == b'\n') {
            self.traceback |= line.starts_with(TRACEBACK);
            match &self.prefix {
                Some(prefix) if self.is_log() => {
                    text.extend_from_slice(prefix.as_bytes());
                    let line = String::from_utf8_lossy(line);
                    text.extend_from_slice(foreign_text::lines(&line).as_bytes());
                }
                _ => text.extend_from_slice(line),
            }
        }
        self.rest.drain(..length);
        // There may be no reader any more, which is not an error.
        let _ = match self.target {
            Target::Stdout => std::io::stdout().lock().write_all(&text),
            Target::Stderr => std::io::stderr().lock().write_all(&text),
        };
    }
}

/// The number of bytes before an incomplete last character.
fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        self.lines(|lines| {
            lines.prefix.is_none()
                && match lines.target {
                    Target::Stdout => std::io::IsTerminal::is_terminal(&std::io::stdout()),
                    Target::Stderr => std::io::IsTerminal::is_terminal(&std::io::stderr()),
                }
        })
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    // Not the default stream, which writes in the background: the last output would be lost with a store that trapped.
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.lines(|lines| lines.add(&bytes));
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl AsyncWrite for Output {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.lines(|lines| lines.add(bytes));
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
