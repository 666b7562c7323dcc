//! The bytes of one connection: reads that end when the server stops, and writes that do not wait for ever.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// The bytes that the system may hold beyond the client's window. Without a bound there may be megabytes, and a third of them
/// must leave before any progress shows.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 64 << 10;

/// The state of an HTTP/1 connection, which its task, its service and its [`Wire`] share.
#[derive(Debug, Default)]
pub struct Standing {
    /// The number of requests whose response is not written yet.
    answering: AtomicUsize,
    /// `true` if the body of the last request has not been read to its end.
    unread_body: AtomicBool,
    /// `true` if bytes arrived after the last request: the beginning of another.
    begun: AtomicBool,
    /// Blank lines that arrived (they end heads), and requests that were read. A body may contain blank lines; then a
    /// connection ends without an announcement.
    blank_lines: AtomicUsize,
    requests: AtomicUsize,
    /// Flags to stop reading: where no request has begun, and where one has.
    ends_idle: AtomicBool,
    ends: AtomicBool,
}

impl Standing {
    pub fn is_answering(&self) -> bool {
        self.answering.load(Ordering::Acquire) > 0
    }

    pub fn has_unread_body(&self) -> bool {
        self.unread_body.load(Ordering::Acquire)
    }

    pub fn set_unread_body(&self, unread: bool) {
        self.unread_body.store(unread, Ordering::Release);
        if !unread {
            self.begun.store(false, Ordering::Release);
        }
    }

    /// Notes bytes that the protocol gets, and the blank lines in them.
    fn note(&self, bytes: &[u8], line_ended: &mut bool) {
        if bytes.is_empty() {
            return;
        }
        self.begun.store(true, Ordering::Release);
        let mut blank_lines = 0;
        for byte in bytes {
            match byte {
                b'\n' if *line_ended => {
                    blank_lines += 1;
                    *line_ended = false;
                }
                b'\n' => *line_ended = true,
                b'\r' => {}
                _ => *line_ended = false,
            }
        }
        self.blank_lines.fetch_add(blank_lines, Ordering::AcqRel);
    }

    /// Returns `true` if another request has, or may have, been read behind the one being answered.
    fn has_pipelined(&self) -> bool {
        self.blank_lines.load(Ordering::Acquire) > self.requests.load(Ordering::Acquire)
    }

    pub fn end_idle(&self) {
        self.ends_idle.store(true, Ordering::Release);
    }

    pub fn end(&self) {
        self.ends.store(true, Ordering::Release);
    }

    /// Returns `true` if nothing more is to be read. Reporting the end of the client's data would abort a request that is being
    /// answered.
    fn is_over(&self) -> bool {
        let begun = self.begun.load(Ordering::Acquire) || self.has_unread_body();
        !self.is_answering()
            && (self.ends.load(Ordering::Acquire)
                || self.ends_idle.load(Ordering::Acquire) && !begun)
    }
}

/// A request that a connection is answering, until this is dropped.
pub struct Answering(Arc<Standing>);

impl Answering {
    pub fn begin(standing: &Arc<Standing>) -> Self {
        standing.answering.fetch_add(1, Ordering::AcqRel);
        standing.requests.fetch_add(1, Ordering::AcqRel);
        standing.begun.store(false, Ordering::Release);
        Self(standing.clone())
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.answering.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A connection's stream, for a protocol to read and write.
pub struct Wire {
    stream: Arc<TcpStream>,
    /// Bytes that were read to find out the protocol.
    first: Bytes,
    standing: Arc<Standing>,
    /// `true` if a line has ended and nothing has followed it.
    line_ended: bool,
    stalled: Option<Duration>,
    patience: Option<Pin<Box<Sleep>>>,
}

impl Wire {
    pub fn new(
        stream: Arc<TcpStream>,
        first: Bytes,
        standing: Arc<Standing>,
        stalled: Option<Duration>,
    ) -> Self {
        // Small responses are sent at once.
        let _ = stream.set_nodelay(true);
        #[cfg(target_os = "linux")]
        let _ = socket2::SockRef::from(&*stream).set_tcp_notsent_lowat(UNSENT);
        Self {
            stream,
            first,
            standing,
            line_ended: false,
            stalled,
            patience: None,
        }
    }

    /// Waits in place of the write that cannot go on.
    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        let Some(limit) = self.stalled else {
            return Poll::Pending;
        };
        let patience = self
            .patience
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        ready!(patience.as_mut().poll(context));
        // Otherwise the system would go on for minutes with the bytes that it holds.
        let _ = socket2::SockRef::from(&*self.stream).set_linger(Some(Duration::ZERO));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    fn write(
        &mut self,
        context: &mut Context<'_>,
        write: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            match self.stream.poll_write_ready(context)? {
                Poll::Pending => return self.wait(context),
                Poll::Ready(()) => {}
            }
            match write(&self.stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => {
                    self.patience = None;
                    return Poll::Ready(written);
                }
            }
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.first.has_remaining() {
            let first = this
                .first
                .split_to(this.first.len().min(buffer.remaining()));
            buffer.put_slice(&first);
            this.standing.note(&first, &mut this.line_ended);
            return Poll::Ready(Ok(()));
        }
        loop {
            match this.stream.poll_read_ready(context)? {
                Poll::Pending if this.standing.is_over() => return Poll::Ready(Ok(())),
                Poll::Pending => return Poll::Pending,
                Poll::Ready(()) => {}
            }
            match this.stream.try_read(buffer.initialize_unfilled()) {
                Ok(length) => {
                    let start = buffer.filled().len();
                    buffer.advance(length);
                    this.standing
                        .note(&buffer.filled()[start..], &mut this.line_ended);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut()
            .write(context, |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut()
            .write(context, |stream| stream.try_write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let socket = socket2::SockRef::from(&*self.stream);
        Poll::Ready(socket.shutdown(std::net::Shutdown::Write))
    }
}

/// Returns `true` if the client has closed its end. It has left then, since it would otherwise wait for its response.
pub fn has_left(stream: &TcpStream) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(stream.ready(Interest::READABLE)).poll(&mut context) {
        Poll::Ready(Ok(ready)) => ready.is_read_closed(),
        Poll::Ready(Err(_)) => true,
        Poll::Pending => false,
    }
}

/// Returns `true` if there is unread data.
fn has_unread(stream: &TcpStream) -> bool {
    let mut byte = [std::mem::MaybeUninit::uninit()];
    let peek = || socket2::SockRef::from(stream).peek(&mut byte);
    // Not `poll_peek`, which would replace the waker of the task that waits for data.
    matches!(stream.try_io(Interest::READABLE, peek), Ok(length) if length > 0)
}

/// Returns `true` if the response is the last of its connection now that the server stops, because no other request has
/// arrived.
pub fn is_last(standing: &Standing, stream: &TcpStream) -> bool {
    !standing.has_pipelined() && (standing.has_unread_body() || !has_unread(stream))
}
