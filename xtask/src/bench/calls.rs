//! `bench calls`: the times that a host waits for, from compiling `examples/hello` to lists of a million items. Both
//! components of an application run in one process (`benches/host`) in turn.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::PathBuf;

use anyhow::Result;

use super::Bench;
use super::measured::{Measured, Row};
use super::table::{Table, comparison};
use super::tools::{App, SUBJECTS, components, hello, host};

const ROUNDS: usize = 20;
/// Each takes seconds.
const COMPILE_ROUNDS: usize = 5;
/// The rows that show how costs grow begin with this, and end in a unit.
const GROWING: &str = "echo ";

pub fn bench(bench: &Bench) -> Result<(Measured, String)> {
    let tools = bench.tools()?;
    let hello = components(&tools, &bench.folder, "hello", &hello(bench.root))?;
    let app = App::of(bench.root.join("benches/calls"), "calls");
    let calls = components(&tools, &bench.folder, "calls", &app)?;
    let mut measured = Measured::of(SUBJECTS);
    let printed = measure(bench, "compile", COMPILE_ROUNDS, &hello)?;
    measured.add_printed(&printed, &hello, |row| format!("{row} of `hello`"))?;
    let printed = measure(bench, "start", ROUNDS, &hello)?;
    measured.add_printed(&printed, &hello, |row| {
        row.replacen("instantiate", "instantiate `hello`", 1)
    })?;
    let printed = measure(bench, "calls", ROUNDS, &calls)?;
    measured.add_printed(&printed, &calls, str::to_owned)?;
    let report = report(&measured);
    Ok((measured, report))
}

/// `benches/host COMMAND ROUNDS COMPONENT...`
pub fn measure(
    bench: &Bench,
    command: &str,
    rounds: usize,
    components: &[PathBuf],
) -> Result<String> {
    let rounds = bench.rounds(rounds).to_string();
    let words = [OsStr::new(command), OsStr::new(&rounds)];
    let paths = components.iter().map(|path| path.as_os_str());
    host(bench.root, words.into_iter().chain(paths))
}

fn report(measured: &Measured) -> String {
    let heading = "median (10th to 90th percentile)";
    let table = comparison(measured, heading, |row| Some(row.name.clone()));
    let mut each = Table::new(["per item"].into_iter().chain(SUBJECTS));
    for (length, row) in growing(&measured.rows()) {
        let shown = row.outcomes.iter().map(|outcome| {
            let time = outcome.median().map(|median| median / length);
            time.map(|time| row.unit.show(time)).unwrap_or_default()
        });
        each.add([row.name.clone()].into_iter().chain(shown));
    }
    format!("{table}\n{each}")
}

/// The rows about a length, which is their first number; grouped by subject.
fn growing(rows: &[Row]) -> Vec<(f64, &Row)> {
    let mut kinds: BTreeMap<&str, Vec<(f64, &Row)>> = BTreeMap::new();
    for row in rows {
        let rest = row.name.strip_prefix(GROWING);
        if let Some((length, kind)) = rest.and_then(|rest| rest.split_once(' '))
            && let Ok(length) = length.parse()
        {
            kinds.entry(kind).or_default().push((length, row));
        }
    }
    kinds.into_values().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::unit::Unit;

    #[test]
    fn lists_are_shown_by_item_too() {
        let mut measured = Measured::of(SUBJECTS);
        for (row, theirs, ours) in [
            ("warm call", 1000.0, 500.0),
            ("echo 10 records", 900.0, 300.0),
            ("echo 10 f64", 800.0, 100.0),
            ("echo 100 f64", 900.0, 200.0),
        ] {
            measured.add(0, row, Unit::Nanoseconds, theirs);
            measured.add(1, row, Unit::Nanoseconds, ours);
        }
        let report = report(&measured);
        let (_, each) = report.split_once("\n\n").expect("two tables");
        assert_eq!(
            each,
            "| per item | componentize-py 0.25.1 | this tool |\n|---|---|---|\n\
             | echo 10 f64 | 80 ns | 10 ns |\n\
             | echo 100 f64 | 9 ns | 2 ns |\n\
             | echo 10 records | 90 ns | 30 ns |\n"
        );
    }
}
