//! Instances between two requests.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The time after which an instance that nobody needs is dropped.
pub const REST: Duration = Duration::from_secs(30);

/// A list of instances. The one that was used last is used next, so that those beyond the usual number get old.
pub struct Idle<T>(Mutex<Vec<(Instant, T)>>);

impl<T> Default for Idle<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Idle<T> {
    pub fn take(&self) -> Option<T> {
        self.lock().pop().map(|(_, instance)| instance)
    }

    pub fn put(&self, instance: T) {
        self.lock().push((Instant::now(), instance));
    }

    /// Drops those that have rested too long, and returns their number. The list is locked meanwhile: a request that finds
    /// no instance may make one, for which there must be room by then.
    pub fn drop_old(&self, now: Instant) -> usize {
        let mut list = self.lock();
        // The oldest come first.
        let old = list.partition_point(|(since, _)| now.duration_since(*since) >= REST);
        list.drain(..old).count()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Instant, T)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::{Idle, REST};

    #[test]
    fn the_newest_are_used_and_the_oldest_dropped() {
        let idle = Idle::default();
        for name in ["first", "second", "third"] {
            idle.put(name);
        }
        assert_eq!(idle.take(), Some("third"));
        assert_eq!(idle.drop_old(Instant::now() + REST / 2), 0);
        idle.lock()[1].0 += REST / 2;
        assert_eq!(idle.drop_old(Instant::now() + REST), 1);
        assert_eq!(idle.take(), Some("second"));
        assert_eq!(idle.take(), None);
    }
}
