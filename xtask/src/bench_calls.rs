//! `cargo xtask bench calls`: `benches/calls/app.py` built by this tool and by `componentize-py==0.25.1`, both run by
//! `benches/calls/host.rs` on one Wasmtime in one process, in turn. Prints the tables of `benches/calls.md`, and keeps what was
//! measured in `benches/runs/`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::bench::{PEER, ours, peer};
use crate::process::{cargo, run};
use crate::runs;

const ROUNDS: &str = "20";
/// The rows that show how costs grow begin so, and end in this or another unit.
const GROWING: &str = "echo ";

/// Nanoseconds of a row, by subject: theirs, ours.
type Row = [Vec<f64>; 2];

pub fn bench(root: &Path, guest: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    guest(root)?;
    let folder = root.join("target/bench");
    std::fs::create_dir_all(&folder)?;
    let tools = [peer(&folder)?, ours(root)?];
    let mut components = Vec::new();
    for (tool, name) in tools.iter().zip(["calls-peer.wasm", "calls-ours.wasm"]) {
        let component = folder.join(name);
        build(root, tool, &component)?;
        components.push(component);
    }
    let measured = measure(root, &components)?;
    let rows = parse(&measured, &components)?;
    let tables = tables(&rows)?;
    print!("{tables}");
    let kept = runs::keep(root, "calls", &kept_text(&measured, &components))?;
    eprintln!("kept in {}", kept.display());
    Ok(())
}

fn build(root: &Path, tool: &Path, component: &Path) -> Result<()> {
    run(Command::new(tool)
        .current_dir(root.join("benches/calls"))
        .args([
            "-q",
            "-d",
            "wit",
            "-w",
            "calls",
            "componentize",
            "app",
            "-o",
        ])
        .arg(component))
}

fn measure(root: &Path, components: &[PathBuf]) -> Result<String> {
    run(cargo(root).args(["build", "--release", "--example", "bench_calls"]))?;
    let suffix = std::env::consts::EXE_SUFFIX;
    let host = root.join(format!("target/release/examples/bench_calls{suffix}"));
    let output = Command::new(&host)
        .arg(ROUNDS)
        .args(components)
        .output()
        .with_context(|| format!("failed to start {}", host.display()))?;
    ensure!(
        output.status.success(),
        "{} failed:\n{}",
        host.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// In the order in which they were measured.
fn parse(measured: &str, components: &[PathBuf]) -> Result<Vec<(String, Row)>> {
    let mut rows: Vec<(String, Row)> = Vec::new();
    for line in measured.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [component, name, time] = fields[..] else {
            anyhow::bail!("the host printed: {line}");
        };
        let subject = components
            .iter()
            .position(|known| known.as_path() == Path::new(component))
            .with_context(|| format!("the host measured {component}"))?;
        if rows.iter().all(|(known, _)| known != name) {
            rows.push((name.to_owned(), Row::default()));
        }
        let row = rows.iter_mut().find(|(known, _)| known == name);
        row.context("it was just added")?.1[subject].push(time.parse()?);
    }
    for (name, row) in &mut rows {
        for times in row {
            ensure!(!times.is_empty(), "`{name}` was not measured for both");
            times.sort_by(f64::total_cmp);
        }
    }
    Ok(rows)
}

fn tables(rows: &[(String, Row)]) -> Result<String> {
    let mut text = String::new();
    writeln!(
        text,
        "| median of {ROUNDS} (10th to 90th percentile) | componentize-py 0.25.1 | this tool | ratio |"
    )?;
    writeln!(text, "|---|---|---|---|")?;
    for (name, [theirs, ours]) in rows {
        let shown = [theirs, ours].map(|times| {
            let at = |tenths| shown(times[times.len() * tenths / 10]);
            format!("{} ({} to {})", shown(median(times)), at(1), at(9))
        });
        let ratio = median(ours) / median(theirs);
        writeln!(
            text,
            "| {name} | {} | {} | {ratio:.2} |",
            shown[0], shown[1]
        )?;
    }
    writeln!(text, "\n| per item | componentize-py 0.25.1 | this tool |")?;
    writeln!(text, "|---|---|---|")?;
    for (length, name, row) in growing(rows) {
        let each = |times: &[f64]| shown(median(times) / length);
        writeln!(text, "| {name} | {} | {} |", each(&row[0]), each(&row[1]))?;
    }
    Ok(text)
}

/// The rows that are about a length, which is their first number; by what they are about.
fn growing(rows: &[(String, Row)]) -> Vec<(f64, &str, &Row)> {
    let mut kinds: BTreeMap<&str, Vec<(f64, &str, &Row)>> = BTreeMap::new();
    for (name, row) in rows {
        let words = name
            .strip_prefix(GROWING)
            .and_then(|rest| rest.split_once(' '));
        if let Some((length, kind)) = words
            && let Ok(length) = length.parse()
        {
            kinds.entry(kind).or_default().push((length, name, row));
        }
    }
    kinds.into_values().flatten().collect()
}

fn median(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}

fn shown(nanoseconds: f64) -> String {
    match nanoseconds {
        time if time < 1e3 => format!("{time:.0} ns"),
        time if time < 1e6 => format!("{:.2} us", time / 1e3),
        time => format!("{:.2} ms", time / 1e6),
    }
}

fn kept_text(measured: &str, components: &[PathBuf]) -> String {
    let mut text = format!("# {PEER} and this tool: nanoseconds of each round\n");
    for line in measured.lines() {
        let named = match line.split_once('\t') {
            Some((path, rest)) if Path::new(path) == components[0] => format!("0.25.1\t{rest}"),
            Some((_, rest)) => format!("ours\t{rest}"),
            None => line.to_owned(),
        };
        text.push_str(&named);
        text.push('\n');
    }
    text
}
