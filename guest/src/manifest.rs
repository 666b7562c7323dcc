//! `manifest.json`: the inputs of a guest, and its outputs.
//!
//! Comes in: the pins and the finished folder. Goes out: JSON without times or paths of this machine.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use crate::{Build, c_sources, hash};

pub const FILE: &str = "manifest.json";

/// Describes the guest in `folder`, whose other files all exist.
pub fn describe(build: &Build, key: &str, folder: &Path) -> Result<String> {
    let pins = c_sources::pins(&fs_err::read_to_string(
        build.c_sources().join("Cargo.lock"),
    )?)?;
    let sources: Vec<Value> = build
        .sources
        .sources
        .iter()
        .map(|source| {
            let archives: Vec<Value> = source
                .archives
                .iter()
                .map(|archive| json!({ "file": archive.file, "sha256": archive.sha256 }))
                .collect();
            json!({
                "name": source.name, "version": source.version, "licence": source.licence,
                "content": source.content, "patches": source.patches, "archives": archives,
            })
        })
        .collect();
    let crates: Vec<Value> = build
        .sources
        .crates
        .iter()
        .map(|source| {
            let (version, checksum) = pins.get(&source.name).cloned().unwrap_or_default();
            json!({
                "name": source.name, "version": version, "sha256": checksum,
                "holds": source.holds, "licence": source.licence,
            })
        })
        .collect();
    let tools: Vec<Value> = build
        .sources
        .tools
        .iter()
        .map(|tool| {
            json!({
                "name": tool.name, "version": tool.version, "licence": tool.licence, "use": tool.purpose,
            })
        })
        .collect();
    let trims: Vec<Value> = build
        .trims
        .iter()
        .map(|trim| json!({ "path": trim.path, "reason": trim.reason }))
        .collect();
    let mut files = Vec::new();
    for path in hash::files_below(folder)? {
        files.push(json!({
            "path": hash::relative_name(folder, &path)?,
            "size": fs_err::metadata(&path)?.len(),
            "sha256": hash::file(&path)?,
        }));
    }
    let manifest = json!({
        "key": key, "sources": sources, "crates": crates, "tools": tools, "left_out": trims, "files": files,
    });
    Ok(serde_json::to_string_pretty(&manifest)? + "\n")
}
