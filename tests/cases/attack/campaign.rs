//! The inputs of one part: their number, the result of each, and those that were not survived.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::random::rng::{Rng, mix};
use crate::support::components::tool;

/// Longer than anything that ends takes, even on a slow and busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// More than any of the inputs should cost, since all are small.
const MEMORY: u64 = 2 << 30;

#[derive(Clone, Copy)]
pub enum Limit {
    Inputs(u64),
    Time(Duration),
}

pub struct Campaign {
    part: &'static str,
    seed: u64,
    limit: Limit,
    start: Instant,
    tried: u64,
    accepted: u64,
    faults: Vec<String>,
    /// The working directory of the programs, made anew for each input.
    scratch: tempfile::TempDir,
}

/// A file of an input: its path below the working directory, and its content.
pub type Files<'a> = &'a [(&'a str, &'a [u8])];

/// The reaction of a program to an input.
enum Fate {
    Accepted,
    Refused,
    Fault(String),
}

impl Campaign {
    pub fn new(part: &'static str, seed: u64, limit: Limit) -> Result<Self> {
        let scratch = tempfile::tempdir()?;
        fs_err::create_dir_all(scratch.path().join("venv/lib/python3.14/site-packages"))?;
        Ok(Self {
            part,
            seed,
            limit,
            start: Instant::now(),
            tried: 0,
            accepted: 0,
            faults: Vec::new(),
            scratch,
        })
    }

    /// The random numbers of the next input, or `None` after the last one.
    pub fn next(&mut self) -> Option<Rng> {
        let more = match self.limit {
            Limit::Inputs(count) => self.tried < count,
            Limit::Time(time) => self.start.elapsed() < time,
        };
        self.tried += u64::from(more);
        more.then(|| Rng::new(mix(self.seed, self.tried)))
    }

    /// Runs a program in a directory with these files, and notes the result.
    pub fn run(&mut self, command: &mut Command, files: Files) -> Result<()> {
        let directory = self.scratch.path().join("case");
        if directory.exists() {
            fs_err::remove_dir_all(&directory)?;
        }
        fs_err::create_dir(&directory)?;
        for (name, content) in files {
            let path = directory.join(name);
            fs_err::create_dir_all(path.parent().unwrap_or(&directory))?;
            fs_err::write(path, content)?;
        }
        match fate(command.current_dir(&directory))? {
            Fate::Accepted => self.accepted += 1,
            Fate::Refused => {}
            Fate::Fault(fault) => self.fault(&format!("{fault}\n{command:?}"), files)?,
        }
        Ok(())
    }

    pub fn accept(&mut self) {
        self.accepted += 1;
    }

    /// Notes that an input was not survived, and keeps it.
    pub fn fault(&mut self, fault: &str, files: Files) -> Result<()> {
        let name = format!("{}-{:x}-{}", self.part, self.seed, self.tried);
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("attack")
            .join(name);
        for (name, content) in files {
            let path = kept.join(name);
            fs_err::create_dir_all(path.parent().unwrap_or(&kept))?;
            fs_err::write(path, content)?;
        }
        self.faults
            .push(format!("{fault}\nkept in {}", kept.display()));
        Ok(())
    }

    fn refused(&self) -> u64 {
        self.tried - self.accepted - self.faults.len() as u64
    }

    pub fn has_refused(&self) -> bool {
        self.refused() > 0
    }

    /// Prints the figures; returns an error if anything was not survived.
    pub fn end(self) -> Result<()> {
        eprintln!(
            "{}: {} inputs in {:.0?}, {} accepted, {} refused, {} not survived; ATTACK_SEED={}",
            self.part,
            self.tried,
            self.start.elapsed(),
            self.accepted,
            self.refused(),
            self.faults.len(),
            self.seed,
        );
        ensure!(self.tried > 0, "nothing was tried");
        ensure!(self.faults.is_empty(), "{}", self.faults.join("\n\n"));
        Ok(())
    }

    /// The tool with an empty virtual environment, so that packages installed on this machine do not matter.
    pub fn isolated(&self) -> Command {
        let mut tool = tool();
        tool.env("VIRTUAL_ENV", self.scratch.path().join("venv"));
        tool
    }

    /// A place for files that several inputs use.
    pub fn place(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }
}

fn fate(command: &mut Command) -> Result<Fate> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("the tool does not start")?;
    let mut stderr = child.stderr.take().context("it is piped")?;
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        stderr.read_to_end(&mut text).map(|_| text)
    });
    let status = match wait(&mut child)? {
        Ok(status) => status,
        Err(fault) => {
            child.kill()?;
            child.wait()?;
            return Ok(Fate::Fault(fault));
        }
    };
    let stderr = reader.join().expect("the thread does not panic")?;
    Ok(judge(status, &String::from_utf8_lossy(&stderr)))
}

/// Waits for the end, or for too much time or memory.
fn wait(child: &mut Child) -> Result<std::result::Result<ExitStatus, String>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Ok(status));
        }
        if start.elapsed() > PATIENCE {
            return Ok(Err(format!("it runs for more than {PATIENCE:?}")));
        }
        if resident(child.id()).is_some_and(|bytes| bytes > MEMORY) {
            return Ok(Err(format!("it takes more than {MEMORY} bytes of memory")));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The most memory that a process has occupied, if the system reports it.
fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

fn judge(status: ExitStatus, stderr: &str) -> Fate {
    let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    let is_bidi = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if stderr.contains(|c| is_control(c) || is_bidi(c)) {
        return Fate::Fault(format!("control characters on stderr: {stderr:?}"));
    }
    match status.code() {
        Some(0) => Fate::Accepted,
        Some(1) if stderr.lines().any(|line| line.starts_with("error: ")) => Fate::Refused,
        _ => Fate::Fault(format!("{status}, and on stderr: {stderr}")),
    }
}
