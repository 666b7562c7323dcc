//! Translates legacy exception instructions to those of today's WebAssembly.
//!
//! In: a valid module with `try`, `catch`, `catch_all`, `delegate` and `rethrow`. Out: the same module with `try_table`
//! and `throw_ref`, for hosts that have only those. Functions without such instructions are copied byte by byte.
//!
//! ```text
//! try $l (result R)             block $l (result R)
//!   ...                           block $1 (result T)
//! catch $tag        becomes         try_table (result R) (catch $tag $1)
//!   ...                               ...
//! end                               end
//!                                   br $l
//!                                 end
//!                                 ...
//!                               end
//! ```
//!
//! [`plan`] finds the blocks of a function and the exceptions that are needed later; [`body`] writes the function with
//! the labels renumbered.

mod body;
mod plan;
#[cfg(test)]
mod tests;

use anyhow::{Context as _, Result};
use indexmap::IndexSet;
use wasm_encoder::reencode::{Reencode as _, RoundtripReencoder};
use wasm_encoder::{CodeSection, Encode as _, Module, RawSection, SectionId};
use wasmparser::{
    BinaryReader, BlockType, FuncType, FunctionBody, Parser, Payload, TypeRef, ValType,
};

use plan::Plan;

/// The module with the translated instructions.
pub fn translate(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut types = Types::default();
    let mut functions = Vec::new();
    let mut imported = 0;
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::TypeSection(section) => {
                for ty in section.into_iter_err_on_gc_types() {
                    types.given.push(ty?);
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    match import?.ty {
                        TypeRef::Func(_) => imported += 1,
                        TypeRef::Tag(tag) => types.tags.push(tag.func_type_idx),
                        _ => {}
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    functions.push(ty?);
                }
            }
            Payload::TagSection(section) => {
                for tag in section {
                    types.tags.push(tag?.func_type_idx);
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body),
            _ => {}
        }
    }
    let mut code = CodeSection::new();
    for (index, body) in bodies.iter().enumerate() {
        let ty = *functions.get(index).context("more bodies than functions")?;
        let translated = function(body, ty, &mut types)
            .with_context(|| format!("in function {}", imported + index))?;
        code.raw(translated.as_deref().unwrap_or(body.as_bytes()));
    }
    assemble(wasm, &types, &code)
}

/// The translated body, if it has anything to translate.
fn function(body: &FunctionBody<'_>, ty: u32, types: &mut Types) -> Result<Option<Vec<u8>>> {
    match Plan::read(body)? {
        Some(plan) => body::write(body, &plan, ty, types).map(Some),
        None => Ok(None),
    }
}

/// The module with other types and another code section.
fn assemble(wasm: &[u8], types: &Types, code: &CodeSection) -> Result<Vec<u8>> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::TypeSection(section) => {
                let bytes = &wasm[section.range()];
                module.section(&RawSection {
                    id: SectionId::Type as u8,
                    data: &types.extended(bytes)?,
                });
            }
            Payload::CodeSectionStart { .. } => {
                module.section(code);
            }
            payload => {
                if let Some((id, range)) = payload.as_section() {
                    module.section(&RawSection {
                        id,
                        data: &wasm[range],
                    });
                }
            }
        }
    }
    Ok(module.finish())
}

/// The module's types of functions, and those of new blocks.
#[derive(Default)]
struct Types {
    given: Vec<FuncType>,
    added: IndexSet<FuncType>,
    /// The type of each tag.
    tags: Vec<u32>,
}

impl Types {
    fn of_index(&self, index: u32) -> Result<&FuncType> {
        self.given
            .get(index as usize)
            .context("a type that does not exist")
    }

    fn of_block(&self, ty: BlockType) -> Result<FuncType> {
        Ok(match ty {
            BlockType::Empty => FuncType::new([], []),
            BlockType::Type(ty) => FuncType::new([], [ty]),
            BlockType::FuncType(index) => self.of_index(index)?.clone(),
        })
    }

    /// The values that an exception with this tag carries.
    fn payload(&self, tag: u32) -> Result<&[ValType]> {
        let ty = self.tags.get(tag as usize);
        let ty = *ty.context("a tag that does not exist")?;
        Ok(self.of_index(ty)?.params())
    }

    /// Writes the type of a block.
    fn encode(&mut self, ty: &FuncType, out: &mut Vec<u8>) -> Result<()> {
        let ty = match (ty.params(), ty.results()) {
            ([], []) => wasm_encoder::BlockType::Empty,
            ([], [result]) => {
                wasm_encoder::BlockType::Result(RoundtripReencoder.val_type(*result)?)
            }
            _ => wasm_encoder::BlockType::FunctionType(self.index(ty)?),
        };
        ty.encode(out);
        Ok(())
    }

    fn index(&mut self, ty: &FuncType) -> Result<u32> {
        let (index, _) = self.added.insert_full(ty.clone());
        Ok(u32::try_from(self.given.len() + index)?)
    }

    /// The type section with the new types at its end.
    fn extended(&self, section: &[u8]) -> Result<Vec<u8>> {
        let mut reader = BinaryReader::new(section, 0);
        let count = reader.read_var_u32()? as usize;
        let mut out = Vec::with_capacity(section.len());
        (count + self.added.len()).encode(&mut out);
        out.extend_from_slice(&section[reader.current_position()..]);
        for ty in &self.added {
            let mut one = wasm_encoder::TypeSection::new();
            one.ty()
                .func_type(&RoundtripReencoder.func_type(ty.clone())?);
            let mut bytes = Vec::new();
            one.encode(&mut bytes);
            // Its size and its count, one byte each at these lengths, come before the type.
            let mut reader = BinaryReader::new(&bytes, 0);
            reader.read_var_u32()?;
            reader.read_var_u32()?;
            out.extend_from_slice(&bytes[reader.current_position()..]);
        }
        Ok(out)
    }
}
