//! A server's life: it listens until a signal comes, then ends what has begun, and waits for nothing without limit.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::{Connections, Handler, Places, Signals, until_after};

/// Beyond the time limit of requests, for responses on their way.
const GRACE: Duration = Duration::from_secs(5);
/// How often to look whether the last instance has ended.
const LOOK: Duration = Duration::from_millis(20);

impl<H: Handler> Connections<H> {
    /// Serves until a signal comes, then tells how many are `stopping`, those whose instance is at work, and ends what has begun. A
    /// second signal ends it at once; that, or a request that takes longer than `timeout` allows, gives `false`.
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
            // Some go on after their response.
            while places.taken() > 0 {
                sleep(LOOK).await;
            }
        };
        // Some may wait for an instance before they have their own time.
        let patience = timeout.map(|limit| limit.saturating_mul(2).saturating_add(GRACE));
        tokio::select! {
            () = ended => true,
            () = signals.next() => false,
            () = until_after(patience) => false,
        }
    }
}
