//! The server's life: it listens until a signal comes, then ends what has begun, and waits for nothing without limit.

use std::time::Duration;

use anyhow::{Context as _, Result};
use connections::{Connections, Signals};
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::instance::Application;
use super::request::Service;
use crate::error::UserError;

/// Beyond the time limit of requests, for responses on their way.
const GRACE: Duration = Duration::from_secs(5);
/// How often to look whether the last instance has ended.
const LOOK: Duration = Duration::from_millis(20);

/// Serves until a signal, then ends what has begun; a second signal ends it at once.
pub async fn run(application: Application, listener: TcpListener) -> Result<()> {
    let log = application.log;
    let limits = application.limits.clone();
    let address = listener
        .local_addr()
        .context("failed to look up the address in use")?;
    let mut signals = Signals::new().context("failed to listen for signals")?;
    let service = Service::new(application);
    let connections = Connections::new(
        service.clone(),
        connections::Limits {
            idle: limits.idle_timeout,
            stalled: limits.stalled(),
            connections: limits.max_connections as usize,
        },
    );
    log.say(&format!("Serving on http://{address}/"));
    connections.accept(listener, signals.next()).await;
    let at_work = service.at_work();
    if at_work > 0 {
        log.say(&format!("Stopping after {at_work} more"));
    }
    let ended = async {
        connections.ended().await;
        // Some go on after their response.
        while service.at_work() > 0 {
            sleep(LOOK).await;
        }
    };
    let patience = async {
        match limits.timeout {
            // Some may wait for an instance before they have their own time.
            Some(limit) => sleep(limit * 2 + GRACE).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = ended => return Ok(()),
        () = signals.next() => {}
        () = patience => {}
    }
    match service.open() {
        // What is left are connections that nobody asks anything of.
        0 => Ok(()),
        requests => Err(UserError::ServeCutShort { requests }.into()),
    }
}
