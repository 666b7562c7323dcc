//! The files inside the component: those of the application, and of the packages that it can import.
//!
//! Comes in: the guest's wishes after the app's import, the search path and the user's patterns. Goes out: [`Files`], an
//! archive that the guest's C library reads (`python-stdlib/libc`).

mod archive;
mod error;
mod metadata;
mod patterns;
mod tree;
mod walk;

use anyhow::Result;

use crate::artifacts::Guest;
use crate::preinit::Mount;
use crate::project::SearchPath;
use crate::settings::FileSettings;
use ground::files::Unusable;

pub use archive::FileEntry;
pub use patterns::Patterns;
use tree::{Node, Tree};

/// The archive, and an account of it.
pub struct Files {
    pub archive: Vec<u8>,
    /// The files, in the order of their paths.
    pub entries: Vec<FileEntry>,
    /// Files that are left out though nobody asked for that, by their path in the guest.
    pub refused: Vec<(String, Unusable)>,
    /// Files with private keys, by their path in the guest: they are left out, too.
    pub secrets: Vec<String>,
    /// Patterns of the user's that no file matches.
    pub idle_patterns: Vec<String>,
}

/// The places that files are taken from.
pub struct Sources<'a> {
    pub path: &'a SearchPath,
    pub mounts: &'a [Mount],
    /// Names that change from build to build: the component's own file.
    pub hidden: &'a [String],
    pub settings: &'a FileSettings,
    pub patterns: &'a Patterns,
    /// No call of WASI may be made at run time.
    pub is_alone: bool,
    /// The guest path of the directory with the application.
    pub home: Option<String>,
    /// Knows the modules of the standard library.
    pub guest: &'a Guest,
}

impl Sources<'_> {
    /// The archive with the files that the guest wants: directories, which it wants whole, and single files.
    pub fn collect(&self, wanted: &[String]) -> Result<Files> {
        let mut walk = walk::Walk::new(self);
        for path in wanted {
            walk.take(path)?;
        }
        metadata::take(self, &mut walk, wanted)?;
        walk.take_included()?;
        self.link_zones(&mut walk.tree);
        walk.tree.insert("/dev/null", Node::Null);
        self.note_modules(wanted);
        let idle_patterns = self.patterns.idle();
        let (archive, entries) = archive::write(&walk.tree, self)?;
        Ok(Files {
            archive,
            entries,
            refused: walk.refused,
            secrets: walk.secrets,
            idle_patterns,
        })
    }

    /// Puts the time zones of `tzdata` where `time.tzset` and C code look for them.
    fn link_zones(&self, tree: &mut Tree) {
        let mut roots = self.path.roots.iter();
        let zones = roots.find_map(|root| {
            let zones = format!("{}/tzdata/zoneinfo", root.guest);
            tree.has_directory(&zones).then_some(zones)
        });
        if let Some(zones) = zones {
            tree.insert("/usr/share/zoneinfo", Node::Link(zones));
        }
    }

    /// Notes the user's patterns that are names of modules in the component.
    fn note_modules(&self, wanted: &[String]) {
        let names = self.patterns.modules();
        if names.is_empty() {
            return; // as in most builds: then the standard library need not be listed
        }
        let stdlib = self.guest.stdlib_modules();
        for name in names {
            let top = name.split('.').next().unwrap_or(&name);
            let is_there = |path: &String| {
                let last = path.rsplit('/').next().unwrap_or(path);
                last == top || last.strip_suffix(".py") == Some(top)
            };
            if stdlib.contains(top) || wanted.iter().any(is_there) {
                self.patterns.note_used(&name);
            }
        }
    }
}
