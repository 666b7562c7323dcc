//! The contents of a built guest: sizes, and the symbols that its libraries take from each other.
//!
//! Comes in: the folder of a guest. Goes out: figures, for tests and reports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};
use wasmparser::{Dylink0Subsection, KnownCustom, Parser, Payload, SymbolFlags, TypeRef};

use crate::hash;

/// One shared library.
#[derive(Debug, Default)]
pub struct Library {
    pub size: u64,
    /// Libraries that it names in `dylink.0`.
    pub needed: Vec<String>,
    /// Functions and data that it takes from other libraries and needs.
    pub imports: BTreeSet<String>,
    pub exports: BTreeSet<String>,
    /// Tags of exceptions that it imports.
    pub tags: BTreeSet<String>,
    /// Functions of WASI and other hosts: module and name.
    pub host_imports: BTreeSet<(String, String)>,
    pub custom_sections: BTreeSet<String>,
}

/// The libraries of a guest by file name.
pub fn libraries(guest: &Path) -> Result<BTreeMap<String, Library>> {
    let mut libraries = BTreeMap::new();
    for path in hash::files_below(&guest.join("lib"))? {
        let name = hash::relative_name(&guest.join("lib"), &path)?;
        let wasm = fs_err::read(&path)?;
        let library = library(&wasm).with_context(|| format!("`{name}` does not parse"))?;
        libraries.insert(name, library);
    }
    Ok(libraries)
}

/// Symbols that no library defines, by the library that needs them.
pub fn unresolved(libraries: &BTreeMap<String, Library>) -> BTreeMap<String, BTreeSet<String>> {
    let defined: BTreeSet<&String> = libraries
        .values()
        .flat_map(|library| &library.exports)
        .collect();
    libraries
        .iter()
        .map(|(name, library)| {
            let missing = library
                .imports
                .iter()
                .filter(|symbol| !defined.contains(symbol));
            (name.clone(), missing.cloned().collect::<BTreeSet<String>>())
        })
        .filter(|(_, missing)| !missing.is_empty())
        .collect()
}

/// Strings like `/home/...` in a file: paths of the machine that built it.
pub fn foreign_paths(bytes: &[u8], paths: &[&str]) -> Vec<String> {
    paths
        .iter()
        .filter(|path| {
            bytes
                .windows(path.len())
                .any(|window| window == path.as_bytes())
        })
        .map(|&path| path.to_owned())
        .collect()
}

/// Symbols that the linker of components gives to every library.
const FROM_THE_LINKER: [&str; 10] = [
    "memory",
    "__indirect_function_table",
    "__stack_pointer",
    "__memory_base",
    "__table_base",
    "__heap_base",
    "__heap_end",
    "__stack_high",
    "__stack_low",
    "componentize_py_parameters",
];

pub fn library(wasm: &[u8]) -> Result<Library> {
    let mut library = Library {
        size: u64::try_from(wasm.len())?,
        ..Library::default()
    };
    // These may stay undefined.
    let mut weak = BTreeSet::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    note_import(&mut library, import.module, import.name, &import.ty);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    library.exports.insert(export?.name.to_owned());
                }
            }
            Payload::CustomSection(section) => {
                library.custom_sections.insert(section.name().to_owned());
                if let KnownCustom::Dylink0(subsections) = section.as_known() {
                    for subsection in subsections {
                        match subsection? {
                            Dylink0Subsection::Needed(needed) => {
                                library.needed = needed.into_iter().map(str::to_owned).collect();
                            }
                            Dylink0Subsection::ImportInfo(imports) => weak.extend(
                                imports
                                    .into_iter()
                                    .filter(|import| {
                                        import.flags.contains(SymbolFlags::BINDING_WEAK)
                                    })
                                    .map(|import| import.field.to_owned()),
                            ),
                            _ => {}
                        }
                    }
                }
            }
            _ => {}
        }
    }
    library.imports.retain(|symbol| !weak.contains(symbol));
    Ok(library)
}

fn note_import(library: &mut Library, module: &str, name: &str, ty: &TypeRef) {
    match (module, ty) {
        (_, TypeRef::Tag(_)) => {
            library.tags.insert(name.to_owned());
        }
        _ if FROM_THE_LINKER.contains(&name) => {}
        ("env" | "GOT.func" | "GOT.mem", _) => {
            library.imports.insert(name.to_owned());
        }
        _ => {
            library
                .host_imports
                .insert((module.to_owned(), name.to_owned()));
        }
    }
}
