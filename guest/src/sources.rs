//! `python-stdlib/sources.toml` and `trim.toml`: the inputs of the guest.
//!
//! Comes in: the text of the files. Goes out: their tables. Fetches nothing.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

/// All inputs of the guest.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
    #[serde(rename = "crate")]
    pub crates: Vec<CrateSource>,
    #[serde(rename = "tool")]
    pub tools: Vec<Tool>,
}

/// One source tree, which comes in one or several archives of the same files.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub name: String,
    pub version: String,
    pub licence: String,
    /// Hash of the file tree, needed if an archive's own bytes are not pinned.
    pub content: Option<String>,
    /// Files of `patches/`, in the order in which they are applied.
    #[serde(default)]
    pub patches: Vec<String>,
    #[serde(rename = "archive")]
    pub archives: Vec<Archive>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    pub file: String,
    pub size: Option<u64>,
    pub sha256: Option<String>,
    /// Upstream's address.
    pub url: Option<String>,
    /// Path below the root of a Debian archive.
    pub debian: Option<String>,
    /// `NAME@VERSION` of a crate that is the archive. cargo downloads it.
    #[serde(rename = "crate")]
    pub of_crate: Option<String>,
}

/// A crate that bundles C sources. Version and checksum are in `c-sources/Cargo.lock`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrateSource {
    pub name: String,
    pub holds: String,
    pub licence: String,
}

/// A program that builds the guest, as wheels for pip.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    pub name: String,
    pub version: String,
    #[serde(rename = "use")]
    pub purpose: String,
    pub licence: String,
    #[serde(rename = "wheel")]
    pub wheels: Vec<Wheel>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wheel {
    /// For the reader: pip chooses the wheel, and compares its hash.
    #[serde(rename = "file")]
    pub _file: String,
    #[serde(rename = "size")]
    pub _size: Option<u64>,
    pub sha256: String,
}

impl Sources {
    pub fn parse(text: &str) -> Result<Sources> {
        let sources: Sources = toml::from_str(text).context("`sources.toml` does not parse")?;
        for source in &sources.sources {
            for archive in &source.archives {
                ensure!(
                    archive.sha256.is_some() || source.content.is_some(),
                    "`{}` is not pinned: neither `sha256` nor, for `{}`, `content` is given",
                    archive.file,
                    source.name
                );
            }
        }
        Ok(sources)
    }

    pub fn source(&self, name: &str) -> Result<&Source> {
        self.sources
            .iter()
            .find(|source| source.name == name)
            .with_context(|| format!("`sources.toml` has no source `{name}`"))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrimFile {
    trim: Vec<Trim>,
}

/// A part of the standard library that is left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trim {
    pub path: String,
    pub reason: String,
}

pub fn parse_trim(text: &str) -> Result<Vec<Trim>> {
    let file: TrimFile = toml::from_str(text).context("`trim.toml` does not parse")?;
    for trim in &file.trim {
        ensure!(
            !trim.reason.is_empty(),
            "`{}` is left out without a reason",
            trim.path
        );
    }
    Ok(file.trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_the_repository_parse() {
        let sources = Sources::parse(include_str!("../../python-stdlib/sources.toml")).unwrap();
        assert_eq!(sources.source("cpython").unwrap().version, "3.14.7");
        assert!(sources.tools.iter().any(|tool| tool.name == "ziglang"));
        let lock = include_str!("../../python-stdlib/c-sources/Cargo.lock");
        for source in &sources.crates {
            assert!(
                lock.contains(&format!("name = \"{}\"", source.name)),
                "{}",
                source.name
            );
        }
        parse_trim(include_str!("../../python-stdlib/trim.toml")).unwrap();
    }

    #[test]
    fn an_archive_must_be_pinned() {
        let text = "crate = []\ntool = []\n[[source]]\nname = \"x\"\nversion = \"1\"\nlicence = \"MIT\"\n\
                    [[source.archive]]\nfile = \"x.tar.gz\"\n";
        let error = Sources::parse(text).unwrap_err().to_string();
        assert_eq!(
            error,
            "`x.tar.gz` is not pinned: neither `sha256` nor, for `x`, `content` is given"
        );
    }
}
