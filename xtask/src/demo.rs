//! `cargo xtask demo`: builds what is missing, componentizes `examples/hello` and runs the component on Wasmtime.

use std::path::Path;

use anyhow::Result;

use crate::process::{cargo, run};

pub fn demo(root: &Path, guest: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    guest(root)?;
    eprintln!("building componentize-py (the first build of Wasmtime takes minutes)");
    run(cargo(root).args([
        "build",
        "--release",
        "--bin",
        "componentize-py",
        "--example",
        "hello",
    ]))?;
    let output = root.join("target/demo/hello.wasm");
    eprintln!(
        "componentizing examples/hello into {}",
        output.strip_prefix(root).unwrap_or(&output).display()
    );
    let tool = root
        .join("target/release")
        .join(format!("componentize-py{}", std::env::consts::EXE_SUFFIX));
    run(std::process::Command::new(tool)
        .current_dir(root.join("examples/hello"))
        .args(["-d", "wit", "-w", "hello", "componentize", "app", "-o"])
        .arg(&output))?;
    eprintln!("running it on the embedded Wasmtime");
    run(cargo(root)
        .args(["run", "--release", "--quiet", "--example", "hello", "--"])
        .arg(&output)
        .arg("World"))
}
