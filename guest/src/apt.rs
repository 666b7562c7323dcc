//! The archive mirrors in apt's configuration, on Debian-like systems.
//!
//! Comes in: a path below the root of an archive. Goes out: the file. The addresses are apt's own, and apt's downloader
//! fetches, so that its proxies, certificates and credentials are used.

use std::path::Path;
use std::process::{Command, Stdio};

const DOWNLOADER: &str = "/usr/lib/apt/apt-helper";

/// Roots of the archives, without duplicates; empty if there is no apt.
pub fn archives() -> Vec<String> {
    if !Path::new(DOWNLOADER).exists() {
        return Vec::new();
    }
    let output = Command::new("apt-get")
        .args(["indextargets", "--format", "$(REPO_URI)"])
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else {
        return Vec::new();
    };
    let mut roots: Vec<String> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| line.trim().trim_end_matches('/').to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    roots.sort();
    roots.dedup();
    roots
}

/// Downloads `url` to `target`; the error is apt's last line.
pub fn download(url: &str, target: &Path) -> Result<(), String> {
    let output = Command::new(DOWNLOADER)
        .arg("download-file")
        .arg(url)
        .arg(target)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let talk = String::from_utf8_lossy(&output.stderr);
    let reason = talk
        .lines()
        .rfind(|line| line.starts_with("E:"))
        .unwrap_or("E: apt could not download it");
    Err(reason.trim_start_matches("E:").trim().to_owned())
}
