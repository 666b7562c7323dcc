//! `spin.toml`, manifest version 2: text in, typed tables out. Decides nothing and touches no file but the manifest.
//!
//! Tables and keys that only concern the `spin` command (`description`, `build.watch`, …) are accepted and ignored. An unknown
//! key is an error, so that a misspelt permission does not silently grant nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use toml::Value;

use ground::files::{self, Unusable};

use crate::fault::Fault;

/// Far more than any manifest takes.
const LARGEST: u64 = 1 << 20;

/// A whole `spin.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub spin_manifest_version: u32,
    pub application: Application,
    #[serde(default)]
    pub variables: BTreeMap<String, Variable>,
    pub trigger: Triggers,
    pub component: BTreeMap<String, Component>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    pub name: String,
    #[serde(rename = "version")]
    _version: Option<String>,
    #[serde(rename = "authors")]
    _authors: Option<Vec<String>>,
    #[serde(rename = "description")]
    _description: Option<String>,
    #[serde(rename = "trigger")]
    _trigger: Option<Value>,
    #[serde(rename = "tool")]
    _tool: Option<Value>,
}

/// A variable of the application: `{ default = "…" }` or `{ required = true }`, and whether it is secret.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    pub default: Option<String>,
    #[serde(default)]
    pub required: bool,
    #[serde(rename = "secret")]
    _secret: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Triggers {
    #[serde(default)]
    pub http: Vec<HttpTrigger>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpTrigger {
    pub route: RouteSetting,
    pub component: String,
    pub executor: Option<Executor>,
    #[serde(rename = "id")]
    _id: Option<String>,
}

/// `"/path/..."`, or `{ private = true }` for a component that no route leads to.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum RouteSetting {
    Path(String),
    Private { private: bool },
}

/// The way in which the component wants to be called. Its exports say so too, and they decide here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Executor {
    #[serde(rename = "type")]
    pub kind: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    pub source: Source,
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    #[serde(default)]
    pub allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    pub key_value_stores: Vec<String>,
    #[serde(default)]
    pub sqlite_databases: Vec<String>,
    #[serde(default)]
    pub ai_models: Vec<String>,
    #[serde(default)]
    pub files: Vec<FileMount>,
    pub build: Option<Build>,
    /// The seed documents' Redis application still has it. The table's name decides.
    #[serde(rename = "id")]
    _id: Option<String>,
    #[serde(rename = "description")]
    _description: Option<String>,
    #[serde(rename = "tool")]
    _tool: Option<Value>,
}

/// The place of the component. Spin can also fetch it; this host cannot, and says so.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Source {
    File(PathBuf),
    Remote(BTreeMap<String, Value>),
}

/// `{ source = "directory", destination = "/in/the/guest" }`, read-only.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum FileMount {
    Directory {
        source: PathBuf,
        destination: String,
    },
    Pattern(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    pub command: Command,
    pub workdir: Option<PathBuf>,
    #[serde(rename = "watch")]
    _watch: Option<Vec<String>>,
}

/// One command, or several that run one after the other.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Command {
    One(String),
    Several(Vec<String>),
}

impl Command {
    pub fn lines(&self) -> &[String] {
        match self {
            Self::One(line) => std::slice::from_ref(line),
            Self::Several(lines) => lines,
        }
    }
}

impl Manifest {
    /// Reads a manifest; a directory stands for the `spin.toml` in it. Also returns the directory that all paths in the
    /// manifest start from.
    pub fn read(path: &Path) -> Result<(Self, PathBuf)> {
        let file = if path.is_dir() {
            path.join("spin.toml")
        } else {
            path.to_owned()
        };
        if !file.exists() {
            return Err(Fault::ManifestMissing { path: file }.into());
        }
        let text = String::from_utf8(read_plain(&file, LARGEST)?)
            .with_context(|| format!("`{}` is not text", file.display()))?;
        let manifest = Self::parse(&text)
            .with_context(|| format!("`{}` is not a manifest that can be used", file.display()))?;
        let directory = fs_err::canonicalize(&file)?
            .parent()
            .context("a file has a directory")?
            .to_owned();
        Ok((manifest, directory))
    }

    pub fn parse(text: &str) -> Result<Self> {
        // Checked first: a manifest of version 1 has other tables, and the error would be about their names.
        let version = toml::from_str::<toml::Table>(text)?
            .get("spin_manifest_version")
            .cloned();
        match version {
            Some(Value::Integer(2)) => {}
            Some(other) => bail!("`spin_manifest_version` is {other}, and only 2 is understood"),
            None => bail!("there is no `spin_manifest_version = 2`"),
        }
        let manifest: Self = toml::from_str(text)?;
        for trigger in &manifest.trigger.http {
            ensure!(
                manifest.component.contains_key(&trigger.component),
                "a trigger names the component `{}`, and there is none of that name",
                trigger.component
            );
            if let Some(executor) = &trigger.executor {
                ensure!(
                    matches!(executor.kind.as_str(), "http" | "spin" | "wasi"),
                    "the executor `{}` is not supported",
                    executor.kind
                );
            }
        }
        Ok(manifest)
    }
}

/// The contents of a plain file, if it is not larger than `most`.
pub fn read_plain(path: &Path, most: u64) -> Result<Vec<u8>> {
    files::read(path, most).map_err(|reason| match reason {
        Unusable::Unreadable(reason) => {
            let place = path.display();
            std::io::Error::other(format!("failed to read `{place}`: {reason}")).into()
        }
        _ => {
            let path = path.to_owned();
            Fault::NotAFile { path }.into()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "spin_manifest_version = 2\n[application]\nname = \"a\"\n[[trigger.http]]\nroute = \"/...\"\n\
        component = \"a\"\n[component.a]\nsource = \"a.wasm\"\n";

    #[test]
    fn the_smallest_manifest_is_read() {
        let manifest = Manifest::parse(SMALL).unwrap();
        assert_eq!(manifest.application.name, "a");
        assert!(
            matches!(&manifest.component["a"].source, Source::File(path) if path == Path::new("a.wasm"))
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, expected) in [
            (SMALL.replace("= 2", "= \"1\""), "only 2 is understood"),
            (
                SMALL.replace("component = \"a\"", "component = \"b\""),
                "the component `b`",
            ),
            (
                format!("{SMALL}allowed_outbound_host = []\n"),
                "unknown field `allowed_outbound_host`",
            ),
            (
                SMALL.replace(
                    "component = \"a\"",
                    "component = \"a\"\nexecutor = { type = \"wagi\" }",
                ),
                "`wagi` is not supported",
            ),
        ] {
            let error = format!("{:#}", Manifest::parse(&text).unwrap_err());
            assert!(error.contains(expected), "{error}");
        }
    }
}
