//! `tests/cpython/table.tsv`, a row for each test file, and `failures.tsv`, the tests that fail with their reasons.
//!
//! Columns that a run does not measure, and reasons, are kept as they are.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};

use super::directory;
use super::outcome::{End, Outcome};

/// The first line of each file.
const COLUMNS: &str = "file\toutcome\tpassed\tfailed\tskipped\tcpython-wasi\t0.25.1";
const FAILURES: &str = "file\ttest\treason";
/// For columns that nobody has measured.
const UNKNOWN: &str = "-";
/// The reason of a test whose reason nobody has written yet.
const UNEXPLAINED: &str = "?";

/// Both files.
pub struct Table {
    rows: BTreeMap<String, Row>,
}

#[derive(Clone)]
struct Row {
    outcome: Outcome,
    reasons: BTreeMap<String, String>,
    /// The outcomes elsewhere.
    others: [String; 2],
}

impl Table {
    pub fn read() -> Result<Self> {
        let mut rows = BTreeMap::new();
        for [file, word, passed, _, skipped, wasi, oracle] in lines("table.tsv", COLUMNS)? {
            let end = match word.as_str() {
                "trapped" => End::Trapped,
                "out-of-time" => End::OutOfTime,
                "passed" | "failed" | "skipped" => End::Whole,
                other => bail!("`table.tsv` has the unknown outcome `{other}`"),
            };
            let outcome = Outcome {
                end,
                passed: passed.parse()?,
                skipped: skipped.parse()?,
                failing: BTreeSet::new(),
            };
            let row = Row {
                outcome,
                reasons: BTreeMap::new(),
                others: [wasi, oracle],
            };
            rows.insert(file, row);
        }
        for [file, test, reason] in lines("failures.tsv", FAILURES)? {
            let row: &mut Row = rows.get_mut(&file).with_context(|| {
                format!("`failures.tsv` has `{file}`, which `table.tsv` has not")
            })?;
            row.outcome.failing.insert(test.clone());
            row.reasons.insert(test, reason);
        }
        Ok(Self { rows })
    }

    pub fn write(&self) -> Result<()> {
        let (mut table, mut failures) = (format!("{COLUMNS}\n"), format!("{FAILURES}\n"));
        for (file, row) in &self.rows {
            let (outcome, [wasi, oracle]) = (&row.outcome, &row.others);
            table += &format!(
                "{file}\t{}\t{}\t{}\t{}\t{wasi}\t{oracle}\n",
                outcome.word(),
                outcome.passed,
                outcome.failing.len(),
                outcome.skipped
            );
            for test in &outcome.failing {
                let reason = row.reasons.get(test).map_or(UNEXPLAINED, String::as_str);
                failures += &format!("{file}\t{test}\t{reason}\n");
            }
        }
        fs_err::write(directory().join("table.tsv"), table)?;
        Ok(fs_err::write(directory().join("failures.tsv"), failures)?)
    }

    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }

    pub fn outcome(&self, file: &str) -> Option<Outcome> {
        self.rows.get(file).map(|row| row.outcome.clone())
    }

    pub fn set(&mut self, file: &str, outcome: &Outcome) {
        let row = self.rows.entry(file.to_owned()).or_insert_with(empty);
        row.outcome = outcome.clone();
    }

    /// Drops the rows of all other files, and adds empty ones for those that have none.
    pub fn keep_only(&mut self, files: &BTreeSet<String>) {
        self.rows.retain(|file, _| files.contains(file));
        for file in files {
            self.rows.entry(file.clone()).or_insert_with(empty);
        }
    }

    /// Failing tests without a reason.
    pub fn unexplained(&self) -> Vec<String> {
        let rows = self.rows.values();
        let failing = rows.flat_map(|row| &row.reasons);
        failing
            .filter(|(_, reason)| reason.is_empty() || *reason == UNEXPLAINED)
            .map(|(test, _)| test.clone())
            .collect()
    }
}

fn empty() -> Row {
    Row {
        outcome: Outcome::default(),
        reasons: BTreeMap::new(),
        others: [UNKNOWN, UNKNOWN].map(str::to_owned),
    }
}

/// The fields of each line of a file after the first.
fn lines<const COUNT: usize>(name: &str, first: &str) -> Result<Vec<[String; COUNT]>> {
    let text = fs_err::read_to_string(directory().join(name))?;
    let mut lines = text.lines();
    if lines.next() != Some(first) {
        bail!("`{name}` does not begin with the names of its columns");
    }
    lines
        .map(|line| {
            let fields: Vec<String> = line.split('\t').map(str::to_owned).collect();
            fields
                .try_into()
                .map_err(|_| anyhow::anyhow!("`{name}` has the line `{line}`"))
        })
        .collect()
}
