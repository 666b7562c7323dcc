//! `benches/runs/`: the raw figures of benchmarks, with the machine and the date.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};

/// Writes a new file and returns its name.
pub fn keep(root: &Path, name: &str, measured: &str) -> Result<PathBuf> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let folder = root.join("benches/runs");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{name}-{}.tsv", date(seconds)));
    let text = format!("# {}\n# {}\n{measured}", machine(), revision(root));
    std::fs::write(&path, text).with_context(|| format!("failed to write {}", path.display()))?;
    Ok(path)
}

/// `2026-11-25T2130`, in UTC.
fn date(seconds: u64) -> String {
    let (days, minutes) = (seconds / 86_400, seconds % 86_400 / 60);
    // A date of the proleptic Gregorian calendar. Years begin in March, so that the leap day is the last.
    let era_day = days + 719_468;
    let (era, day_of_era) = (era_day / 146_097, era_day % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = match month {
        0..10 => (era * 400 + year_of_era, month + 3),
        _ => (era * 400 + year_of_era + 1, month - 9),
    };
    format!(
        "{year}-{month:02}-{day:02}T{:02}{:02}",
        minutes / 60,
        minutes % 60
    )
}

/// The processor, its threads, its other load, and the system.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let information = read("/proc/cpuinfo");
    let model = information
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or(std::env::consts::ARCH, |line| {
            line.trim_start_matches([' ', '\t', ':'])
        });
    let threads = std::thread::available_parallelism().map_or(0, |count| count.get());
    let system = std::env::consts::OS;
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    format!(
        "{model}, {threads} threads, {system} {}, load average {load} at the end",
        kernel.trim()
    )
}

fn revision(root: &Path) -> String {
    let output = Command::new("git")
        .current_dir(root)
        .args(["describe", "--always", "--dirty"])
        .output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    format!("revision {}", String::from_utf8_lossy(&text).trim())
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01T0000"),
            (951_782_399, "2000-02-28T2359"),
            (951_782_400, "2000-02-29T0000"),
            (1_709_164_800, "2024-02-29T0000"),
            (1_735_689_540, "2024-12-31T2359"),
            (1_795_642_200, "2026-11-25T2130"),
            (4_107_542_400, "2100-03-01T0000"),
        ] {
            assert_eq!(date(seconds), expected);
        }
    }
}
