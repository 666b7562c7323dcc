//! Many processes, little space, and no space.

use std::ffi::OsStr;
use std::fs::{File, Permissions};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use anyhow::Result;

use super::ensure;
use super::place::{Place, output};

/// All processes find that nothing is there yet.
pub fn processes_at_once() -> Result<()> {
    let place = Place::new()?;
    let program = std::env::current_exe()?;
    let processes: Vec<_> = (0..8)
        .map(|_| place.process(&program, 3).stdout(Stdio::piped()).spawn())
        .collect::<std::io::Result<_>>()?;
    for process in processes {
        let output = process.wait_with_output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure(output.status.success(), &said)?;
        ensure(said.ends_with("kept\n"), &said)?;
    }
    place.entry()?;
    ensure(
        std::fs::read_dir(&place.secrets)?.count() == 1,
        "one key, and nothing left over",
    )?;
    place.uses()
}

/// Files are limited to 4 kB, less than the code takes.
pub fn full_disk() -> Result<()> {
    let place = Place::new()?;
    let program = std::env::current_exe()?;
    // A signal first tells a process about the limit.
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$@\"";
    let child = place.process(&program, 2);
    let mut command = Command::new("sh");
    command
        .args(["-c", script, "sh"])
        .arg(child.get_program())
        .args(child.get_args());
    let said = output(&mut command)?;
    ensure(
        said.lines().count() == 2 && said.lines().all(|line| line.contains("File too large")),
        &said,
    )?;
    ensure(
        std::fs::read_dir(&place.cache)?.count() == 0,
        "nothing is left over",
    )?;
    // There is room again.
    ensure(
        output(&mut place.process(&program, 2))? == "nothing\nkept\n",
        "and it is kept",
    )
}

/// Runs as nobody if root runs this: root can write everywhere.
pub fn read_only() -> Result<()> {
    const NOBODY: u32 = 65534;
    let place = Place::new()?;
    // Nobody may execute it there.
    let program = place.path().join("program");
    std::fs::copy(std::env::current_exe()?, &program)?;
    let is_root = rustix::process::geteuid().is_root();
    if is_root {
        chown(place.path(), Some(NOBODY), Some(NOBODY))?;
    }
    let start = || {
        let mut command = place.process(&program, 2);
        if is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        output(&mut command)
    };
    let forbid = |path: &Path| std::fs::set_permissions(path, Permissions::from_mode(0o500));
    std::fs::create_dir_all(&place.cache)?;
    if is_root {
        for directory in place.cache.ancestors().take(2) {
            chown(directory, Some(NOBODY), Some(NOBODY))?;
        }
    }
    forbid(&place.cache)?;
    let said = start()?;
    ensure(
        said.lines().count() == 2 && said.lines().all(|line| line.contains("Permission denied")),
        said,
    )?;
    // The entry is still used.
    std::fs::set_permissions(&place.cache, Permissions::from_mode(0o700))?;
    let said = start()?;
    ensure(said == "nothing\nkept\n", said)?;
    forbid(&place.cache)?;
    forbid(&place.secrets)?;
    let said = start()?;
    ensure(said == "kept\nkept\n", said)
}

pub fn eviction() -> Result<()> {
    let place = Place::with_entry()?;
    let entry = place.entry()?;
    let file = |name: &[u8], size: u64, hours: u64| {
        let path = place.cache.join(OsStr::from_bytes(name));
        let file = File::create(&path)?;
        file.set_len(size)?;
        file.set_modified(SystemTime::now() - Duration::from_secs(3600 * hours))?;
        Ok::<_, std::io::Error>(path)
    };
    const LARGE: u64 = 300 << 20;
    let oldest = [
        file(b"a\n\x1b[31m.cwasm", LARGE, 9)?,
        file(b"\xff\xfe.cwasm", LARGE, 8)?,
        file(b"-rf ..cwasm", LARGE, 7)?,
        // Nobody can use it, however new it is.
        file(b"b.cwasm", 1 << 40, 0)?,
    ];
    let newest = [
        file(b"c.cwasm", LARGE, 6)?,
        file(b"d.cwasm", LARGE, 5)?,
        file(b"e.cwasm", LARGE, 4)?,
    ];
    let outside = place.path().join("outside");
    std::fs::write(&outside, "of somebody's")?;
    let link = place.cache.join("link.cwasm");
    symlink(&outside, &link)?;
    let directory = place.cache.join("directory.cwasm");
    std::fs::create_dir(&directory)?;
    let unrelated = file(b"notes.txt", 1 << 40, 99)?;
    place.uses()?;
    ensure(oldest[0].exists(), "reading removes nothing")?;
    // An entry is kept again.
    std::fs::remove_file(&entry)?;
    place.load()?;
    for path in oldest {
        ensure(!path.exists(), format!("{} is gone", path.display()))?;
    }
    for path in newest
        .iter()
        .chain([&entry, &outside, &directory, &unrelated])
    {
        ensure(path.exists(), format!("{} stays", path.display()))?;
    }
    ensure(link.is_symlink(), "a link takes no room")?;
    place.uses()
}

pub fn abandoned_files() -> Result<()> {
    let place = Place::with_entry()?;
    let entry = place.entry()?;
    let part = |name: &str, hours: u64| {
        let path = place.cache.join(name);
        let file = File::create(&path)?;
        file.set_modified(SystemTime::now() - Duration::from_secs(3600 * hours))?;
        Ok::<_, std::io::Error>(path)
    };
    let (old, young) = (part(".part-1", 2)?, part(".part-2", 0)?);
    std::fs::remove_file(&entry)?;
    place.load()?;
    ensure(!old.exists(), "nobody goes on with it")?;
    ensure(young.exists(), "another process is about to write it")
}
