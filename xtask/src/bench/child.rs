//! A program that runs to its end: its time and its memory.

use std::io::Read as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

pub struct Ended {
    pub status: ExitStatus,
    /// Its output on standard error.
    pub talk: String,
    pub time: Duration,
    /// The most bytes that were resident at once; `None` if the system does not report it.
    pub peak: Option<u64>,
}

pub fn run_to_end(command: &mut Command) -> Result<Ended> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let start = Instant::now();
    let mut child = command
        .spawn()
        .with_context(|| format!("failed to start `{program}`"))?;
    let mut talk = Vec::new();
    let pipe = child.stderr.take();
    pipe.context("it is piped")?.read_to_end(&mut talk)?;
    let (status, peak) = wait(child).with_context(|| format!("failed to wait for `{program}`"))?;
    Ok(Ended {
        status,
        talk: String::from_utf8_lossy(&talk).into_owned(),
        time: start.elapsed(),
        peak,
    })
}

#[cfg(unix)]
fn wait(child: Child) -> Result<(ExitStatus, Option<u64>)> {
    use std::os::unix::process::ExitStatusExt as _;

    let mut status = 0;
    // SAFETY: `rusage` is numbers alone, for which zeros are valid; it is ours.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to variables of this function, which outlive the call. The process is our child, and nobody else
    // has waited for it: `child` is owned here, and its drop does not wait.
    let ended = unsafe { libc::wait4(child.id() as i32, &mut status, 0, &mut usage) };
    if ended < 0 {
        return Err(std::io::Error::last_os_error().into());
    }
    let peak = bytes(usage.ru_maxrss);
    // Between fork and exec a child is a copy of its parent, and the system counts that memory. A smaller figure says
    // nothing about the child.
    Ok((
        ExitStatus::from_raw(status),
        (peak > own_peak()).then_some(peak),
    ))
}

#[cfg(not(unix))]
fn wait(mut child: Child) -> Result<(ExitStatus, Option<u64>)> {
    Ok((child.wait()?, None))
}

#[cfg(unix)]
fn own_peak() -> u64 {
    // SAFETY: as above.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a variable of this function.
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    bytes(usage.ru_maxrss)
}

/// Apple's systems count bytes, the others kibibytes.
#[cfg(unix)]
fn bytes(maximum: libc::c_long) -> u64 {
    let unit = if cfg!(target_vendor = "apple") {
        1
    } else {
        1024
    };
    maximum as u64 * unit
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_program() {
        let script = "echo not here >&2; exit 3";
        let ended = run_to_end(Command::new("sh").args(["-c", script])).expect("`sh` is there");
        assert_eq!(ended.status.code(), Some(3));
        assert_eq!(ended.talk, "not here\n");
        assert!(run_to_end(&mut Command::new("/no/such/program")).is_err());
    }
}
