//! A server's life: it listens until a signal comes, then finishes the requests that have begun, and waits for nothing without
//! limit.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::{Connections, Handler, Places, Signals, until_after};

/// The time for responses on their way, beyond the time limit of requests.
const GRACE: Duration = Duration::from_secs(5);
/// The interval at which it checks whether the last instance has ended.
const LOOK: Duration = Duration::from_millis(20);

impl<H: Handler> Connections<H> {
    /// Serves until a signal comes. Then passes to `stopping` the number of requests whose instance is at work, and finishes
    /// all that have begun. A second signal ends the server at once. Returns `false` in that case, or if a request takes longer
    /// than `timeout` allows.
    pub async fn serve(
        self,
        listener: TcpListener,
        mut signals: Signals,
        places: &Places,
        timeout: Option<Duration>,
        stopping: impl FnOnce(usize),
    ) -> bool {
        self.accept(listener, signals.next()).await;
        let at_work = places.taken();
        if at_work > 0 {
            stopping(at_work);
        }
        let ended = async {
            self.ended().await;
            // Some instances go on after their response.
            while places.taken() > 0 {
                sleep(LOOK).await;
            }
        };
        // Some requests may wait for an instance before their own time begins.
        let patience = timeout.map(|limit| limit.saturating_mul(2).saturating_add(GRACE));
        tokio::select! {
            () = ended => true,
            () = signals.next() => false,
            () = until_after(patience) => false,
        }
    }
}
