//! Lets the extension be linked without Python's own library, also by plain `cargo build` on macOS.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
