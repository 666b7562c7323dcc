//! The parts of a component and their sizes (`--report`).
//!
//! Comes in: the finished file, the linker's data about the libraries in it, and Python's memory in a separate run.
//! Goes out: [`Report`], which `serde` and [`Report::text`] print. The parts of the file add up to its size exactly.

mod contents;
mod python;
mod text;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::contract::MeasuredItem;
pub use crate::files::FileEntry;
use contents::Contents;
use merge::Sizes;
pub use python::{Module, Package, Python};

/// All sizes are bytes. `total` is the sum of `libraries`, `snapshot.heap`, `snapshot.files` and `other`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The size of the file.
    pub total: u64,
    /// The libraries, largest first.
    pub libraries: Vec<LibrarySize>,
    /// The memory that the component starts with.
    pub snapshot: Snapshot,
    /// Parts that belong neither to a library nor to the heap.
    pub other: Other,
    /// The memory of Python, by module and by package.
    pub python: Python,
    /// The files inside the component, largest first.
    pub files: Vec<FileEntry>,
}

/// The size of a library in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LibrarySize {
    /// Its name, such as `libc.so`.
    pub name: String,
    /// Bytes of its function bodies.
    pub code: u64,
    /// Stored bytes of its static variables; zeros are not stored.
    pub data: u64,
}

/// The memory that a component starts with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// All of it, stored or not.
    pub memory: u64,
    /// The same in pages of 64 KiB.
    pub pages: u64,
    /// Pages with stored bytes.
    pub stored_pages: u64,
    /// Stored bytes of static variables: those of the libraries, and `other.data`.
    pub static_data: u64,
    /// Stored bytes of the heap, mostly Python's objects.
    pub heap: u64,
    /// Stored bytes of the files inside the component.
    pub files: u64,
}

/// Parts that belong neither to a library nor to the heap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Other {
    /// Functions of the linker, which connect libraries with each other and with the host.
    pub code: u64,
    /// Tables for `dlopen`.
    pub data: u64,
    /// Types, imports, exports, tables and names in core modules.
    pub sections: u64,
    /// The component around the core modules: types of the world, adapters, metadata.
    pub component: u64,
}

/// The archive of the files, and its entries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Archive {
    pub size: u64,
    pub entries: Vec<FileEntry>,
}

impl Archive {
    fn largest_first(self) -> Vec<FileEntry> {
        let mut entries = self.entries;
        // Files of the same size stay in the order of their paths.
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.stored));
        entries
    }
}

impl Report {
    pub(crate) fn new(
        component: &[u8],
        sizes: &Sizes,
        measured: Vec<MeasuredItem>,
        archive: Archive,
    ) -> Result<Self> {
        let contents = Contents::read(component)?;
        let mut libraries: Vec<LibrarySize> = sizes
            .libraries
            .iter()
            .map(|library| LibrarySize {
                name: library.name.clone(),
                code: library.code,
                data: contents
                    .stored_between(library.memory.start.into(), library.memory.end.into()),
            })
            .collect();
        libraries.sort_by(|a, b| (b.code + b.data, &a.name).cmp(&(a.code + a.data, &b.name)));
        let above = contents.stored_between(sizes.heap_base.into(), u64::MAX);
        let heap = above.saturating_sub(archive.size);
        let static_data = contents.stored() - above;
        let left = |all: u64, parts: fn(&LibrarySize) -> u64| {
            all.checked_sub(libraries.iter().map(parts).sum())
                .context("the component holds less than its libraries")
        };
        let other = Other {
            code: left(contents.code, |library| library.code)?,
            data: left(static_data, |library| library.data)?,
            sections: contents.modules - contents.code - contents.stored(),
            component: component.len() as u64 - contents.modules,
        };
        Ok(Self {
            total: component.len() as u64,
            libraries,
            snapshot: Snapshot {
                memory: contents.pages * contents::PAGE,
                pages: contents.pages,
                stored_pages: contents.stored_pages(),
                static_data,
                heap,
                files: above - heap,
            },
            other,
            python: Python::new(measured),
            files: archive.largest_first(),
        })
    }

    /// One JSON document: the fields of this struct, sizes in bytes.
    pub fn json(&self) -> Result<String> {
        serde_json::to_string_pretty(self).context("failed to print the report")
    }
}
