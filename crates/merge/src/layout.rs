//! Gives everything its place in the one memory and the one table.
//!
//! In: libraries, symbols and their liveness. Out: [`Layout`], from which every address is a constant.
//!
//! ```text
//! memory: C stack | tables for `dlopen` | data of each library | parameters of each slot | heap
//! table:  null | slots of each library | slots of functions whose address only others take
//! ```

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use wasmparser::{ConstExpr, ExternalKind, Operator};

use super::dl;
use super::parameters;
use super::parse::{GlobalSource, Parsed};
use super::plain::{self, Effect};
use super::reach::{Inputs, Live};
use super::scan::SiteOp;
use super::symbols::{Boundary, GlobalTarget, Id, Target};
use crate::STACK_SIZE;

pub const PAGE: u32 = 1 << 16;
const HEAP_ALIGNMENT: u32 = 16;

pub struct Layout {
    pub memory_bases: Vec<u32>,
    pub table_bases: Vec<u32>,
    /// The content of each slot; slot 0 is the null pointer.
    pub table: Vec<Option<Target>>,
    /// A function has one slot, whoever takes its address, so that pointers compare equal.
    pub slots: HashMap<Target, u32>,
    /// The tables that `dlopen` reads lie at the end of the stack.
    pub dl: dl::Tables,
    /// The address of a byte for each slot, if a library reads them.
    pub parameters: Option<u32>,
    pub heap_base: u32,
    pub heap_end: u32,
    /// The libraries' own globals that their start functions set once and for all.
    settled: HashMap<Id, i32>,
    /// Libraries whose start function need not run: its effects are part of the layout.
    pub started: Vec<bool>,
}

pub fn lay_out(inputs: &Inputs<'_, '_>, live: &Live) -> Result<Layout> {
    let mut layout = Layout {
        memory_bases: Vec::new(),
        table_bases: Vec::new(),
        table: vec![None],
        slots: HashMap::new(),
        dl: dl::Tables::measure(inputs.libraries),
        parameters: None,
        heap_base: 0,
        heap_end: 0,
        settled: HashMap::new(),
        started: vec![false; inputs.libraries.len()],
    };
    let too_large = || "the libraries' data takes more than 4 GiB";
    let mut memory = u64::from(STACK_SIZE) + u64::from(layout.dl.size);
    for (library, parsed) in inputs.libraries.iter().enumerate() {
        let extent = &parsed.extent;
        memory = memory.next_multiple_of(1 << extent.memory_alignment);
        layout
            .memory_bases
            .push(u32::try_from(memory).with_context(too_large)?);
        let table = layout
            .table
            .len()
            .next_multiple_of(1 << extent.table_alignment);
        layout.table_bases.push(u32::try_from(table)?);
        if live.libraries[library] {
            memory += u64::from(extent.memory_size);
            layout
                .table
                .resize(table + extent.table_size as usize, None);
            layout.fill(inputs, library)?;
        }
    }
    for &target in &live.addressed {
        layout.add_slot(target)?;
    }
    if parameters::are_read(inputs) {
        layout.parameters = Some(u32::try_from(memory).with_context(too_large)?);
        memory += layout.table.len() as u64;
    }
    let heap = memory.next_multiple_of(u64::from(HEAP_ALIGNMENT));
    layout.heap_base = u32::try_from(heap).with_context(too_large)?;
    let end = heap.next_multiple_of(u64::from(PAGE));
    layout.heap_end = u32::try_from(end).with_context(too_large)?;
    for library in 0..inputs.libraries.len() {
        layout.settle(inputs, library)?;
    }
    Ok(layout)
}

impl Layout {
    /// Puts the functions of a library's segments into its slots.
    fn fill(&mut self, inputs: &Inputs<'_, '_>, library: usize) -> Result<()> {
        let parsed = &inputs.libraries[library];
        let end = self.table.len();
        for element in &parsed.elements {
            let Some(offset) = &element.offset else {
                anyhow::ensure!(
                    element.declared,
                    "`{}` has a passive table segment, which is not supported",
                    parsed.name
                );
                continue;
            };
            let start = self.evaluate(parsed, library, offset)?.cast_unsigned() as usize;
            let fits = start + element.functions.len() <= end;
            anyhow::ensure!(fits, "`{}` fills more slots than it asks for", parsed.name);
            for (slot, function) in (start..).zip(&element.functions) {
                let Some(index) = function else { continue };
                let target = inputs.symbols.functions[library][*index as usize];
                self.table[slot] = Some(target);
                self.slots.entry(target).or_insert(u32::try_from(slot)?);
            }
        }
        Ok(())
    }

    fn add_slot(&mut self, target: Target) -> Result<()> {
        if !self.slots.contains_key(&target) {
            self.slots.insert(target, u32::try_from(self.table.len())?);
            self.table.push(Some(target));
        }
        Ok(())
    }

