//! The guest as installers see it: its markers (PEP 508) and the platforms of its wheels, the best first.
//!
//! `cli/install-markers` compares this with what Python says in a component.

use serde_json::{Value, json};

/// Python in components; `guest/sources.toml` pins the same.
pub const PYTHON: [u32; 3] = [3, 14, 7];

/// The platforms of wheels: WASI, as `cargo xtask wheel` and Python's own `sysconfig` name it, then Emscripten (PEP 783),
/// whose wheels are shared libraries of the same kind. Pure Python comes after these by itself.
pub const PLATFORMS: [&str; 3] = [
    "wasi_0_2_wasm32",
    "wasi_0_0_0_wasm32",
    "pyemscripten_2026_0_wasm32",
];

/// The version as in `3.14.7`.
pub fn python() -> String {
    PYTHON.map(|part| part.to_string()).join(".")
}

/// The values of all markers.
pub fn markers() -> Value {
    let [major, minor, _] = PYTHON;
    json!({
        "implementation_name": "cpython",
        "implementation_version": python(),
        "os_name": "posix",
        "platform_machine": "wasm32",
        "platform_python_implementation": "CPython",
        "platform_release": "0.0.0",
        "platform_system": "wasi",
        "platform_version": "0.0.0",
        "python_full_version": python(),
        "python_version": format!("{major}.{minor}"),
        "sys_platform": "wasi",
    })
}
