//! The directories of the guest: the standard library and the generated modules come from the tool, the others from the
//! user.

use std::path::PathBuf;

use anyhow::Result;

use super::views::{Place, Views};
use crate::artifacts::{Guest, IMPORTS, RUNTIME_MODULES, STDLIB_ZIP};
use crate::emit;
use crate::preinit::Mount;
use crate::project::SearchPath;
use crate::scratch::Scratch;
use bindings::bindgen::PyTree;

/// The directories that come from the tool.
pub struct GuestDisk {
    /// The real path of their parent directory.
    root: PathBuf,
    /// Each is mounted over a directory of the user's.
    overlays: Vec<Mount>,
    has_last: bool,
}

impl GuestDisk {
    const PYTHON: &str = "python";
    const BINDINGS: &str = "bindings";
    const LAST: &str = "last";

    pub fn new(scratch: &Scratch, guest: &Guest, tree: &PyTree, views: &Views) -> Result<Self> {
        let root = &fs_err::canonicalize(scratch.path())?;
        let python = root.join(Self::PYTHON);
        fs_err::create_dir(&python)?;
        fs_err::write(python.join(STDLIB_ZIP), &guest.stdlib_zip)?;
        fs_err::write(python.join(IMPORTS), &guest.imports)?;

        let mut bindings = tree.clone();
        let mut overlays = Vec::new();
        let mut has_last = false;
        for (index, (place, module)) in views.places.iter().zip(&views.plan.packages).enumerate() {
            let prefix = format!("{}/", module.directory());
            match place {
                Place::Bindings => {}
                Place::Package { guest } => {
                    let host = root.join(format!("package-{index}"));
                    emit::write_tree(&take_below(&mut bindings, &prefix, ""), &host)?;
                    overlays.push(Mount {
                        host,
                        guest: guest.clone(),
                    });
                }
                Place::Last => {
                    has_last = true;
                    let last = take_below(&mut bindings, &prefix, &prefix);
                    emit::write_tree(&last, &root.join(Self::LAST))?;
                }
            }
        }
        let bindings_directory = root.join(Self::BINDINGS);
        emit::write_tree(&bindings, &bindings_directory)?;
        for (name, text) in RUNTIME_MODULES {
            fs_err::write(bindings_directory.join(name), text)?;
        }
        Ok(Self {
            root: root.clone(),
            overlays,
            has_last,
        })
    }

    fn ours(&self) -> Vec<&'static str> {
        let last = self.has_last.then_some(Self::LAST);
        [Self::PYTHON, Self::BINDINGS]
            .into_iter()
            .chain(last)
            .collect()
    }

    pub fn mounts(&self, path: &SearchPath) -> Vec<Mount> {
        let ours = self.ours().into_iter().map(|name| Mount {
            host: self.root.join(name),
            guest: format!("/{name}"),
        });
        let theirs = path.roots.iter().map(|root| Mount {
            host: root.host.clone(),
            guest: root.guest.clone(),
        });
        ours.chain(theirs)
            .chain(self.overlays.iter().cloned())
            .collect()
    }

    /// `sys.path`: bindings, the user's own directories, the standard library, installed packages.
    pub fn search_path(&self, path: &SearchPath) -> Vec<String> {
        let roots = |own: bool| {
            let roots = path.roots.iter().filter(move |root| root.own == own);
            roots.map(|root| root.guest.clone())
        };
        std::iter::once(format!("/{}", Self::BINDINGS))
            .chain(roots(true))
            .chain(std::iter::once(format!("/{}/{STDLIB_ZIP}", Self::PYTHON)))
            .chain(roots(false))
            .chain(self.has_last.then(|| format!("/{}", Self::LAST)))
            .collect()
    }
}

/// Takes the files whose paths start with `prefix` out of a tree, with another prefix in its place.
fn take_below(tree: &mut PyTree, prefix: &str, new: &str) -> PyTree {
    let files = std::mem::take(&mut tree.files);
    let mut taken = PyTree::default();
    for (path, text) in files {
        match path.strip_prefix(prefix) {
            Some(rest) => taken.files.insert(format!("{new}{rest}"), text),
            None => tree.files.insert(path, text),
        };
    }
    taken
}
