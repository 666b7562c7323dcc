//! Keeps functions that a world exports apart from symbols of C.
//!
//! In shared-everything linking every export is a symbol: a world that exports `time`, `free` or `write` would replace
//! libc's function. The Component Model's standard mangling gives such exports names that no C symbol has.

use anyhow::{Context as _, Result};
use wasm_encoder::reencode::{Reencode as _, RoundtripReencoder};
use wasm_encoder::{ExportSection, Module, RawSection};
use wasmparser::{Parser, Payload};

/// Renames the exports for `functions`, the world's own exported functions, and their post-returns.
pub fn world_exports(module: &[u8], functions: &[&str]) -> Result<Vec<u8>> {
    let mut mangled = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.context("the glue is not a wasm module")?;
        if let Payload::ExportSection(exports) = payload {
            let mut section = ExportSection::new();
            for export in exports {
                let export = export?;
                let name = standard_name(export.name, functions);
                let kind = RoundtripReencoder.export_kind(export.kind)?;
                section.export(name.as_deref().unwrap_or(export.name), kind, export.index);
            }
            mangled.section(&section);
        } else if let Some((id, range)) = payload.as_section() {
            mangled.section(&RawSection {
                id,
                data: &module[range],
            });
        }
    }
    Ok(mangled.finish())
}

/// `name` is `cm32p2||name`, and `cabi_post_name` is `cm32p2||name_post`.
fn standard_name(export: &str, functions: &[&str]) -> Option<String> {
    let (function, suffix) = match export.strip_prefix("cabi_post_") {
        Some(function) => (function, "_post"),
        None => (export, ""),
    };
    functions
        .contains(&function)
        .then(|| format!("cm32p2||{function}{suffix}"))
}
