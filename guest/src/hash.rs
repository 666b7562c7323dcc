//! Hashes: of files, to compare with sources.toml, of file trees, and of the inputs of a stage.
//!
//! Comes in: bytes, files, folders. Goes out: lower-case hexadecimal SHA-256.

use std::fmt::Write as _;
use std::io::{Read as _, copy};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

/// The hash of a whole file.
pub fn file(path: &Path) -> Result<String> {
    let mut hasher = Sha256::new();
    copy(&mut fs_err::File::open(path)?, &mut hasher)?;
    Ok(hex(hasher))
}

/// The hash of the files of a tree, by relative path and content; packing, times and modes do not matter.
pub fn tree(root: &Path) -> Result<String> {
    let mut hasher = Sha256::new();
    for path in files_below(root)? {
        let name = relative_name(root, &path)?;
        let content = if path.is_symlink() {
            format!("-> {}", fs_err::read_link(&path)?.display())
        } else {
            file(&path)?
        };
        hasher.update(format!("{name}\0{content}\n"));
    }
    Ok(hex(hasher))
}

/// All files below a folder, sorted by their path.
pub fn files_below(root: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = vec![root.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The path below `root`, with `/` everywhere.
pub fn relative_name(root: &Path, path: &Path) -> Result<String> {
    let relative = path.strip_prefix(root)?;
    let parts: Option<Vec<&str>> = relative.iter().map(|part| part.to_str()).collect();
    Ok(parts
        .with_context(|| format!("`{}` is not UTF-8", path.display()))?
        .join("/"))
}

/// Collects the inputs of a stage, part by part, so that any change gives another key.
pub struct Key(Sha256);

impl Key {
    /// `stage` is the stage's name.
    pub fn new(stage: &str) -> Key {
        Key(Sha256::new()).text("stage", stage)
    }

    pub fn text(mut self, label: &str, value: &str) -> Key {
        // The lengths keep neighbouring parts apart.
        self.0.update(format!("{label} {}\n{value}\n", value.len()));
        self
    }

    pub fn bytes(self, label: &str, bytes: &[u8]) -> Key {
        let mut hasher = Sha256::new();
        hasher.update(bytes);
        self.text(label, &hex(hasher))
    }

    pub fn file(self, path: &Path) -> Result<Key> {
        let mut text = Vec::new();
        fs_err::File::open(path)?.read_to_end(&mut text)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(self.bytes(&name, &text))
    }

    /// The first 20 digits: enough to tell stages apart, and short enough for a folder's name.
    pub fn finish(self) -> String {
        let mut key = hex(self.0);
        key.truncate(20);
        key
    }
}

fn hex(hasher: Sha256) -> String {
    let mut text = String::with_capacity(64);
    for byte in hasher.finalize() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tree_hash_is_that_of_names_and_contents() {
        let one = tempfile::tempdir().unwrap();
        let two = tempfile::tempdir().unwrap();
        for (root, names) in [(&one, ["b/c", "a"]), (&two, ["a", "b/c"])] {
            fs_err::create_dir(root.path().join("b")).unwrap();
            for name in names {
                fs_err::write(root.path().join(name), name).unwrap();
            }
        }
        let hash = tree(one.path()).unwrap();
        assert_eq!(hash, tree(two.path()).unwrap());
        fs_err::write(two.path().join("a"), "other").unwrap();
        assert_ne!(hash, tree(two.path()).unwrap());
    }

    #[test]
    fn key_parts_are_kept_apart() {
        let one = Key::new("s").text("a", "b").text("c", "d").finish();
        let two = Key::new("s").text("a", "b\nc 1\nd").finish();
        assert_ne!(one, two);
        assert_eq!(one.len(), 20);
    }
}
