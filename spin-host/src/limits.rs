//! What a request may use, and what ends its instance before it is done.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use connections::{Exchange, Pace, Place};
use tokio::time::sleep;

/// For a connection to bring its next request.
const IDLE: Duration = Duration::from_secs(30);
/// Connections at a time; others wait, and those that do nothing give way.
const CONNECTIONS: usize = 512;

/// What requests may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For a request to get an instance, and then again to the end of its answer.
    pub time: Duration,
    /// All memories of an instance together, in bytes. A guest that wants more is told that there is none.
    pub memory: usize,
    /// Instances at a time; further requests wait.
    pub instances: u16,
}

impl Limits {
    pub fn connections(&self) -> connections::Limits {
        connections::Limits::new(Some(self.time), Some(IDLE), CONNECTIONS)
    }
}

/// What ends an instance before it is done. Copies are of the same instance.
#[derive(Clone)]
pub struct Bounds {
    pub limits: Limits,
    pub exchange: Exchange,
    /// At what pace the request's body comes.
    pub pace: Pace,
    /// Given back with the store.
    pub place: Arc<Place>,
    ended: Arc<OnceLock<GivenUp>>,
}

/// Why an instance was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    TimedOut,
    /// Its client is gone.
    Left,
    /// Its client sent too little of the request, or took too little of the response, for anybody or for those who wait.
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

    /// Waits until the instance is to be given up.
    pub async fn over(&self) -> GivenUp {
        let why = tokio::select! {
            () = sleep(self.limits.time) => GivenUp::TimedOut,
            () = self.exchange.left() => GivenUp::Left,
            () = self.pace.stalls(self.limits.connections().stalled) => GivenUp::Slow,
            () = self.place.wanted() => GivenUp::Slow,
        };
        *self.ended.get_or_init(|| why)
    }

    /// Why it was given up, if it was.
    pub fn given_up(&self) -> Option<GivenUp> {
        self.ended.get().copied()
    }
}
