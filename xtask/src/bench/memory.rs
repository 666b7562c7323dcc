//! `bench memory`: resident memory of a process with 1 and with 1,000 instances of `examples/hello`, each called once and
//! kept. Each component and round has its own process, in turn, which finds the component compiled. Wasmtime's default
//! configuration: memory on demand.

use std::ffi::OsStr;

use anyhow::{Result, ensure};

use super::Bench;
use super::measured::Measured;
use super::table::comparison;
use super::tools::{SUBJECTS, components, hello, host};

const ROUNDS: usize = 3;

pub fn bench(bench: &Bench) -> Result<(Measured, String)> {
    ensure!(
        cfg!(target_os = "linux"),
        "only Linux tells how much of a process's memory is resident"
    );
    let paths = components(&bench.tools()?, &bench.folder, "hello", &hello(bench.root))?;
    let compiled = paths.each_ref().map(|path| path.with_extension("cwasm"));
    for (path, compiled) in paths.iter().zip(&compiled) {
        host(
            bench.root,
            [
                OsStr::new("precompile"),
                path.as_os_str(),
                compiled.as_os_str(),
            ],
        )?;
    }
    let mut measured = Measured::of(SUBJECTS);
    for _ in 0..bench.rounds(ROUNDS) {
        for path in &compiled {
            let printed = host(bench.root, [OsStr::new("memory"), path.as_os_str()])?;
            measured.add_printed(&printed, &compiled, str::to_owned)?;
        }
    }
    let report = comparison(&measured, "memory", |row| Some(row.name.clone()));
    let report = report.to_string();
    Ok((measured, report))
}
