//! Links with `wit_component::Linker`: a core module for each library, which share a memory and a table.

use anyhow::{Context as _, Result};
use wasm_encoder::{
    ConstExpr, CustomSection, Encode as _, ExportKind, ExportSection, GlobalSection, GlobalType,
    Module, ValType,
};
use wit_component::Linker;

use glue::RUNTIME_LIBRARY;
use merge::{Library, PARAMETERS, STACK_SIZE, embed_init_world};

/// More slots than the table of any app has.
const SLOTS: u32 = 1 << 20;

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
    const MEM_INFO: u8 = 1;
    let mut mem_info = Vec::new();
    for field in [SLOTS, 0, 0, 0] {
        field.encode(&mut mem_info);
    }
    let mut dylink = vec![MEM_INFO];
    mem_info.encode(&mut dylink);
    let mut globals = GlobalSection::new();
    let address = GlobalType {
        val_type: ValType::I32,
        mutable: false,
        shared: false,
    };
    globals.global(address, &ConstExpr::i32_const(0));
    let mut exports = ExportSection::new();
    exports.export(PARAMETERS, ExportKind::Global, 0);
    let mut module = Module::new();
    module
        .section(&CustomSection {
            name: "dylink.0".into(),
            data: dylink.into(),
        })
        .section(&globals)
        .section(&exports);
    module.finish()
}
