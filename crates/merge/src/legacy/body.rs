//! Writes a function with `try_table` in place of `try`.
//!
//! In: the function's body and its [`Plan`]. Out: the body with new blocks, labels and local variables. All other
//! instructions are copied.

use anyhow::{Context as _, Result};
use wasm_encoder::{Catch, Encode as _, Instruction};
use wasmparser::{BinaryReader, BlockType, FuncType, FunctionBody, Operator, ValType};

use super::Types;
use super::plan::{FUNCTION, Plan};

/// Opcodes in the binary format.
mod opcode {
    pub const BLOCK: u8 = 0x02;
    pub const TRY_TABLE: u8 = 0x1f;
}

/// The body of a function of type `ty`, with the declarations of its locals and without its size.
pub fn write(body: &FunctionBody<'_>, plan: &Plan, ty: u32, types: &mut Types) -> Result<Vec<u8>> {
    let params = types.of_index(ty)?.params().len();
    let mut locals = u32::try_from(params)?;
    let mut groups = 0u32;
    for group in body.get_locals_reader()? {
        locals += group?.0;
        groups += 1;
    }
    let mut writer = Writer {
        plan,
        types,
        locals,
        out: Vec::new(),
        open: Vec::new(),
        receives_at: vec![0; plan.blocks.len()],
        begun: FUNCTION,
        depth: 0,
        kept: 0,
        most_kept: 0,
    };
    writer.function(body)?;
    let (code, most_kept) = (writer.out, writer.most_kept);

    let mut out = Vec::with_capacity(code.len() + 16);
    let before = &body.as_bytes()[..declarations(body)?];
    match most_kept {
        0 => out.extend_from_slice(before),
        _ => {
            (groups + 1).encode(&mut out);
            let mut count = BinaryReader::new(before, 0);
            count.read_var_u32()?;
            out.extend_from_slice(&before[count.current_position()..]);
            most_kept.encode(&mut out);
            wasm_encoder::ValType::EXNREF.encode(&mut out);
        }
    }
    out.extend(code);
    Ok(out)
}

/// The bytes of the declarations of locals.
fn declarations(body: &FunctionBody<'_>) -> Result<usize> {
    let operators = body.get_binary_reader_for_operators()?;
    Ok(operators.original_position() - body.range().start)
}

/// A block that has begun and not ended.
struct Open {
    index: usize,
    /// The number of labels outside of the label that branches to it mean.
    position: u32,
    /// The current clause of a `try`; `None` in its body.
    clause: Option<usize>,
    /// The exception of the current clause, if it is kept.
    kept_at: Option<u32>,
}

struct Writer<'w> {
    plan: &'w Plan,
    types: &'w mut Types,
    /// The number of the first new local variable.
    locals: u32,
    out: Vec<u8>,
    open: Vec<Open>,
    /// The position of the label at which each block gets the exceptions of others.
    receives_at: Vec<u32>,
    /// The number of the next block to begin.
    begun: usize,
    /// The number of labels around the current place, without that of the function.
    depth: u32,
    /// The exceptions that are kept in the current place, and the most at once.
    kept: u32,
    most_kept: u32,
}

