//! Writes one function body with the indices and addresses of the merged module.

use anyhow::{Context as _, Result, bail};
use wasm_encoder::reencode::{Reencode as _, RoundtripReencoder};
use wasm_encoder::{Encode as _, Instruction};
use wasmparser::{BinaryReader, Operator, OperatorsReader};

use super::Program;
use super::numbering::Numbering;
use super::parse::FunctionSource;
use super::scan::{Site, SiteOp};
use super::symbols::{Id, Target};

/// Opcodes in the binary format.
mod opcode {
    pub const THROW: u8 = 0x08;
    pub const CATCH: u8 = 0x07;
    pub const CALL: u8 = 0x10;
    pub const CALL_INDIRECT: u8 = 0x11;
    pub const RETURN_CALL: u8 = 0x12;
    pub const RETURN_CALL_INDIRECT: u8 = 0x13;
    pub const GLOBAL_GET: u8 = 0x23;
    pub const GLOBAL_SET: u8 = 0x24;
    pub const I32_CONST: u8 = 0x41;
    pub const I32_ADD: u8 = 0x6a;
    pub const REF_FUNC: u8 = 0xd2;
}

/// The body of a function, with the declarations of its locals and without its size.
pub fn write(program: &Program<'_>, numbering: &Numbering, id: Id) -> Result<Vec<u8>> {
    let parsed = &program.libraries[id.library];
    let FunctionSource::Body(body) = &parsed.functions[id.index as usize].source else {
        bail!("`{}` has no body for function {}", parsed.name, id.index);
    };
    let bytes = body.as_bytes();
    let writer = Writer {
        program,
        numbering,
        library: id.library,
    };
    let mut out = Vec::with_capacity(bytes.len());
    let mut copied = 0;
    for site in &program.sites[id.library][id.index as usize] {
        out.extend_from_slice(&bytes[copied..site.start as usize]);
        copied = site.end as usize;
        writer
            .site(&mut out, site, &bytes[site.start as usize..copied])
            .with_context(|| format!("failed to link a function of `{}`", parsed.name))?;
    }
    out.extend_from_slice(&bytes[copied..]);
    Ok(out)
}

struct Writer<'p, 'a> {
    program: &'p Program<'a>,
    numbering: &'p Numbering,
    library: usize,
}

impl Writer<'_, '_> {
    fn site(&self, out: &mut Vec<u8>, site: &Site, original: &[u8]) -> Result<()> {
        match site.op {
            SiteOp::Call(function) => self.function(out, opcode::CALL, function)?,
            SiteOp::ReturnCall(function) => self.function(out, opcode::RETURN_CALL, function)?,
            SiteOp::RefFunc(function) => self.function(out, opcode::REF_FUNC, function)?,
            SiteOp::CallIndirect(ty) => {
                out.push(opcode::CALL_INDIRECT);
                self.ty(ty)?.encode(out);
                // There is only one table.
                out.push(0);
            }
            SiteOp::ReturnCallIndirect(ty) => {
                out.push(opcode::RETURN_CALL_INDIRECT);
                self.ty(ty)?.encode(out);
                out.push(0);
            }
            SiteOp::GlobalGet(global) => match self.constant(global) {
                Some(value) => {
                    out.push(opcode::I32_CONST);
                    value.encode(out);
                }
                None => {
                    out.push(opcode::GLOBAL_GET);
                    self.global(global)?.encode(out);
                }
            },
            SiteOp::GlobalPlus(global, addend) => {
                if let Some(value) = self.constant(global) {
                    out.push(opcode::I32_CONST);
                    value.wrapping_add(addend).encode(out);
                } else {
                    out.push(opcode::GLOBAL_GET);
                    self.global(global)?.encode(out);
                    out.push(opcode::I32_CONST);
                    addend.encode(out);
                    out.push(opcode::I32_ADD);
                }
            }
            SiteOp::GlobalSet(global) => {
                out.push(opcode::GLOBAL_SET);
                self.global(global)?.encode(out);
            }
            SiteOp::Block(opcode, ty) => {
                out.push(opcode);
                i64::from(self.ty(ty)?).encode(out);
            }
            SiteOp::Throw(tag) => {
                out.push(opcode::THROW);
                self.tag(tag)?.encode(out);
            }
            SiteOp::Catch(tag) => {
                out.push(opcode::CATCH);
                self.tag(tag)?.encode(out);
            }
            SiteOp::Other => self.other(out, original)?,
        }
        Ok(())
    }

    fn function(&self, out: &mut Vec<u8>, opcode: u8, index: u32) -> Result<()> {
        let functions = &self.program.symbols.functions[self.library];
        let target: Target = *functions.get(index as usize).context("no such function")?;
        out.push(opcode);
        self.numbering.function(target)?.encode(out);
        Ok(())
    }

    fn ty(&self, index: u32) -> Result<u32> {
        self.numbering.ty(self.library, index)
    }

    fn tag(&self, index: u32) -> Result<u32> {
        let tags = &self.program.symbols.tags[self.library];
        tags.get(index as usize).copied().context("no such tag")
    }

    fn constant(&self, index: u32) -> Option<i32> {
        self.program.constants[self.library][index as usize]
    }

    fn global(&self, index: u32) -> Result<u32> {
        let target = self.program.symbols.globals[self.library][index as usize];
        self.numbering.global(target)
    }

    fn other(&self, out: &mut Vec<u8>, original: &[u8]) -> Result<()> {
        let mut reader = OperatorsReader::new(BinaryReader::new(original, 0));
        match reader.read()? {
            Operator::MemoryInit { data_index, mem } => {
                let data_index = self.numbering.data(self.library, data_index);
                Instruction::MemoryInit {
                    mem,
                    data_index: data_index.context("`memory.init` of active data")?,
                }
                .encode(out);
            }
            Operator::DataDrop { data_index } => {
                // Active data is already dropped.
                if let Some(data) = self.numbering.data(self.library, data_index) {
                    Instruction::DataDrop(data).encode(out);
                }
            }
            Operator::CallRef { type_index } => {
                Instruction::CallRef(self.ty(type_index)?).encode(out);
            }
            Operator::ReturnCallRef { type_index } => {
                Instruction::ReturnCallRef(self.ty(type_index)?).encode(out);
            }
            Operator::TryTable { try_table } => self.try_table(out, try_table)?,
            other => bail!("`{other:?}` is not supported"),
        }
        Ok(())
    }

    fn try_table(&self, out: &mut Vec<u8>, try_table: wasmparser::TryTable) -> Result<()> {
        let ty = match try_table.ty {
            wasmparser::BlockType::FuncType(ty) => {
                wasm_encoder::BlockType::FunctionType(self.ty(ty)?)
            }
            plain => RoundtripReencoder
                .block_type(plain)
                .context("a block of an unknown type")?,
        };
        let catches = try_table.catches.into_iter().map(|catch| {
            Ok(match catch {
                wasmparser::Catch::One { tag, label } => wasm_encoder::Catch::One {
                    tag: self.tag(tag)?,
                    label,
                },
                wasmparser::Catch::OneRef { tag, label } => wasm_encoder::Catch::OneRef {
                    tag: self.tag(tag)?,
                    label,
                },
                wasmparser::Catch::All { label } => wasm_encoder::Catch::All { label },
                wasmparser::Catch::AllRef { label } => wasm_encoder::Catch::AllRef { label },
            })
        });
        let catches = catches.collect::<Result<Vec<_>>>()?;
        Instruction::TryTable(ty, catches.into()).encode(out);
        Ok(())
    }
}
