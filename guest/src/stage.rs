//! Stages of the build: each fills one folder of the cache, once for each input.
//!
//! Comes in: a key over all inputs of a stage, and the work. Goes out: the folder. A folder without its mark was abandoned
//! half-way and is built again; one lock keeps two processes from building at the same time.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, ensure};
use user_folders::CACHE_VARIABLE;

use crate::progress::Progress;

/// Written last: the folder is complete.
const MARK: &str = ".complete";

/// The folder of the cache.
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    pub fn open(progress: &dyn Progress) -> Result<Cache> {
        let root = user_folders::cache().map_err(|reason| {
            anyhow!("{reason}\n\nhint: set `{CACHE_VARIABLE}` to a folder for the build")
        })?;
        let root = std::path::absolute(root)?;
        ensure!(
            !root.to_string_lossy().contains(char::is_whitespace),
            "the cache folder `{}` has a blank in its path, which CPython's build does not bear\n\n\
             hint: set `{CACHE_VARIABLE}` to another folder",
            root.display()
        );
        fs_err::create_dir_all(&root)?;
        // Its contents are executed. In containers it often belongs to a user outside, so this cannot be an error.
        if let Err(reason) = user_folders::Folder::open(&root) {
            progress.step(&format!(
                "warning: the cache folder is not safe from others: {reason}"
            ));
        }
        Ok(Cache { root })
    }

    /// Downloaded archives.
    pub fn archives(&self) -> PathBuf {
        self.root.join("archives")
    }

    /// The same folder, which is created if necessary.
    pub fn create_archives(&self) -> Result<PathBuf> {
        let folder = self.archives();
        fs_err::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// The finished guest of this key.
    pub fn guest(&self, key: &str) -> PathBuf {
        self.root.join("guest").join(key)
    }

    /// The place of a stage's output, whether it exists yet or not.
    pub fn stage(&self, name: &str, key: &str) -> PathBuf {
        self.root.join("stages").join(format!("{name}-{key}"))
    }

    /// Waits until no other process builds the guest, or the compiler for extensions.
    pub fn lock(&self, progress: &dyn Progress) -> Result<Lock> {
        self.lock_file("lock", "waiting for another build of the guest", progress)
    }

    /// Waits until no other process builds wheels. Code that needs both locks takes this one first.
    pub fn lock_wheels(&self, progress: &dyn Progress) -> Result<Lock> {
        self.lock_file(
            "lock-wheels",
            "waiting for another build of a wheel",
            progress,
        )
    }

    fn lock_file(&self, name: &str, waiting: &str, progress: &dyn Progress) -> Result<Lock> {
        let path = self.root.join(name);
        let file = fs_err::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)?
            .into_parts()
            .0;
        if file.try_lock().is_err() {
            progress.step(waiting);
            file.lock()
                .with_context(|| format!("failed to lock `{}`", path.display()))?;
        }
        Ok(Lock(file))
    }
}

/// Held while building; released when dropped.
pub struct Lock(
    #[expect(dead_code, reason = "closing it is what releases the lock")] std::fs::File,
);

pub fn is_complete(folder: &Path) -> bool {
    folder.join(MARK).exists()
}

/// Fills `folder` by `work`, unless that has already been done.
pub fn build(folder: &Path, work: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    if is_complete(folder) {
        return Ok(());
    }
    if folder.exists() {
        fs_err::remove_dir_all(folder)?;
    }
    fs_err::create_dir_all(folder)?;
    work(folder)?;
    fs_err::write(folder.join(MARK), "")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_abandoned_stage_is_built_anew_and_a_complete_one_is_kept() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("stage");
        let failed = build(&folder, |folder| {
            fs_err::write(folder.join("half"), "")?;
            anyhow::bail!("interrupted")
        });
        assert!(failed.is_err());
        build(&folder, |folder| {
            assert!(!folder.join("half").exists());
            Ok(fs_err::write(folder.join("whole"), "")?)
        })
        .unwrap();
        build(&folder, |_| panic!("built twice")).unwrap();
        assert!(folder.join("whole").exists());
    }
}
