//! Constant expressions, in the form that [`merge`] evaluates: sums of numbers and of the two bases.

use wasmparser::{ConstExpr, GlobalType, Operator, ValType};

use super::{Base, Fault, Global, misshapen};

/// A number plus multiples of the bases; all wrap.
#[derive(Clone, Copy, Default)]
struct Sum {
    number: i32,
    memory: i32,
    table: i32,
}

impl Sum {
    fn plus(self, other: Self, times: i32) -> Self {
        let add = |one: i32, other: i32| one.wrapping_add(other.wrapping_mul(times));
        Self {
            number: add(self.number, other.number),
            memory: add(self.memory, other.memory),
            table: add(self.table, other.table),
        }
    }

    /// Only one of the two may have bases.
    fn times(self, other: Self) -> Option<Self> {
        let is_number = |sum: Self| sum.memory == 0 && sum.table == 0;
        if is_number(other) {
            Some(Self::default().plus(self, other.number))
        } else {
            is_number(self).then(|| Self::default().plus(other, self.number))
        }
    }
}

/// The distance from a base that an expression denotes.
pub fn place(
    globals: &[Global],
    expression: &ConstExpr<'_>,
    base: Base,
) -> Result<Option<u32>, Fault> {
    let Sum {
        number,
        memory,
        table,
    } = sum(globals, expression)?;
    let expected = match base {
        Base::Memory => (1, 0),
        Base::Table => (0, 1),
    };
    Ok(((memory, table) == expected).then(|| number.cast_unsigned()))
}

/// Refuses a global whose value cannot be kept, or cannot be known now.
pub fn initial(globals: &[Global], global: &wasmparser::Global<'_>) -> Result<(), Fault> {
    check_kind(global.ty)?;
    if global.ty.content_type == ValType::I32 {
        return sum(globals, &global.init_expr).map(drop);
    }
    let mut reader = global.init_expr.get_operators_reader();
    let is_plain = matches!(
        reader.read()?,
        Operator::I64Const { .. } | Operator::F32Const { .. } | Operator::F64Const { .. }
    );
    if is_plain && matches!(reader.read()?, Operator::End) {
        Ok(())
    } else {
        misshapen("a global begins with a value that has to be worked out")
    }
}

/// The value of a global must survive the snapshot.
pub fn check_kind(ty: GlobalType) -> Result<(), Fault> {
    match ty.content_type {
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 if !ty.shared => Ok(()),
        other => misshapen(format!("it has a global of type `{other}`")),
    }
}

/// The content of a slot: a function, or nothing.
pub fn function(item: &ConstExpr<'_>) -> Result<(), Fault> {
    let mut reader = item.get_operators_reader();
    match reader.read()? {
        Operator::RefFunc { .. } | Operator::RefNull { .. } => Ok(()),
        _ => misshapen("a slot of its table has to be worked out"),
    }
}

fn sum(globals: &[Global], expression: &ConstExpr<'_>) -> Result<Sum, Fault> {
    let unknown = || misshapen("a constant uses something else than the two bases");
    let mut stack: Vec<Sum> = Vec::new();
    let mut reader = expression.get_operators_reader();
    loop {
        let value = match reader.read()? {
            Operator::I32Const { value } => Sum {
                number: value,
                ..Sum::default()
            },
            Operator::GlobalGet { global_index } => {
                match globals.get(global_index as usize).and_then(|g| g.base) {
                    Some(Base::Memory) => Sum {
                        memory: 1,
                        ..Sum::default()
                    },
                    Some(Base::Table) => Sum {
                        table: 1,
                        ..Sum::default()
                    },
                    None => return unknown(),
                }
            }
            operator @ (Operator::I32Add | Operator::I32Sub | Operator::I32Mul) => {
                let (Some(right), Some(left)) = (stack.pop(), stack.pop()) else {
                    return unknown();
                };
                match operator {
                    Operator::I32Add => left.plus(right, 1),
                    Operator::I32Sub => left.plus(right, -1),
                    _ => match left.times(right) {
                        Some(product) => product,
                        None => return unknown(),
                    },
                }
            }
            Operator::End => match stack.pop() {
                Some(value) => return Ok(value),
                None => return unknown(),
            },
            _ => return unknown(),
        };
        stack.push(value);
    }
}
