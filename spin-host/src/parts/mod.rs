//! The real services behind the interfaces: a file, a database, a client, a model. None of them knows WebAssembly.

pub mod key_value;
pub mod llm;
pub mod redis;
pub mod sqlite;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::OwnedSemaphorePermit;

/// One of an instance's connections, returned when the last clone is gone.
pub type Place = Arc<OwnedSemaphorePermit>;

/// Opens a file of SQLite, unless the path is a link: that would lead to somebody's other database.
fn open_database(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::default() | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    Connection::open_with_flags(file, flags)
}

/// The services that all requests of one application share.
pub struct Parts {
    pub key_value: key_value::Stores,
    pub llm: Box<dyn llm::Llm>,
    /// The directory of the SQLite databases.
    pub state_directory: PathBuf,
    /// The host's own address, for requests of the application to itself.
    pub address: SocketAddr,
}

impl Parts {
    /// `state_directory` exists, and its path has no links.
    pub fn open(
        state_directory: &Path,
        address: SocketAddr,
        llm: Box<dyn llm::Llm>,
    ) -> Result<Self> {
        Ok(Self {
            key_value: key_value::Stores::open(&state_directory.join("key_value.db"))?,
            llm,
            state_directory: state_directory.to_owned(),
            address,
        })
    }
}
