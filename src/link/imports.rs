//! Gives imports of a library other names.

use anyhow::Result;
use wasm_encoder::reencode::{Reencode as _, RoundtripReencoder};
use wasm_encoder::{ImportSection, Module, RawSection};
use wasmparser::{Import, Parser, Payload};

/// The library with the module and the name that `rename` gives for an import, if it gives any.
pub fn rename_imports(
    wasm: &[u8],
    rename: impl Fn(&Import<'_>) -> Option<(String, String)>,
) -> Result<Vec<u8>> {
    let mut renamed = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if let Payload::ImportSection(section) = payload {
            let mut imports = ImportSection::new();
            for import in section.into_imports() {
                let import = import?;
                let ty = RoundtripReencoder.entity_type(import.ty)?;
                match rename(&import) {
                    Some((module, name)) => imports.import(&module, &name, ty),
                    None => imports.import(import.module, import.name, ty),
                };
            }
            renamed.section(&imports);
        } else if let Some((id, range)) = payload.as_section() {
            renamed.section(&RawSection {
                id,
                data: &wasm[range],
            });
        }
    }
    Ok(renamed.finish())
}
