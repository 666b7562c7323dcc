//! Connections: accepted until the server is told to stop, none of them waited for without limit.

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

/// Until another try, where the system has no more connections for us.
const BREATH: Duration = Duration::from_millis(100);
/// For requests on their way over connections that are open when the server stops.
const LINGER: Duration = Duration::from_millis(250);
/// For requests of which the beginning has arrived then.
const GRACE: Duration = Duration::from_secs(5);
/// For a client to take the last response while it still sends: closing at once would take that from it.
pub const LAST_WORDS: Duration = Duration::from_secs(1);
/// How often connections are looked at.
pub const TICK: Duration = Duration::from_millis(500);
/// How long a connection may do nothing while others wait to be accepted.
pub const CROWDED_IDLE: Duration = Duration::from_secs(1);

/// All connections of a server.
pub struct Connections<H> {
    shared: Shared<H>,
    stop: watch::Sender<bool>,
    places: Arc<Semaphore>,
    alive: mpsc::Sender<()>,
    ended: mpsc::Receiver<()>,
}

/// What each connection knows of the server.
#[derive(Clone)]
pub struct Shared<H> {
    pub handler: H,
    pub limits: Limits,
    pub stopped: watch::Receiver<bool>,
    /// Whether others wait to be accepted.
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

    /// Accepts connections until `stop` is done, then those that have arrived by then, and tells all of them to end.
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
                    // The client's fault, or there are too many of them.
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

    /// Waits until all of them have ended.
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
        // It is closed by nobody.
        self.places.clone().acquire_owned().await.ok()
    }

    /// What waits in the system's queue would be reset when the listener closes.
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

/// What the client speaks, and the bytes that said so; `None` if it has gone, or says nothing.
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

/// How a connection learns that the server stops.
pub struct Ending {
    stopped: watch::Receiver<bool>,
    told: Option<Instant>,
    passed: Option<Phase>,
}

/// What follows when the server stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It stops.
    Told,
    /// Whoever has not begun a request by now may not.
    Idle,
    /// Whoever has not finished one may not, either.
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

    /// Waits for the next of them. May be dropped and called again.
    pub async fn next(&mut self) -> Phase {
        let Some(told) = self.told else {
            // The server may be dropped without a word.
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
