//! Keeps native extensions apart from each other.
//!
//! The linker looks a symbol up by its name in all libraries, and the first one wins. Python opens extensions with
//! `RTLD_LOCAL`, though: a global variable `state` in one has nothing to do with that of another. So a symbol that a library both
//! defines and refers to, and that another library defines as well, gets a name of its own.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use wasm_encoder::reencode::{Reencode as _, RoundtripReencoder};
use wasm_encoder::{ExportSection, ImportSection, Module, RawSection};
use wasmparser::{Parser, Payload};

use super::Library;
use super::interface::Interface;

/// `given` are the symbols of the libraries that come with us.
pub fn isolate(libraries: &mut [Library], given: &BTreeSet<String>) {
    let interfaces: Vec<Interface> = libraries
        .iter()
        .map(|library| Interface::read(&library.wasm).unwrap_or_default())
        .collect();
    let mut definitions: BTreeMap<&String, usize> =
        given.iter().map(|symbol| (symbol, 1)).collect();
    for symbol in interfaces.iter().flat_map(|interface| &interface.exports) {
        *definitions.entry(symbol).or_default() += 1;
    }
    for (library, interface) in libraries.iter_mut().zip(&interfaces) {
        let clashing: BTreeSet<&str> = interface
            .exports
            .intersection(&interface.imports)
            .filter(|symbol| definitions.get(symbol).is_some_and(|count| *count > 1))
            .map(String::as_str)
            .collect();
        if clashing.is_empty() {
            continue;
        }
        if let Ok(renamed) = rename(&library.wasm, &clashing, &library.name) {
            library.wasm = renamed.into();
        }
    }
}

/// The library with other names for `symbols`, in its imports and its exports.
fn rename(wasm: &[u8], symbols: &BTreeSet<&str>, library: &str) -> Result<Vec<u8>> {
    let name = |symbol: &str| {
        if symbols.contains(symbol) {
            format!("{symbol}@{library}")
        } else {
            symbol.to_owned()
        }
    };
    let mut renamed = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                let mut imports = ImportSection::new();
                for import in section.into_imports() {
                    let import = import?;
                    let is_symbol = matches!(import.module, "env" | "GOT.func" | "GOT.mem");
                    let field = if is_symbol {
                        name(import.name)
                    } else {
                        import.name.to_owned()
                    };
                    let ty = RoundtripReencoder.entity_type(import.ty)?;
                    imports.import(import.module, &field, ty);
                }
                renamed.section(&imports);
            }
            Payload::ExportSection(section) => {
                let mut exports = ExportSection::new();
                for export in section {
                    let export = export?;
                    let kind = RoundtripReencoder.export_kind(export.kind)?;
                    exports.export(&name(export.name), kind, export.index);
                }
                renamed.section(&exports);
            }
            payload => {
                if let Some((id, range)) = payload.as_section() {
                    renamed.section(&RawSection {
                        id,
                        data: &wasm[range],
                    });
                }
            }
        }
    }
    Ok(renamed.finish())
}
