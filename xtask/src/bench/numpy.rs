//! `bench numpy`: NumPy in a component, compared with plain Python in the same component and with the native NumPy of PyPI,
//! in turn.

use anyhow::Result;

use super::Bench;
use super::both_numpys::Numpy;
use super::measured::{Measured, Row};
use super::table::{Table, show};
use super::unit::Unit;

const ROUNDS: usize = 5;
const SUBJECTS: [&str; 3] = ["plain Python here", "NumPy here", "native NumPy"];
const PLAIN: usize = 0;
const HERE: usize = 1;
const NATIVE: usize = 2;

pub fn bench(bench: &Bench) -> Result<(Measured, String)> {
    let numpy = Numpy::prepare(bench, &["benches/numpy"])?;
    let mut measured = Measured::of(SUBJECTS);
    for _ in 0..bench.rounds(ROUNDS) {
        for (name, fast, plain) in numpy.here()? {
            let mut add = |subject, seconds: f64| {
                measured.add(subject, name.as_str(), Unit::Nanoseconds, seconds * 1e9);
            };
            add(HERE, fast);
            plain.into_iter().for_each(|plain| add(PLAIN, plain));
        }
        for (name, fast, _) in numpy.native(None)? {
            measured.add(NATIVE, name, Unit::Nanoseconds, fast * 1e9);
        }
    }
    let report = format!("NumPy {}\n\n{}", numpy.version, report(&measured));
    Ok((measured, report))
}

fn report(measured: &Measured) -> Table {
    let [plain, here, native] = SUBJECTS;
    let mut table = Table::new([
        "operation",
        plain,
        here,
        "times faster",
        native,
        "here / native",
    ]);
    for row in measured.rows() {
        let [plain, here, native] = [PLAIN, HERE, NATIVE].map(|subject| shown(&row, subject));
        let ratio = |first: usize, second: usize, decimals: usize| {
            let medians = [first, second].map(|subject| row.outcomes[subject].median());
            let [Some(first), Some(second)] = medians else {
                return String::new();
            };
            format!("{:.decimals$}", first / second)
        };
        let (faster, slower) = (ratio(PLAIN, HERE, 0), ratio(HERE, NATIVE, 1));
        table.add([row.name.clone(), plain, here, faster, native, slower]);
    }
    table
}

/// Not every operation has a version in plain Python.
fn shown(row: &Row, subject: usize) -> String {
    let outcome = &row.outcomes[subject];
    outcome
        .median()
        .map(|_| show(outcome, row.unit))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_without_a_plain_one() {
        let mut measured = Measured::of(SUBJECTS);
        measured.add(HERE, "fft", Unit::Nanoseconds, 300.0);
        measured.add(NATIVE, "fft", Unit::Nanoseconds, 200.0);
        for (subject, time) in [(PLAIN, 9000.0), (HERE, 90.0), (NATIVE, 9.0)] {
            measured.add(subject, "sum", Unit::Nanoseconds, time);
        }
        let table = report(&measured).to_string();
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| fft |  | 300 ns |  | 200 ns | 1.5 |",
                "| sum | 9.00 us | 90 ns | 100 | 9 ns | 10.0 |"
            ]
        );
    }
}
