//! The folders in which cargo keeps the crates of `python-stdlib/c-sources`, whose C sources go into the guest.
//!
//! Comes in: that manifest and its lock. Goes out: a folder for each crate, fetched and verified by cargo.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

pub struct CSources {
    folders: BTreeMap<String, PathBuf>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
}

impl CSources {
    pub fn locate(folder: &Path) -> Result<CSources> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args([
                "metadata",
                "--locked",
                "--format-version",
                "1",
                "--manifest-path",
            ])
            .arg(folder.join("Cargo.toml"))
            .stdin(Stdio::null())
            .output()
            .context("failed to run cargo")?;
        if !output.status.success() {
            let talk = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            bail!("cargo could not fetch the crates that bundle C sources\n{talk}");
        }
        let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
        let folders = metadata
            .packages
            .into_iter()
            .filter_map(|package| Some((package.name, package.manifest_path.parent()?.to_owned())))
            .collect();
        Ok(CSources { folders })
    }

    pub fn folder(&self, name: &str) -> Result<&Path> {
        self.folders
            .get(name)
            .map(PathBuf::as_path)
            .with_context(|| format!("`c-sources/Cargo.toml` has no crate `{name}`"))
    }
}

/// Version and checksum of each crate, from `Cargo.lock`.
pub fn pins(lock: &str) -> Result<BTreeMap<String, (String, String)>> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Locked>,
    }
    #[derive(Deserialize)]
    struct Locked {
        name: String,
        version: String,
        checksum: Option<String>,
    }
    let lock: Lock = toml::from_str(lock).context("`c-sources/Cargo.lock` does not parse")?;
    Ok(lock
        .package
        .into_iter()
        .filter_map(|locked| Some((locked.name, (locked.version, locked.checksum?))))
        .collect())
}
