//! Keeps native extensions apart from each other.
//!
//! The linker looks a symbol up by its name in all libraries, and the first one wins. But Python opens extensions with
//! `RTLD_LOCAL`: a global variable `state` in one has nothing to do with that of another. So a symbol that a library
//! both defines and refers to, and that another library defines as well, gets a unique name.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use wasm_encoder::reencode::{Reencode as _, RoundtripReencoder};
use wasm_encoder::{ExportSection, ImportSection, Module, RawSection};
use wasmparser::{Parser, Payload};

use super::Library;
use super::interface::Interface;

/// `is_given` tells whether a library of ours defines a symbol.
pub fn isolate(libraries: &mut [Library], is_given: impl Fn(&str) -> bool) {
    let interfaces: Vec<Interface> = libraries
        .iter()
        .map(|library| Interface::read(&library.wasm).unwrap_or_default())
        .collect();
    let mut definitions: BTreeMap<&str, usize> = BTreeMap::new();
    for symbol in interfaces.iter().flat_map(|interface| &interface.exports) {
        *definitions.entry(symbol).or_default() += 1;
    }
    let is_elsewhere = |symbol: &str| definitions.get(symbol) > Some(&1) || is_given(symbol);
    for (library, interface) in libraries.iter_mut().zip(&interfaces) {
        let clashing: BTreeSet<&str> = interface
            .exports
            .intersection(&interface.imports)
            .map(String::as_str)
            .filter(|symbol| is_elsewhere(symbol))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn library(name: &str, text: &str) -> Library {
        Library {
            name: name.to_owned(),
            wasm: wat::parse_str(text).unwrap().into(),
            is_foreign: true,
            dl_openable: true,
        }
    }

    #[test]
    fn what_two_libraries_define_is_kept_apart_and_nothing_else_is_renamed() {
        let text = r#"(module (@dylink.0 (mem-info))
            (import "GOT.mem" "state" (global (mut i32))) (import "GOT.mem" "mine" (global (mut i32)))
            (import "env" "PyErr_Occurred" (func))
            (global (export "state") i32 i32.const 0) (global (export "mine") i32 i32.const 4) (func (export "PyInit_x")))"#;
        let mut libraries = [
            library("/0/one.so", text),
            library("/0/two.so", &text.replace("mine", "yours")),
        ];
        isolate(&mut libraries, |symbol| symbol == "PyErr_Occurred");
        for (library, own) in libraries.iter().zip(["mine", "yours"]) {
            let interface = Interface::read(&library.wasm).unwrap();
            let state = format!("state@{}", library.name);
            let mut symbols = BTreeSet::from([own.to_owned(), state]);
            assert!(interface.exports.is_superset(&symbols));
            assert!(interface.exports.contains("PyInit_x"));
            symbols.insert("PyErr_Occurred".to_owned());
            assert_eq!(interface.imports, symbols);
        }
    }
}
