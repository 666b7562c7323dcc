//! `bench growth`: the costs of building, of the component and of its start as worlds get more functions, and applications
//! more modules and native extensions. Both tools build the same folders of `target/bench/growth/` in turn, and both
//! components start in one process in turn.

use std::path::PathBuf;

use anyhow::{Result, bail, ensure};

use super::Bench;
use super::calls::measure;
use super::growth_apps::{Kind, write};
use super::measured::Measured;
use super::table::comparison;
use super::tools::{App, SUBJECTS, Tools, outputs, reason};
use super::unit::Unit;

const BUILD_ROUNDS: usize = 3;
const START_ROUNDS: usize = 10;

const BUILD: &str = "build";
const SIZE: &str = "size";
/// The name of the row in `benches/host`.
const START: &str = "instantiate, first call, drop";

pub fn bench(bench: &Bench) -> Result<(Measured, String)> {
    let tools = bench.tools()?;
    let folder = bench.folder.join("growth");
    let mut measured = Measured::of(SUBJECTS);
    for kind in Kind::ALL {
        for count in kind.counts() {
            let label = kind.label(*count);
            eprintln!("  {label}");
            let name = label.replace(' ', "-");
            let source = folder.join(&name);
            write(bench.root, &source, kind, *count)?;
            let size = Size {
                label,
                app: App::of(source, "hello"),
                components: outputs(&folder, &name),
            };
            let failed = size.build(bench, &tools, &mut measured)?;
            size.start(bench, failed, &mut measured)?;
        }
    }
    let report = report(&measured);
    Ok((measured, report))
}

/// One application with this number of functions, modules or extensions.
struct Size<'a> {
    label: String,
    app: App<'a>,
    components: [PathBuf; 2],
}

impl Size<'_> {
    fn row(&self, what: &str) -> String {
        format!("{}: {what}", self.label)
    }

    /// Returns whether the peer failed, which is a result; this tool may not fail.
    fn build(&self, bench: &Bench, tools: &Tools, measured: &mut Measured) -> Result<bool> {
        let mut failed = false;
        // One unmeasured round fills the caches of the disk.
        for round in 0..=bench.rounds(BUILD_ROUNDS) {
            for (subject, tool) in tools.iter().enumerate() {
                if subject == 0 && failed {
                    continue;
                }
                // The cache is as empty as if the tool had never built this world.
                let component = &self.components[subject];
                let cache = component.with_extension("cache");
                if cache.exists() {
                    fs_err::remove_dir_all(&cache)?;
                }
                let ended = tool.try_componentize(&self.app, component, Some(&cache))?;
                if !ended.status.success() {
                    ensure!(subject == 0, "{} failed: {}", tool.name, ended.talk);
                    eprintln!("{} failed:\n{}", tool.name, ended.talk.trim_end());
                    let reason = reason(ended.status, &ended.talk);
                    for (what, unit) in [(BUILD, Unit::Nanoseconds), (SIZE, Unit::Bytes)] {
                        measured.fail(subject, self.row(what), unit, &reason);
                    }
                    failed = true;
                } else if round > 0 {
                    let time = ended.time.as_nanos() as f64;
                    measured.add(subject, self.row(BUILD), Unit::Nanoseconds, time);
                }
            }
        }
        for subject in usize::from(failed)..tools.len() {
            let size = fs_err::metadata(&self.components[subject])?.len() as f64;
            measured.add(subject, self.row(SIZE), Unit::Bytes, size);
        }
        Ok(failed)
    }

    /// Starts both in one process. If that fails, starts each alone, since the peer's component may be the one that does not
    /// start.
    fn start(&self, bench: &Bench, failed: bool, measured: &mut Measured) -> Result<()> {
        let subjects = &self.components[usize::from(failed)..];
        let printed = match measure(bench, "start", START_ROUNDS, subjects) {
            Ok(printed) => printed,
            Err(error) if failed => bail!(error),
            Err(_) => {
                if let Err(error) = measure(bench, "start", START_ROUNDS, &subjects[..1]) {
                    let reason = format!("{error:#}");
                    eprintln!("{reason}");
                    let reason = reason.lines().last().unwrap_or_default();
                    measured.fail(0, self.row(START), Unit::Nanoseconds, reason);
                }
                measure(bench, "start", START_ROUNDS, &subjects[1..])?
            }
        };
        measured.add_printed(&printed, &self.components, |row| self.row(row))
    }
}

fn report(measured: &Measured) -> String {
    let about = |what: &str| {
        let suffix = format!(": {what}");
        comparison(measured, what, |row| {
            row.name.strip_suffix(&suffix).map(str::to_owned)
        })
    };
    format!("{}\n{}\n{}", about(BUILD), about(SIZE), about(START))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_for_each_cost() {
        let mut measured = Measured::of(SUBJECTS);
        measured.fail(0, "5 extensions: build", Unit::Nanoseconds, "no");
        measured.add(1, "5 extensions: build", Unit::Nanoseconds, 2e9);
        measured.add(0, "1 function: size", Unit::Bytes, 4e6);
        measured.add(1, "1 function: size", Unit::Bytes, 2e6);
        measured.add(1, "1 function: instantiate", Unit::Nanoseconds, 2e3);
        let head = "| componentize-py 0.25.1 | this tool | ratio |\n|---|---|---|---|\n";
        assert_eq!(
            report(&measured),
            format!(
                "| build {head}| 5 extensions | failed: no | 2.00 s |  |\n\n\
                 | size {head}| 1 function | 4.00 MB | 2.00 MB | 0.50 |\n\n\
                 | instantiate, first call, drop {head}"
            )
        );
    }
}
