//! The targets of the tool, and the distance of the measured figures from them.
//!
//! The figures of 0.25.1 beside the targets come from one machine. On another machine both tools are faster or slower, so
//! the table also has the ratio of the two figures.

use super::measured::{Measured, Row};
use super::table::{Table, show};
use super::unit::{Unit, show_ratio};

/// One figure that must be reached.
struct Target {
    /// The name of the row in its part.
    row: &'static str,
    unit: Unit,
    /// The figure of 0.25.1 on the machine on which the targets were set.
    theirs: f64,
    /// The figure that this tool may take at most, or must reach at least if more is better.
    ours: f64,
}

pub const BUILD: &str = "build `hello`";
pub const SIZE: &str = "size of `hello`";
pub const PACKED_SIZE: &str = "size of `hello`, zstd -19";
pub const FASTER: &str = "pure Python, geometric mean";

#[rustfmt::skip]
const TARGETS: [Target; 11] = [
    target(BUILD, Unit::Nanoseconds, 4.8e9, 0.9e9),
    target(SIZE, Unit::Bytes, 18.3e6, 9e6),
    target(PACKED_SIZE, Unit::Bytes, 4.4e6, 3e6),
    target("host compile of `hello`", Unit::Nanoseconds, 4.0e9, 2.0e9),
    target("instantiate `hello`", Unit::Nanoseconds, 540e3, 30e3),
    target("instantiate `hello`, first call, drop", Unit::Nanoseconds, 920e3, 250e3),
    target("warm call", Unit::Nanoseconds, 1.0e3, 0.5e3),
    target("echo 100000 f64", Unit::Nanoseconds, 34e6, 2.5e6),
    target("echo 2000 records", Unit::Nanoseconds, 7.0e6, 2.5e6),
    target("20000 calls of an import", Unit::Nanoseconds, 10e6, 4e6),
    target(FASTER, Unit::TimesFaster, 1.0, 1.25),
];

const fn target(row: &'static str, unit: Unit, theirs: f64, ours: f64) -> Target {
    Target {
        row,
        unit,
        theirs,
        ours,
    }
}

/// The targets with the measured figures. Targets that no part measured are left out unless `complete`.
pub fn summary(measured: &[Measured], complete: bool) -> Option<Table> {
    let rows: Vec<Row> = measured.iter().flat_map(Measured::rows).collect();
    let head = ["", "0.25.1", "this tool", "target", "target met", "ratio"];
    let mut table = Table::new(head.into_iter().chain(["ratio asked for", "ratio met"]));
    let mut empty = true;
    for target in &TARGETS {
        match rows.iter().find(|row| row.name == target.row) {
            Some(row) => table.add(target.cells(row)),
            None if complete => table.add([target.row, "not measured", "", "", "", "", "", ""]),
            None => continue,
        }
        empty = false;
    }
    (!empty).then_some(table)
}

impl Target {
    fn cells(&self, row: &Row) -> Vec<String> {
        let mut cells = vec![self.row.to_owned()];
        cells.extend(row.outcomes.iter().map(|outcome| show(outcome, self.unit)));
        let ours = row.outcomes.last().and_then(|outcome| outcome.median());
        let (sign, asked) = (self.sign(), self.ours / self.theirs);
        cells.push(format!("{sign} {}", self.unit.show(self.ours)));
        cells.push(self.verdict(ours, self.ours));
        cells.push(row.ratio().map(show_ratio).unwrap_or_default());
        cells.push(format!("{sign} {}", show_ratio(asked)));
        cells.push(self.verdict(row.ratio(), asked));
        cells
    }

    fn sign(&self) -> &'static str {
        match self.unit.more_is_better() {
            true => ">=",
            false => "<=",
        }
    }

    /// `met`, or the share of the target by which it was missed.
    fn verdict(&self, measured: Option<f64>, asked: f64) -> String {
        let Some(measured) = measured else {
            return String::new();
        };
        let missed = match self.unit.more_is_better() {
            true => 1.0 - measured / asked,
            false => measured / asked - 1.0,
        };
        match missed <= 0.0 {
            true => "met".to_owned(),
            false => format!("missed by {:.1} %", missed * 100.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(measured: &[Measured], complete: bool) -> Vec<String> {
        let table = summary(measured, complete).map(|table| table.to_string());
        let table = table.unwrap_or_default();
        table.lines().skip(2).map(str::to_owned).collect()
    }

    fn pair(row: &str, unit: Unit, theirs: f64, ours: f64) -> Measured {
        let mut measured = Measured::of(["theirs", "ours"]);
        measured.add(0, row, unit, theirs);
        measured.add(1, row, unit, ours);
        measured
    }

    #[test]
    fn targets_are_met_or_missed() {
        let measured = [
            pair(FASTER, Unit::TimesFaster, 1.0, 1.0),
            pair(BUILD, Unit::Nanoseconds, 9.6e9, 1.35e9),
            pair("of no target", Unit::Bytes, 1.0, 1.0),
        ];
        assert_eq!(
            lines(&measured, false),
            [
                "| build `hello` | 9.60 s | 1.35 s | <= 900.00 ms | missed by 50.0 % | 0.14 | <= 0.19 | met |",
                "| pure Python, geometric mean | 1.00 x | 1.00 x | >= 1.25 x | missed by 20.0 % | 1.00 | >= 1.25 | missed by 20.0 % |",
            ]
        );
        assert_eq!(lines(&measured, true).len(), TARGETS.len());
        assert!(lines(&measured, true)[1].starts_with("| size of `hello` | not measured |"));
        assert!(summary(&measured[2..], false).is_none());
    }

    #[test]
    fn a_failed_peer_leaves_the_target() {
        let mut measured = Measured::of(["theirs", "ours"]);
        measured.fail(0, "warm call", Unit::Nanoseconds, "it trapped");
        measured.add(1, "warm call", Unit::Nanoseconds, 500.0);
        assert_eq!(
            lines(&[measured], false),
            ["| warm call | failed: it trapped | 500 ns | <= 500 ns | met |  | <= 0.50 |  |"]
        );
    }
}
