//! A server of ours that the benchmarks load.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

use super::wrk::{Load, Wrk};

/// `USER_HZ`, which Linux fixes for programs.
const TICKS_PER_SECOND: f64 = 100.0;

/// A separate cache, so that the first start is really the first.
pub fn cache(folder: &Path) -> std::path::PathBuf {
    folder.join("serve-cache")
}

pub struct Server {
    child: Child,
    address: String,
}

impl Server {
    pub fn start(tool: &Path, folder: &Path, component: &Path, options: &[&str]) -> Result<Self> {
        let mut child = Command::new(tool)
            .env("COMPONENTIZE_PY_CACHE", cache(folder))
            // Wasmtime would note where each of its errors comes from.
            .env_remove("RUST_BACKTRACE")
            .args(["serve", "--addr", "127.0.0.1:0"])
            .args(options)
            .arg(component)
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("failed to start `{}`", tool.display()))?;
        let mut lines = BufReader::new(child.stderr.take().context("it is piped")?).lines();
        let line = lines.next().context("the server ended")??;
        let address = line
            .strip_prefix("Serving on ")
            .with_context(|| format!("the server of {} said: {line}", component.display()))?;
        let address = address.trim_end_matches('/').to_owned();
        // Its log has a reader, as in real use.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, address })
    }

    /// Lets `wrk` ask for a path. With the load comes the processor time for one request in nanoseconds, if the system reports it.
    pub fn load(&self, wrk: &Wrk, path: &str, connections: u32) -> Result<(Load, Option<f64>)> {
        let before = self.processor();
        let load = wrk.ask(&format!("{}{path}", self.address), connections)?;
        let processor = self.processor() - before;
        let each = processor * 1e9 / load.requests;
        Ok((load, (processor > 0.0).then_some(each)))
    }

    /// Seconds of processor time so far; zero if the system does not report it.
    fn processor(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        processor(&stat.unwrap_or_default())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The times of the program, and of the system for it, in `/proc/PID/stat`. The program's name may contain anything but ends
/// in `)`.
fn processor(stat: &str) -> f64 {
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks = ticks.filter_map(|text| text.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::processor;

    #[test]
    fn processor_time_is_after_the_name() {
        let stat = "42 (a) 9 b) S 1 42 42 0 -1 4194304 90 0 0 0 250 50 7 8 20 0 3 0 100";
        assert_eq!(processor(stat), 3.0);
        assert_eq!(processor(""), 0.0);
    }
}
