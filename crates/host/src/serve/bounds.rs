//! The reasons to end the work for a request early: its time is over, its client is too slow, or has left.

use std::sync::Arc;
use std::time::Duration;

use connections::{Exchange, Pace, Place};
use tokio::time::{sleep, sleep_until};

use super::Limits;
use super::failure::Failure;

/// The deadline, if there is a limit.
pub type Deadline = Option<tokio::time::Instant>;

/// The time for an app to notice that its client has left.
pub const FAREWELL: Duration = Duration::from_secs(1);

/// The bounds of one request.
pub struct Bounds {
    pub deadline: Deadline,
    /// The pace at which the request's body arrives.
    pub pace: Pace,
    pub place: Arc<Place>,
    pub exchange: Exchange,
}

/// The reason why the work for a request was ended.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    TimedOut,
    Slow,
    Left,
}

impl Cut {
    /// The failure for the log, unless the line of the request reports it.
    pub fn failure(self, limits: &Limits) -> Option<Failure> {
        match self {
            Self::TimedOut => Some(Failure::TimedOut {
                limit: limits.timeout.unwrap_or_default(),
            }),
            Self::Slow => Some(Failure::Slow),
            Self::Left => None,
        }
    }
}

impl Bounds {
    /// The result of `work`, or the reason why it was dropped.
    pub async fn within<T>(
        &self,
        limits: &Limits,
        work: impl Future<Output = T>,
    ) -> Result<T, Cut> {
        tokio::select! {
            result = work => Ok(result),
            () = self.deadline() => Err(Cut::TimedOut),
            () = self.slow(limits.connections().stalled) => Err(Cut::Slow),
            () = self.left() => Err(Cut::Left),
        }
    }

    async fn deadline(&self) {
        match self.deadline {
            Some(deadline) => sleep_until(deadline).await,
            None => std::future::pending().await,
        }
    }

    /// Waits until the client is too slow: too slow for any client, or while others wait for its place.
    async fn slow(&self, limit: Option<Duration>) {
        tokio::select! {
            () = self.pace.stalls(limit) => {}
            () = self.place.wanted() => {}
        }
    }

    async fn left(&self) {
        self.exchange.left().await;
        sleep(FAREWELL).await;
    }
}
