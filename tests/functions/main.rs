//! Suites whose cases are functions: `cargo xtask test SUITE/FUNCTION` runs one. They are one program, because each linked
//! program contains a Wasmtime.

mod build;
mod discovery;
mod docs;
mod files;
mod install;
mod layers;
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
mod wasi_world;
