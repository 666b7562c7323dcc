//! A program that the components of a test connect to.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

/// A running program, which ends with this. It prints a line when it is ready.
pub struct Peer(Child);

impl Peer {
    /// Starts it, and waits for its line.
    pub fn start(command: &mut Command) -> Result<(Self, String)> {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = process.stdout.take().context("it is piped")?;
        let peer = Self(process);
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        Ok((peer, line))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
