//! `cargo xtask guest`: builds the guest, with a spinner on a terminal and plain lines elsewhere.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use guest::{Lines, Progress};
use indicatif::{ProgressBar, ProgressStyle};

/// Builds and packs the guest unless that has already been done.
pub fn build(root: &Path) -> Result<()> {
    with_progress(|progress| guest::ensure_packed(root, progress).map(drop))
}

/// The same beside another program that writes to the terminal.
pub fn build_in_lines(root: &Path) -> Result<()> {
    guest::ensure_packed(root, &Lines).map(drop)
}

/// Builds the guest unless that has already been done, and returns its folder.
pub fn folder(root: &Path) -> Result<PathBuf> {
    let mut folder = PathBuf::new();
    with_progress(|progress| {
        folder = guest::ensure(root, progress)?;
        Ok(())
    })?;
    Ok(folder)
}

pub fn print_folder(root: &Path) -> Result<()> {
    with_progress(|progress| {
        let folder = guest::ensure(root, progress)?;
        guest::ensure_packed(root, progress)?;
        println!("{}", folder.display());
        Ok(())
    })
}

pub fn with_progress(work: impl FnOnce(&dyn Progress) -> Result<()>) -> Result<()> {
    if !std::io::stderr().is_terminal() {
        return work(&Lines);
    }
    let spinner = Spinner::start();
    let result = work(&spinner);
    spinner.bar.finish_and_clear();
    result
}

/// Shows the latest step and the time since the start.
struct Spinner {
    bar: ProgressBar,
    start: Instant,
}

impl Spinner {
    fn start() -> Spinner {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Spinner {
            bar,
            start: Instant::now(),
        }
    }
}

impl Progress for Spinner {
    fn step(&self, message: &str) {
        let before = self.bar.message();
        if !before.is_empty() {
            let seconds = self.start.elapsed().as_secs();
            self.bar.println(format!("[{seconds:>4} s] {before}"));
        }
        self.bar.set_message(message.to_owned());
    }
}
