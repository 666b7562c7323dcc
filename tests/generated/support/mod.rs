//! The part of `tests/support` that needs neither Wasmtime nor the guest.
#![allow(dead_code, reason = "these suites use their part")]

#[path = "../../support/command.rs"]
pub mod command;
#[path = "../../support/files.rs"]
mod files;
#[path = "../../support/golden.rs"]
pub mod golden;
#[path = "../../support/suite.rs"]
pub mod suite;
#[path = "../../support/venv.rs"]
mod venv;

pub use files::{copy_all, files};
pub use venv::python_venv;
