//! What memory holds before anything has run.
//!
//! In: libraries and the layout. Out: [`Image`], the data of all libraries in its place, with data relocations applied
//! where their function is plain enough to be worked out here; the others run when the module is instantiated.

use anyhow::{Context as _, Result};
use wasmparser::{DataKind, Operator};

use super::super::STACK_SIZE;
use super::dl;
use super::layout::Layout;
use super::parse::{FunctionSource, Parsed};
use super::reach::{Linked, Live, RELOCATIONS};
use super::symbols::Id;

/// Memory from the end of the stack to the heap.
pub struct Image {
    pub bytes: Vec<u8>,
    /// Libraries whose data relocations are applied.
    pub relocated: Vec<bool>,
}

pub fn draw(linked: &Linked<'_, '_>, live: &Live, layout: &Layout) -> Result<Image> {
    let size = (layout.heap_base - STACK_SIZE) as usize;
    let mut image = Image {
        bytes: vec![0; size],
        relocated: vec![false; linked.libraries.len()],
    };
    let tables = dl::write(linked, layout)?;
    image.bytes[..tables.len()].copy_from_slice(&tables);
    for (library, parsed) in linked.libraries.iter().enumerate() {
        if live.libraries[library] {
            image.add_data(layout, library, parsed)?;
            image.relocated[library] = image.relocate(linked, layout, library)?;
        }
    }
    Ok(image)
}

impl Image {
    fn add_data(&mut self, layout: &Layout, library: usize, parsed: &Parsed<'_>) -> Result<()> {
        for segment in &parsed.data {
            let DataKind::Active { offset_expr, .. } = &segment.kind else {
                continue;
            };
            let address = layout
                .evaluate(parsed, library, offset_expr)?
                .cast_unsigned();
            let place = self.place(address, segment.data.len());
            place
                .with_context(|| format!("`{}` has data outside of its memory", parsed.name))?
                .copy_from_slice(segment.data);
        }
        Ok(())
    }

    fn place(&mut self, address: u32, length: usize) -> Option<&mut [u8]> {
        let start = address.checked_sub(STACK_SIZE)? as usize;
        self.bytes.get_mut(start..start.checked_add(length)?)
    }

    /// Applies a library's data relocations; says whether that was possible.
    fn relocate(
        &mut self,
        linked: &Linked<'_, '_>,
        layout: &Layout,
        library: usize,
    ) -> Result<bool> {
        let parsed = &linked.libraries[library];
        let Some(function) = parsed.exported_function(RELOCATIONS) else {
            return Ok(true);
        };
        // Something else may have to put the data there first.
        if parsed.start.is_some() {
            return Ok(false);
        }
        match stores(linked, layout, library, function)? {
            Some(stores) => {
                for (address, value) in stores {
                    let Some(place) = self.place(address, 4) else {
                        return Ok(false);
                    };
                    place.copy_from_slice(&value.to_le_bytes());
                }
                Ok(true)
            }
            None => Ok(false),
        }
    }
}

/// What a function stores where, if it is nothing but sums of constants and stores of them.
fn stores(
    linked: &Linked<'_, '_>,
    layout: &Layout,
    library: usize,
    function: u32,
) -> Result<Option<Vec<(u32, i32)>>> {
    let parsed = &linked.libraries[library];
    let FunctionSource::Body(body) = &parsed.functions[function as usize].source else {
        return Ok(None);
    };
    let mut stack: Vec<i32> = Vec::new();
    let mut stores = Vec::new();
    let mut reader = body.get_operators_reader()?;
    while !reader.eof() {
        match reader.read()? {
            Operator::I32Const { value } => stack.push(value),
            Operator::GlobalGet {
                global_index: index,
            } => match layout.constant(linked, Id { library, index })? {
                Some(value) => stack.push(value),
                None => return Ok(None),
            },
            Operator::I32Add => {
                let (Some(right), Some(left)) = (stack.pop(), stack.pop()) else {
                    return Ok(None);
                };
                stack.push(left.wrapping_add(right));
            }
            Operator::I32Store { memarg } => {
                let (Some(value), Some(base)) = (stack.pop(), stack.pop()) else {
                    return Ok(None);
                };
                let address = u64::from(base.cast_unsigned()) + memarg.offset;
                stores.push((u32::try_from(address)?, value));
            }
            Operator::Nop => {}
            Operator::End => break,
            _ => return Ok(None),
        }
    }
    Ok(Some(stores))
}
