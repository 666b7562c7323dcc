//! Native extensions that call WASI preview 1: their imports become symbols of a library of ours (`adapters/`).
//!
//! Comes in: a library that has been checked. Goes out: the same without imports from `wasi_snapshot_preview1`, or the
//! names of the functions that our library lacks. Our library is linked, like any of ours, only if one of its symbols
//! is used.

use wasmparser::{Import, Parser, Payload};

use super::imports::rename_imports;
use super::interface::Unfit;

const MODULE: &str = "wasi_snapshot_preview1";
/// The prefix of symbols' names, as in `adapters/preview1.h`.
const PREFIX: &str = "__wasi_preview1_";

/// `is_offered` tells whether a library of ours defines a symbol.
pub fn adapt(wasm: Vec<u8>, is_offered: impl Fn(&str) -> bool) -> Result<Vec<u8>, Unfit> {
    let broken = |error: wasmparser::BinaryReaderError| Unfit::Broken(error.to_string());
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(&wasm) {
        if let Payload::ImportSection(imports) = payload.map_err(broken)? {
            for import in imports.into_imports() {
                let import = import.map_err(broken)?;
                if import.module == MODULE {
                    names.push(import.name.to_owned());
                }
            }
            break;
        }
    }
    if names.is_empty() {
        return Ok(wasm);
    }
    names.retain(|name| !is_offered(&format!("{PREFIX}{name}")));
    if !names.is_empty() {
        return Err(Unfit::Preview1(names));
    }
    let of_ours = |import: &Import<'_>| {
        (import.module == MODULE).then(|| ("env".to_owned(), format!("{PREFIX}{}", import.name)))
    };
    rename_imports(&wasm, of_ours).map_err(|error| Unfit::Broken(format!("{error:#}")))
}
