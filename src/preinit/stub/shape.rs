//! From answers to values: what a function's core form returns, or writes into memory.
//!
//! Comes in: the function's type as WIT. Goes out: [`Reply`], by the Canonical ABI's layout. Nothing is encoded here.

use wit_parser::abi::AbiVariant;
use wit_parser::{Function, Resolve, SizeAlign, Type, TypeDefKind};

use super::answers::{Answer, Clock, HANDLE};

/// The effect of a function that replaces one of WASI's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    Trap,
    /// Returns this value, if it returns one.
    Flat(i32),
    /// Writes zeros and then these values to the place that the last argument names.
    Memory {
        size: u32,
        stores: Vec<Store>,
    },
    /// See [`Answer::Ready`].
    Ready,
    Clock(Clock),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Store {
    pub offset: u32,
    pub value: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    Byte(u8),
    Long(u64),
}

impl Reply {
    pub fn needs_memory(&self) -> bool {
        match self {
            Self::Memory { .. }
            | Self::Ready
            | Self::Clock(Clock::Wall | Clock::WallResolution) => true,
            Self::Trap | Self::Flat(_) | Self::Clock(_) => false,
        }
    }
}

/// The form of `answer` for this function. An answer that does not fit the type is a trap.
pub fn reply(resolve: &Resolve, sizes: &SizeAlign, function: &Function, answer: Answer) -> Reply {
    let in_memory = resolve
        .wasm_signature(AbiVariant::GuestImport, function)
        .retptr;
    let flat_or_zeros = |value: i32| match &function.result {
        Some(result) if in_memory => {
            let size = size(sizes, result);
            let stores = Vec::new();
            (value == 0).then_some(Reply::Memory { size, stores })
        }
        _ => Some(Reply::Flat(value)),
    };
    let reply = match answer {
        Answer::Trap => Some(Reply::Trap),
        Answer::Nothing => flat_or_zeros(0),
        Answer::Yes => flat_or_zeros(1),
        Answer::Handle => flat_or_zeros(HANDLE),
        Answer::Refuse(case) => refusal(resolve, sizes, function, case),
        Answer::Room(bytes) => room(resolve, sizes, function, bytes),
        Answer::Ready => Some(Reply::Ready),
        Answer::Clock(clock) => Some(Reply::Clock(clock)),
    };
    reply.unwrap_or(Reply::Trap)
}

fn size(sizes: &SizeAlign, ty: &Type) -> u32 {
    u32::try_from(sizes.size(ty).size_wasm32()).unwrap_or(u32::MAX)
}

/// The type behind its names.
fn kind<'a>(resolve: &'a Resolve, ty: &Type) -> Option<&'a TypeDefKind> {
    let Type::Id(id) = ty else {
        return None;
    };
    match &resolve.types[*id].kind {
        TypeDefKind::Type(other) => kind(resolve, other),
        kind => Some(kind),
    }
}

/// The types of the two cases of a function's result, and the place of their values.
fn cases(
    resolve: &Resolve,
    sizes: &SizeAlign,
    function: &Function,
) -> Option<(Option<Type>, Option<Type>, u32)> {
    let TypeDefKind::Result(result) = kind(resolve, function.result.as_ref()?)? else {
        return None;
    };
    let payload = sizes.payload_offset(
        wit_parser::Int::U8,
        [result.ok.as_ref(), result.err.as_ref()],
    );
    let offset = u32::try_from(payload.size_wasm32()).ok()?;
    Some((result.ok, result.err, offset))
}

fn refusal(resolve: &Resolve, sizes: &SizeAlign, function: &Function, case: &str) -> Option<Reply> {
    let (_, error, offset) = cases(resolve, sizes, function)?;
    let index = match kind(resolve, &error?)? {
        TypeDefKind::Enum(cases) => cases.cases.iter().position(|known| known.name == case),
        TypeDefKind::Variant(cases) => cases.cases.iter().position(|known| known.name == case),
        _ => None,
    };
    let value = Value::Byte(u8::try_from(index?).ok()?);
    Some(Reply::Memory {
        size: size(sizes, function.result.as_ref()?),
        stores: vec![
            Store {
                offset: 0,
                value: Value::Byte(1),
            },
            Store { offset, value },
        ],
    })
}

fn room(resolve: &Resolve, sizes: &SizeAlign, function: &Function, bytes: u32) -> Option<Reply> {
    let (ok, _, offset) = cases(resolve, sizes, function)?;
    (ok == Some(Type::U64)).then_some(Reply::Memory {
        size: size(sizes, function.result.as_ref()?),
        stores: vec![Store {
            offset,
            value: Value::Long(u64::from(bytes)),
        }],
    })
}
