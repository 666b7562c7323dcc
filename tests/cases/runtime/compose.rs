//! Composes two components: connects the imports of one with the exports of the other.

use std::path::Path;

use anyhow::Result;
use wasm_compose::graph::{Component, CompositionGraph, EncodeOptions};
use wasmparser::{Validator, WasmFeatures};

/// Writes a component with the exports of `caller`, which contains `callee`.
pub fn compose(caller: &Path, callee: &Path, output: &Path) -> Result<()> {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let caller = Component::from_file(&mut validator, "caller", caller)?;
    let callee = Component::from_file(&mut validator, "callee", callee)?;
    let shared: Vec<_> = caller
        .imports()
        .filter_map(|(import, name, _)| Some((import, callee.export_by_name(name)?.0)))
        .collect();
    anyhow::ensure!(
        !shared.is_empty(),
        "the caller imports nothing that the callee exports"
    );
    let mut graph = CompositionGraph::new();
    let caller = graph.add_component(caller)?;
    let callee = graph.add_component(callee)?;
    let (calling, called) = (graph.instantiate(caller)?, graph.instantiate(callee)?);
    for (import, export) in shared {
        graph.connect(called, Some(export), calling, import)?;
    }
    let options = EncodeOptions {
        define_components: true,
        export: Some(calling),
        validate: false,
    };
    Ok(fs_err::write(output, graph.encode(options)?)?)
}
