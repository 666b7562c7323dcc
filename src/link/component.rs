//! Links with `wit_component::Linker`: a core module for each library, which share a memory and a table.

use anyhow::{Context as _, Result};
use wit_component::Linker;

use glue::RUNTIME_LIBRARY;
use merge::{Library, STACK_SIZE, embed_init_world};

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
    linker.encode().context("failed to link the guest")
}