impl Writer<'_> {
    fn function(&mut self, body: &FunctionBody<'_>) -> Result<()> {
        let (bytes, base) = (body.as_bytes(), body.range().start);
        let mut reader = body.get_operators_reader()?;
        // Parameters are local variables.
        self.begin();
        self.receive(&FuncType::new([], []))?;
        while !reader.eof() {
            let start = reader.original_position() - base;
            let operator = reader.read()?;
            let original = &bytes[start..reader.original_position() - base];
            self.operator(operator, original)?;
        }
        Ok(())
    }

    fn operator(&mut self, operator: Operator<'_>, original: &[u8]) -> Result<()> {
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                self.out.extend_from_slice(original);
                self.depth += 1;
                self.begin();
            }
            Operator::TryTable { try_table } => self.try_table(&try_table)?,
            Operator::Try { blockty } => self.begin_try(blockty)?,
            Operator::Catch { .. } | Operator::CatchAll => self.clause()?,
            Operator::Delegate { .. } | Operator::End => self.end()?,
            Operator::Rethrow { relative_depth } => {
                let kept_at = self.at(relative_depth)?.kept_at;
                let local = kept_at.context("`rethrow` of an exception that was not kept")?;
                self.emit(&Instruction::LocalGet(local));
                self.emit(&Instruction::ThrowRef);
            }
            Operator::Br { relative_depth } => {
                let label = self.label(relative_depth)?;
                self.emit(&Instruction::Br(label));
            }
            Operator::BrIf { relative_depth } => {
                let label = self.label(relative_depth)?;
                self.emit(&Instruction::BrIf(label));
            }
            Operator::BrTable { targets } => {
                let labels = targets.targets().map(|target| self.label(target?));
                let labels = labels.collect::<Result<Vec<u32>>>()?;
                let default = self.label(targets.default())?;
                self.emit(&Instruction::BrTable(labels.into(), default));
            }
            Operator::BrOnNull { .. }
            | Operator::BrOnNonNull { .. }
            | Operator::BrOnCast { .. }
            | Operator::BrOnCastFail { .. } => {
                anyhow::bail!("a branch of the GC proposal beside legacy exceptions")
            }
            _ => self.out.extend_from_slice(original),
        }
        Ok(())
    }

    fn emit(&mut self, instruction: &Instruction<'_>) {
        instruction.encode(&mut self.out);
    }

    /// Notes the block whose label is the innermost one.
    fn begin(&mut self) {
        self.open.push(Open {
            index: self.begun,
            position: self.depth,
            clause: None,
            kept_at: None,
        });
        self.begun += 1;
    }

    /// Begins a block whose result is an exception that the last block has to handle.
    fn receive(&mut self, within: &FuncType) -> Result<()> {
        let last = self.open.last().context("no block has begun")?.index;
        if self.plan.blocks[last].receives {
            self.depth += 1;
            self.receives_at[last] = self.depth;
            let ty = FuncType::new(within.params().iter().copied(), [ValType::EXNREF]);
            self.block(&ty)?;
        }
        Ok(())
    }

    fn block(&mut self, ty: &FuncType) -> Result<()> {
        self.out.push(opcode::BLOCK);
        self.types.encode(ty, &mut self.out)
    }

    fn begin_try(&mut self, ty: BlockType) -> Result<()> {
        let plan = self.plan;
        let block = &plan.blocks[self.begun];
        let ty = self.types.of_block(ty)?;
        if let Some(handler) = block.hands_over_to {
            let label = self.depth - self.receives_at[handler];
            self.begin_try_table(&ty, &[Catch::AllRef { label }])?;
            self.begin();
            return Ok(());
        }
        self.block(&ty)?;
        self.depth += 1;
        self.begin();
        if block.clauses.is_empty() {
            return Ok(());
        }
        for clause in block.clauses.iter().rev() {
            let mut results = match clause.tag {
                Some(tag) => self.types.payload(tag)?.to_vec(),
                None => Vec::new(),
            };
            results.extend(clause.keeps.then_some(ValType::EXNREF));
            self.block(&FuncType::new(ty.params().iter().copied(), results))?;
            self.depth += 1;
        }
        let catches = (0u32..).zip(&block.clauses).map(|(label, clause)| {
            // The blocks of the clauses are in order, the first innermost.
            match (clause.tag, clause.keeps) {
                (Some(tag), false) => Catch::One { tag, label },
                (Some(tag), true) => Catch::OneRef { tag, label },
                (None, false) => Catch::All { label },
                (None, true) => Catch::AllRef { label },
            }
        });
        self.begin_try_table(&ty, &Vec::from_iter(catches))?;
        self.receive(&ty)
    }

    fn begin_try_table(&mut self, ty: &FuncType, catches: &[Catch]) -> Result<()> {
        self.out.push(opcode::TRY_TABLE);
        self.types.encode(ty, &mut self.out)?;
        catches.encode(&mut self.out);
        self.depth += 1;
        Ok(())
    }

    /// A `try_table` that is there already.
    fn try_table(&mut self, try_table: &wasmparser::TryTable) -> Result<()> {
        let catches = try_table.catches.iter().map(|catch| {
            Ok(match *catch {
                wasmparser::Catch::One { tag, label } => Catch::One {
                    tag,
                    label: self.label(label)?,
                },
                wasmparser::Catch::OneRef { tag, label } => Catch::OneRef {
                    tag,
                    label: self.label(label)?,
                },
                wasmparser::Catch::All { label } => Catch::All {
                    label: self.label(label)?,
                },
                wasmparser::Catch::AllRef { label } => Catch::AllRef {
                    label: self.label(label)?,
                },
            })
        });
        let catches = catches.collect::<Result<Vec<_>>>()?;
        let ty = self.types.of_block(try_table.ty)?;
        self.begin_try_table(&ty, &catches)?;
        self.begin();
        Ok(())
    }

    /// Ends the body or a clause of the innermost `try`, and begins the next clause.
    fn clause(&mut self) -> Result<()> {
        self.end_part()?;
        self.emit_end();
        let plan = self.plan;
        let open = self.open.last_mut().context("a clause without `try`")?;
        let next = open.clause.map_or(0, |clause| clause + 1);
        let clauses = &plan.blocks[open.index].clauses;
        let clause = clauses.get(next).context("an unknown clause")?;
        open.clause = Some(next);
        if clause.keeps {
            let local = self.locals + self.kept;
            self.kept += 1;
            self.most_kept = self.most_kept.max(self.kept);
            open.kept_at = Some(local);
            self.emit(&Instruction::LocalSet(local));
        }
        Ok(())
    }

    /// Leaves the body or a clause of the innermost `try` with its results.
    fn end_part(&mut self) -> Result<()> {
        let open = self.open.last_mut().context("a clause without `try`")?;
        let position = open.position;
        self.kept -= u32::from(open.kept_at.take().is_some());
        if open.clause.is_none() {
            if self.plan.blocks[open.index].receives {
                self.throw_received(position);
            }
            self.emit_end();
        }
        self.emit(&Instruction::Br(self.depth - position));
        Ok(())
    }

    /// Ends the block for exceptions from elsewhere: they are thrown here.
    fn throw_received(&mut self, position: u32) {
        self.emit(&Instruction::Br(self.depth - position));
        self.emit_end();
        self.emit(&Instruction::ThrowRef);
    }

    fn emit_end(&mut self) {
        self.emit(&Instruction::End);
        self.depth = self.depth.saturating_sub(1);
    }

    /// Ends the innermost block.
    fn end(&mut self) -> Result<()> {
        let open = self.open.pop().context("more ends than blocks")?;
        self.kept -= u32::from(open.kept_at.is_some());
        if open.index == FUNCTION && self.plan.blocks[FUNCTION].receives {
            self.throw_received(open.position);
        }
        self.emit_end();
        Ok(())
    }

    /// The block that a label of the original means.
    fn at(&self, label: u32) -> Result<&Open> {
        let index = self.open.len().checked_sub(label as usize + 1);
        let open = index.and_then(|index| self.open.get(index));
        open.context("a label that does not exist")
    }

    /// The new label for one of the original.
    fn label(&self, label: u32) -> Result<u32> {
        Ok(self.depth - self.at(label)?.position)
    }
}
