//! The Python packages on the search path that have WIT of their own (`componentize-py.toml`).
//!
//! A package is only noted here, not judged: its faults matter only to builds that use it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::config::{self, Config, FILE_NAME, Place};
use super::links::Grounds;
use super::search_path::{Root, SearchPath};
use crate::project::ProjectError;
use ground::UserError;
use ground::files;

/// A package with WIT of its own.
#[derive(Debug)]
pub struct Package {
    /// Its Python name: the first element of the path below the root.
    pub module: String,
    pub content: Result<Content, UserError>,
}

#[derive(Clone, Debug)]
pub struct Content {
    /// Its WIT. A package may have only bindings and no WIT.
    pub wit_directory: Option<Shown>,
    /// `None` if the modules generated for it go to the world module.
    pub bindings: Option<Bindings>,
    pub config: Config,
}

/// A directory, and its form for messages.
#[derive(Clone, Debug)]
pub struct Shown {
    pub host: PathBuf,
    pub shown: PathBuf,
}

/// The place of a package's generated modules.
#[derive(Clone, Debug)]
pub struct Bindings {
    pub directory: PathBuf,
    grounds: Grounds,
    /// That directory in the guest, which the generated modules cover.
    pub guest: String,
    /// The same as a Python module, such as `spin_sdk.wit`.
    pub module: String,
}

impl Bindings {
    /// The modules of interfaces that the package ships below `package`, which is `imports` or `exports`, each with its
    /// text. The package's own code was written against these.
    pub fn shipped(&self, package: &str) -> Vec<(String, String)> {
        let files = sorted(&self.directory.join(package)).into_iter();
        let read = |file: &Path| {
            let below = file.strip_prefix(&self.directory).ok()?;
            let real = self.grounds.follow(&self.directory, below).ok()?;
            files::read_real_text(&real, files::TEXT).ok()
        };
        let modules = files.filter_map(|(name, file)| {
            let module = name
                .strip_suffix(".py")
                .filter(|name| *name != "__init__")?;
            Some((module.to_owned(), read(&file)?))
        });
        modules.collect()
    }
}

/// A `componentize-py.toml` before it is read.
struct Found {
    module: String,
    root: usize,
    file: PathBuf,
}

/// All packages of the search path, in its order; of two with the same name, the earlier.
pub fn find(path: &SearchPath) -> Vec<Package> {
    let mut found = Vec::new();
    for (index, root) in path.roots.iter().enumerate() {
        let mut visited = BTreeSet::new();
        for (name, entry) in sorted(&root.host) {
            if entry.is_dir() && is_module(&name) {
                let ground = (&path.grounds, root);
                collect(&entry, ground, &mut visited, &mut |file| {
                    if !lies_in_deeper_root(path, index, &file) {
                        found.push(Found {
                            module: name.clone(),
                            root: index,
                            file,
                        });
                    }
                });
            }
        }
    }
    let mut found = nearest(path, found);
    let mut packages: Vec<Package> = Vec::new();
    while !found.is_empty() {
        let (module, root) = (found[0].module.clone(), found[0].root);
        let (own, rest): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|one| one.module == module && one.root == root);
        found = rest;
        if packages.iter().all(|known| known.module != module) {
            packages.push(read(path, own));
        }
    }
    packages
}

/// Each file once: if links lead to it twice, it belongs to the root that it lies nearest to.
fn nearest(path: &SearchPath, found: Vec<Found>) -> Vec<Found> {
    let depth = |one: &Found| {
        one.file
            .strip_prefix(&path.roots[one.root].host)
            .map_or(0, |file| file.iter().count())
    };
    let mut kept: Vec<(PathBuf, Found)> = Vec::new();
    for one in found {
        let canonical = fs_err::canonicalize(&one.file).unwrap_or_else(|_| one.file.clone());
        match kept.iter_mut().find(|(known, _)| *known == canonical) {
            Some((_, known)) if depth(&one) < depth(known) => *known = one,
            Some(_) => {}
            None => kept.push((canonical, one)),
        }
    }
    kept.into_iter().map(|(_, one)| one).collect()
}

/// A nested root owns everything below it.
fn lies_in_deeper_root(path: &SearchPath, index: usize, file: &Path) -> bool {
    let own = &path.roots[index].host;
    path.roots
        .iter()
        .any(|root| root.host != *own && root.host.starts_with(own) && file.starts_with(&root.host))
}

