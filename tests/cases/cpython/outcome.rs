//! The outcome of one test file, from the events that the driver reports.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Context as _, Result, bail};

/// The end of the instance that ran a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// By itself.
    #[default]
    Whole,
    Trapped,
    OutOfTime,
}

/// What became of a file's tests. Tests that are skipped in part count as passed, and those that fail in part as failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub end: End,
    pub passed: usize,
    pub skipped: usize,
    /// Names of tests as unittest forms them. Of an instance that did not end by itself, the last test is one of them.
    pub failing: BTreeSet<String>,
}

/// Ranks in which a later one counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Started,
    Skipped,
    Passed,
    Failed,
}

impl Outcome {
    /// `events` has one JSON list in each line, of which a trap may have cut off the last.
    pub fn of_events(events: &str, end: End) -> Result<Self> {
        let mut ranks: BTreeMap<String, Rank> = BTreeMap::new();
        let mut last = String::from("before the first test");
        let mut is_whole = false;
        for line in events.lines() {
            let (kind, id, _): (String, String, String) = serde_json::from_str(line)
                .with_context(|| format!("the driver reported `{line}`"))?;
            let rank = match kind.as_str() {
                "start" => Rank::Started,
                "skipped" => Rank::Skipped,
                "passed" => Rank::Passed,
                "failed" => Rank::Failed,
                "end" => {
                    is_whole = true;
                    continue;
                }
                other => bail!("the driver reported the unknown event `{other}`"),
            };
            let known = ranks.entry(id.clone()).or_insert(rank);
            *known = rank.max(*known);
            last = id;
        }
        // A test may also end the whole process.
        let end = match end {
            End::Whole if !is_whole => End::Trapped,
            end => end,
        };
        if end != End::Whole {
            ranks.insert(last, Rank::Failed);
        }
        let count = |wanted| ranks.values().filter(|rank| **rank == wanted).count();
        Ok(Self {
            end,
            passed: count(Rank::Passed),
            skipped: count(Rank::Skipped),
            failing: ranks
                .iter()
                .filter(|(_, rank)| **rank == Rank::Failed)
                .map(|(id, _)| id.clone())
                .collect(),
        })
    }

    /// One word for the file.
    pub fn word(&self) -> &'static str {
        match self.end {
            End::Trapped => "trapped",
            End::OutOfTime => "out-of-time",
            End::Whole if !self.failing.is_empty() => "failed",
            End::Whole if self.passed > 0 => "passed",
            End::Whole => "skipped",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: {} passed, {} failed, {} skipped",
            self.word(),
            self.passed,
            self.failing.len(),
            self.skipped
        )
    }
}
