//! The reasons why a folder or a file in it is not used.

use std::path::PathBuf;

/// A reason not to trust a path. The text names the path.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No variable says where the folder is.
    #[error("`{variable}` is not set")]
    Nowhere { variable: &'static str },
    /// It belongs to neither this user nor root.
    #[error("`{path}` belongs to another user (number {owner})")]
    Foreign { path: PathBuf, owner: u32 },
    /// Others than its owner may write to it.
    #[error("others than its owner may write to `{path}`")]
    Shared { path: PathBuf },
    /// Others may read a secret.
    #[error("others than its owner may read `{path}`")]
    Readable { path: PathBuf },
    /// It is a link, a device, a directory in place of a file, or a file in place of a directory.
    #[error("`{path}` is not {expected}")]
    Kind {
        path: PathBuf,
        expected: &'static str,
    },
    /// It is larger than any file that is put there.
    #[error("`{path}` is too large ({size} bytes)")]
    Size { path: PathBuf, size: u64 },
    /// Links lead to links without end.
    #[error("`{path}` leads through too many links")]
    Links { path: PathBuf },
    /// An error from the system.
    #[error("`{path}`: {source}")]
    System {
        path: PathBuf,
        source: std::io::Error,
    },
}

impl Refusal {
    /// Returns `true` if the file simply does not exist.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::System { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
    }
}
