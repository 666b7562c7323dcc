//! The guest as one file, for embedding.
//!
//! Comes in: the folder of a guest. Goes out: a tar archive without times or owners, compressed with zstd.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::hash;

/// Higher levels save less than one part in a hundred.
const LEVEL: i32 = 15;

/// Writes to a temporary name beside `target` and renames.
pub fn pack(folder: &Path, target: &Path) -> Result<()> {
    let parent = target.parent().context("a file has a folder")?;
    let file = tempfile::NamedTempFile::new_in(parent)?;
    let mut archive = tar::Builder::new(zstd::Encoder::new(file, LEVEL)?);
    for path in hash::files_below(folder)? {
        let content = fs_err::read(&path)?;
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(content.len())?);
        header.set_mode(0o644);
        header.set_mtime(0);
        archive.append_data(
            &mut header,
            hash::relative_name(folder, &path)?,
            content.as_slice(),
        )?;
    }
    let file = archive.into_inner()?.finish()?;
    file.persist(target)
        .with_context(|| format!("failed to write `{}`", target.display()))?;
    Ok(())
}
