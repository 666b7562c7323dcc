//! Checks the READMEs of the examples: `spin-host` prints the shown output, and each `curl` in them is run.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use super::app::Running;

/// The address in the READMEs, the default of `spin-host up`.
const DOCUMENTED: &str = "http://127.0.0.1:3000";

/// A command of a console block, and the lines that it should print.
struct Step {
    command: String,
    output: String,
}

/// Checks the README of `example` against the output of its build and against the running application.
pub fn check(example: &Path, built: &str, running: &Running) -> Result<()> {
    let steps = steps(&fs_err::read_to_string(example.join("README.md"))?);
    let address = format!("http://{}", running.address);
    let mut asked = 0;
    for Step { command, output } in &steps {
        if command == "spin-host build" {
            ensure!(
                built == output,
                "the README has {output:?}, the build said {built:?}"
            );
        } else if command.starts_with("spin-host up") {
            let said = running.log().replace(&address, DOCUMENTED);
            ensure!(
                said.starts_with(output.as_str()),
                "the README has {output:?}, the host said {said:?}"
            );
        } else if command.starts_with("curl ") {
            let answer = Command::new("sh")
                .args(["-c", &command.replace(DOCUMENTED, &address)])
                .output()?;
            let found = String::from_utf8(answer.stdout)?;
            ensure!(
                answer.status.success() && found.trim_end() == output.trim_end(),
                "{command}\nREADME: {output:?}\nfound:  {found:?}\n{}",
                running.log()
            );
            asked += 1;
        }
    }
    ensure!(asked > 0, "the README asks nothing");
    Ok(())
}

fn steps(readme: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            steps.push(Step {
                command: command.to_owned(),
                output: String::new(),
            });
        } else if let Some(step) = steps.last_mut().filter(|_| inside) {
            step.output += line;
            step.output += "\n";
        }
    }
    steps
}
