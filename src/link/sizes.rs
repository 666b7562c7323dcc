//! The contribution of each library to a component: bytes of code, and a part of linear memory for its static data.
//!
//! [`Sizes`] hold for the finished component too: the snapshot changes the contents of memory, not its layout. They
//! come from [`merge::Draft::sizes`], or from here if `wit_component` has linked.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use wasmparser::{
    Dylink0Subsection, ExternalKind, KnownCustom, Operator, Parser, Payload, TypeRef,
};

use merge::{Library, LinkedLibrary, Sizes};

/// The contribution of a library before it is linked.
struct Contribution {
    name: String,
    code: u64,
    memory: u32,
}

impl Contribution {
    fn read(name: &str, wasm: &[u8]) -> Result<Self> {
        let mut contribution = Self {
            name: name.to_owned(),
            code: 0,
            memory: 0,
        };
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.with_context(|| format!("`{name}` is not a wasm module"))? {
                Payload::CustomSection(section) => {
                    if let KnownCustom::Dylink0(subsections) = section.as_known() {
                        for subsection in subsections {
                            if let Dylink0Subsection::MemInfo(memory) = subsection? {
                                contribution.memory = memory.memory_size;
                            }
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => contribution.code += body.range().len() as u64,
                _ => {}
            }
        }
        Ok(contribution)
    }
}

/// The contributions to a component with a core module for each library.
pub fn of_modules(libraries: &[Library], component: &[u8]) -> Result<Sizes> {
    let read = |library: &Library| Contribution::read(&library.name, &library.wasm);
    place(
        libraries.iter().map(read).collect::<Result<_>>()?,
        component,
    )
}

/// The linker's own module has the place of each library's data in a global called `NAME:memory_base`.
fn place(contributions: Vec<Contribution>, component: &[u8]) -> Result<Sizes> {
    let globals = exported_constants(component)?;
    let global = |name: &str| {
        let found = globals.get(name).copied();
        found.with_context(|| format!("the linker gave no global `{name}`"))
    };
    let placed = |contribution: Contribution| {
        let base = global(&format!("{}:memory_base", contribution.name))?;
        anyhow::Ok(LinkedLibrary {
            name: contribution.name,
            code: contribution.code,
            memory: base..base.saturating_add(contribution.memory),
        })
    };
    Ok(Sizes {
        heap_base: global("__heap_base")?,
        libraries: contributions
            .into_iter()
            .map(placed)
            .collect::<Result<_>>()?,
    })
}

/// Globals that the first core module exports, with their initial values.
fn exported_constants(component: &[u8]) -> Result<BTreeMap<&str, u32>> {
    let mut values = Vec::new();
    let mut exported = BTreeMap::new();
    let mut modules = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload.context("the linked component cannot be parsed")? {
            Payload::ModuleSection { .. } if modules == 1 => break,
            Payload::ModuleSection { .. } => modules += 1,
            Payload::ImportSection(imports) if modules == 1 => {
                for import in imports.into_imports() {
                    if let TypeRef::Global(_) = import?.ty {
                        values.push(None);
                    }
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    let value = match global?.init_expr.get_operators_reader().read()? {
                        Operator::I32Const { value } => Some(value.cast_unsigned()),
                        _ => None,
                    };
                    values.push(value);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    if export.kind == ExternalKind::Global
                        && let Some(Some(value)) = values.get(export.index as usize)
                    {
                        exported.insert(export.name, *value);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(exported)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_memory_of_each_library() {
        let component = wat::parse_str(
            r#"(component
                (core module
                  (import "x" "g" (global i32))
                  (global (export "a.so:memory_base") i32 (i32.const 64))
                  (global (export "__heap_base") (mut i32) (i32.const 4096)))
                (core module (global (export "__heap_base") i32 (i32.const 1))))"#,
        )
        .unwrap();
        let contribution = |name: &str| Contribution {
            name: name.to_owned(),
            code: 5,
            memory: 16,
        };
        let sizes = place(vec![contribution("a.so")], &component).unwrap();
        assert_eq!(sizes.heap_base, 4096);
        assert_eq!(
            sizes.libraries,
            [LinkedLibrary {
                name: "a.so".to_owned(),
                code: 5,
                memory: 64..80
            }]
        );
        let error = place(vec![contribution("b.so")], &component).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the linker gave no global `b.so:memory_base`"
        );
    }

    #[test]
    fn what_a_library_brings() {
        let wasm = wat::parse_str(
            r#"(module (@custom "dylink.0" (before type) "\01\04\20\00\00\00") (func) (func nop))"#,
        )
        .unwrap();
        let read = Contribution::read("a.so", &wasm).unwrap();
        // A body consists of its locals, its instructions and `end`.
        assert_eq!((read.code, read.memory), (2 + 3, 32));
    }
}
