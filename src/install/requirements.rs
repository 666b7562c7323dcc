//! What a project asks for: files with requirements, a lock file, or the tables of a `pyproject.toml`.
//!
//! Files of pip are read only to see whether they have changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use ground::Mistake as _;
use ground::files;
use sha2::{Digest as _, Sha256};

use super::error::InstallError;
use super::tables::Tables;
use super::{Install, guest};
use crate::project::declared::{Form, name_in, normal, of_project};
use crate::scratch::Scratch;

/// One file.
pub struct Source {
    pub file: PathBuf,
    pub form: Form,
    text: String,
    /// The table of a `pyproject.toml`.
    project: toml::Table,
    /// The requirements of a `pyproject.toml`, with the chosen extras and groups.
    lines: Vec<String>,
}

/// All files.
pub struct Requirements {
    pub sources: Vec<Source>,
    /// The files that those include, with their texts.
    included: Vec<String>,
}

impl Requirements {
    /// Reads the files that the settings name, or that of the project.
    pub fn of(settings: &Install) -> Result<Self> {
        let mut files = settings.requirements.clone();
        if files.is_empty() {
            files.push(file_of(&settings.project)?);
        }
        let sources = files.iter().map(|file| Source::read(file, settings));
        let sources: Vec<Source> = sources.collect::<Result<_>>()?;
        let is_lock = |source: &&Source| matches!(source.form, Form::Lock | Form::UvLock);
        if sources.len() > 1
            && let Some(lock) = sources.iter().find(is_lock)
        {
            let file = lock.file.clone();
            return InstallError::LockNotAlone { file }.raise();
        }
        let has_tables = |source: &Source| source.form != Form::Requirements;
        let asks_tables = !(settings.extras.is_empty() && settings.groups.is_empty());
        if asks_tables && !sources.iter().any(has_tables) {
            let file = sources[0].file.clone();
            return InstallError::NoExtras { file }.raise();
        }
        let mut seen = BTreeSet::new();
        let mut included = Vec::new();
        for source in &sources {
            if source.form == Form::Requirements {
                include(&source.file, &source.text, &mut seen, &mut included);
            }
        }
        Ok(Self { sources, included })
    }

    /// The lock file, if it is one.
    pub fn lock(&self) -> Option<(&Path, Form)> {
        let source = self.sources.first()?;
        matches!(source.form, Form::Lock | Form::UvLock)
            .then_some((source.file.as_path(), source.form))
    }

    /// Returns `true` if the project has settings of uv.
    pub fn is_of_uv(&self) -> bool {
        self.sources.iter().any(|source| source.uv().is_some())
    }

    /// Chosen requirements that `[tool.uv.sources]` gets from elsewhere.
    pub fn with_uv_sources(&self) -> Vec<String> {
        let mut found = Vec::new();
        for source in &self.sources {
            let table = source.uv().and_then(|uv| uv.get("sources"));
            let table = table.and_then(toml::Value::as_table);
            let named: BTreeSet<String> = table
                .into_iter()
                .flat_map(toml::Table::keys)
                .map(|name| normal(name))
                .collect();
            let names = source.lines.iter().filter_map(|line| name_in(line));
            found.extend(
                names
                    .filter(|name| named.contains(&normal(name)))
                    .map(str::to_owned),
            );
        }
        found
    }

    /// Files for pip's `-r`.
    pub fn for_pip(&self, scratch: &Scratch) -> Result<Vec<PathBuf>> {
        let files = self.sources.iter().enumerate().map(|(index, source)| {
            if source.form == Form::Requirements {
                return Ok(source.file.clone());
            }
            let file = scratch.path().join(format!("project-{index}.txt"));
            fs_err::write(&file, source.lines.join("\n"))?;
            Ok(file)
        });
        files.collect()
    }

