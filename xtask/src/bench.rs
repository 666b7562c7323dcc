//! `cargo xtask bench`: builds `examples/hello` with this tool and with `componentize-py==0.25.1` in turn, and prints
//! build times and sizes side by side, with the sizes of the guest's parts.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::process::{cargo, run};

pub const PEER: &str = "componentize-py==0.25.1";
const ROUNDS: usize = 5;

/// One of the two tools: what it is called, its program, and where its component goes.
struct Tool {
    name: &'static str,
    program: PathBuf,
    output: PathBuf,
    times: Vec<Duration>,
}

pub fn bench(root: &Path, guest: impl FnOnce(&Path) -> Result<PathBuf>) -> Result<()> {
    let guest = guest(root)?;
    let ours = ours(root)?;
    let folder = root.join("target/bench");
    std::fs::create_dir_all(&folder)?;
    let mut tools = [
        Tool {
            name: "componentize-py 0.25.1",
            program: peer(&folder)?,
            output: folder.join("peer.wasm"),
            times: Vec::new(),
        },
        Tool {
            name: "this tool",
            program: ours,
            output: folder.join("ours.wasm"),
            times: Vec::new(),
        },
    ];
    // One unmeasured round each fills the caches of the disk.
    for round in 0..=ROUNDS {
        for tool in &mut tools {
            let time = build_hello(root, tool)?;
            if round > 0 {
                tool.times.push(time);
            }
        }
    }
    report(&mut tools)?;
    report_guest(&guest)
}

/// This tool, built with the features that the whole workspace has.
pub fn ours(root: &Path) -> Result<PathBuf> {
    run(cargo(root).args([
        "build",
        "--release",
        "--workspace",
        "--bin",
        "componentize-py",
    ]))?;
    let suffix = std::env::consts::EXE_SUFFIX;
    Ok(root.join(format!("target/release/componentize-py{suffix}")))
}

/// The peer, installed from PyPI in a venv of its own.
pub fn peer(folder: &Path) -> Result<PathBuf> {
    let venv = folder.join("peer");
    let scripts = venv.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let program = scripts.join(format!("componentize-py{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        let python = if cfg!(windows) { "python" } else { "python3" };
        run(Command::new(python).args(["-m", "venv"]).arg(&venv))?;
        run(Command::new(scripts.join("pip")).args(["install", "--quiet", PEER]))?;
    }
    Ok(program)
}

fn build_hello(root: &Path, tool: &Tool) -> Result<Duration> {
    let start = Instant::now();
    let status = Command::new(&tool.program)
        .current_dir(root.join("examples/hello"))
        .args(["-d", "wit", "-w", "hello", "componentize", "app", "-o"])
        .arg(&tool.output)
        .stdout(Stdio::null())
        .status()
        .with_context(|| format!("failed to start {}", tool.program.display()))?;
    if !status.success() {
        bail!("{} failed: {status}", tool.name);
    }
    Ok(start.elapsed())
}

fn report(tools: &mut [Tool]) -> Result<()> {
    println!("| `hello` | build, median of {ROUNDS} (min to max) | size | zstd -19 |");
    println!("|---|---|---|---|");
    for tool in tools {
        tool.times.sort();
        let seconds = |time: Duration| format!("{:.2} s", time.as_secs_f64());
        let (fastest, median, slowest) = (
            tool.times[0],
            tool.times[ROUNDS / 2],
            tool.times[ROUNDS - 1],
        );
        let component = std::fs::read(&tool.output)?;
        let packed = zstd::bulk::compress(&component, 19)?;
        println!(
            "| {} | {} ({} to {}) | {} | {} |",
            tool.name,
            seconds(median),
            seconds(fastest),
            seconds(slowest),
            megabytes(component.len() as u64),
            megabytes(packed.len() as u64),
        );
    }
    Ok(())
}

fn report_guest(guest: &Path) -> Result<()> {
    println!("\n| part of the guest | size |\n|---|---|");
    for folder in [guest.join("lib"), guest.to_owned()] {
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<std::io::Result<_>>()?;
        files.sort();
        for file in files.iter().filter(|file| file.is_file()) {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            println!("| `{name}` | {} |", megabytes(file.metadata()?.len()));
        }
    }
    Ok(())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.2} MB", bytes as f64 / 1e6)
}
