//! Plays the `calls.txt` of a case (`runtime.rs` explains its lines) and writes down the results.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use wasmtime::{Config, OptLevel, Strategy};

use super::{Host, Outcome, Repeated, Running, Surroundings, show};

/// The expected file that a transcript is compared with.
pub const TRANSCRIPT: &str = "calls.txt";

/// A call that does something a thousand times is not worth a thousand lines.
const NOTES_SHOWN: usize = 12;

/// Winch compiles in a fifth of the time. Cases about a host's defaults have a file `default-host`.
fn config(case: &Path) -> Config {
    let mut config = Config::new();
    if !case.join("default-host").exists() {
        config
            .strategy(Strategy::Winch)
            // Trampolines are Cranelift's.
            .cranelift_opt_level(OptLevel::None)
            .generate_address_map(false);
        super::enable_proposals(&mut config);
    }
    config
}

/// The processes of one case and what is written down about them.
struct Play {
    host: Host,
    surroundings: Surroundings,
    running: Option<Running>,
    transcript: String,
}

/// Plays `calls.txt` of a case.
pub fn play(case: &Path, component: &Path) -> Result<String> {
    let mut play = Play {
        host: Host::load(component, &config(case))?,
        surroundings: Surroundings::default(),
        running: None,
        transcript: String::new(),
    };
    let text = fs_err::read_to_string(case.join("calls.txt"))?;
    let mut lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("//"));
    while let Some(line) = lines.next() {
        let surroundings = &mut play.surroundings;
        if let Some((name, value)) = line
            .strip_prefix("env ")
            .and_then(|pair| pair.split_once('='))
        {
            surroundings
                .environment
                .push((name.to_owned(), value.to_owned()));
        } else if let Some(text) = line.strip_prefix("arg ") {
            surroundings.arguments.push(text.to_owned());
        } else if line == "restart" {
            play.end()?;
            writeln!(play.transcript, "-- new process")?;
        } else {
            let calls: Vec<String> = match line {
                "together" => lines
                    .by_ref()
                    .take_while(|line| *line != "end")
                    .map(str::to_owned)
                    .collect(),
                _ => Vec::new(),
            };
            play.step(line, &calls)
                .with_context(|| format!("after\n{}", play.transcript))?;
        }
    }
    play.end()?;
    Ok(play.transcript)
}

impl Play {
    /// The host's resources that the guest still has when a process ends.
    fn end(&mut self) -> Result<()> {
        if let Some(process) = self.running.take() {
            let leaked = process.leaked();
            if !leaked.is_empty() {
                writeln!(self.transcript, "-- never dropped: {}", leaked.join(", "))?;
            }
        }
        Ok(())
    }

    fn step(&mut self, line: &str, calls: &[String]) -> Result<()> {
        let mut process = match self.running.take() {
            Some(process) => process,
            None => self.host.start(&self.surroundings)?,
        };
        let before = (
            process.stdout.contents().len(),
            process.stderr.contents().len(),
        );
        writeln!(self.transcript, "{line}")?;
        for call in calls {
            writeln!(self.transcript, "  {call}")?;
        }
        let alive = act(&mut process, line, calls, &mut self.transcript)
            .with_context(|| format!("in `{line}`"))?;
        let notes = process.take_notes();
        for note in notes.iter().take(NOTES_SHOWN) {
            writeln!(self.transcript, "  host: {note}")?;
        }
        if notes.len() > NOTES_SHOWN {
            writeln!(
                self.transcript,
                "  host: and {} more",
                notes.len() - NOTES_SHOWN
            )?;
        }
        for (name, contents, before) in [
            ("stdout", process.stdout.contents(), before.0),
            ("stderr", process.stderr.contents(), before.1),
        ] {
            for text in String::from_utf8_lossy(&contents[before..]).lines() {
                let text = without_addresses(text);
                writeln!(self.transcript, "  {name}: {text}")?;
            }
        }
        if alive {
            self.running = Some(process);
        } else {
            writeln!(self.transcript, "-- new process")?;
        }
        Ok(())
    }
}

/// Does what a line says. Returns whether the process can go on.
fn act(
    process: &mut Running,
    line: &str,
    calls: &[String],
    transcript: &mut String,
) -> Result<bool> {
    if line == "together" {
        let mut alive = true;
        for (call, outcome) in process.together(calls)? {
            alive &= write_outcome(transcript, &format!("{call} "), &outcome)?;
        }
        return Ok(alive);
    }
    if let Some(name) = line.strip_prefix("drop $") {
        let outcome = process.release(name)?;
        return Ok(
            matches!(outcome, Outcome::Returned { .. }) || write_outcome(transcript, "", &outcome)?
        );
    }
    if let Some((count, call)) = line
        .strip_prefix("repeat ")
        .and_then(|rest| rest.split_once(' '))
    {
        let Repeated { first, grown } = process.repeat(count.parse()?, call)?;
        let alive = write_outcome(transcript, "", &first)?;
        if alive {
            match grown {
                0 => writeln!(transcript, "  memory flat")?,
                grown => writeln!(transcript, "  memory grew by {grown} bytes")?,
            }
        }
        return Ok(alive);
    }
    if let Some((time, call)) = line
        .strip_prefix("cancel-after ")
        .and_then(|rest| rest.split_once(' '))
    {
        return match process.cancel_after(Duration::from_millis(time.parse()?), call)? {
            Some(outcome) => write_outcome(transcript, "", &outcome),
            None => {
                writeln!(transcript, "  cancelled")?;
                Ok(true)
            }
        };
    }
    if let Some(time) = line.strip_prefix("wait ") {
        return match process.wait(Duration::from_millis(time.parse()?))? {
            Some(outcome) => write_outcome(transcript, "", &outcome),
            None => Ok(true),
        };
    }
    let (names, call) = match line.split_once(" = ") {
        Some((names, call)) if names.starts_with('$') => (names, call),
        _ => ("", line),
    };
    let names: Vec<String> = names
        .split(", ")
        .filter_map(|name| name.strip_prefix('$'))
        .map(str::to_owned)
        .collect();
    let outcome = process.call(call, &names)?;
    if let Outcome::Returned { given, result } = &outcome
        && !call.contains('$')
        && call
            .rsplit('#')
            .next()
            .is_some_and(|call| call.starts_with("echo"))
    {
        // Converted to text: the host shows a map as the list of its entries.
        let (given, shown) = (show(given)?, show(result)?);
        ensure!(given == shown, "gave back {shown} for {given}");
    }
    write_outcome(transcript, "", &outcome)
}

/// The address of an object means nothing, and changes with the runtime: `<function f at 0xf413f0>`.
fn without_addresses(text: &str) -> String {
    let mut parts = text.split(" at 0x");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown.push_str(" at 0x...");
        shown.push_str(part.trim_start_matches(|char: char| char.is_ascii_hexdigit()));
    }
    shown
}

fn write_outcome(transcript: &mut String, before: &str, outcome: &Outcome) -> Result<bool> {
    match outcome {
        Outcome::Returned { result, .. } => writeln!(transcript, "  {before}-> {}", show(result)?)?,
        Outcome::Trapped { reason: None } => writeln!(transcript, "  {before}traps")?,
        Outcome::Trapped {
            reason: Some(reason),
        } => writeln!(transcript, "  {before}traps: {reason}")?,
    }
    Ok(matches!(outcome, Outcome::Returned { .. }))
}
