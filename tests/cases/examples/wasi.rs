//! The WASI packages in `wit/`: they are those of the crates that `wit/wasi.lock.toml` names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::support::golden::blesses;

#[derive(Deserialize)]
struct Lock {
    file: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    path: String,
    #[serde(rename = "crate")]
    package: String,
    version: String,
    source: String,
    sha256: String,
}

pub fn check() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let wit = root.join("wit");
    let lock: Lock = toml::from_str(&fs_err::read_to_string(wit.join("wasi.lock.toml"))?)?;
    let crates = fs_err::read_to_string(root.join("Cargo.lock"))?;
    let registry = registry();
    for entry in &lock.file {
        let used = format!(
            "name = \"{}\"\nversion = \"{}\"\n",
            entry.package, entry.version
        );
        ensure!(
            crates.contains(&used),
            "{} {} is not what Cargo.lock has",
            entry.package,
            entry.version
        );
        let path = wit.join(&entry.path);
        match original(&registry, entry) {
            Some(original) if blesses() => {
                fs_err::copy(original, &path)?;
            }
            Some(original) => ensure!(
                fs_err::read(&path)? == fs_err::read(&original)?,
                "{} is not {}",
                path.display(),
                original.display()
            ),
            // Builds from vendored crates have them elsewhere.
            None if std::env::var_os("CI").is_some() => {
                bail!("cargo's registry has no {}", entry.package)
            }
            None => eprintln!(
                "not compared with its crate, which cargo's registry does not have: {}",
                entry.path
            ),
        }
        let hash = Sha256::digest(fs_err::read(&path)?);
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        ensure!(hash == entry.sha256, "{} has the hash {hash}", entry.path);
    }
    let listed: BTreeSet<&str> = lock.file.iter().map(|entry| entry.path.as_str()).collect();
    let mut found = Vec::new();
    for folder in ["wasi-0.2", "wasi-0.2/deps", "wasi-0.3", "wasi-0.3/deps"] {
        for entry in fs_err::read_dir(wit.join(folder))? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                found.push(format!("{folder}/{}", entry.file_name().to_string_lossy()));
            }
        }
    }
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    ensure!(found == listed, "listed: {listed:?}\nfound: {found:?}");
    Ok(())
}

/// The folders of unpacked crates.
fn registry() -> Vec<PathBuf> {
    let home = guest::wheels::cargo_home().context("neither CARGO_HOME nor HOME is set");
    let folders = home.and_then(|home| Ok(fs_err::read_dir(home.join("registry/src"))?));
    folders.map_or_else(
        |_| Vec::new(),
        |folders| {
            folders
                .filter_map(Result::ok)
                .map(|entry| entry.path())
                .collect()
        },
    )
}

fn original(registry: &[PathBuf], entry: &Entry) -> Option<PathBuf> {
    let folder = format!("{}-{}", entry.package, entry.version);
    registry
        .iter()
        .map(|root| root.join(&folder).join(&entry.source))
        .find(|path| path.exists())
}
