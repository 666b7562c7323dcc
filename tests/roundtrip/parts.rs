//! What the round trips are made of: worlds in, a component and its app, calls and what came of them.

#[path = "app.rs"]
pub mod app;
#[path = "campaign.rs"]
pub mod campaign;
#[path = "component.rs"]
pub mod component;
#[path = "handles.rs"]
pub mod handles;
#[path = "host.rs"]
pub mod host;
#[path = "imports.rs"]
mod imports;
#[path = "show.rs"]
pub mod show;
#[path = "shrink.rs"]
pub mod shrink;
#[path = "../support/host/streams.rs"]
mod streams;
#[path = "values.rs"]
pub mod values;

use host::Process;
