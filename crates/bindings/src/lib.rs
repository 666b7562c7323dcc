//! WIT in, Python bindings out; nothing here knows Wasmtime, the guest or the app.
//!
//! [`world`] reads and chooses, [`plan`] decides how everything is called in Python, [`bindgen`] prints it. Each looks only to
//! those before it.

pub mod bindgen;
pub mod plan;
pub mod world;