/// Calls `found` with each config below a directory, in order of the names. Skips directories that cannot contain
/// modules, virtual environments, which may lie in a directory of the application's, and links that lead elsewhere.
fn collect(
    directory: &Path,
    ground: (&Grounds, &Root),
    visited: &mut BTreeSet<PathBuf>,
    found: &mut impl FnMut(PathBuf),
) {
    let (grounds, root) = ground;
    let Some(canonical) = grounds.directory(root, directory) else {
        // It is not read either, but a user who names the package is told why.
        let file = directory.join(FILE_NAME);
        if file.exists() {
            found(file);
        }
        return;
    };
    // A link may lead back up.
    if root.host.starts_with(&canonical) {
        return;
    }
    if !visited.insert(canonical) || directory.join("pyvenv.cfg").exists() {
        return;
    }
    for (name, entry) in sorted(directory) {
        if entry.is_dir() {
            if is_module(&name) {
                collect(&entry, ground, visited, found);
            }
        } else if name == FILE_NAME {
            found(entry);
        }
    }
}

fn sorted(directory: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = fs_err::read_dir(directory) else {
        return Vec::new();
    };
    let mut entries: Vec<(String, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.to_owned(), entry.path())))
        .collect();
    entries.sort();
    entries
}

/// Returns `true` if Python can import a directory of this name.
fn is_module(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|first| first == '_' || first.is_alphabetic())
        && chars.all(|char| char == '_' || char.is_alphanumeric())
        && name != "__pycache__"
}

/// The configs of one module, which may have only one.
fn read(path: &SearchPath, found: Vec<Found>) -> Package {
    let first = &found[0];
    let root = &path.roots[first.root];
    let show = |file: &Path| root.show(file.strip_prefix(&root.host).unwrap_or(file));
    let content = match found.get(1) {
        Some(second) => Err(ProjectError::ConfigTwice {
            module: first.module.clone(),
            first: show(&first.file),
            second: show(&second.file),
        }
        .into()),
        None => content(path, root, first, &show(&first.file)),
    };
    Package {
        module: first.module.clone(),
        content,
    }
}

fn content(
    path: &SearchPath,
    root: &Root,
    found: &Found,
    shown: &Path,
) -> Result<Content, UserError> {
    let text = path
        .grounds
        .read_text(root, &found.file)
        .map_err(|reason| files::unusable(shown, reason))?;
    let module = root.host.join(&found.module);
    let base = found.file.parent().unwrap_or(&module);
    let place = Place {
        shown,
        base,
        module: &module,
    };
    let config = config::parse(&place, &text)?;
    let bindings = config
        .bindings
        .clone()
        .map(|directory| bindings(path, root, base, directory, shown))
        .transpose()?;
    // The user's path, which is the real one unless the package lies in an archive.
    let shown_wit = |directory: &PathBuf| {
        let shown = match directory.strip_prefix(&root.host) {
            Ok(relative) => root.show(relative),
            Err(_) => directory.clone(),
        };
        let host = match root.is_archive {
            true => directory.clone(),
            false => shown.clone(),
        };
        Shown { host, shown }
    };
    Ok(Content {
        wit_directory: config.wit_directory.as_ref().map(shown_wit),
        bindings,
        config,
    })
}

fn bindings(
    path: &SearchPath,
    root: &Root,
    base: &Path,
    directory: PathBuf,
    shown: &Path,
) -> Result<Bindings, UserError> {
    let relative = below(&directory, &root.host, base).unwrap_or_default();
    let parts: Vec<&str> = relative.iter().filter_map(|part| part.to_str()).collect();
    if parts.is_empty() || !parts.iter().all(|part| is_module(part)) {
        return Err(ProjectError::ConfigPathNotModule {
            path: shown.to_owned(),
            value: relative.display().to_string(),
        }
        .into());
    }
    Ok(Bindings {
        guest: format!("{}/{}", root.guest, parts.join("/")),
        module: parts.join("."),
        directory,
        grounds: path.grounds.clone(),
    })
}

/// The path of a directory below the root, even if the package is reached through a link.
fn below(directory: &Path, root: &Path, base: &Path) -> Option<PathBuf> {
    if let Ok(relative) = directory.strip_prefix(root) {
        return Some(relative.to_owned());
    }
    let canonical = fs_err::canonicalize(base).ok()?;
    let inside = directory.strip_prefix(canonical).ok()?;
    Some(base.strip_prefix(root).ok()?.join(inside))
}
