//! Suites whose cases are functions: `cargo xtask test SUITE/FUNCTION` runs one. One program, because each that is linked has a Wasmtime in it.

mod build;
mod discovery;
mod docs;
#[cfg(unix)]
mod links;
mod report;
mod reproducible;
mod run;
mod serve;
mod stub_wasi;
#[path = "../support/mod.rs"]
mod support;
mod terminal;
