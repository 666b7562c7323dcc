//! Libraries of wheels for Emscripten (PEP 783): the same kind of shared library as ours, with another C library.
//!
//! Comes in: a library that has been checked. Goes out: the same, calling our own functions where Emscripten's differ
//! (`adapters/emscripten`), or the symbols that cannot be given. Both C libraries are musl, but not all of their types
//! and constants are the same, so only symbols in `emscripten.txt` are given.

use std::collections::BTreeSet;

use wasmparser::Import;

use super::imports::rename_imports;
use super::interface::{Interface, Unfit};
use super::own::{OF_LIBCXX2, Own};

/// The symbols that are the same in both C libraries: lines with the reason, then the symbols, indented.
const SAME: &str = include_str!("emscripten.txt");
/// The prefix of our functions in place of Emscripten's, as in `adapters/emscripten/abi.h`.
const PREFIX: &str = "__emscripten_abi_";
/// The beginnings of names of functions in Emscripten's JavaScript.
const JAVASCRIPT: [&str; 4] = ["emscripten_", "_emscripten_", "invoke_", "__syscall_"];

/// The library with our functions, unless it needs none of them. `is_known` tells that it comes from such a wheel.
pub fn adapt(
    wasm: &[u8],
    interface: &Interface,
    is_known: bool,
    own: &Own,
) -> Result<Option<Vec<u8>>, Unfit> {
    let symbols = || interface.imports.difference(&interface.exports);
    let of_javascript = |symbol: &&String| {
        !own.defines(symbol) && JAVASCRIPT.iter().any(|start| symbol.starts_with(start))
    };
    let needed: Vec<String> = symbols().filter(of_javascript).cloned().collect();
    if !needed.is_empty() {
        return Err(Unfit::Emscripten(needed));
    }
    if !is_known {
        return Ok(None);
    }
    let of_newer = |symbol: &&String| symbol.contains(OF_LIBCXX2) && !own.defines(symbol);
    let newer: Vec<String> = symbols().filter(of_newer).cloned().collect();
    if !newer.is_empty() {
        return Err(Unfit::OfEmscriptensLibcxx(newer));
    }
    let differs = |symbol: &str| own.defines(&format!("{PREFIX}{symbol}"));
    let same = same();
    let unknown = |symbol: &&String| {
        own.is_of_libc(symbol) && !same.contains(symbol.as_str()) && !differs(symbol)
    };
    let refused: Vec<String> = symbols().filter(unknown).cloned().collect();
    if !refused.is_empty() {
        return Err(Unfit::OfEmscriptensLibc(refused));
    }
    if !symbols().any(|symbol| differs(symbol)) {
        return Ok(None);
    }
    let of_ours = |import: &Import<'_>| {
        let is_symbol = matches!(import.module, "env" | "GOT.func");
        let is_ours = is_symbol && !interface.exports.contains(import.name) && differs(import.name);
        let name = || format!("{PREFIX}{}", import.name);
        is_ours.then(|| (import.module.to_owned(), name()))
    };
    let renamed = rename_imports(wasm, of_ours);
    renamed
        .map(Some)
        .map_err(|error| Unfit::Broken(format!("{error:#}")))
}

fn same() -> BTreeSet<&'static str> {
    let lines = SAME.lines().filter(|line| line.starts_with(' '));
    lines.flat_map(str::split_whitespace).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_listed_once_each_under_a_reason() {
        let mut reason = None;
        let mut listed = 0;
        for line in SAME.lines().filter(|line| !line.is_empty()) {
            match line.starts_with(' ') {
                true => {
                    assert!(reason.is_some(), "{line}");
                    listed += line.split_whitespace().count();
                }
                false => reason = Some(line),
            }
        }
        assert_eq!(same().len(), listed, "a symbol is listed twice");
        for differs in [
            "open",
            "fstat",
            "clock_gettime",
            "localtime_r",
            "setjmp",
            "readdir",
        ] {
            assert!(!same().contains(differs), "{differs}");
        }
    }
}
