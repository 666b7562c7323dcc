//! Links that the sandbox would not follow: out of a root of the search path, or with an absolute target, as package
//! managers and build systems make them.
//!
//! The guest sees nothing outside of its roots, so what such links lead to is put over them: a directory elsewhere as it is,
//! and a directory that holds links to files as a copy.

use std::collections::BTreeSet;
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
    /// What is to be copied, each with its path below the overlay; directories that are overlays of their own are made empty.
    Copies {
        files: Vec<(PathBuf, PathBuf)>,
        directories: Vec<PathBuf>,
    },
}

/// All overlays that a root needs, outer ones first.
pub fn overlays(root: &Path) -> Vec<Overlay> {
    let mut walk = Walk {
        root,
        visited: BTreeSet::new(),
        overlays: Vec::new(),
    };
    walk.directory(root, "", true);
    walk.overlays
}

struct Walk<'a> {
    root: &'a Path,
    /// The directories elsewhere that the walk went through: each once, however many links lead there.
    visited: BTreeSet<PathBuf>,
    overlays: Vec<Overlay>,
}

struct Entry {
    name: String,
    path: PathBuf,
    is_directory: bool,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Real,
    /// A link that the sandbox follows: what it leads to is met where it lies.
    Followed,
    /// A link that it does not follow.
    Refused,
}

impl Walk<'_> {
    /// `is_seen`: whether the guest sees this directory without an overlay of its own.
    fn directory(&mut self, directory: &Path, below: &str, is_seen: bool) {
        let entries = self.entries(directory);
        let has_files = entries
            .iter()
            .any(|entry| !entry.is_directory && entry.kind == Kind::Refused);
        if has_files && !below.is_empty() {
            self.overlay(below, self.copy_of(directory));
            return;
        }
        if has_files {
            let (directories, files): (Vec<Entry>, Vec<Entry>) = self
                .entries(directory)
                .into_iter()
                .partition(|entry| entry.is_directory);
            let files = files
                .into_iter()
                .map(|file| (file.name.into(), file.path))
                .collect();
            let directories = directories
                .into_iter()
                .map(|entry| entry.name.into())
                .collect();
            self.overlay(below, Content::Copies { files, directories });
        } else if !is_seen {
            self.overlay(below, Content::Directory(directory.to_owned()));
        }
        for entry in entries.into_iter().filter(|entry| entry.is_directory) {
            let below = match below {
                "" => entry.name,
                below => format!("{below}/{}", entry.name),
            };
            match entry.kind {
                Kind::Real => self.directory(&entry.path, &below, !has_files),
                Kind::Followed if has_files => self.elsewhere(&entry.path, &below),
                Kind::Followed => {}
                Kind::Refused => self.elsewhere(&entry.path, &below),
            }
        }
    }

    /// A directory that a link leads to.
    fn elsewhere(&mut self, link: &Path, below: &str) {
        let Ok(target) = fs_err::canonicalize(link) else {
            return;
        };
        // A link that leads back up would go round and round.
        if self.root.starts_with(&target) {
            return;
        }
        if target.starts_with(self.root) || !self.visited.insert(target.clone()) {
            self.overlay(below, Content::Directory(target));
        } else {
            self.directory(&target, below, false);
        }
    }

    fn overlay(&mut self, below: &str, content: Content) {
        self.overlays.push(Overlay {
            below: below.to_owned(),
            content,
        });
    }

    /// All of a directory with what links in it lead to.
    fn copy_of(&self, directory: &Path) -> Content {
        let mut files = Vec::new();
        let mut directories = Vec::new();
        let mut visited = BTreeSet::new();
        let mut open = vec![(PathBuf::new(), directory.to_owned())];
        while let Some((below, directory)) = open.pop() {
            let canonical = fs_err::canonicalize(&directory).unwrap_or_else(|_| directory.clone());
            if self.root.starts_with(&canonical) || !visited.insert(canonical) {
                continue;
            }
            for entry in self.entries(&directory) {
                let below = below.join(&entry.name);
                if entry.is_directory {
                    directories.push(below.clone());
                    open.push((below, entry.path));
                } else {
                    files.push((below, entry.path));
                }
            }
        }
        Content::Copies { files, directories }
    }

    fn entries(&self, directory: &Path) -> Vec<Entry> {
        let is_environment = directory.join("pyvenv.cfg").exists();
        let Ok(entries) = fs_err::read_dir(directory) else {
            return Vec::new();
        };
        let mut entries: Vec<Entry> = entries
            .flatten()
            .filter_map(|entry| {
                let kind = entry.file_type().ok()?;
                let path = entry.path();
                Some(Entry {
                    name: entry.file_name().into_string().ok()?,
                    is_directory: if kind.is_symlink() {
                        path.is_dir()
                    } else {
                        kind.is_dir()
                    },
                    kind: if kind.is_symlink() {
                        self.kind_of_link(&path)
                    } else {
                        Kind::Real
                    },
                    path,
                })
            })
            .filter(|entry| {
                !entry.name.starts_with('.') && entry.name != "__pycache__" && !is_environment
            })
            .collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        entries
    }

    fn kind_of_link(&self, link: &Path) -> Kind {
        let is_inside =
            fs_err::canonicalize(link).is_ok_and(|target| target.starts_with(self.root));
        let is_relative = fs_err::read_link(link).is_ok_and(|target| target.is_relative());
        if is_inside && is_relative {
            Kind::Followed
        } else {
            Kind::Refused
        }
    }
}
