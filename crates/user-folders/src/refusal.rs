//! Why a folder or a file in it is not used.

use std::path::PathBuf;

/// A reason not to trust what lies somewhere. The text names the place.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No variable says where the folder is.
    #[error("`{variable}` is not set")]
    Nowhere { variable: &'static str },
    /// It belongs to neither this user nor root.
    #[error("`{path}` belongs to another user (number {owner})")]
    Foreign { path: PathBuf, owner: u32 },
    /// Its owner is not the only one who may write to it.
    #[error("others than its owner may write to `{path}`")]
    Shared { path: PathBuf },
    /// Others may read what is a secret.
    #[error("others than its owner may read `{path}`")]
    Readable { path: PathBuf },
    /// A link, a device, a directory in place of a file, a file in place of a directory.
    #[error("`{path}` is not {expected}")]
    Kind {
        path: PathBuf,
        expected: &'static str,
    },
    /// Larger than anything that is put there.
    #[error("`{path}` is too large ({size} bytes)")]
    Size { path: PathBuf, size: u64 },
    /// Links that lead to links, without an end.
    #[error("`{path}` leads through too many links")]
    Links { path: PathBuf },
    /// What the system says.
    #[error("`{path}`: {source}")]
    System {
        path: PathBuf,
        source: std::io::Error,
    },
}

impl Refusal {
    /// Whether the file is simply not there.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::System { source, .. } if source.kind() == std::io::ErrorKind::NotFound)
    }
}
