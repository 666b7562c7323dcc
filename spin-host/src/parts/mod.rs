//! The real parts behind the interfaces, none of which knows WebAssembly: a file, a database, a client, a model.

pub mod key_value;
pub mod llm;
pub mod redis;
pub mod sqlite;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// What all requests of one application share.
pub struct Parts {
    pub key_value: key_value::Stores,
    pub llm: Box<dyn llm::Llm>,
    /// Where the files of the SQLite databases lie.
    pub state_directory: PathBuf,
    /// The host's own address, for requests of the application to itself.
    pub address: SocketAddr,
}

impl Parts {
    pub fn open(
        state_directory: &Path,
        address: SocketAddr,
        llm: Box<dyn llm::Llm>,
    ) -> Result<Self> {
        fs_err::create_dir_all(state_directory)?;
        Ok(Self {
            key_value: key_value::Stores::open(&state_directory.join("key_value.db"))?,
            llm,
            state_directory: state_directory.to_owned(),
            address,
        })
    }
}
