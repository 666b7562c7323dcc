//! Copies of files and of trees of files.

use std::path::Path;

use anyhow::Result;

use crate::hash;

/// Copies a file, and makes its folder.
pub fn file(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs_err::create_dir_all(folder)?;
    }
    fs_err::copy(from, to)?;
    Ok(())
}

/// Copies the files of a folder to the same places below another one, over what is there.
pub fn tree(from: &Path, to: &Path) -> Result<()> {
    for path in hash::files_below(from)? {
        file(&path, &to.join(path.strip_prefix(from)?))?;
    }
    Ok(())
}
