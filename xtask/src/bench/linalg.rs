//! `bench linalg`: linear algebra with NumPy in a component, and with the native NumPy of PyPI on one thread and on all.

use anyhow::Result;

use super::Bench;
use super::both_numpys::{Numpy, Times};
use super::measured::Measured;
use super::table::{Table, show};
use super::unit::Unit;

const ROUNDS: usize = 5;
const SUBJECTS: [&str; 3] = ["NumPy here", "native, one thread", "native, all threads"];
const HERE: usize = 0;
const ONE: usize = 1;
const ALL: usize = 2;

pub fn bench(bench: &Bench) -> Result<(Measured, String)> {
    let numpy = Numpy::prepare(bench, &["benches/linalg", "benches/numpy"])?;
    let mut measured = Measured::of(SUBJECTS);
    let mut add = |subject, times: Times| {
        for (name, seconds, _) in times {
            measured.add(subject, name, Unit::Nanoseconds, seconds * 1e9);
        }
    };
    for _ in 0..bench.rounds(ROUNDS) {
        add(HERE, numpy.here()?);
        add(ONE, numpy.native(Some(1))?);
        add(ALL, numpy.native(None)?);
    }
    let report = format!("NumPy {}\n\n{}", numpy.version, report(&measured));
    Ok((measured, report))
}

fn report(measured: &Measured) -> Table {
    let [here, one, all] = SUBJECTS;
    let ratios = ["here / one thread", "here / all threads"];
    let mut table = Table::new(["operation", here, one, all].into_iter().chain(ratios));
    for row in measured.rows() {
        let ratio = |to: usize| {
            let medians = [HERE, to].map(|subject| row.outcomes[subject].median());
            let [Some(here), Some(native)] = medians else {
                return String::new();
            };
            format!("{:.1}", here / native)
        };
        let (one, all) = (ratio(ONE), ratio(ALL));
        let figures = row.outcomes.iter().map(|outcome| show(outcome, row.unit));
        table.add(
            [row.name.clone()]
                .into_iter()
                .chain(figures)
                .chain([one, all]),
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_those_of_this_tool_to_the_native_ones() {
        let mut measured = Measured::of(SUBJECTS);
        for (subject, time) in [(HERE, 300.0), (ONE, 150.0), (ALL, 75.0)] {
            measured.add(subject, "solve", Unit::Nanoseconds, time);
        }
        measured.add(HERE, "svd", Unit::Nanoseconds, 9.0);
        let table = report(&measured).to_string();
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| solve | 300 ns | 150 ns | 75 ns | 2.0 | 4.0 |",
                "| svd | 9 ns | not measured | not measured |  |  |"
            ]
        );
    }
}
