//! The core module whose functions trap in place of WASI's.

use anyhow::{Context as _, Result, anyhow};
use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Function, FunctionSection, Module, NameMap,
    NameSection, TypeSection, ValType,
};
use wasmparser::{Parser, ValidPayload, Validator, WasmFeatures};

use super::Stub;

/// A module with one trapping function for each stub, exported by its number.
pub fn trapping(stubs: &[Stub], component: &[u8]) -> Result<Module> {
    let signatures = signatures(stubs, component)?;
    let mut types = TypeSection::new();
    let mut functions = FunctionSection::new();
    let mut exports = ExportSection::new();
    let mut code = CodeSection::new();
    let mut names = NameMap::new();
    for (index, (stub, signature)) in (0u32..).zip(stubs.iter().zip(signatures)) {
        types.ty().function(signature.params, signature.results);
        functions.function(index);
        exports.export(&index.to_string(), ExportKind::Func, index);
        let mut body = Function::new([]);
        body.instructions().unreachable().end();
        code.function(&body);
        names.append(index, &stub.name);
    }
    let mut name_section = NameSection::new();
    name_section.functions(&names);
    let mut module = Module::new();
    module
        .section(&types)
        .section(&functions)
        .section(&exports)
        .section(&code)
        .section(&name_section);
    Ok(module)
}

struct Signature {
    params: Vec<ValType>,
    results: Vec<ValType>,
}

/// The core types of the functions to replace, as computed by the validator.
fn signatures(stubs: &[Stub], component: &[u8]) -> Result<Vec<Signature>> {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let mut types = None;
    for payload in Parser::new(0).parse_all(component) {
        // The bodies of functions are not checked here, but once at the end.
        if let ValidPayload::End(end) = validator.payload(&payload?)? {
            types = Some(end);
        }
    }
    let types = types.context("the component has no end")?;
    let types = types.as_ref();
    stubs
        .iter()
        .map(|stub| {
            let ty = types[types.core_function_at(stub.core_func)].unwrap_func();
            let convert = |types: &[wasmparser::ValType]| {
                types
                    .iter()
                    .map(|ty| ValType::try_from(*ty).map_err(|_| anyhow!("unknown core type {ty}")))
                    .collect::<Result<Vec<_>>>()
            };
            Ok(Signature {
                params: convert(ty.params())?,
                results: convert(ty.results())?,
            })
        })
        .collect()
}
