//! Finds the app's module in the search path, like Python's importer.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::links::Grounds;
use super::search_path::holds_installed;
use super::{Project, Root, SearchPath};
use crate::project::ProjectError;
use bindings::plan::is_identifier;
use ground::Mistake as _;
use ground::files;

/// The name of the app's module. If the app is given as the path of a file or a package, the directory with its outermost
/// package comes first on the search path, as for `python FILE`.
pub(super) fn named(app: &str, path: &mut SearchPath) -> Result<String> {
    let is_path =
        app.contains(['/', '\\']) || Path::new(app).extension().is_some_and(|end| end == "py");
    if !is_path {
        return Ok(app.to_owned());
    }
    let shown = Path::new(app);
    let refuse = |fault| ProjectError::AppFileUnusable {
        path: shown.to_owned(),
        fault,
    };
    let Ok(mut real) = fs_err::canonicalize(shown) else {
        return refuse("does not exist").raise();
    };
    let is_package = |directory: &Path| directory.join("__init__.py").is_file();
    if real.file_name().is_some_and(|name| name == "__init__.py") {
        real.pop();
    }
    if real.is_dir() && !is_package(&real) && !real.join("__main__.py").is_file() {
        return refuse("is a directory without an `__init__.py`").raise();
    }
    let mut names = Vec::new();
    let mut above = real.as_path();
    loop {
        let Some(name) = above
            .file_stem()
            .and_then(|name| name.to_str())
            .filter(|name| is_identifier(name))
        else {
            return refuse("has a name that is no Python name").raise();
        };
        names.push(name.to_owned());
        above = above.parent().unwrap_or(above);
        if !is_package(above) {
            break;
        }
    }
    names.reverse();
    let levels = names.len() + usize::from(shown.ends_with("__init__.py"));
    let root = shown
        .ancestors()
        .nth(levels)
        .filter(|root| *root != Path::new(""));
    path.put_first(above.to_owned(), root.unwrap_or(Path::new(".")).to_owned());
    Ok(names.join("."))
}

impl Project {
    /// Returns `true` if some root holds the first element of the app's dotted name. The guest's importer decides; this
    /// only reports the common mistake quickly.
    pub(super) fn holds_app(&self) -> bool {
        let first = self.app.split('.').next().unwrap_or(&self.app);
        self.path
            .roots
            .iter()
            .any(|root| root.modules().iter().any(|module| module == first))
    }

    /// The Python files of the app: its module, or all of its top-level package.
    pub(super) fn app_files(&self, root: &Root) -> Result<Vec<PathBuf>> {
        let first = self.app.split('.').next().unwrap_or(&self.app);
        root.python_files(first, &self.path.grounds)
    }
}

impl Root {
    /// The Python files of a top-level module: its file, or all of its package, unless that is a link that leads
    /// elsewhere.
    pub(super) fn python_files(&self, top: &str, grounds: &Grounds) -> Result<Vec<PathBuf>> {
        let package = self.host.join(top);
        let mut files = Vec::new();
        if package.is_dir() {
            if grounds.directory(self, &package).is_some() {
                collect_python(&package, &mut files)?;
            }
        } else {
            files.push(package.with_extension("py"));
        }
        Ok(files)
    }
}

impl Project {
    /// Returns `true` if a file of the app imports a module of this name, which is in none of its own directories.
    pub fn counts_on(&self, module: &str) -> bool {
        let own = || self.path.roots.iter().filter(|root| root.own);
        if own().any(|root| root.modules().iter().any(|other| other == module)) {
            return false;
        }
        let files = own().flat_map(|root| self.app_files(root).unwrap_or_default());
        imports(files, module)
    }
}

/// Returns `true` if one of these Python files imports the module.
pub fn imports(files: impl IntoIterator<Item = PathBuf>, module: &str) -> bool {
    let is_it = |name: String| {
        name.strip_prefix(module)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    files
        .into_iter()
        .filter_map(|file| files::read_text(&file, files::TEXT).ok())
        .any(|text| imported_names(&text).any(is_it))
}

/// The full module names in the imports of Python text.
pub(super) fn imported_names(text: &str) -> impl Iterator<Item = String> {
    text.lines().flat_map(names_in)
}

/// The names in one line.
fn names_in(line: &str) -> Vec<String> {
    let first_word = |text: &str| {
        let word = text.split_whitespace().next().unwrap_or_default();
        word.trim_end_matches(';').to_owned()
    };
    let line = line.trim_start();
    match line.strip_prefix("import ") {
        Some(names) => names.split(',').map(first_word).collect(),
        None => line
            .strip_prefix("from ")
            .map(first_word)
            .into_iter()
            .collect(),
    }
}

/// The error for an app that is not in the search path, with the modules that are, nearest first.
pub fn app_not_found(app: &str, path: &SearchPath) -> ProjectError {
    let own: Vec<&Root> = path.roots.iter().filter(|root| root.own).collect();
    let package = app.rsplit_once('.').map_or("", |(package, _)| package);
    let mut candidates: Vec<String> = own
        .iter()
        .flat_map(|root| root.modules_of(package))
        .collect();
    if candidates.is_empty() {
        candidates = own.iter().flat_map(|root| root.modules()).collect();
    }
    // Python would import `deps` as a package, but nobody means it.
    candidates.retain(|module| {
        let mut places = own.iter().map(|root| root.host.join(module));
        !places.any(|place| holds_installed(&place))
    });
    candidates.sort();
    candidates.dedup();
    candidates.sort_by_key(|module| strsim::damerau_levenshtein(module, app));
    ProjectError::AppNotFound {
        app: app.to_owned(),
        searched: own
            .iter()
            .map(|root| root.shown.display().to_string())
            .collect(),
        candidates,
    }
}

fn collect_python(directory: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let mut entries = Vec::new();
    for entry in fs_err::read_dir(directory)? {
        entries.push(entry?.path());
    }
    entries.sort();
    for entry in entries {
        // A link may lead back up. Python code is not usually linked, so nothing is lost.
        let is_link = entry.is_symlink();
        if entry.is_dir() && !is_link {
            collect_python(&entry, files)?;
        } else if entry.extension().is_some_and(|extension| extension == "py") && entry.is_file() {
            files.push(entry);
        }
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn packages_that_are_links_out_have_no_files() {
        let temporary = tempfile::tempdir().unwrap();
        let host = fs_err::canonicalize(temporary.path()).unwrap().join("root");
        let outside = host.with_file_name("outside");
        for directory in [&host.join("own"), &outside] {
            fs_err::create_dir_all(directory).unwrap();
            fs_err::write(directory.join("file.py"), "").unwrap();
        }
        for (link, target) in [("app", &outside), ("same", &host.join("own"))] {
            std::os::unix::fs::symlink(target, host.join(link)).unwrap();
        }
        let mut grounds = Grounds::default();
        grounds.add(&host);
        let root = Root {
            host: host.clone(),
            shown: host.clone(),
            guest: "/0".to_owned(),
            own: true,
            is_archive: false,
        };
        let files = |grounds: &Grounds, top: &str| root.python_files(top, grounds).unwrap().len();
        assert_eq!(files(&grounds, "own"), 1);
        assert_eq!(files(&grounds, "same"), 1);
        assert_eq!(files(&grounds, "app"), 0);
        grounds.add(&outside);
        assert_eq!(files(&grounds, "app"), 1);
    }
}
