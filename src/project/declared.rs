//! The dependencies that a project declares, and the directory in which `install` puts them.
//!
//! Comes in: a directory. Goes out: the file in it that names the dependencies, and which of them the search path lacks. Only
//! names are read here; what they mean is for pip and uv.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ground::files;

use super::{Root, SearchPath};

/// The name of the directory that `install` fills by default.
pub const DEPS: &str = "deps";
/// The file in it that `install` has written. Hidden files do not get into components.
pub const STAMP: &str = ".componentize-py-installed";

/// The kind of a file that declares dependencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `pylock.toml` (PEP 751).
    Lock,
    /// `uv.lock`, beside its `pyproject.toml`.
    UvLock,
    /// `pyproject.toml` (PEP 621, PEP 735).
    Project,
    /// The requirements of pip.
    Requirements,
}

impl Form {
    /// The form of a file, by its name.
    pub fn of(file: &Path) -> Self {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let is_toml = file.extension().is_some_and(|end| end == "toml");
        match &*name {
            "uv.lock" => Self::UvLock,
            _ if is_toml && (name == "pylock.toml" || name.starts_with("pylock.")) => Self::Lock,
            _ if is_toml => Self::Project,
            _ => Self::Requirements,
        }
    }
}

/// The file that declares the dependencies of a project: the most exact one.
pub fn of_project(directory: &Path) -> Option<PathBuf> {
    let at = |name: &str| Some(directory.join(name)).filter(|file| file.is_file());
    let project = at("pyproject.toml");
    let declares = |file: &PathBuf| {
        let table = toml_of(file).unwrap_or_default();
        let is_dynamic = dynamic(&table);
        let project = table.get("project").and_then(toml::Value::as_table);
        let lists = |key: &str| project.is_some_and(|project| project.contains_key(key));
        !is_dynamic && (lists("dependencies") || lists("optional-dependencies"))
            || table.contains_key("dependency-groups")
    };
    at("pylock.toml")
        .or_else(|| project.as_ref().and_then(|_| at("uv.lock")))
        .or_else(|| project.clone().filter(declares))
        .or_else(|| at("requirements.txt"))
        // It cannot be used, and the error says why.
        .or(project)
}

/// Returns `true` if only the project's build system knows the dependencies.
pub fn dynamic(table: &toml::Table) -> bool {
    let list = table.get("project").and_then(|one| one.get("dynamic"));
    let list = list.and_then(toml::Value::as_array);
    list.is_some_and(|list| list.iter().any(|one| one.as_str() == Some("dependencies")))
}

fn toml_of(file: &Path) -> Option<toml::Table> {
    files::read_text(file, files::TEXT).ok()?.parse().ok()
}

/// A name as indexes compare them (PEP 503).
pub fn normal(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_lowercase()
}

/// The name at the start of a requirement (PEP 508); `None` for options and paths.
pub fn name_in(requirement: &str) -> Option<&str> {
    let requirement = requirement.trim();
    let is_part = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
    let end = requirement
        .find(|char| !is_part(char))
        .unwrap_or(requirement.len());
    let (name, rest) = requirement.split_at(end);
    let begins = name.starts_with(|char: char| char.is_ascii_alphanumeric());
    // A path goes on with a slash, and a URL with a colon.
    (begins && !rest.starts_with(['/', '\\', ':'])).then_some(name)
}

/// The names that a file declares for every platform.
fn names(file: &Path) -> Vec<String> {
    let lines: Vec<String> = match Form::of(file) {
        Form::Requirements => {
            let text = files::read_text(file, files::TEXT).unwrap_or_default();
            text.lines().map(str::to_owned).collect()
        }
        Form::UvLock => return names(&file.with_file_name("pyproject.toml")),
        Form::Project => {
            let table = toml_of(file).unwrap_or_default();
            let list = table.get("project").and_then(|one| one.get("dependencies"));
            strings(list)
        }
        Form::Lock => {
            let table = toml_of(file).unwrap_or_default();
            let packages = table.get("packages").and_then(toml::Value::as_array);
            let packages = packages.into_iter().flatten();
            let always = packages.filter(|package| package.get("marker").is_none());
            let named = always.filter_map(|package| package.get("name")?.as_str());
            named.map(str::to_owned).collect()
        }
    };
    let always = lines.iter().filter(|line| !line.contains(';'));
    let named = always.filter_map(|line| name_in(line));
    named.map(str::to_owned).collect()
}

