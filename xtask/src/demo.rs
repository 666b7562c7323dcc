//! `cargo xtask demo`: builds what is missing, componentizes `examples/hello` and runs the component on Wasmtime.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::process::{cargo, run, run_beside, target};

pub fn demo(root: &Path, guest: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    build(root, guest)?;
    let output = target(root).join("demo/hello.wasm");
    eprintln!(
        "componentizing examples/hello into {}",
        output.strip_prefix(root).unwrap_or(&output).display()
    );
    run(Command::new(program(root, "componentize-py"))
        .current_dir(root.join("examples/hello"))
        .args(["-d", "wit", "-w", "hello", "componentize", "app", "-o"])
        .arg(&output))?;
    eprintln!("running it on the embedded Wasmtime");
    run(Command::new(program(root, "hello"))
        .arg(&output)
        .arg("World"))
}

/// The tool and the host, without tests and what only these need.
fn build(root: &Path, guest: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    eprintln!("building componentize-py (the first build of Wasmtime takes minutes)");
    let mut tool = cargo(root);
    tool.args(["build", "--release"])
        .args(["--bin", "componentize-py", "--bin", "hello"]);
    run_beside(&mut tool, || guest(root))
}

/// A program that Cargo has built.
fn program(root: &Path, name: &str) -> PathBuf {
    target(root)
        .join("release")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}
