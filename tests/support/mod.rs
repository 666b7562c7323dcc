//! Code that several suites share: cases and their expectations, programs, components, servers, virtual environments.
//!
//! `tests/generated` takes only those modules that need neither Wasmtime nor the guest.
#![allow(
    dead_code,
    unused_imports,
    reason = "each of the test programs uses its part"
)]

pub mod command;
pub mod components;
mod files;
pub mod golden;
pub mod peer;
pub mod server;
pub mod suite;
mod venv;
pub mod wheels;

pub use files::{copy_all, files, files_below};
pub use venv::{environment, python_venv};

/// The sockets that a process has open, if the system reports them.
pub fn sockets(process: u32) -> usize {
    let Ok(descriptors) = std::fs::read_dir(format!("/proc/{process}/fd")) else {
        return 0;
    };
    let targets = descriptors
        .flatten()
        .filter_map(|entry| std::fs::read_link(entry.path()).ok());
    targets
        .filter(|target| target.to_string_lossy().starts_with("socket:"))
        .count()
}