/// The strings of a list in TOML.
pub fn strings(list: Option<&toml::Value>) -> Vec<String> {
    let list = list.and_then(toml::Value::as_array).into_iter().flatten();
    list.filter_map(|one| one.as_str().map(str::to_owned))
        .collect()
}

/// The dependencies of a project that are not on the search path, and how to get them there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The file that declares them.
    pub file: PathBuf,
    /// Names as declared; none if all are there, so that only others can be missing.
    pub names: Vec<String>,
    /// The command that installs them.
    pub command: String,
}

impl SearchPath {
    /// The declared dependencies that are missing, if a project lies in one of the user's directories.
    pub fn missing(&self) -> Option<Missing> {
        let (shown, file) = self
            .own_directories()
            .filter(|root| !root.holds_installed())
            .find_map(|root| Some((&root.shown, of_project(&root.host)?)))?;
        let installed: BTreeSet<String> = self
            .roots
            .iter()
            .flat_map(|root| files::entries(&root.host))
            .filter_map(|(name, _)| {
                let (name, _) = name.strip_suffix(".dist-info")?.split_once('-')?;
                Some(normal(name))
            })
            .collect();
        let mut names = names(&file);
        names.retain(|name| !installed.contains(&normal(name)));
        let command = match shown.to_str() {
            Some(".") => "componentize-py install".to_owned(),
            _ => format!("componentize-py install {}", shown.display()),
        };
        let file = shown.join(file.file_name().unwrap_or_default());
        Some(Missing {
            file: file.strip_prefix(".").unwrap_or(&file).to_owned(),
            names,
            command,
        })
    }

    /// Adds the directories that `install` has made in the user's, as if they were named last.
    pub fn add_deps(&mut self) {
        let deps: Vec<(PathBuf, PathBuf)> = self
            .own_directories()
            .map(|root| (root.host.join(DEPS), root.shown.join(DEPS)))
            .filter(|(host, _)| is_made(host))
            .collect();
        for (host, shown) in deps {
            let shown = shown.strip_prefix(".").unwrap_or(&shown).to_owned();
            self.push(host, shown, true);
        }
    }

    fn own_directories(&self) -> impl Iterator<Item = &Root> {
        let is_own = |root: &&Root| root.own && !root.is_archive;
        self.roots.iter().filter(is_own)
    }
}

/// Returns `true` for a directory that `install` has made. A link is not one.
fn is_made(directory: &Path) -> bool {
    let is_directory = directory
        .symlink_metadata()
        .is_ok_and(|found| found.is_dir());
    is_directory && directory.join(STAMP).is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_requirements() {
        for (line, name) in [
            ("Flask", Some("Flask")),
            (" pydantic>=2 ", Some("pydantic")),
            ("zope.interface[test] ~= 6", Some("zope.interface")),
            ("own @ https://host/own.whl", Some("own")),
            ("-r other.txt", None),
            ("# Flask", None),
            ("./lib", None),
            ("lib/own", None),
            ("https://host/own.whl", None),
            ("", None),
        ] {
            assert_eq!(name_in(line), name, "{line}");
        }
        assert_eq!(normal("Zope_.Interface"), "zope-interface");
    }

    #[test]
    fn the_most_exact_file_counts() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = temporary.path();
        let write = |name: &str, text: &str| fs_err::write(directory.join(name), text).unwrap();
        let found = || {
            let file = of_project(directory)?;
            Some(file.file_name()?.to_str()?.to_owned())
        };
        assert_eq!(found(), None);
        write("pyproject.toml", "[tool.black]\n");
        assert_eq!(found().as_deref(), Some("pyproject.toml"));
        write("requirements.txt", "a\n");
        assert_eq!(found().as_deref(), Some("requirements.txt"));
        write("pyproject.toml", "[project]\ndynamic = ['dependencies']\n");
        assert_eq!(found().as_deref(), Some("requirements.txt"));
        write("pyproject.toml", "[project]\ndependencies = ['a']\n");
        assert_eq!(found().as_deref(), Some("pyproject.toml"));
        write("uv.lock", "");
        assert_eq!(found().as_deref(), Some("uv.lock"));
        write("pylock.toml", "");
        assert_eq!(found().as_deref(), Some("pylock.toml"));
        for (name, form) in [
            ("pylock.web.toml", Form::Lock),
            ("uv.lock", Form::UvLock),
            ("pyproject.toml", Form::Project),
            ("dev-requirements.txt", Form::Requirements),
        ] {
            assert_eq!(Form::of(Path::new(name)), form, "{name}");
        }
    }
}
