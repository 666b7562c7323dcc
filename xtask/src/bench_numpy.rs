//! `cargo xtask bench numpy`: NumPy in a component beside plain Python in the same component, and beside the native NumPy of
//! PyPI, in turn. Prints the table of `benches/numpy.md`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use guest::Lines;

use crate::process::{cargo, run};

/// The version of the recipe, so that both are the same code.
const NUMPY: &str = "numpy";
const ROUNDS: usize = 5;

/// Seconds for one operation: with NumPy, and in plain Python where that makes sense.
type Times = Vec<(String, f64, Option<f64>)>;

pub fn bench(root: &Path, guest: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    guest(root)?;
    run(cargo(root).args(["build", "--release", "--bin", "componentize-py"]))?;
    let folder = root.join("target/bench/numpy");
    std::fs::create_dir_all(&folder)?;
    let tool = root
        .join("target/release")
        .join(format!("componentize-py{}", std::env::consts::EXE_SUFFIX));

    let wheel = guest::wheels::wheel(root, NUMPY, &Lines)?;
    let version = wheel
        .file_name()
        .and_then(|name| name.to_str()?.split('-').nth(1))
        .context("a wheel's name has its version")?
        .to_owned();
    let deps = folder.join("deps");
    let component = folder.join("numpy.wasm");
    run(pip("python3")
        .args(["--no-deps", "--upgrade", "--target"])
        .arg(&deps)
        .arg(&wheel))?;
    run(Command::new(&tool)
        .current_dir(root)
        .args(["-q", "-d", "wit/wasi-0.2", "-w", "wasi:cli/command@0.2.12"])
        .args(["componentize", "app", "-p", "benches/numpy", "-p"])
        .arg(&deps)
        .arg("-o")
        .arg(&component))?;
    let python = native(&folder, &version)?;

    let (mut ours, mut theirs): (Vec<Times>, Vec<Times>) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(measure(Command::new(&tool).arg("run").arg(&component))?);
        theirs.push(measure(
            Command::new(&python)
                .current_dir(root.join("benches/numpy"))
                .args(["-c", "import json, work; print(json.dumps(work.measure()))"]),
        )?);
    }
    println!("NumPy {version}; medians of {ROUNDS} rounds in turn\n");
    report(&ours, &theirs);
    Ok(())
}

fn pip(python: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet"]);
    pip.arg("--disable-pip-version-check");
    pip
}

/// A Python of this machine with NumPy as PyPI has it.
fn native(folder: &Path, version: &str) -> Result<std::path::PathBuf> {
    let venv = folder.join(format!("native-{version}"));
    let python = venv.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        run(pip(&python).arg(format!("numpy=={version}")))?;
    }
    Ok(python)
}

fn measure(command: &mut Command) -> Result<Times> {
    let output = command.output().context("failed to start")?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).context("it does not print JSON")
}

fn report(ours: &[Times], theirs: &[Times]) {
    println!(
        "| operation | plain Python here | NumPy here | times faster | native NumPy | here / native |"
    );
    println!("|---|---|---|---|---|---|");
    for (index, (name, _, plain)) in ours[0].iter().enumerate() {
        let fast = median(ours.iter().map(|round| round[index].1));
        let native = median(theirs.iter().map(|round| round[index].1));
        let (plain, faster) = match plain {
            Some(_) => {
                let plain = median(ours.iter().filter_map(|round| round[index].2));
                (microseconds(plain), format!("{:.0}", plain / fast))
            }
            None => (String::new(), String::new()),
        };
        println!(
            "| {name} | {plain} | {} | {faster} | {} | {:.1} |",
            microseconds(fast),
            microseconds(native),
            fast / native
        );
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn microseconds(seconds: f64) -> String {
    format!("{:.0} us", seconds * 1e6)
}
