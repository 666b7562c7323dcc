//! Function bodies: valid, of a bearable size, and free of code that would not survive merging.

use std::collections::BTreeSet;

use wasmparser::{
    FuncToValidate, FuncValidatorAllocations, FunctionBody, Operator, ValidatorResources,
};

use super::{Fault, Global, misshapen};
use crate::link::interface::Unfit;
use merge::in_parallel;

/// Compilers spend time and stack on each local, used or not. A file with more locals than a compiler could have needed
/// does not come from a compiler.
const LOCALS_FOR_FREE: u64 = 1_000_000;

type Function<'a> = (FuncToValidate<ValidatorResources>, FunctionBody<'a>);

#[derive(Default)]
pub struct Code {
    /// The number of functions that start the library.
    pub constructors: u32,
    /// Data segments that code copies from.
    copied: BTreeSet<u32>,
}

impl Code {
    pub fn initialises(&self, segment: u32) -> bool {
        self.copied.contains(&segment)
    }

    /// Checks all bodies, on all processors.
    pub fn read(&mut self, globals: &[Global], bodies: &[Function<'_>]) -> Result<(), Fault> {
        let bytes: u64 = bodies
            .iter()
            .map(|(_, body)| body.range().len() as u64)
            .sum();
        let found = in_parallel(bodies, |(function, body)| check(globals, function, body));
        let mut locals = 0;
        for found in found {
            let found = found?;
            locals += found.locals;
            self.copied.extend(found.copied);
        }
        if locals > LOCALS_FOR_FREE + bytes {
            return Err(
                Unfit::TooLarge(format!("its functions have {locals} local variables")).into(),
            );
        }
        Ok(())
    }
}

#[derive(Default)]
struct Found {
    locals: u64,
    copied: Vec<u32>,
}

fn check(
    globals: &[Global],
    function: &FuncToValidate<ValidatorResources>,
    body: &FunctionBody<'_>,
) -> Result<Found, Fault> {
    let mut found = Found::default();
    let function = FuncToValidate {
        resources: function.resources.clone(),
        ..*function
    };
    let mut validator = function.into_validator(FuncValidatorAllocations::default());
    let mut reader = body.get_binary_reader();
    validator.read_locals(&mut reader)?;
    for local in body.get_locals_reader()? {
        found.locals += u64::from(local?.0);
    }
    let mut operators = wasmparser::OperatorsReader::new(reader);
    while !operators.eof() {
        let (operator, offset) = operators.read_with_offset()?;
        validator.op(offset, &operator)?;
        match operator {
            Operator::GlobalSet { global_index } => {
                let global = globals.get(global_index as usize);
                if global.is_some_and(|global| global.is_address || !global.ty.mutable) {
                    return misshapen("it sets an address that the linker gives");
                }
            }
            Operator::MemoryInit { data_index, .. } => found.copied.push(data_index),
            Operator::TableSet { .. }
            | Operator::TableGrow { .. }
            | Operator::TableFill { .. }
            | Operator::TableCopy { .. }
            | Operator::TableInit { .. }
            | Operator::ElemDrop { .. } => {
                return misshapen("it changes the table of functions while it runs");
            }
            _ => {}
        }
    }
    operators.finish()?;
    Ok(found)
}
