//! The archive's format, which `python-stdlib/libc/files.h` reads: a header, the nodes, and then names and contents.
//!
//! Nodes are in breadth-first order, so that the children of a directory are neighbours; they are sorted by name.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::Write as _;

use anyhow::{Context as _, Result};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use ground::Mistake as _;
use ground::files;
use rayon::prelude::*;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::Sources;
use super::error::FilesError;
use super::tree::{Node, Tree};
use super::walk::LARGEST_FILE;

/// The most bytes of the archive. No host takes a component of more than 1 GiB.
const LARGEST: u64 = 768 << 20;

const DIRECTORY: u16 = 0;
const FILE: u16 = 1;
const LINK: u16 = 2;
const COMPRESSED_FILE: u16 = 3;
const NULL: u16 = 4;

/// Bytes of the header and of a node.
const HEADER: usize = 24;
const NODE: usize = 24;

/// A file in the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileEntry {
    /// Its path in the guest.
    pub path: String,
    /// Its size.
    pub size: u64,
    /// The bytes that it takes in the component; 0 if another file has the same content.
    pub stored: u64,
}

/// A node with its place among the others.
struct Listed<'t> {
    node: &'t Node,
    name: &'t str,
    path: String,
    parent: u32,
    /// A directory's first child.
    first: u32,
}

/// The content of a file, in the form that is stored.
struct Packed {
    digest: [u8; 32],
    size: u64,
    bytes: Vec<u8>,
    is_compressed: bool,
}

