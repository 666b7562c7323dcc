//! Tables in Markdown, in the form of `benches/*.md`.

use std::fmt;

use super::measured::{Measured, Outcome, Row};
use super::unit::{Unit, show_ratio};

pub struct Table {
    /// The first is the head.
    lines: Vec<Vec<String>>,
}

impl Table {
    pub fn new<S: Into<String>>(head: impl IntoIterator<Item = S>) -> Self {
        Self {
            lines: vec![head.into_iter().map(Into::into).collect()],
        }
    }

    pub fn add<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.lines.push(cells.into_iter().map(Into::into).collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        for (index, cells) in self.lines.iter().enumerate() {
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            writeln!(formatter, "| {} |", cells.join(" | "))?;
            if index == 0 {
                writeln!(formatter, "|{}", "---|".repeat(cells.len()))?;
            }
        }
        Ok(())
    }
}

/// The rows that `name` selects, with all subjects side by side and the ratio of the last one to the first.
pub fn comparison(
    measured: &Measured,
    heading: &str,
    name: impl Fn(&Row) -> Option<String>,
) -> Table {
    let subjects = measured.subjects().iter().map(String::as_str);
    let mut table = Table::new([heading].into_iter().chain(subjects).chain(["ratio"]));
    for row in measured.rows() {
        let Some(name) = name(&row) else { continue };
        let outcomes = row.outcomes.iter().map(|outcome| show(outcome, row.unit));
        let ratio = row.ratio().map(show_ratio).unwrap_or_default();
        table.add([name].into_iter().chain(outcomes).chain([ratio]));
    }
    table
}

/// `4.80 s (4.71 s to 4.95 s)`, or just the value if it never varies.
pub fn show(outcome: &Outcome, unit: Unit) -> String {
    match outcome {
        Outcome::Measured(spread) if spread.low == spread.high => unit.show(spread.median),
        Outcome::Measured(spread) => format!(
            "{} ({} to {})",
            unit.show(spread.median),
            unit.show(spread.low),
            unit.show(spread.high)
        ),
        Outcome::Failed(reason) => format!("failed: {reason}"),
        Outcome::Missing => "not measured".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_markdown() {
        let mut table = Table::new(["a", "b"]);
        table.add(["1 | 2", "3"]);
        assert_eq!(table.to_string(), "| a | b |\n|---|---|\n| 1 \\| 2 | 3 |\n");
    }

    #[test]
    fn subjects_stand_side_by_side() {
        let mut measured = Measured::of(["theirs", "ours"]);
        for value in [2e9, 3e9, 4e9] {
            measured.add(0, "build", Unit::Nanoseconds, value);
        }
        measured.add(1, "build", Unit::Nanoseconds, 0.6e9);
        measured.add(1, "size", Unit::Bytes, 1e6);
        measured.fail(0, "size", Unit::Bytes, "no component");
        measured.add(0, "left out", Unit::Bytes, 1e6);
        let name = |row: &Row| (row.name != "left out").then(|| format!("{} of it", row.name));
        assert_eq!(
            comparison(&measured, "what", name).to_string(),
            "| what | theirs | ours | ratio |\n|---|---|---|---|\n\
             | build of it | 3.00 s (2.00 s to 4.00 s) | 600.00 ms | 0.20 |\n\
             | size of it | failed: no component | 1.00 MB |  |\n"
        );
        assert_eq!(show(&Outcome::Missing, Unit::Bytes), "not measured");
    }
}
