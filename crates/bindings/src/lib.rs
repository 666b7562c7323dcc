//! From WIT to Python bindings, without Wasmtime, the guest or the app.
//!
//! [`world`] reads and chooses, [`plan`] decides the Python names, [`bindgen`] prints them. Each uses only those before
//! it.

pub mod bindgen;
pub mod plan;
pub mod world;
