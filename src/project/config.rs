//! One `componentize-py.toml`: the WIT of a Python package, and the names of its modules.
//!
//! Comes in: the file's text and its place. Goes out: [`Config`], every path checked.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use toml::{Table, Value};

use super::ProjectError;

pub const FILE_NAME: &str = "componentize-py.toml";

const KEYS: [&str; 5] = [
    "bindings",
    "wit_directory",
    "import_interface_names",
    "export_interface_names",
    "full_names",
];

/// The WIT of a package, and the names of its generated modules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// The directory of its WIT.
    pub wit_directory: Option<PathBuf>,
    /// The directory for its generated modules.
    pub bindings: Option<PathBuf>,
    /// WIT id with its version -> Python name.
    pub import_interface_names: BTreeMap<String, String>,
    pub export_interface_names: BTreeMap<String, String>,
    pub full_names: bool,
}

/// The place of a file: the base of its paths, and the directory that they must stay inside.
pub struct Place<'a> {
    /// The file, in the form for messages.
    pub shown: &'a Path,
    /// Its directory.
    pub base: &'a Path,
    /// The directory of the whole package.
    pub module: &'a Path,
}

pub fn parse(place: &Place, text: &str) -> Result<Config, ProjectError> {
    let reader = Reader { place };
    let table: Table = text
        .parse()
        .map_err(|error: toml::de::Error| reader.unreadable(error.to_string()))?;
    let mut config = Config::default();
    for (key, value) in &table {
        match key.as_str() {
            "bindings" => config.bindings = Some(reader.directory(key, value)?),
            "wit_directory" => config.wit_directory = Some(reader.directory(key, value)?),
            "import_interface_names" => config.import_interface_names = reader.names(key, value)?,
            "export_interface_names" => config.export_interface_names = reader.names(key, value)?,
            "full_names" => {
                config.full_names = value
                    .as_bool()
                    .ok_or_else(|| reader.wrong(key, "`true` or `false`"))?;
            }
            unknown => return Err(reader.unknown(unknown)),
        }
    }
    Ok(config)
}

struct Reader<'a> {
    place: &'a Place<'a>,
}

impl Reader<'_> {
    fn unreadable(&self, reason: String) -> ProjectError {
        ProjectError::ConfigUnreadable {
            path: self.place.shown.to_owned(),
            reason: reason.trim_end().to_owned(),
        }
    }

    fn unknown(&self, key: &str) -> ProjectError {
        let mut candidates = KEYS.map(str::to_owned).to_vec();
        // A common beginning matters more than length: `wit_dir` is nearer to `wit_directory` than to `bindings`.
        candidates
            .sort_by(|a, b| strsim::jaro_winkler(b, key).total_cmp(&strsim::jaro_winkler(a, key)));
        ProjectError::ConfigKeyUnknown {
            path: self.place.shown.to_owned(),
            key: key.to_owned(),
            candidates,
        }
    }

    fn wrong(&self, key: &str, expected: &'static str) -> ProjectError {
        ProjectError::ConfigValueWrong {
            path: self.place.shown.to_owned(),
            key: key.to_owned(),
            expected,
        }
    }

    /// An existing directory below the package's own.
    fn directory(&self, key: &str, value: &Value) -> Result<PathBuf, ProjectError> {
        let text = value
            .as_str()
            .ok_or_else(|| self.wrong(key, "a path, as a string"))?;
        let relative = Path::new(text);
        let outside = || ProjectError::ConfigPathOutside {
            path: self.place.shown.to_owned(),
            key: key.to_owned(),
            value: text.to_owned(),
        };
        if relative
            .components()
            .any(|part| matches!(part, Component::RootDir | Component::Prefix(_)))
        {
            return Err(outside());
        }
        let found = fs_err::canonicalize(self.place.base.join(relative))
            .ok()
            .filter(|found| found.is_dir())
            .ok_or_else(|| ProjectError::ConfigPathMissing {
                path: self.place.shown.to_owned(),
                key: key.to_owned(),
                value: text.to_owned(),
            })?;
        let module = fs_err::canonicalize(self.place.module).map_err(|_| outside())?;
        if found.starts_with(&module) {
            Ok(found)
        } else {
            Err(outside())
        }
    }

    fn names(&self, key: &str, value: &Value) -> Result<BTreeMap<String, String>, ProjectError> {
        let expected = "a table of interface names and Python names, all of them strings";
        let table = value.as_table().ok_or_else(|| self.wrong(key, expected))?;
        table
            .iter()
            .map(|(wit, python)| {
                let python = python.as_str().ok_or_else(|| self.wrong(key, expected))?;
                Ok((wit.clone(), python.to_owned()))
            })
            .collect()
    }
}
