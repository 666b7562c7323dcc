//! The tree of files before it is packed.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// A file, directory or link.
#[derive(Debug, PartialEq, Eq)]
pub enum Node {
    Directory(BTreeMap<String, Node>),
    /// A file of this machine, by its real path.
    File(PathBuf),
    /// The target.
    Link(String),
    /// A file that is always empty, whatever is written to it.
    Null,
}

/// The root directory.
#[derive(Debug)]
pub struct Tree {
    pub root: BTreeMap<String, Node>,
}

impl Tree {
    pub fn new() -> Self {
        Self {
            root: BTreeMap::new(),
        }
    }

    /// The entries of a directory, which is made if it does not exist. `None` if a file is in the way.
    fn directory(&mut self, path: &str) -> Option<&mut BTreeMap<String, Node>> {
        let mut entries = &mut self.root;
        for part in parts(path) {
            let node = entries
                .entry(part.to_owned())
                .or_insert_with(|| Node::Directory(BTreeMap::new()));
            match node {
                Node::Directory(inner) => entries = inner,
                _ => return None,
            }
        }
        Some(entries)
    }

    /// Puts a node at an absolute path, unless there is one.
    pub fn insert(&mut self, path: &str, node: Node) {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        if let Some(entries) = self.directory(parent) {
            entries.entry(name.to_owned()).or_insert(node);
        }
    }

    pub fn has_directory(&self, path: &str) -> bool {
        let mut entries = &self.root;
        for part in parts(path) {
            match entries.get(part) {
                Some(Node::Directory(inner)) => entries = inner,
                _ => return false,
            }
        }
        true
    }

    /// Makes a directory.
    pub fn make_directory(&mut self, path: &str) {
        self.directory(path);
    }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}
