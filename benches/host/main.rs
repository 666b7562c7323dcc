//! The host of `cargo xtask bench`: runs components on one Wasmtime (default configuration) in turn, and prints one
//! measurement on each line: component, row, value, unit; separated by tabs.
//!
//!     bench_host compile ROUNDS COMPONENT...    any world
//!     bench_host start ROUNDS COMPONENT...      worlds that export `hello: func(name: string) -> string`
//!     bench_host calls ROUNDS COMPONENT...      benches/calls/wit
//!     bench_host python ROUNDS COMPONENT...     benches/python/wit
//!     bench_host precompile COMPONENT COMPILED
//!     bench_host memory COMPILED                the same worlds as `start`

mod calls;
mod instance;
mod memory;
mod python;
mod start;

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

const USAGE: &str = "usage: bench_host (compile | start | calls | python) ROUNDS COMPONENT... | precompile COMPONENT COMPILED | memory COMPILED";

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (command, rest) = arguments.split_first().context(USAGE)?;
    match (command.as_str(), rest) {
        ("precompile", [component, compiled]) => {
            memory::precompile(Path::new(component), Path::new(compiled))
        }
        ("memory", [compiled]) => memory::measure(Path::new(compiled)),
        (command, [rounds, components @ ..]) => {
            let rounds = rounds.parse().context(USAGE)?;
            let components: Vec<PathBuf> = components.iter().map(PathBuf::from).collect();
            match command {
                "compile" => start::compile(rounds, &components),
                "start" => start::start(rounds, &components),
                "calls" => calls::measure(rounds, &components),
                "python" => python::measure(rounds, &components),
                _ => bail!(USAGE),
            }
        }
        _ => bail!(USAGE),
    }
}

fn print_time(component: &Path, row: &str, time: Duration) {
    println!("{}\t{row}\t{}\tns", component.display(), time.as_nanos());
}

fn print_bytes(component: &Path, row: &str, bytes: u64) {
    println!("{}\t{row}\t{bytes}\tB", component.display());
}