/// The archive and its files.
pub fn write(tree: &Tree, sources: &Sources<'_>) -> Result<(Vec<u8>, Vec<FileEntry>)> {
    let root = Node::Directory(BTreeMap::new());
    let listed = list(&root, tree)?;
    let packed = pack(&listed, sources)?;
    let home = sources.home.as_deref().and_then(|home| {
        let name = home.trim_start_matches('/');
        listed
            .iter()
            .position(|one| one.parent == 0 && one.name == name)
    });
    let mut writer = Writer::new(listed.len());
    writer.header(listed.len(), home.unwrap_or(0), sources);
    let mut entries = Vec::new();
    for (index, (one, content)) in listed.iter().zip(&packed).enumerate() {
        let before = writer.bytes.len();
        let children = (index == 0).then_some(&tree.root);
        let fields = writer.fields(one, children, content.as_ref())?;
        if let Some(content) = content {
            let stored = (writer.bytes.len() - before) as u64;
            entries.push(FileEntry {
                path: one.path.clone(),
                size: content.size,
                stored,
            });
        }
        let name = writer.name(one.name)?;
        writer.node(index, name, one, &fields);
        if writer.bytes.len() as u64 > LARGEST {
            let sizes = packed.iter().flatten().map(|content| content.bytes.len());
            return FilesError::TooLarge {
                path: sources.path.show_guest_path(&one.path),
                size: sizes.sum::<usize>() as u64,
                limit: LARGEST,
            }
            .raise();
        }
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok((writer.bytes, entries))
}

/// All nodes, the root first.
fn list<'t>(root: &'t Node, tree: &'t Tree) -> Result<Vec<Listed<'t>>> {
    let mut listed = vec![Listed {
        node: root,
        name: "",
        path: String::new(),
        parent: 0,
        first: 1,
    }];
    let mut directories: VecDeque<(usize, &BTreeMap<String, Node>)> =
        VecDeque::from([(0, &tree.root)]);
    while let Some((index, children)) = directories.pop_front() {
        listed[index].first = to_u32(listed.len())?;
        for (name, node) in children {
            if let Node::Directory(inner) = node {
                directories.push_back((listed.len(), inner));
            }
            let path = format!("{}/{name}", listed[index].path);
            listed.push(Listed {
                node,
                name,
                path,
                parent: to_u32(index)?,
                first: 0,
            });
        }
    }
    Ok(listed)
}

fn to_u32(count: usize) -> Result<u32> {
    u32::try_from(count).map_err(|_| FilesError::TooMany { count }.error())
}

/// The contents of the files among the nodes.
fn pack(listed: &[Listed<'_>], sources: &Sources<'_>) -> Result<Vec<Option<Packed>>> {
    listed
        .par_iter()
        .map(|one| match one.node {
            Node::File(host) => {
                // It may have grown since it was found.
                let bytes = files::read_real(host, LARGEST_FILE).map_err(|reason| {
                    let shown = sources.path.show_guest_path(&one.path);
                    anyhow::Error::from(files::unusable(&shown, reason))
                })?;
                Packed::new(bytes).map(Some)
            }
            Node::Directory(_) | Node::Link(_) | Node::Null => Ok(None),
        })
        .collect()
}

impl Packed {
    fn new(bytes: Vec<u8>) -> Result<Self> {
        let digest = Sha256::digest(&bytes).into();
        let size = bytes.len() as u64;
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder
            .write_all(&bytes)
            .context("failed to compress a file")?;
        let compressed = encoder.finish().context("failed to compress a file")?;
        // What hardly shrinks is stored as it is, and need not be decompressed.
        let is_compressed = compressed.len() + compressed.len() / 16 < bytes.len();
        let bytes = if is_compressed { compressed } else { bytes };
        Ok(Self {
            digest,
            size,
            bytes,
            is_compressed,
        })
    }
}

struct Fields {
    kind: u16,
    start: u32,
    length: usize,
    size: u64,
}

struct Writer<'t> {
    bytes: Vec<u8>,
    /// The places of names and contents: packages have the same ones in several directories.
    names: HashMap<&'t str, u32>,
    contents: HashMap<[u8; 32], u32>,
}

impl<'t> Writer<'t> {
    fn new(nodes: usize) -> Self {
        Self {
            bytes: vec![0; HEADER + NODE * nodes],
            names: HashMap::new(),
            contents: HashMap::new(),
        }
    }

    fn append(&mut self, bytes: &[u8]) -> Result<u32> {
        let start = to_u32(self.bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok(start)
    }

    fn name(&mut self, name: &'t str) -> Result<u32> {
        if let Some(start) = self.names.get(name) {
            return Ok(*start);
        }
        let start = self.append(name.as_bytes())?;
        self.names.insert(name, start);
        Ok(start)
    }

    /// A node's fields, with what they refer to appended. The root's children are not in its own node.
    fn fields(
        &mut self,
        listed: &Listed<'_>,
        children: Option<&BTreeMap<String, Node>>,
        content: Option<&Packed>,
    ) -> Result<Fields> {
        let empty = Fields {
            kind: FILE,
            start: 0,
            length: 0,
            size: 0,
        };
        Ok(match (listed.node, content) {
            (Node::Directory(own), _) => Fields {
                kind: DIRECTORY,
                start: listed.first,
                length: children.unwrap_or(own).len(),
                ..empty
            },
            (Node::Link(target), _) => Fields {
                kind: LINK,
                start: self.append(target.as_bytes())?,
                length: target.len(),
                ..empty
            },
            (Node::File(_), Some(content)) => self.content(content)?,
            (Node::Null, _) => Fields {
                kind: NULL,
                ..empty
            },
            (Node::File(_), None) => empty,
        })
    }

    fn content(&mut self, content: &Packed) -> Result<Fields> {
        let start = match self.contents.get(&content.digest) {
            Some(start) => *start,
            None => {
                let start = self.append(&content.bytes)?;
                self.contents.insert(content.digest, start);
                start
            }
        };
        Ok(Fields {
            kind: if content.is_compressed {
                COMPRESSED_FILE
            } else {
                FILE
            },
            start,
            length: content.bytes.len(),
            size: content.size,
        })
    }

    fn header(&mut self, nodes: usize, home: usize, sources: &Sources<'_>) {
        self.bytes[0..4].copy_from_slice(&(nodes as u32).to_le_bytes());
        self.bytes[4..8].copy_from_slice(&(home as u32).to_le_bytes());
        self.bytes[8..16].copy_from_slice(&sources.settings.tmp_size.to_le_bytes());
        self.bytes[16..20].copy_from_slice(&u32::from(sources.is_alone).to_le_bytes());
    }

    fn node(&mut self, index: usize, name: u32, listed: &Listed<'_>, fields: &Fields) {
        let at = HEADER + NODE * index;
        let mut node = Vec::with_capacity(NODE);
        node.extend(name.to_le_bytes());
        node.extend((listed.name.len() as u16).to_le_bytes());
        node.extend(fields.kind.to_le_bytes());
        node.extend(listed.parent.to_le_bytes());
        node.extend(fields.start.to_le_bytes());
        node.extend((fields.length as u32).to_le_bytes());
        node.extend((fields.size as u32).to_le_bytes());
        self.bytes[at..at + NODE].copy_from_slice(&node);
    }
}
