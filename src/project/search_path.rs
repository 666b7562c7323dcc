//! The directories, and unpacked archives, of the guest's `sys.path`, each with its name in the guest.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::archive::Archive;
use super::editable::Editable;
use super::links::Grounds;
use super::site_packages::Found;
use crate::scratch::Scratch;
use ground::ui::Ui;

/// One directory of the search path.
#[derive(Clone, Debug)]
pub struct Root {
    /// The directory, canonical.
    pub host: PathBuf,
    /// The path that the user typed.
    pub shown: PathBuf,
    /// Its name in the guest, such as `/0`: the component must not reveal where it was built.
    pub guest: String,
    /// `true` if the user named it with `-p`, unlike site-packages.
    pub own: bool,
    /// `true` if it is an archive, which is unpacked in `host`.
    pub is_archive: bool,
}

#[derive(Clone, Debug, Default)]
pub struct SearchPath {
    pub roots: Vec<Root>,
    /// The directories that links may lead into: any root, among others.
    pub grounds: Grounds,
}

impl SearchPath {
    /// The paths of `-p`. Missing ones are reported and skipped.
    pub fn of_user(
        python_path: &[PathBuf],
        grounds: Grounds,
        scratch: &Scratch,
        ui: &Ui,
    ) -> Result<Self> {
        let mut path = Self {
            roots: Vec::new(),
            grounds,
        };
        for shown in python_path {
            if let Some(archive) = Archive::at(shown) {
                path.add_archive(&archive, shown, scratch, ui)?;
                continue;
            }
            match fs_err::canonicalize(shown) {
                Ok(host) if host.is_dir() => path.push(host, shown.clone(), true),
                Ok(_) => ui.warn(format!(
                    "`{}` is skipped: it is neither a directory nor a ZIP archive",
                    shown.display()
                )),
                Err(_) => ui.warn(format!(
                    "`{}` is skipped: it does not exist",
                    shown.display()
                )),
            }
        }
        Ok(path)
    }

    fn add_archive(
        &mut self,
        archive: &Archive,
        shown: &Path,
        scratch: &Scratch,
        ui: &Ui,
    ) -> Result<()> {
        let directory = scratch.path().join(format!("archive-{}", self.roots.len()));
        fs_err::create_dir(&directory)?;
        archive.unpack(&directory)?;
        if let Some(platform) = archive.foreign_platform() {
            ui.warn(format!(
                "`{}` is built for `{platform}`: its Python is used, its compiled files cannot be",
                archive.file.display()
            ));
        }
        match fs_err::canonicalize(directory.join(&archive.inner)) {
            Ok(host) if host.is_dir() => {
                self.push(host, shown.to_owned(), true);
                if let Some(root) = self.roots.last_mut() {
                    root.is_archive = true;
                }
            }
            _ => ui.warn(format!(
                "`{}` is skipped: there is no such directory in the archive",
                shown.display()
            )),
        }
        Ok(())
    }

    /// Adds existing directories of installed packages, and the directories that their `.pth` files name.
    pub fn append(&mut self, installed: Found, scratch: &Scratch, ui: &Ui) {
        let mut editable = Vec::new();
        for shown in installed.directories {
            if let Ok(host) = fs_err::canonicalize(&shown)
                && host.is_dir()
            {
                editable.push((
                    host.clone(),
                    Editable::read(&host, installed.within.as_deref()),
                ));
                self.push(host, shown, false);
            }
        }
        for (site_packages, editable) in editable {
            self.add_editable(&site_packages, editable, scratch, ui);
        }
    }

    fn add_editable(
        &mut self,
        site_packages: &Path,
        editable: Editable,
        scratch: &Scratch,
        ui: &Ui,
    ) {
        for file in editable.not_understood {
            ui.warn(format!(
                "`{}` is skipped: it is code; name what it makes importable with `-p/--python-path`",
                file.display()
            ));
        }
        for path in editable.outside {
            ui.warn(format!(
                "`{}` is skipped: `.venv` names it, and it lies elsewhere; name it with `-p/--python-path`",
                path.display()
            ));
        }
        let mut holders = vec![site_packages.to_owned()];
        for shown in editable.directories {
            if let Ok(host) = fs_err::canonicalize(&shown) {
                holders.push(host.clone());
                self.push(host, shown, false);
            }
        }
        for project in &editable.projects {
            for holder in &holders {
                self.grounds.add_from(project, Some(holder.clone()));
            }
        }
        if let Err(error) = self.add_modules(editable.modules, scratch) {
            ui.warn(format!("editable installs are skipped: {error}"));
        }
    }

    /// Single modules whose neighbours are not importable: makes a directory with a link to each.
    fn add_modules(
        &mut self,
        modules: Vec<(String, PathBuf)>,
        scratch: &Scratch,
    ) -> std::io::Result<()> {
        let Some(shown) = modules.first().and_then(|(_, path)| path.parent()) else {
            return Ok(());
        };
        let directory = scratch.path().join(format!("modules-{}", self.roots.len()));
        fs_err::create_dir(&directory)?;
        let host = fs_err::canonicalize(directory)?;
        for (name, path) in &modules {
            let mut link: PathBuf = name
                .split('.')
                .fold(host.clone(), |path, part| path.join(part));
            if path.is_file() {
                link.set_extension("py");
            }
            if let Some(parent) = link.parent() {
                fs_err::create_dir_all(parent)?;
            }
            link_to(path, &link)?;
            self.grounds.add_from(path, Some(host.clone()));
        }
        self.push(host, shown.to_owned(), false);
        Ok(())
    }

