//! The directories of the guest: the standard library and the generated modules from us, the others from the user.

use std::path::Path;

use anyhow::Result;

use super::views::{Place, Views};
use crate::artifacts::{Guest, IMPORTS, RUNTIME_MODULES, STDLIB_ZIP};
use crate::bindgen::PyTree;
use crate::emit;
use crate::preinit::Mount;
use crate::project::{self, OverlayContent, Root, SearchPath};
use crate::scratch::Scratch;

/// The directories that come from us.
pub struct GuestDisk<'a> {
    directory: &'a Path,
    /// Each over a directory of the user's.
    overlays: Vec<Mount>,
    has_last: bool,
}

impl<'a> GuestDisk<'a> {
    const PYTHON: &'static str = "python";
    const BINDINGS: &'static str = "bindings";
    const LAST: &'static str = "last";

    pub fn new(
        scratch: &'a Scratch,
        guest: &Guest,
        tree: &PyTree,
        views: &Views,
        path: &SearchPath,
    ) -> Result<Self> {
        let root = scratch.path();
        let python = root.join(Self::PYTHON);
        fs_err::create_dir(&python)?;
        fs_err::write(python.join(STDLIB_ZIP), &guest.stdlib_zip)?;
        fs_err::write(python.join(IMPORTS), &guest.imports)?;

        let mut bindings = tree.clone();
        let mut overlays = Vec::new();
        for (index, user_root) in path.roots.iter().enumerate() {
            overlays.extend(links(&root.join(format!("links-{index}")), user_root)?);
        }
        let mut has_last = false;
        for (index, (place, module)) in views.places.iter().zip(&views.plan.packages).enumerate() {
            let prefix = format!("{}/", module.directory());
            match place {
                Place::Bindings => {}
                Place::Package { guest } => {
                    let host = root.join(format!("package-{index}"));
                    emit::write_tree(&take_below(&mut bindings, &prefix, ""), &host)?;
                    // What the package ships there may be an overlay already.
                    overlays.retain(|mount: &Mount| {
                        mount.guest != *guest && !mount.guest.starts_with(&format!("{guest}/"))
                    });
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
            directory: root,
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
            host: self.directory.join(name),
            guest: format!("/{name}"),
        });
        let theirs = path.roots.iter().map(|root| Mount {
            host: root.host.clone(),
            guest: root.guest.clone(),
        });
        let covered = |mount: &Mount| {
            self.overlays
                .iter()
                .any(|overlay| overlay.guest == mount.guest)
        };
        ours.chain(theirs.filter(|mount| !covered(mount)))
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

/// What links in a root of the user's lead to, made ready to be mounted over them.
fn links(temporary: &Path, root: &Root) -> Result<Vec<Mount>> {
    let mut mounts = Vec::new();
    for (index, overlay) in project::overlays(&root.host).into_iter().enumerate() {
        let host = match overlay.content {
            OverlayContent::Directory(host) => host,
            OverlayContent::Copies { files, directories } => {
                let host = temporary.join(index.to_string());
                for directory in directories
                    .iter()
                    .map(|below| host.join(below))
                    .chain([host.clone()])
                {
                    fs_err::create_dir_all(directory)?;
                }
                for (below, file) in files {
                    // A link that leads nowhere is as good as no file.
                    if file.is_file() {
                        fs_err::copy(file, host.join(below))?;
                    }
                }
                host
            }
        };
        let guest = match overlay.below.as_str() {
            "" => root.guest.clone(),
            below => format!("{}/{below}", root.guest),
        };
        mounts.push(Mount { host, guest });
    }
    Ok(mounts)
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
