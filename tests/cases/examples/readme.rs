//! The contents of an example's README: its commands and their output, from its `console` blocks.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

/// One `$ command` and the lines below it.
#[derive(Debug)]
pub struct Step {
    pub command: String,
    pub output: String,
}

impl Step {
    /// The address of a server, which prints it first and runs on.
    pub fn address(&self) -> Option<&str> {
        listens_on(self.output.lines().next()?)
    }
}

pub fn listens_on(line: &str) -> Option<&str> {
    let address = line
        .strip_prefix("Serving on http://")
        .or_else(|| line.strip_prefix("Listening on "))?;
    Some(address.trim_end_matches('/'))
}

/// All commands, in order.
pub fn steps(directory: &Path) -> Result<Vec<Step>> {
    let text = fs_err::read_to_string(directory.join("README.md"))?;
    let mut steps: Vec<Step> = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.starts_with("```") {
            in_block = !in_block && line == "```console";
        } else if !in_block {
            continue;
        } else if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step {
                command: command.to_owned(),
                output: String::new(),
            });
        } else {
            let step = steps
                .last_mut()
                .context("output before the first command")?;
            step.output.push_str(line);
            step.output.push('\n');
        }
    }
    ensure!(!steps.is_empty(), "the README shows no command");
    Ok(steps)
}
