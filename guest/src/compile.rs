//! Compiles C files with the guest's clang, as many at a time as there are cores.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result};

use crate::run::{jobs, run};
use crate::toolchain::Toolchain;

/// One C file and its object.
pub struct Unit {
    source: PathBuf,
    pub object: PathBuf,
}

impl Unit {
    /// The object goes to `folder`, under the name of the source.
    pub fn new(source: PathBuf, folder: &Path) -> Result<Unit> {
        let mut name = source
            .file_stem()
            .context("a source has a name")?
            .to_owned();
        // Appended: `ios.cpp` and `ios.instantiations.cpp` may lie side by side.
        name.push(".o");
        let object = folder.join(name);
        Ok(Unit { source, object })
    }
}

/// `flags` may hold paths, `arguments` come after them.
pub fn compile_all(
    toolchain: &Toolchain,
    flags: &str,
    arguments: &[String],
    units: &[Unit],
    log: &Path,
) -> Result<()> {
    for unit in units {
        if let Some(folder) = unit.object.parent() {
            fs_err::create_dir_all(folder)?;
        }
    }
    let next = AtomicUsize::new(0);
    let failure = Mutex::new(None);
    let work = || {
        while let Some(unit) = units.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut clang = toolchain.clang(flags);
            clang
                .args(arguments)
                .arg("-c")
                .arg(&unit.source)
                .arg("-o")
                .arg(&unit.object);
            if let Err(error) = run(&mut clang, log) {
                next.store(units.len(), Ordering::Relaxed);
                if let Ok(mut failure) = failure.lock() {
                    failure.get_or_insert(
                        error.context(format!("`{}` does not compile", unit.source.display())),
                    );
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..jobs().parse().unwrap_or(1) {
            scope.spawn(work);
        }
        work();
    });
    match failure.into_inner() {
        Ok(Some(error)) => Err(error),
        _ => Ok(()),
    }
}
