//! The server's life: it listens until a signal comes, then finishes the requests that have begun.

use anyhow::{Context as _, Result};
use connections::{Connections, Signals};
use ground::Mistake as _;
use tokio::net::TcpListener;

use super::application::Application;
use super::request::Service;
use crate::HostError;

/// Serves until a signal, then finishes the requests that have begun; a second signal ends it at once.
pub async fn run(application: Application, listener: TcpListener) -> Result<()> {
    let log = application.log;
    let limits = application.limits.clone();
    let address = listener
        .local_addr()
        .context("failed to look up the address in use")?;
    let signals = Signals::new().context("failed to listen for signals")?;
    let service = Service::new(application);
    let connections = Connections::new(service.clone(), limits.connections());
    log.say(&format!("Serving on http://{address}/"));
    let stopping = |at_work| log.say(&format!("Stopping after {at_work} more"));
    let places = service.places();
    let timeout = limits.timeout;
    let serving = connections.serve(listener, signals, places, timeout, stopping);
    let is_orderly = tokio::select! {
        is_orderly = serving => is_orderly,
        never = service.tidy() => match never {},
    };
    if is_orderly {
        return Ok(());
    }
    match service.open() {
        // Only connections without requests are left.
        0 => Ok(()),
        requests => HostError::ServeCutShort { requests }.raise(),
    }
}
