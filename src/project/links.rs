//! Links that lead out of a root of the search path: to a directory elsewhere, or to files, as package managers and build
//! systems make them.
//!
//! The guest sees nothing outside of its roots, so what such links lead to has to be put over them: a directory elsewhere as
//! it is, and a directory that holds links to files as a copy.

use std::path::{Path, PathBuf};

/// What is mounted over a directory of a root.
#[derive(Debug, PartialEq, Eq)]
pub struct Overlay {
    /// The directory below the root, with `/`; empty for the root itself.
    pub below: String,
    pub content: Content,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Content {
    Directory(PathBuf),
    /// A directory of these: names and what is to be copied, and the names of its directories, each an overlay of its own.
    Copies {
        files: Vec<(String, PathBuf)>,
        directories: Vec<String>,
    },
}

/// All overlays that a root needs, outer ones first.
pub fn overlays(root: &Path) -> Vec<Overlay> {
    let mut walk = Walk {
        root,
        above: Vec::new(),
        overlays: Vec::new(),
    };
    walk.directory(root, String::new(), true);
    walk.overlays
}

struct Walk<'a> {
    root: &'a Path,
    /// The directories that lead to where the walk is: a link may lead back up.
    above: Vec<PathBuf>,
    overlays: Vec<Overlay>,
}

struct Entry {
    name: String,
    path: PathBuf,
    is_directory: bool,
    /// Where it leads, if that is out of the root.
    outside: Option<PathBuf>,
}

impl Walk<'_> {
    /// `is_seen`: whether the guest sees this directory without an overlay of its own.
    fn directory(&mut self, directory: &Path, below: String, is_seen: bool) {
        let Ok(canonical) = fs_err::canonicalize(directory) else {
            return;
        };
        let is_up = canonical != *self.root && self.root.starts_with(&canonical);
        if is_up || self.above.contains(&canonical) {
            return;
        }
        self.above.push(canonical.clone());
        let entries = self.entries(directory);
        let has_files = entries.iter().any(|entry| !entry.is_directory && entry.outside.is_some());
        if has_files {
            let (directories, files) = entries.iter().partition::<Vec<&Entry>, _>(|entry| entry.is_directory);
            self.overlays.push(Overlay {
                below: below.clone(),
                content: Content::Copies {
                    files: files.iter().map(|file| (file.name.clone(), file.path.clone())).collect(),
                    directories: directories.iter().map(|entry| entry.name.clone()).collect(),
                },
            });
        } else if !is_seen {
            self.overlays.push(Overlay {
                below: below.clone(),
                content: Content::Directory(canonical),
            });
        }
        for entry in entries.into_iter().filter(|entry| entry.is_directory) {
            let below = if below.is_empty() {
                entry.name
            } else {
                format!("{below}/{}", entry.name)
            };
            self.directory(&entry.path, below, !has_files && entry.outside.is_none());
        }
        self.above.pop();
    }

    fn entries(&self, directory: &Path) -> Vec<Entry> {
        let Ok(entries) = fs_err::read_dir(directory) else {
            return Vec::new();
        };
        let mut entries: Vec<Entry> = entries
            .flatten()
            .filter_map(|entry| {
                let kind = entry.file_type().ok()?;
                let path = entry.path();
                let outside = kind.is_symlink().then(|| fs_err::canonicalize(&path).ok()).flatten();
                Some(Entry {
                    name: entry.file_name().into_string().ok()?,
                    is_directory: if kind.is_symlink() { path.is_dir() } else { kind.is_dir() },
                    outside: outside.filter(|target| !target.starts_with(self.root)),
                    path,
                })
            })
            .filter(|entry| !entry.name.starts_with('.') && entry.name != "__pycache__")
            .collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        entries
    }
}