    /// A digest of everything that decides about the packages, but for what indexes offer.
    pub fn digest(&self, settings: &Install) -> String {
        let mut digest = Sha256::new();
        let mut add = |text: &str| {
            digest.update(text.len().to_le_bytes());
            digest.update(text);
        };
        add(env!("CARGO_PKG_VERSION"));
        add(&guest::markers().to_string());
        add(&guest::PLATFORMS.join(" "));
        add(&format!(
            "{:?} {:?} {:?} {:?} {}",
            settings.installer,
            settings.extras,
            settings.groups,
            settings.find_links,
            settings.build
        ));
        for source in &self.sources {
            add(&format!("{:?}", source.form));
            add(&source.text);
        }
        for text in &self.included {
            add(text);
        }
        let bytes = digest.finalize();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns `true` if a requirement is a directory, whose content may be another one every time.
    pub fn may_have_changed(&self) -> bool {
        let texts = self.included.iter().map(String::as_str);
        let lines = texts.flat_map(str::lines);
        let of_projects = self.sources.iter().flat_map(|source| &source.lines);
        let is_local = |line: &str| {
            let line = line.trim();
            let is_option = line.starts_with("-e") || line.starts_with("--editable");
            let is_path = line.starts_with(['.', '/']) || line.contains("file:");
            is_option || is_path
        };
        lines.chain(of_projects.map(String::as_str)).any(is_local)
            || self.sources.iter().any(|source| {
                let sources = source.uv().and_then(|uv| uv.get("sources"));
                sources.is_some_and(|table| table.to_string().contains("path"))
            })
    }
}

impl Source {
    fn read(file: &Path, settings: &Install) -> Result<Self> {
        if !file.exists() {
            let file = file.to_owned();
            return InstallError::FileMissing { file }.raise();
        }
        let text = files::read_text(file, files::TEXT);
        let text = text.map_err(|reason| files::unusable(file, reason))?;
        let mut source = Self {
            file: file.to_owned(),
            form: Form::of(file),
            text,
            project: toml::Table::new(),
            lines: Vec::new(),
        };
        match source.form {
            Form::Project => {
                source.project = table(file, &source.text)?;
                source.lines = Tables::new(file, &source.project)?.chosen(settings)?;
            }
            Form::UvLock => {
                let project = file.with_file_name("pyproject.toml");
                let text = files::read_text(&project, files::TEXT);
                let text = text.map_err(|reason| files::unusable(&project, reason))?;
                source.project = table(&project, &text)?;
                source.text.push_str(&text);
            }
            Form::Lock => {
                table(file, &source.text)?;
            }
            Form::Requirements => {}
        }
        Ok(source)
    }

    fn uv(&self) -> Option<&toml::Value> {
        self.project.get("tool")?.get("uv")
    }
}

/// The file of a project, which may be named itself.
fn file_of(project: &Path) -> Result<PathBuf> {
    if project.is_file() {
        return Ok(project.to_owned());
    }
    let place = project.to_owned();
    if !project.is_dir() {
        return InstallError::ProjectMissing { place }.raise();
    }
    match of_project(project) {
        Some(file) => Ok(file.strip_prefix(".").unwrap_or(&file).to_owned()),
        None => InstallError::NothingDeclared { place }.raise(),
    }
}

fn table(file: &Path, text: &str) -> Result<toml::Table> {
    text.parse().or_else(|error: toml::de::Error| {
        InstallError::Unparsable {
            file: file.to_owned(),
            reason: error.to_string(),
        }
        .raise()
    })
}

/// Adds the text of a file with requirements, and of those that it includes with `-r` and `-c`.
fn include(file: &Path, text: &str, seen: &mut BTreeSet<PathBuf>, texts: &mut Vec<String>) {
    if !seen.insert(file.to_owned()) {
        return;
    }
    texts.push(text.to_owned());
    for line in text.lines().map(str::trim) {
        let named = ["-r", "--requirement", "-c", "--constraint"]
            .iter()
            .find_map(|option| line.strip_prefix(option))
            .map(|rest| rest.trim_start_matches(['=', ' ']).trim());
        if let Some(named) = named {
            let other = file.with_file_name("").join(named);
            // Without it, pip says what is wrong.
            let text = files::read_text(&other, files::TEXT).unwrap_or_default();
            include(&other, &text, seen, texts);
        }
    }
}