    /// Takes over the effects of a library's start function, if it is plain and the last to set these globals.
    fn settle(&mut self, inputs: &Inputs<'_, '_>, library: usize) -> Result<()> {
        let Some(start) = inputs.libraries[library].start else {
            return Ok(());
        };
        let Some(effects) = plain::effects(inputs, self, library, start)? else {
            return Ok(());
        };
        let mut settled = HashMap::new();
        for effect in effects {
            match effect {
                Effect::Set { global, value } if global.library == library => {
                    settled.insert(global, value);
                }
                // Nothing is known here about another library's globals.
                Effect::Set { .. } => return Ok(()),
                Effect::Fill {
                    address, length, ..
                } => {
                    let own = self.memory_bases[library];
                    let end =
                        u64::from(own) + u64::from(inputs.libraries[library].extent.memory_size);
                    if address < own || u64::from(address) + u64::from(length) > end {
                        return Ok(());
                    }
                }
                Effect::Store { .. } => return Ok(()),
            }
        }
        let others = inputs.sites[library].iter().enumerate();
        let mut others = others.filter(|(index, _)| *index != start as usize);
        let set_again = others.any(|(_, sites)| {
            sites.iter().any(|site| match site.op {
                SiteOp::GlobalSet(index) => settled.contains_key(&Id { library, index }),
                // It then runs once more.
                SiteOp::Call(function)
                | SiteOp::ReturnCall(function)
                | SiteOp::RefFunc(function) => function == start,
                _ => false,
            })
        });
        let parsed = &inputs.libraries[library];
        let exported = parsed.exports.values().any(|export| {
            let index = export.index;
            match export.kind {
                ExternalKind::Global => settled.contains_key(&Id { library, index }),
                ExternalKind::Func => index == start,
                _ => false,
            }
        });
        let mut slots = parsed
            .elements
            .iter()
            .flat_map(|element| &element.functions);
        if !set_again && !exported && !slots.any(|function| *function == Some(start)) {
            self.settled.extend(settled);
            self.started[library] = true;
        }
        Ok(())
    }

    /// The values of [`Layout::constant`] for all globals of live libraries.
    pub fn constants(&self, inputs: &Inputs<'_, '_>, live: &Live) -> Result<Vec<Vec<Option<i32>>>> {
        let libraries = inputs.libraries.iter().enumerate();
        libraries
            .map(|(library, parsed)| {
                if !live.libraries[library] {
                    return Ok(Vec::new());
                }
                let indices = 0..u32::try_from(parsed.globals.len())?;
                indices
                    .map(|index| self.constant(inputs, Id { library, index }))
                    .collect()
            })
            .collect()
    }

    /// The value of a global that is a constant now; `None` for those that remain globals.
    pub fn constant(&self, inputs: &Inputs<'_, '_>, id: Id) -> Result<Option<i32>> {
        let value = match inputs.symbols.globals[id.library][id.index as usize] {
            GlobalTarget::MemoryBase => self.memory_bases[id.library],
            GlobalTarget::TableBase => self.table_bases[id.library],
            GlobalTarget::Variable(variable) => self.address(inputs.libraries, variable)?,
            GlobalTarget::Boundary(Boundary::HeapBase) => self.heap_base,
            GlobalTarget::Boundary(Boundary::HeapEnd) => self.heap_end,
            GlobalTarget::Boundary(Boundary::StackHigh) => STACK_SIZE,
            GlobalTarget::Boundary(Boundary::Parameters) => self.parameters.unwrap_or(0),
            GlobalTarget::Boundary(Boundary::StackLow) | GlobalTarget::Missing(_) => 0,
            // A target without a slot is missing and weak, or nothing live asks for it.
            GlobalTarget::Slot(target) => self.slots.get(&target).copied().unwrap_or(0),
            GlobalTarget::StackPointer => return Ok(None),
            GlobalTarget::Own(own) => return self.own(inputs.libraries, own),
        };
        Ok(Some(value.cast_signed()))
    }

    /// The value of a library's own global, if it never changes.
    fn own(&self, libraries: &[Parsed<'_>], id: Id) -> Result<Option<i32>> {
        if let Some(value) = self.settled.get(&id) {
            return Ok(Some(*value));
        }
        let parsed = &libraries[id.library];
        let global = &parsed.globals[id.index as usize];
        match &global.source {
            GlobalSource::Defined(value)
                if !global.ty.mutable && global.ty.content_type == wasmparser::ValType::I32 =>
            {
                self.evaluate(parsed, id.library, value).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The address of a variable that a library exports.
    pub fn address(&self, libraries: &[Parsed<'_>], id: Id) -> Result<u32> {
        let parsed = &libraries[id.library];
        let offset = self.own(libraries, id)?.with_context(|| {
            format!("`{}` exports a global that is not an address", parsed.name)
        })?;
        Ok(self.memory_bases[id.library].wrapping_add(offset.cast_unsigned()))
    }

    /// The value of a constant expression of a library.
    pub fn evaluate(
        &self,
        parsed: &Parsed<'_>,
        library: usize,
        expression: &ConstExpr<'_>,
    ) -> Result<i32> {
        let mut stack: Vec<i32> = Vec::new();
        let mut reader = expression.get_operators_reader();
        while !reader.eof() {
            let value = match reader.read()? {
                Operator::I32Const { value } => value,
                Operator::GlobalGet { global_index } => {
                    match parsed.globals.get(global_index as usize).map(|g| &g.source) {
                        Some(GlobalSource::MemoryBase) => self.memory_bases[library].cast_signed(),
                        Some(GlobalSource::TableBase) => self.table_bases[library].cast_signed(),
                        _ => bail!("a constant of `{}` uses an unknown global", parsed.name),
                    }
                }
                operator @ (Operator::I32Add | Operator::I32Sub | Operator::I32Mul) => {
                    let (Some(right), Some(left)) = (stack.pop(), stack.pop()) else {
                        bail!("a constant of `{}` has no value", parsed.name);
                    };
                    match operator {
                        Operator::I32Add => left.wrapping_add(right),
                        Operator::I32Sub => left.wrapping_sub(right),
                        _ => left.wrapping_mul(right),
                    }
                }
                Operator::End => break,
                other => bail!(
                    "`{other:?}` in a constant of `{}` is not supported",
                    parsed.name
                ),
            };
            stack.push(value);
        }
        stack
            .pop()
            .with_context(|| format!("a constant of `{}` has no value", parsed.name))
    }
}
