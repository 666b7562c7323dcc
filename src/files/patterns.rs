//! The user's patterns, and those that leave files out by default.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result};
use ground::Mistake as _;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::error::FilesError;
use crate::settings::FileSettings;
use bindings::plan::is_identifier;

/// Files of development, of other machines, and of secrets. The how-to page on files has the list, too.
const DEFAULTS: &[&str] = &[
    // Hidden: version control, environments, editors' settings, `.env`.
    ".*",
    "__pycache__/",
    "*.py[cod]",
    "node_modules/",
    // Native code of machines, and components.
    "*.so",
    "*.so.*",
    "*.pyd",
    "*.dylib",
    "*.dll",
    "*.exe",
    "*.a",
    "*.lib",
    "*.o",
    "*.obj",
    "*.wasm",
    "*.cwasm",
    // Notes of installers with paths of this machine.
    "direct_url.json",
    "uv_cache.json",
    "*.pth",
    "__editable__*",
    // Copies that editors and merges leave behind.
    "*~",
    "\\#*#",
    "*.bak",
    "*.orig",
    "*.rej",
    // Keys.
    "*.key",
    "*.p12",
    "*.pfx",
    "*.ppk",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    // Passwords, tokens and settings with them.
    "*.env",
    "htpasswd",
    "kubeconfig",
    "*.tfstate",
    "*.tfstate.*",
    "*.tfvars",
    "credentials.json",
    "client_secret*.json",
    "*service-account*.json",
    "*service_account*.json",
    "secrets.json",
    "secrets.toml",
    "secrets.yaml",
    "secrets.yml",
];

/// Names of directories with tests, which are left out of installed packages.
const TESTS: [&str; 2] = ["test", "tests"];

/// The decision about a file or directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The user wants it.
    Included,
    /// Nothing speaks against it.
    Taken,
    LeftOut,
}

/// The compiled patterns.
pub struct Patterns {
    defaults: Gitignore,
    exclude: Gitignore,
    include: Gitignore,
    included: Vec<String>,
    /// Patterns of the user's, as they were given.
    given: Vec<String>,
    used: RefCell<BTreeSet<String>>,
}

impl Patterns {
    pub fn new(settings: &FileSettings) -> Result<Self> {
        Ok(Self {
            defaults: compile("", DEFAULTS.iter().copied())?,
            exclude: compile("--exclude", settings.exclude.iter().map(String::as_str))?,
            include: compile("--include", settings.include.iter().map(String::as_str))?,
            included: settings.include.clone(),
            given: [&settings.exclude[..], &settings.include].concat(),
            used: RefCell::default(),
        })
    }

    /// Returns `true` if files may be wanted that lie in directories which are left out.
    pub fn have_included(&self) -> bool {
        !self.include.is_empty()
    }

    /// Decides about a path below a root. `is_installed`: the root belongs to installed packages.
    pub fn choose(&self, below: &str, is_directory: bool, is_installed: bool) -> Choice {
        if self.matches(&self.include, below, is_directory) {
            return Choice::Included;
        }
        let name = below.rsplit('/').next().unwrap_or(below);
        let is_test = is_installed && is_directory && TESTS.contains(&name);
        let left_out = is_test
            || self.matches(&self.exclude, below, is_directory)
            || self.matches(&self.defaults, below, is_directory);
        if left_out {
            Choice::LeftOut
        } else {
            Choice::Taken
        }
    }

    fn matches(&self, patterns: &Gitignore, below: &str, is_directory: bool) -> bool {
        if patterns.is_empty() {
            return false;
        }
        let found = patterns.matched_path_or_any_parents(Path::new(below), is_directory);
        if let Some(glob) = found.inner() {
            let mut used = self.used.borrow_mut();
            if !used.contains(glob.original()) {
                used.insert(glob.original().to_owned());
            }
        }
        found.is_ignore()
    }

    /// The patterns of `--include` that may be names of modules.
    pub fn modules(&self) -> Vec<String> {
        let is_name = |given: &&String| given.split('.').all(is_identifier);
        self.included.iter().filter(is_name).cloned().collect()
    }

    /// Notes that a pattern is of use, as the name of a module.
    pub fn note_used(&self, pattern: &str) {
        self.used.borrow_mut().insert(pattern.to_owned());
    }

    /// Patterns of the user's that have matched nothing.
    pub fn idle(&self) -> Vec<String> {
        let used = self.used.borrow();
        let idle = self.given.iter().filter(|given| !used.contains(*given));
        idle.cloned().collect()
    }
}

fn compile<'a>(
    option: &'static str,
    patterns: impl IntoIterator<Item = &'a str>,
) -> Result<Gitignore> {
    let mut builder = GitignoreBuilder::new("");
    // Secrets are secrets in capitals, too.
    let is_default = option.is_empty();
    builder
        .case_insensitive(is_default)
        .context("the patterns do not compile")?;
    for pattern in patterns {
        let refuse = |reason: String| FilesError::BadPattern {
            option,
            pattern: pattern.to_owned(),
            reason,
        };
        if pattern.trim().is_empty() || pattern.starts_with(['#', '!']) {
            return refuse("it names no file".to_owned()).raise();
        }
        builder
            .add_line(None, pattern)
            .map_err(|error| refuse(error.to_string()).error())?;
    }
    builder
        .build()
        .map_err(|error| anyhow::Error::new(error).context("the patterns do not compile"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(exclude: &[&str], include: &[&str], below: &str) -> Choice {
        let owned = |patterns: &[&str]| patterns.iter().map(|&text| text.to_owned()).collect();
        let settings = FileSettings {
            exclude: owned(exclude),
            include: owned(include),
            ..FileSettings::default()
        };
        let patterns = Patterns::new(&settings).unwrap();
        patterns.choose(below, below.ends_with('/'), false)
    }

    #[test]
    fn secrets_and_rubbish_are_left_out() {
        for below in [
            ".env",
            ".git",
            "a/.venv",
            "a/x.pyc",
            "server.key",
            "SITE.PFX",
            "a/b/id_rsa",
            "config/prod.env",
            "terraform.tfstate.backup",
            "my-service-account-7.json",
            "app.py~",
            "#app.py#",
            "lib.so.6",
        ] {
            assert_eq!(choose(&[], &[], below), Choice::LeftOut, "{below}");
        }
        for below in [
            "app.py",
            "templates/a.html",
            "cacert.pem",
            "keys.txt",
            "secrets.py",
            "environment.yml",
            "Ünï.txt",
        ] {
            assert_eq!(choose(&[], &[], below), Choice::Taken, "{below}");
        }
    }

    #[test]
    fn the_user_decides() {
        assert_eq!(choose(&["*.csv"], &[], "a/b.csv"), Choice::LeftOut);
        assert_eq!(choose(&["a"], &[], "a/b/c"), Choice::LeftOut);
        assert_eq!(choose(&["*.csv"], &["b.csv"], "a/b.csv"), Choice::Included);
        assert_eq!(choose(&[], &[".env"], ".env"), Choice::Included);
        assert_eq!(choose(&["/a"], &[], "b/a"), Choice::Taken);
    }

    #[test]
    fn idle_patterns_are_named() {
        let settings = FileSettings {
            exclude: vec!["*.csv".to_owned(), "*.txt".to_owned()],
            ..FileSettings::default()
        };
        let patterns = Patterns::new(&settings).unwrap();
        patterns.choose("a.txt", false, false);
        assert_eq!(patterns.idle(), ["*.csv"]);
    }
}
