//! `bench build`: `examples/hello` built by both in turn. Time, memory and sizes, and the sizes of the guest's parts.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Bench;
use super::child::Ended;
use super::measured::Measured;
use super::table::{Table, comparison};
use super::targets::{BUILD, PACKED_SIZE, SIZE};
use super::tools::{SUBJECTS, hello, outputs};
use super::unit::Unit;
use crate::guest_build;

const ROUNDS: usize = 5;
const AGAIN: &str = "build `hello` again";
const MEMORY: &str = "peak memory of the build";

pub fn bench(bench: &Bench) -> Result<(Measured, String)> {
    let guest = guest_build::folder(bench.root)?;
    let (tools, app) = (bench.tools()?, hello(bench.root));
    let components = outputs(&bench.folder, "hello");
    let mut measured = Measured::of(SUBJECTS);
    // The cache of our tool's compiled code: empty for the first build, filled for the second. For the other tool, both
    // builds are the same.
    let cache = bench.folder.join("cache");
    // One unmeasured round fills the caches of the disk.
    for round in 0..=bench.rounds(ROUNDS) {
        for (subject, (tool, component)) in tools.iter().zip(&components).enumerate() {
            if cache.exists() {
                fs_err::remove_dir_all(&cache)?;
            }
            let ended = tool.componentize(&app, component, Some(&cache))?;
            let again = tool.componentize(&app, component, Some(&cache))?;
            if round == 0 {
                continue;
            }
            let time = |ended: &Ended| ended.time.as_nanos() as f64;
            measured.add(subject, BUILD, Unit::Nanoseconds, time(&ended));
            measured.add(subject, AGAIN, Unit::Nanoseconds, time(&again));
            match ended.peak {
                Some(peak) => measured.add(subject, MEMORY, Unit::Bytes, peak as f64),
                None => measured.fail(subject, MEMORY, Unit::Bytes, "the system does not tell"),
            }
        }
    }
    for (subject, component) in components.iter().enumerate() {
        let component = fs_err::read(component)?;
        let packed = zstd::bulk::compress(&component, 19)?;
        measured.add(subject, SIZE, Unit::Bytes, component.len() as f64);
        measured.add(subject, PACKED_SIZE, Unit::Bytes, packed.len() as f64);
    }
    let table = comparison(&measured, "`hello`", |row| Some(row.name.clone()));
    let report = format!("{table}\n{}", parts(&guest)?);
    Ok((measured, report))
}

fn parts(guest: &Path) -> Result<Table> {
    let mut table = Table::new(["part of the guest", "size"]);
    for folder in [guest.join("lib"), guest.to_owned()] {
        let mut files: Vec<PathBuf> = fs_err::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<std::io::Result<_>>()?;
        files.sort();
        for file in files.iter().filter(|file| file.is_file()) {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let size = Unit::Bytes.show(fs_err::metadata(file)?.len() as f64);
            table.add([format!("`{name}`"), size]);
        }
    }
    Ok(table)
}
