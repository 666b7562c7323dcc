//! Links with `wit_component::Linker`: a core module for each library, which share a memory and a table.

use anyhow::{Context as _, Result};
use wasm_encoder::{ConstExpr, ExportKind, ExportSection, GlobalSection, Module};
use wit_component::Linker;

use glue::RUNTIME_LIBRARY;
use merge::{Library, PARAMETERS, STACK_SIZE, embed_init_world};

use super::dylink;

/// More slots than the table of any app has.
const SLOTS: usize = 1 << 20;

pub fn link(libraries: &[Library], keep_names: bool) -> Result<Vec<u8>> {
    let mut linker = Linker::default()
        .stack_size(STACK_SIZE)
        .debug_names(keep_names)
        // The runtime provides `dlopen` and the related functions; wit-component's own would be a second copy.
        .use_built_in_libdl(false)
        // Instrumenting validates the same bytes in the next step.
        .validate(false);
    for library in libraries {
        let mut wasm = library.wasm.clone();
        if library.name == RUNTIME_LIBRARY {
            embed_init_world(wasm.to_mut())?;
        }
        linker = linker
            .library(&library.name, &wasm, library.dl_openable)
            .with_context(|| format!("failed to read the library `{}`", library.name))?;
    }
    linker
        // As one that `dlopen` finds, or it would be left out: the linker does not see that variables are used.
        .library(&format!("{PARAMETERS}.so"), &no_parameters(), true)?
        .encode()
        .context("failed to link the guest")
}

/// A library with an empty table of parameters: this linker does not know the types of what is in the table, so each
/// function is called as it is.
fn no_parameters() -> Vec<u8> {
    let mut globals = GlobalSection::new();
    globals.global(dylink::ADDRESS, &ConstExpr::i32_const(0));
    let mut exports = ExportSection::new();
    exports.export(PARAMETERS, ExportKind::Global, 0);
    let mut module = Module::new();
    module
        .section(&dylink::section(SLOTS))
        .section(&globals)
        .section(&exports);
    module.finish()
}
