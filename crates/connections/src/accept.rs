//! Accepts connections until the server is told to stop, and waits for none of them without limit.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};

use crate::{Handler, Limits, Peers, http1, http2, until};

/// The pause before another try when the system has no more connections for us.
const BREATH: Duration = Duration::from_millis(100);
/// The time for requests that are still on their way, over open connections, when the server stops.
const LINGER: Duration = Duration::from_millis(250);
/// The time for requests whose beginning has arrived by then.
const GRACE: Duration = Duration::from_secs(5);
/// The time for a client to take the last response while it still sends: closing at once would discard the response.
pub const LAST_WORDS: Duration = Duration::from_secs(1);
/// The interval at which connections are checked.
pub const TICK: Duration = Duration::from_millis(500);
/// The time that a connection may be idle while others wait to be accepted.
pub const CROWDED_IDLE: Duration = Duration::from_secs(1);

/// All connections of a server.
pub struct Connections<H> {
    shared: Shared<H>,
    stop: watch::Sender<bool>,
    places: Arc<Semaphore>,
    alive: mpsc::Sender<()>,
    ended: mpsc::Receiver<()>,
}

/// The part of the server that each connection sees.
#[derive(Clone)]
pub struct Shared<H> {
    pub handler: H,
    pub limits: Limits,
    pub stopped: watch::Receiver<bool>,
    /// `true` while others wait to be accepted.
    crowded: Arc<AtomicBool>,
}

impl<H> Shared<H> {
    pub fn is_crowded(&self) -> bool {
        self.crowded.load(Ordering::Relaxed)
    }

    pub fn is_stopping(&self) -> bool {
        *self.stopped.borrow()
    }
}

impl<H: Handler> Connections<H> {
    pub fn new(handler: H, limits: Limits) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (alive, ended) = mpsc::channel(1);
        let shared = Shared {
            handler,
            limits,
            stopped,
            crowded: Arc::default(),
        };
        let places = limits.connections.min(Semaphore::MAX_PERMITS);
        Self {
            shared,
            stop,
            places: Arc::new(Semaphore::new(places)),
            alive,
            ended,
        }
    }

    /// Accepts connections until `stop` is done, then those that have arrived by then. Tells all of them to end.
    pub async fn accept(&self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        loop {
            let place = tokio::select! {
                () = &mut stop => break,
                place = self.place() => place,
            };
            tokio::select! {
                () = &mut stop => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, client)) => self.start(stream, client, place),
                    // It is the client's fault, or there are too many connections.
                    Err(_) => {
                        self.shared.crowded.store(true, Ordering::Relaxed);
                        sleep(BREATH).await;
                    }
                },
            }
        }
        self.accept_the_rest(listener);
        let _ = self.stop.send(true);
    }

    /// Waits until all connections have ended.
    pub async fn ended(self) {
        let Self {
            alive, mut ended, ..
        } = self;
        drop(alive);
        let _ = ended.recv().await;
    }

    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            self.shared.crowded.store(false, Ordering::Relaxed);
            return Some(place);
        }
        self.shared.crowded.store(true, Ordering::Relaxed);
        // Nobody closes the semaphore.
        self.places.clone().acquire_owned().await.ok()
    }

    /// Connections in the system's queue would be reset when the listener closes.
    fn accept_the_rest(&self, listener: TcpListener) {
        let Ok(listener) = listener.into_std() else {
            return;
        };
        loop {
            let (stream, client) = match listener.accept() {
                Ok(accepted) => accepted,
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return,
            };
            let stream = stream
                .set_nonblocking(true)
                .and_then(|()| TcpStream::from_std(stream));
            if let Ok(stream) = stream {
                self.start(stream, client, None);
            }
        }
    }

    fn start(&self, stream: TcpStream, client: SocketAddr, place: Option<OwnedSemaphorePermit>) {
        let shared = self.shared.clone();
        let alive = self.alive.clone();
        tokio::spawn(async move {
            serve(shared, Arc::new(stream), client).await;
            drop((place, alive));
        });
    }
}

async fn serve<H: Handler>(shared: Shared<H>, stream: Arc<TcpStream>, client: SocketAddr) {
    let Ok(server) = stream.local_addr() else {
        return;
    };
    let peers = Peers { client, server };
    let mut ending = Ending::new(shared.stopped.clone());
    match version(&shared, &stream, &mut ending).await {
        Some((Version::Http1, first)) => http1::serve(shared, stream, first, peers, ending).await,
        Some((Version::Http2, first)) => http2::serve(shared, stream, first, peers, ending).await,
        None => {}
    }
}

enum Version {
    Http1,
    Http2,
}

/// The protocol version of the client, and the bytes that showed it; `None` if the client has left, or says nothing.
async fn version<H>(
    shared: &Shared<H>,
    stream: &TcpStream,
    ending: &mut Ending,
) -> Option<(Version, Bytes)> {
    // HTTP/2 begins with this. Methods of HTTP/1 may begin with `PRI`, too.
    const PREFACE: [u8; 24] = *b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let mut bytes = [0; PREFACE.len()];
    let mut length = 0;
    let start = Instant::now();
    let deadline = shared.limits.idle.map(|limit| start + limit);
    loop {
        tokio::select! {
            biased;
            ready = stream.readable() => {
                ready.ok()?;
                match stream.try_read(&mut bytes[length..]) {
                    Ok(0) => return None,
                    Ok(more) => length += more,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(_) => return None,
                }
                let first = &bytes[..length];
                if !PREFACE.starts_with(first) {
                    return Some((Version::Http1, Bytes::copy_from_slice(first)));
                }
                if first == PREFACE {
                    return Some((Version::Http2, Bytes::copy_from_slice(first)));
                }
            }
            phase = ending.next() => match phase {
                Phase::Told => {}
                Phase::Idle if length > 0 => {}
                Phase::Idle | Phase::Over => return None,
            },
            () = until(deadline) => return None,
            () = sleep(TICK) => {
                if shared.is_crowded() && start.elapsed() > CROWDED_IDLE {
                    return None;
                }
            }
        }
    }
}

/// A connection's notice that the server stops.
pub struct Ending {
    stopped: watch::Receiver<bool>,
    told: Option<Instant>,
    passed: Option<Phase>,
}

/// The phases after the server stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The server stops.
    Told,
    /// A connection that has not begun a request by now may not begin one.
    Idle,
    /// A connection that has not finished a request may not finish it, either.
    Over,
}

impl Ending {
    fn new(stopped: watch::Receiver<bool>) -> Self {
        Self {
            stopped,
            told: None,
            passed: None,
        }
    }

    /// Waits for the next phase. May be dropped and called again.
    pub async fn next(&mut self) -> Phase {
        let Some(told) = self.told else {
            // The server may be dropped without notice.
            if self.stopped.wait_for(|stopped| *stopped).await.is_err() {
                std::future::pending::<()>().await;
            }
            self.told = Some(Instant::now());
            return Phase::Told;
        };
        let (time, phase) = match self.passed {
            None => (LINGER, Phase::Idle),
            Some(Phase::Idle) => (GRACE, Phase::Over),
            Some(_) => return std::future::pending().await,
        };
        sleep_until(told + time).await;
        self.passed = Some(phase);
        phase
    }
}
