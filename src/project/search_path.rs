//! The directories that the guest's `sys.path` is made of, each with the name it has in the guest.

use std::path::{Path, PathBuf};

use crate::ui::Ui;

/// One directory of the search path.
#[derive(Clone, Debug)]
pub struct Root {
    /// The directory, canonical.
    pub host: PathBuf,
    /// As the user typed it.
    pub shown: PathBuf,
    /// Its name in the guest, such as `/0`: the component must not tell where it was built.
    pub guest: String,
    /// Whether the user named it with `-p`, as opposed to site-packages.
    pub own: bool,
}

#[derive(Clone, Debug, Default)]
pub struct SearchPath {
    pub roots: Vec<Root>,
}

impl SearchPath {
    /// What `-p` names. A directory that is not there is reported and skipped.
    pub fn of_user(python_path: &[PathBuf], ui: &Ui) -> Self {
        let mut path = Self::default();
        for shown in python_path {
            match fs_err::canonicalize(shown) {
                Ok(host) if host.is_dir() => path.push(host, shown.clone(), true),
                Ok(_) => ui.warn(format!(
                    "`{}` is skipped: it is not a directory",
                    shown.display()
                )),
                Err(_) => ui.warn(format!(
                    "`{}` is skipped: it does not exist",
                    shown.display()
                )),
            }
        }
        path
    }

    /// Adds directories of installed packages, as far as they are there.
    pub fn append(&mut self, installed: Vec<PathBuf>) {
        for shown in installed {
            if let Ok(host) = fs_err::canonicalize(&shown)
                && host.is_dir()
            {
                self.push(host, shown, false);
            }
        }
    }

    fn push(&mut self, host: PathBuf, shown: PathBuf, own: bool) {
        if self.roots.iter().all(|root| root.host != host) {
            let guest = format!("/{}", self.roots.len());
            self.roots.push(Root {
                host,
                shown,
                guest,
                own,
            });
        }
    }

    /// The root that holds a module, and the module's file as the user would type it.
    pub fn module_file(&self, module: &str) -> Option<(&Root, PathBuf)> {
        let relative: PathBuf = module.split('.').collect();
        self.roots.iter().find_map(|root| {
            [relative.join("__init__.py"), relative.with_extension("py")]
                .into_iter()
                .find(|file| root.host.join(file).is_file())
                .map(|file| (root, root.show(&file)))
        })
    }

    /// Whether the first part of a dotted name is a module or a package somewhere.
    pub fn holds(&self, name: &str) -> bool {
        let top = name.split('.').next().unwrap_or(name);
        let is_there = |root: &Root| {
            let package = root.host.join(top);
            package.is_dir() || package.with_extension("py").is_file()
        };
        self.roots.iter().any(is_there)
    }

    /// Puts what the user typed in place of guest paths, in a traceback for example.
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

impl Root {
    /// A file below this root as the user would type it: `./app.py` is `app.py`.
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

    /// Modules and packages inside of a dotted package, with their full names, sorted.
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

/// The name under which Python would import this file or directory.
fn module_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let module = if path.is_dir() {
        // A directory without `__init__.py` is a package too, if there is any Python in it.
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
