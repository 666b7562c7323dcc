//! The figures of a part of the benchmark: a value for each row, subject and round, or the reason why there is none.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::statistics::Spread;
use super::unit::Unit;

/// The figures in the order in which they were measured.
pub struct Measured {
    subjects: Vec<String>,
    samples: Vec<Sample>,
}

struct Sample {
    subject: usize,
    row: String,
    unit: Unit,
    value: Result<f64, String>,
}

/// All rounds of one row.
#[derive(Debug, PartialEq)]
pub struct Row {
    pub name: String,
    pub unit: Unit,
    /// One for each subject.
    pub outcomes: Vec<Outcome>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Measured(Spread),
    Failed(String),
    Missing,
}

impl Outcome {
    pub fn median(&self) -> Option<f64> {
        match self {
            Self::Measured(spread) => Some(spread.median),
            Self::Failed(_) | Self::Missing => None,
        }
    }
}

impl Row {
    /// The last subject's figure divided by the first's.
    pub fn ratio(&self) -> Option<f64> {
        let (first, last) = (self.outcomes.first()?, self.outcomes.last()?);
        Some(last.median()? / first.median()?)
    }
}

impl Measured {
    pub fn of<S: Into<String>>(subjects: impl IntoIterator<Item = S>) -> Self {
        Self {
            subjects: subjects.into_iter().map(Into::into).collect(),
            samples: Vec::new(),
        }
    }

    pub fn subjects(&self) -> &[String] {
        &self.subjects
    }

    pub fn add(&mut self, subject: usize, row: impl Into<String>, unit: Unit, value: f64) {
        self.push(subject, row.into(), unit, Ok(value));
    }

    /// Notes that the row has no figure for this subject, and the reason.
    pub fn fail(&mut self, subject: usize, row: impl Into<String>, unit: Unit, reason: &str) {
        self.push(subject, row.into(), unit, Err(reason.to_owned()));
    }

    fn push(&mut self, subject: usize, row: String, unit: Unit, value: Result<f64, String>) {
        self.samples.push(Sample {
            subject,
            row,
            unit,
            value,
        });
    }

    /// Adds the output of `benches/host` about the components, which are the subjects in their order. `rename` returns the
    /// rows' names.
    pub fn add_printed(
        &mut self,
        printed: &str,
        components: &[PathBuf],
        rename: impl Fn(&str) -> String,
    ) -> Result<()> {
        for line in printed.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let [component, row, value, unit] = fields[..] else {
                bail!("the host printed: {line}");
            };
            let subject = components
                .iter()
                .position(|known| known.as_path() == Path::new(component))
                .with_context(|| format!("the host measured {component}"))?;
            let value = value
                .parse()
                .with_context(|| format!("the host printed: {line}"))?;
            self.add(subject, rename(row), Unit::parse(unit)?, value);
        }
        Ok(())
    }

    /// The rows in the order in which they were first measured.
    pub fn rows(&self) -> Vec<Row> {
        let mut names: Vec<(&str, Unit)> = Vec::new();
        for sample in &self.samples {
            if names.iter().all(|(known, _)| *known != sample.row) {
                names.push((&sample.row, sample.unit));
            }
        }
        let row = |(name, unit): (&str, Unit)| Row {
            name: name.to_owned(),
            unit,
            outcomes: (0..self.subjects.len())
                .map(|subject| self.outcome(name, subject))
                .collect(),
        };
        names.into_iter().map(row).collect()
    }

    fn outcome(&self, row: &str, subject: usize) -> Outcome {
        let mut values = Vec::new();
        let of_row = |sample: &&Sample| sample.subject == subject && sample.row == row;
        for sample in self.samples.iter().filter(of_row) {
            match &sample.value {
                Ok(value) => values.push(*value),
                Err(reason) => return Outcome::Failed(reason.clone()),
            }
        }
        Spread::of(&values).map_or(Outcome::Missing, Outcome::Measured)
    }

    /// The text for `benches/runs/`.
    pub fn raw(&self) -> String {
        let mut text = "# subject, row, value, unit\n".to_owned();
        for sample in &self.samples {
            let subject = &self.subjects[sample.subject];
            let (value, unit) = match &sample.value {
                Ok(value) => (value.to_string(), sample.unit.symbol()),
                Err(reason) => (reason.replace(['\t', '\n'], " "), "failed"),
            };
            // Writing to a string does not fail.
            let _ = writeln!(text, "{subject}\t{}\t{value}\t{unit}", sample.row);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(lines: &str) -> Result<Measured> {
        let mut measured = Measured::of(["theirs", "ours"]);
        let components = [PathBuf::from("/a/b.wasm"), PathBuf::from("/a/c.wasm")];
        measured.add_printed(lines, &components, |row| format!("{row}!"))?;
        Ok(measured)
    }

    #[test]
    fn what_the_host_prints() {
        let text = "/a/b.wasm\tcall\t30\tns\n/a/c.wasm\tcall\t10\tns\n/a/b.wasm\tcall\t50\tns\n/a/c.wasm\tmemory\t1\tB\n";
        let measured = printed(text).expect("it is as the host prints it");
        let rows = measured.rows();
        assert_eq!(rows.len(), 2);
        assert_eq!(
            (rows[0].name.as_str(), rows[0].ratio()),
            ("call!", Some(0.25))
        );
        assert_eq!(rows[1].outcomes[0], Outcome::Missing);
        assert_eq!(rows[1].ratio(), None);
    }

    #[test]
    fn what_the_host_does_not_print() {
        for (line, message) in [
            ("/a/b.wasm\tcall\t30", "the host printed: "),
            ("/a/d.wasm\tcall\t30\tns", "the host measured /a/d.wasm"),
            ("/a/b.wasm\tcall\tx\tns", "the host printed: "),
            ("/a/b.wasm\tcall\t1\thours", "`hours` is no unit"),
        ] {
            let error = printed(line).err().expect("it is wrong").to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn raw_text_has_all_that_was_measured_in_order() {
        let mut measured = Measured::of(["theirs", "ours"]);
        measured.add(1, "size", Unit::Bytes, 3.0);
        measured.add(0, "size", Unit::Bytes, 4.5);
        measured.fail(0, "build", Unit::Nanoseconds, "no\tway");
        assert_eq!(
            measured.raw(),
            "# subject, row, value, unit\nours\tsize\t3\tB\ntheirs\tsize\t4.5\tB\ntheirs\tbuild\tno way\tfailed\n"
        );
        let failed = &measured.rows()[1].outcomes[0];
        assert_eq!(*failed, Outcome::Failed("no\tway".to_owned()));
    }
}