    /// The guest's names of the user's directories where an installer like pip has put packages.
    pub fn installed(&self) -> Vec<String> {
        let own = self.roots.iter().filter(|root| root.own);
        let installed = own.filter(|root| root.holds_installed());
        installed.map(|root| root.guest.clone()).collect()
    }

    /// Returns `true` if an installer like pip has put packages into one of the user's directories. A wheel contains
    /// only itself, and not its dependencies.
    pub fn holds_installed(&self) -> bool {
        self.roots
            .iter()
            .any(|root| root.own && !root.is_archive && root.holds_installed())
    }

    pub(super) fn push(&mut self, host: PathBuf, shown: PathBuf, own: bool) {
        if self.roots.iter().all(|root| root.host != host) {
            let guest = format!("/{}", self.roots.len());
            self.grounds.add(&host);
            self.roots.push(Root {
                host,
                shown,
                guest,
                own,
                is_archive: false,
            });
        }
    }

    /// Puts a directory of the user's before the others, or moves it there.
    pub fn put_first(&mut self, host: PathBuf, shown: PathBuf) {
        self.push(host.clone(), shown, true);
        if let Some(at) = self.roots.iter().position(|root| root.host == host) {
            self.roots[..=at].rotate_right(1);
        }
    }

    /// The root that contains a module, and the user's path of the module's file.
    pub fn module_file(&self, module: &str) -> Option<(&Root, PathBuf)> {
        let relative: PathBuf = module.split('.').collect();
        self.roots.iter().find_map(|root| {
            [relative.join("__init__.py"), relative.with_extension("py")]
                .into_iter()
                .find(|file| root.host.join(file).is_file())
                .map(|file| (root, root.show(&file)))
        })
    }

    /// Returns `true` if the first part of a dotted name is a module or a package somewhere.
    pub fn holds(&self, name: &str) -> bool {
        let top = name.split('.').next().unwrap_or(name);
        let is_there = |root: &Root| {
            let package = root.host.join(top);
            package.is_dir() || package.with_extension("py").is_file()
        };
        self.roots.iter().any(is_there)
    }

    /// The user's path of a file in the guest.
    pub fn show_guest_path(&self, guest: &str) -> PathBuf {
        let shown = self.roots.iter().find_map(|root| {
            let below = guest.strip_prefix(&root.guest)?;
            (below.is_empty() || below.starts_with('/'))
                .then(|| root.show(Path::new(below.trim_start_matches('/'))))
        });
        shown.unwrap_or_else(|| PathBuf::from(guest))
    }

    /// Replaces guest paths by the user's paths, in a traceback for example.
    pub fn show_guest_paths(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        for root in &self.roots {
            let mut prefix = root.show(Path::new("")).display().to_string();
            if !prefix.is_empty() && !prefix.ends_with('/') {
                prefix.push('/');
            }
            for before in ["\"", "'", "(", ": "] {
                shown = shown.replace(
                    &format!("{before}{}/", root.guest),
                    &format!("{before}{prefix}"),
                );
            }
        }
        shown
    }
}

/// Links to a file or directory.
fn link_to(target: &Path, link: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::symlink(target, link);
    #[cfg(windows)]
    if target.is_dir() {
        std::os::windows::fs::symlink_dir(target, link)
    } else {
        std::os::windows::fs::symlink_file(target, link)
    }
}

impl Root {
    /// Returns `true` if an installer like pip has put packages there.
    pub fn holds_installed(&self) -> bool {
        holds_installed(&self.host)
    }

    /// The user's path of a file below this root: `./app.py` is `app.py`.
    pub fn show(&self, file: &Path) -> PathBuf {
        let path = self.shown.join(file);
        match path.strip_prefix(".") {
            Ok(rest) => rest.to_owned(),
            Err(_) => path,
        }
    }

    /// Top-level modules and packages, sorted.
    pub fn modules(&self) -> Vec<String> {
        self.modules_of("")
    }

    /// Modules and packages inside a dotted package, with their full names, sorted.
    pub fn modules_of(&self, package: &str) -> Vec<String> {
        let directory = package
            .split('.')
            .fold(self.host.clone(), |path, part| path.join(part));
        let Ok(entries) = fs_err::read_dir(directory) else {
            return Vec::new();
        };
        let mut modules: Vec<String> = entries
            .flatten()
            .filter_map(|entry| module_name(&entry.path()))
            .map(|name| {
                if package.is_empty() {
                    name
                } else {
                    format!("{package}.{name}")
                }
            })
            .collect();
        modules.sort();
        modules.dedup();
        modules
    }
}

/// Returns `true` if an installer like pip has put packages into the directory.
pub fn holds_installed(directory: &Path) -> bool {
    let entries = fs_err::read_dir(directory).into_iter().flatten().flatten();
    let mut names = entries.map(|entry| entry.file_name());
    names.any(|name| name.to_string_lossy().ends_with(".dist-info"))
}

/// The name under which Python would import this file or directory.
fn module_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let module = if path.is_dir() {
        // A directory without `__init__.py` is a package too, if it contains any Python.
        let has_python = fs_err::read_dir(path).ok()?.flatten().any(|entry| {
            entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "py")
                || entry.path().is_dir()
        });
        has_python.then_some(name)?
    } else {
        name.strip_suffix(".py")?
    };
    let is_identifier = module
        .chars()
        .enumerate()
        .all(|(index, c)| c == '_' || c.is_alphabetic() || (index > 0 && c.is_alphanumeric()));
    (is_identifier && !module.starts_with("__")).then(|| module.to_owned())
}
