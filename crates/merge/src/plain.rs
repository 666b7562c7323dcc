//! Evaluates functions that only compute sums of constants and store them.
//!
//! `wasm-ld` writes two of them into libraries: the start function, which sets the library's own address globals and
//! clears memory, and the one that relocates data. Their effects are known once everything has its place.

use anyhow::Result;
use wasmparser::Operator;

use super::layout::Layout;
use super::parse::FunctionSource;
use super::reach::Inputs;
use super::symbols::{GlobalTarget, Id};

/// One effect of a plain function.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Four bytes, little-endian.
    Store {
        address: u32,
        value: i32,
    },
    Fill {
        address: u32,
        value: u8,
        length: u32,
    },
    Set {
        global: Id,
        value: i32,
    },
}

/// The effects of a library's function, in order; `None` if it is not plain.
pub fn effects(
    inputs: &Inputs<'_, '_>,
    layout: &Layout,
    library: usize,
    function: u32,
) -> Result<Option<Vec<Effect>>> {
    let functions = &inputs.libraries[library].functions;
    let Some(FunctionSource::Body(body)) = functions.get(function as usize).map(|f| &f.source)
    else {
        return Ok(None);
    };
    let mut stack: Vec<i32> = Vec::new();
    let mut effects = Vec::new();
    let mut reader = body.get_operators_reader()?;
    while !reader.eof() {
        match reader.read()? {
            Operator::I32Const { value } => stack.push(value),
            Operator::GlobalGet {
                global_index: index,
            } => match layout.constant(inputs, Id { library, index })? {
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
                // It lies beyond the end of memory, and will trap.
                let Ok(address) = u32::try_from(address) else {
                    return Ok(None);
                };
                effects.push(Effect::Store { address, value });
            }
            Operator::MemoryFill { mem: 0 } => {
                let (Some(length), Some(value), Some(address)) =
                    (stack.pop(), stack.pop(), stack.pop())
                else {
                    return Ok(None);
                };
                effects.push(Effect::Fill {
                    address: address.cast_unsigned(),
                    // The instruction truncates in the same way.
                    value: value as u8,
                    length: length.cast_unsigned(),
                });
            }
            Operator::GlobalSet { global_index } => {
                let target = inputs.symbols.globals[library][global_index as usize];
                let (Some(value), GlobalTarget::Own(global)) = (stack.pop(), target) else {
                    return Ok(None);
                };
                effects.push(Effect::Set { global, value });
            }
            Operator::Nop => {}
            Operator::End => break,
            _ => return Ok(None),
        }
    }
    Ok(Some(effects))
}
