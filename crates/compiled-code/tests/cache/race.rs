//! Somebody exchanges entries and directories as fast as possible while others start.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::ensure;
use super::place::{Found, Place, foreign};

/// The duration of each kind of exchange.
const TIME: Duration = Duration::from_secs(2);

pub fn swaps() -> Result<()> {
    for (what, swap) in [
        ("an entry by a file", entry_by_file as Swap),
        ("an entry by a link", entry_by_link),
        ("the directory", directory),
        ("a parent", parent),
        ("a link on the way", link),
    ] {
        let starts = race(swap).map_err(|error| error.context(what))?;
        println!("{what}: {starts:?}");
        // Both happened, so the race was real.
        ensure(
            starts.kept > 0 && starts.unused > 0,
            format!("{what}: {starts:?}"),
        )?;
    }
    Ok(())
}

/// The sources of the component over all starts.
#[derive(Debug, Default)]
struct Starts {
    kept: usize,
    nothing: usize,
    unused: usize,
}

/// Prepares the exchange, and returns two steps that end in the two states.
type Swap = fn(&mut Place) -> Result<[Step; 2]>;
type Step = Box<dyn Fn() -> std::io::Result<()> + Send + Sync>;

fn race(swap: Swap) -> Result<Starts> {
    let mut place = Place::with_entry()?;
    let steps = swap(&mut place)?;
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let swapper = scope.spawn(|| {
            let mut swaps = 0;
            while !over.load(Ordering::Relaxed) {
                for step in &steps {
                    // The other process may be writing its own entry there.
                    let _ = step();
                    swaps += 1;
                    std::thread::yield_now();
                }
            }
            swaps
        });
        let began = Instant::now();
        let mut starts = Starts::default();
        let mut result = Ok(());
        while began.elapsed() < TIME && result.is_ok() {
            match place.load() {
                Ok(Found::Kept) => starts.kept += 1,
                Ok(Found::Nothing) => starts.nothing += 1,
                Ok(Found::Unused(_)) => starts.unused += 1,
                Err(error) => result = Err(error),
            }
        }
        over.store(true, Ordering::Relaxed);
        let swaps = swapper.join().expect("it does not panic");
        result?;
        ensure(swaps > 100, format!("{swaps} exchanges"))?;
        Ok(starts)
    })
}

/// A whole entry with foreign code, in a separate file.
fn foreign_entry(place: &Place) -> Result<PathBuf> {
    let path = place.path().join("foreign");
    let code = foreign()?;
    let hash = *blake3::hash(&code).as_bytes();
    std::fs::write(&path, [&code[..], &hash].concat())?;
    std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    Ok(path)
}

/// Puts a fresh hard link to `source` in place of `target`.
fn put(source: &Path, target: &Path) -> std::io::Result<()> {
    let aside = source.with_extension("aside");
    let _ = std::fs::remove_file(&aside);
    std::fs::hard_link(source, &aside)?;
    std::fs::rename(&aside, target)
}

fn entry_by_file(place: &mut Place) -> Result<[Step; 2]> {
    let entry = place.entry()?;
    let good = place.path().join("good");
    std::fs::copy(&entry, &good)?;
    let bad = foreign_entry(place)?;
    let other = entry.clone();
    Ok([
        Box::new(move || put(&bad, &entry)),
        Box::new(move || put(&good, &other)),
    ])
}

fn entry_by_link(place: &mut Place) -> Result<[Step; 2]> {
    let entry = place.entry()?;
    let good = place.path().join("good");
    std::fs::copy(&entry, &good)?;
    let bad = foreign_entry(place)?;
    let aside = place.path().join("link");
    let other = entry.clone();
    Ok([
        Box::new(move || {
            symlink(&bad, &aside)?;
            std::fs::rename(&aside, &entry)
        }),
        Box::new(move || put(&good, &other)),
    ])
}

/// A directory like the cache, with foreign code in it. It is somebody else's if root runs this.
fn foreign_directory(place: &Place) -> Result<PathBuf> {
    let bad = place.path().join("bad/compiled");
    std::fs::create_dir_all(&bad)?;
    let name = place.entry()?;
    let name = name.file_name().expect("it has a name");
    std::fs::copy(foreign_entry(place)?, bad.join(name))?;
    if rustix::process::geteuid().is_root() {
        chown(&bad, Some(65534), None)?;
    }
    Ok(bad)
}

/// Exchanges the two directories atomically.
fn exchange(here: PathBuf, bad: PathBuf) -> [Step; 2] {
    let exchange = move || {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        Ok(renameat_with(CWD, &here, CWD, &bad, RenameFlags::EXCHANGE)?)
    };
    [Box::new(exchange.clone()), Box::new(exchange)]
}

fn directory(place: &mut Place) -> Result<[Step; 2]> {
    Ok(exchange(place.cache.clone(), foreign_directory(place)?))
}

fn parent(place: &mut Place) -> Result<[Step; 2]> {
    let bad = foreign_directory(place)?;
    let parent = |path: &Path| path.parent().expect("it is not the root").to_owned();
    Ok(exchange(parent(&place.cache), parent(&bad)))
}

fn link(place: &mut Place) -> Result<[Step; 2]> {
    let bad = foreign_directory(place)?;
    let good = place.cache.clone();
    let link = place.path().join("link");
    symlink(&good, &link)?;
    place.cache = link.clone();
    let aside = place.path().join("aside");
    let to = |target: PathBuf| {
        let (link, aside) = (link.clone(), aside.clone());
        Box::new(move || {
            symlink(&target, &aside)?;
            std::fs::rename(&aside, &link)
        }) as Step
    };
    Ok([to(bad), to(good)])
}
