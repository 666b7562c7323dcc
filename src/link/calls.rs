//! The types of the functions that `ctypes` may call: a call by another type traps, so it asks first (`runtime/dl.c`).
//!
//! Comes in: the libraries of a component. Goes out: one more, whose function `componentize_py_signatures` returns the address of
//! a text, or none if nothing asks for it. The text has three parts for each function, each with a zero at its end: the library,
//! the name, and the type as a letter for the result (`v` for none), then one for each parameter. A last zero ends it.

use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, ImportSection, MemoryType, Module, TypeSection, ValType,
};
use wasmparser::FuncType;

use super::signatures::Signatures;
use super::{Library, dylink};
use crate::artifacts::module_of;

const NAME: &str = "libcomponentize_py_signatures.so";
const FUNCTION: &str = "componentize_py_signatures";

/// The library for a component with `ctypes` and extensions.
pub fn signatures(libraries: &[Library]) -> Option<Library> {
    let calls = libraries
        .iter()
        .any(|library| module_of(&library.name) == Some("_ctypes"));
    if !calls {
        return None;
    }
    let mut text = Vec::new();
    for library in libraries.iter().filter(|library| library.dl_openable) {
        let signatures = Signatures::read(&library.wasm).ok()?;
        for (name, ty) in signatures.functions() {
            for part in [library.name.as_str(), name, &letters(ty)] {
                text.extend(part.as_bytes());
                text.push(0);
            }
        }
    }
    if text.is_empty() {
        return None;
    }
    text.push(0);
    Some(Library {
        name: NAME.to_owned(),
        wasm: module(&text).into(),
        is_foreign: false,
        dl_openable: false,
    })
}

fn letters(ty: &FuncType) -> String {
    let letter = |ty: &wasmparser::ValType| match ty {
        wasmparser::ValType::I32 => 'i',
        wasmparser::ValType::I64 => 'l',
        wasmparser::ValType::F32 => 'f',
        wasmparser::ValType::F64 => 'd',
        wasmparser::ValType::V128 | wasmparser::ValType::Ref(_) => '?',
    };
    let result = match ty.results() {
        [] => 'v',
        [one] => letter(one),
        _ => '?',
    };
    let parameters = ty.params().iter().map(letter);
    std::iter::once(result).chain(parameters).collect()
}

/// A library with these bytes as its data.
fn module(text: &[u8]) -> Vec<u8> {
    let mut module = Module::new();
    module.section(&dylink::section(text.len()));

    let mut types = TypeSection::new();
    types.ty().function([], [ValType::I32]);
    let mut imports = ImportSection::new();
    let any_memory = MemoryType {
        minimum: 0,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    imports.import("env", "memory", any_memory);
    imports.import("env", "__memory_base", EntityType::Global(dylink::ADDRESS));
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut exports = ExportSection::new();
    exports.export(FUNCTION, ExportKind::Func, 0);
    let mut body = Function::new([]);
    body.instructions().global_get(0).end();
    let mut code = CodeSection::new();
    code.function(&body);
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::global_get(0), text.iter().copied());
    module
        .section(&types)
        .section(&imports)
        .section(&functions)
        .section(&exports)
        .section(&code)
        .section(&data);
    module.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(name: &str, wat: &str) -> Library {
        Library {
            name: name.to_owned(),
            wasm: wat::parse_str(wat).unwrap().into(),
            is_foreign: true,
            dl_openable: !name.starts_with("lib"),
        }
    }

    const ADD: &str = r#"(module (func (export "add") (param i32 f64) (result i64) i64.const 0))"#;

    #[test]
    fn a_type_is_the_letters_of_its_result_and_its_parameters() {
        let libraries = [
            library("libpython3.14-_ctypes.so", "(module)"),
            library("/0/one.so", ADD),
        ];
        let made = signatures(&libraries).unwrap();
        wasmparser::validate(&made.wasm).unwrap();
        let text = b"/0/one.so\0add\0lid\0\0";
        assert!(made.wasm.windows(text.len()).any(|bytes| bytes == text));
    }

    #[test]
    fn without_ctypes_or_extensions_there_is_none() {
        assert!(signatures(&[library("/0/one.so", ADD)]).is_none());
        let ctypes = library("libpython3.14-_ctypes.so", ADD);
        assert!(signatures(&[ctypes]).is_none());
    }
}
