//! The limits of a request, and the reasons to end its instance early.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use connections::{Exchange, Pace, Place};
use tokio::time::sleep;

/// The time for a connection to send its next request.
const IDLE: Duration = Duration::from_secs(30);
/// The number of connections at a time. Others wait, and idle ones are closed.
const CONNECTIONS: usize = 512;

/// The limits of requests.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The time for a request to get an instance, and then again until the end of its answer.
    pub time: Duration,
    /// The size of all memories of an instance together, in bytes. Growing beyond it fails in the guest.
    pub memory: usize,
    /// The number of instances at a time; further requests wait.
    pub instances: u16,
}

impl Limits {
    pub fn connections(&self) -> connections::Limits {
        connections::Limits::new(Some(self.time), Some(IDLE), CONNECTIONS)
    }
}

/// The reasons to end an instance early. Clones belong to the same instance.
#[derive(Clone)]
pub struct Bounds {
    pub limits: Limits,
    pub exchange: Exchange,
    /// The pace at which the request's body arrives.
    pub pace: Pace,
    /// Returned with the store.
    pub place: Arc<Place>,
    ended: Arc<OnceLock<GivenUp>>,
}

/// The reason why an instance was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    TimedOut,
    /// Its client has left.
    Left,
    /// Its client sent too little of the request, or took too little of the response: too little for any client, or while
    /// others wait.
    Slow,
}

impl Bounds {
    pub fn new(limits: Limits, exchange: Exchange, pace: Pace, place: Place) -> Self {
        Self {
            limits,
            exchange,
            pace,
            place: Arc::new(place),
            ended: Arc::default(),
        }
    }

    /// Waits until the instance is to be ended.
    pub async fn over(&self) -> GivenUp {
        let why = tokio::select! {
            () = sleep(self.limits.time) => GivenUp::TimedOut,
            () = self.exchange.left() => GivenUp::Left,
            () = self.pace.stalls(self.limits.connections().stalled) => GivenUp::Slow,
            () = self.place.wanted() => GivenUp::Slow,
        };
        *self.ended.get_or_init(|| why)
    }

    /// The reason why it was ended, if it was.
    pub fn given_up(&self) -> Option<GivenUp> {
        self.ended.get().copied()
    }
}
