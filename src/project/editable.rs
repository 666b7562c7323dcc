//! Editable installs: modules that become importable through the `.pth` files of a site-packages directory and the
//! finders beside them.
//!
//! Python runs the lines of `.pth` files that begin with `import`. Here nothing is run: the finders that setuptools and
//! `editables` (Hatch, PDM) write have tables of modules and paths, which are read as data.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use ground::files;

/// Modules that are importable in addition to the directory's own.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Editable {
    /// Directories with modules in them.
    pub directories: Vec<PathBuf>,
    /// Single modules and packages by their dotted names, each a file or a directory.
    pub modules: Vec<(String, PathBuf)>,
    /// The projects that are installed in this way. Links of their build directories lead into them.
    pub projects: Vec<PathBuf>,
    /// Files whose code would have to be run.
    pub not_understood: Vec<PathBuf>,
    /// Paths outside the permitted directory.
    pub outside: Vec<PathBuf>,
}

impl Editable {
    /// Reads a directory of site-packages. If `within` is given, only paths inside it are used.
    pub fn read(site_packages: &Path, within: Option<&Path>) -> Self {
        let mut found = Self::default();
        for file in sorted(site_packages) {
            match file.extension().and_then(|extension| extension.to_str()) {
                Some("pth") => found.add_pth(site_packages, &file),
                Some("dist-info") => found.projects.extend(project_of(&file)),
                _ => {}
            }
        }
        if let Some(within) = within {
            found.keep_inside(within);
        }
        found
    }

    fn add_pth(&mut self, site_packages: &Path, file: &Path) {
        let Ok(text) = files::read_text(file, files::TEXT) else {
            return;
        };
        let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if !line.starts_with("import ") && !line.starts_with("import\t") {
                let directory = site_packages.join(line);
                if directory.is_dir() {
                    self.directories.push(directory);
                }
                continue;
            }
            let finder = finder_of(line).map(|name| site_packages.join(format!("{name}.py")));
            let modules = finder.and_then(|finder| {
                let text = files::read_text(&finder, files::TEXT).ok()?;
                Some(mapped(&text)).filter(|modules| !modules.is_empty())
            });
            match modules {
                Some(modules) => self.modules.extend(modules),
                None if line.contains("editable") => self.not_understood.push(file.to_owned()),
                // For example those of coverage and of setuptools: they make nothing importable.
                None => {}
            }
        }
    }

    fn keep_inside(&mut self, within: &Path) {
        let outside = &mut self.outside;
        let mut is_inside = |path: &PathBuf| {
            let inside = std::fs::canonicalize(path).is_ok_and(|path| path.starts_with(within));
            if !inside {
                outside.push(path.clone());
            }
            inside
        };
        self.directories.retain(&mut is_inside);
        self.modules.retain(|(_, path)| is_inside(path));
        self.projects.retain(&mut is_inside);
    }
}

/// The finder in `import __editable___name_finder; ...` and `import _editable_impl_name`.
fn finder_of(line: &str) -> Option<&str> {
    let name = line.split_whitespace().nth(1)?.trim_end_matches(';');
    let is_name = name
        .chars()
        .all(|char| char == '_' || char.is_alphanumeric());
    (is_name && name.contains("editable")).then_some(name)
}

/// The table of a finder: `MAPPING: dict[str, str] = {'name': 'path'}` (setuptools), or `F.map_module('name', 'path')`
/// (editables).
fn mapped(text: &str) -> Vec<(String, PathBuf)> {
    let mut modules = Vec::new();
    for line in text.lines() {
        if let Some(table) = line
            .strip_prefix("MAPPING")
            .and_then(|rest| rest.split_once('{'))
        {
            let strings = strings_in(table.1);
            let pairs = strings.chunks_exact(2);
            modules.extend(pairs.map(|pair| (pair[0].clone(), PathBuf::from(&pair[1]))));
        } else if let Some(call) = line.split_once(".map_module(")
            && let [name, path] = strings_in(call.1).as_slice()
        {
            modules.push((name.clone(), PathBuf::from(path)));
        }
    }
    let is_dotted = |name: &str| {
        let is_name = |part: &str| {
            let mut chars = part.chars();
            chars
                .next()
                .is_some_and(|first| first == '_' || first.is_alphabetic())
                && chars.all(|char| char == '_' || char.is_alphanumeric())
        };
        name.split('.').all(is_name)
    };
    modules.retain(|(name, _)| is_dotted(name));
    for (_, path) in &mut modules {
        if path.file_name().is_some_and(|name| name == "__init__.py") {
            path.pop();
        } else if !path.exists() {
            // setuptools omits a module's suffix.
            path.as_mut_os_string().push(".py");
        }
    }
    modules.retain(|(_, path)| path.exists());
    modules
}

/// The string literals in a piece of Python, in the form that `repr` writes.
fn strings_in(text: &str) -> Vec<String> {
    let mut strings = Vec::new();
    let mut chars = text.chars();
    while let Some(quote) = chars.find(|char| matches!(char, '\'' | '"' | '}' | ')')) {
        if matches!(quote, '}' | ')') {
            break;
        }
        let mut string = String::new();
        loop {
            match chars.next() {
                Some('\\') => string.extend(chars.next()),
                Some(char) if char == quote => break,
                Some(char) => string.push(char),
                None => return strings,
            }
        }
        strings.push(string);
    }
    strings
}

/// The directory of an editable install, according to `direct_url.json` (PEP 610).
fn project_of(dist_info: &Path) -> Option<PathBuf> {
    let text = files::read_text(&dist_info.join("direct_url.json"), files::TEXT).ok()?;
    let origin: serde_json::Value = serde_json::from_str(&text).ok()?;
    let is_editable = origin["dir_info"]["editable"].as_bool()?;
    let path = origin["url"].as_str()?.strip_prefix("file://")?;
    let path = PathBuf::from(percent_decode_str(path).decode_utf8().ok()?.as_ref());
    (is_editable && path.is_dir()).then_some(path)
}

fn sorted(directory: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(directory).into_iter().flatten().flatten();
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_as_data() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        std::fs::create_dir_all(root.join("it's here/pkg")).unwrap();
        std::fs::write(root.join("single.py"), "").unwrap();
        let package = root.join("it's here/pkg");
        let single = root.join("single");
        let text = format!(
            "import sys\nMAPPING: dict[str, str] = {{\"pkg\": {package:?}, 'single': {single:?}, 'gone': '/nowhere', 'a b': '/'}}\nNAMESPACES: dict[str, list[str]] = {{}}\nMAPPING['x'] = os.environ\n"
        );
        let expected = [
            ("pkg".to_owned(), package.clone()),
            ("single".to_owned(), root.join("single.py")),
        ];
        assert_eq!(mapped(&text), expected);
        let init = package.join("__init__.py");
        let text = format!(
            "from editables.redirector import RedirectingFinder as F\nF.install()\nF.map_module('pkg', {init:?})\n"
        );
        assert_eq!(mapped(&text), [("pkg".to_owned(), package)]);
        assert_eq!(
            finder_of("import __editable___a_1_0_finder; __editable___a_1_0_finder.install()"),
            Some("__editable___a_1_0_finder")
        );
        assert_eq!(finder_of("import os; exec('editable')"), None);
    }
}
