//! The load generator `wrk`: taken from the path, or else (on Debian and its derivatives) unpacked from its package without
//! installing it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use super::tools::output_of;
use crate::process::run;

const SECONDS: &str = "-d5";

/// The program and the folder of its libraries.
pub struct Wrk {
    program: PathBuf,
    libraries: Option<PathBuf>,
}

/// The result of one run. Times are in nanoseconds.
#[derive(Debug, PartialEq)]
pub struct Load {
    pub requests: f64,
    pub per_second: f64,
    pub p50: f64,
    pub p99: f64,
}

impl Wrk {
    pub fn find(folder: &Path) -> Result<Self> {
        let on_path = Command::new("wrk")
            .arg("-v")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if on_path.is_ok() {
            return Ok(Self {
                program: PathBuf::from("wrk"),
                libraries: None,
            });
        }
        let folder = folder.join("wrk");
        let program = folder.join("usr/bin/wrk");
        if !program.exists() {
            unpack(&folder)
                .context("`wrk` is not there and could not be downloaded; install it")?;
        }
        Ok(Self {
            program,
            libraries: Some(folder.join(format!("usr/lib/{}-linux-gnu", std::env::consts::ARCH))),
        })
    }

    /// Sends requests to an address for some seconds, over this many connections.
    pub fn ask(&self, address: &str, connections: u32) -> Result<Load> {
        let mut command = Command::new(&self.program);
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        command
            .arg(format!("-c{connections}"))
            .args(["-t1", SECONDS, "--latency", address]);
        parse(&output_of(&mut command)?)
    }
}

fn unpack(folder: &Path) -> Result<()> {
    fs_err::create_dir_all(folder)?;
    run(Command::new("apt-get")
        .current_dir(folder)
        .args(["download", "wrk", "libluajit-5.1-2"]))?;
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            run(Command::new("dpkg-deb").arg("-x").arg(path).arg(folder))?;
        }
    }
    Ok(())
}

fn parse(text: &str) -> Result<Load> {
    for trouble in ["Non-2xx", "Socket errors"] {
        ensure!(
            !text.contains(trouble),
            "not every request was answered:\n{text}"
        );
    }
    let requests = text
        .lines()
        .find(|line| line.contains(" requests in "))
        .and_then(first_word);
    Ok(Load {
        requests: requests.context("wrk does not say how many")?.parse()?,
        per_second: value(text, "Requests/sec:")?.parse()?,
        p50: nanoseconds(value(text, "50%")?)?,
        p99: nanoseconds(value(text, "99%")?)?,
    })
}

fn first_word(line: &str) -> Option<&str> {
    line.split_whitespace().next()
}

/// The text after a label at the beginning of a line.
fn value<'a>(text: &'a str, label: &str) -> Result<&'a str> {
    let rest = text
        .lines()
        .find_map(|line| line.trim_start().strip_prefix(label));
    rest.and_then(first_word)
        .with_context(|| format!("wrk does not say `{label}`:\n{text}"))
}

/// `950.00us`, `4.20ms`, `1.02s`
fn nanoseconds(text: &str) -> Result<f64> {
    let unit = text
        .find(|c: char| c.is_ascii_alphabetic())
        .context("a time has a unit")?;
    let factor = match &text[unit..] {
        "us" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        _ => bail!("wrk says a time of `{text}`"),
    };
    Ok(text[..unit].parse::<f64>()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "\
  1 threads and 4 connections
  Latency Distribution
     50%  950.00us
     90%    4.20ms
     99%    1.02s
  2151 requests in 5.01s, 264.7KB read
Requests/sec:    429.31
";

    #[test]
    fn what_wrk_says() {
        let load = parse(SAID).expect("it is as wrk prints it");
        let expected = Load {
            requests: 2151.0,
            per_second: 429.31,
            p50: 950e3,
            p99: 1.02e9,
        };
        assert_eq!(load, expected);
    }

    #[test]
    fn requests_without_an_answer_are_an_error() {
        let failed = format!("{SAID}  Non-2xx or 3xx responses: 7\n");
        assert!(parse(&failed).is_err());
        assert!(parse("").is_err());
    }
}
