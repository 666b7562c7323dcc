//! Values of WIT types: random values, their equality and their size.

use wasmtime::component::Val;
use wit_parser::{Resolve, Type, TypeDefKind};

use crate::random::rng::Rng;

/// The type behind aliases and `use`.
pub fn behind(resolve: &Resolve, ty: &Type) -> Type {
    let mut ty = *ty;
    while let Type::Id(id) = ty {
        match resolve.types[id].kind {
            TypeDefKind::Type(target) => ty = target,
            _ => break,
        }
    }
    ty
}

/// A random value; `room` bounds the length of lists.
pub fn value(rng: &mut Rng, resolve: &Resolve, ty: &Type, room: usize) -> Val {
    let bits = rng.bits();
    // Small numbers and the ends of each range as often as all others together.
    let edge = [
        0,
        1,
        u64::MAX,
        u64::MAX >> 1,
        1 << 63,
        1 << 31,
        1 << 15,
        1 << 7,
        0x7f,
        0x7fff,
        0x7fff_ffff,
    ];
    let bits = if rng.percent(50) {
        bits
    } else {
        *rng.pick(&edge)
    };
    match behind(resolve, ty) {
        Type::Bool => Val::Bool(bits & 1 == 1),
        Type::U8 => Val::U8(bits as u8),
        Type::S8 => Val::S8(bits as i8),
        Type::U16 => Val::U16(bits as u16),
        Type::S16 => Val::S16(bits as i16),
        Type::U32 => Val::U32(bits as u32),
        Type::S32 => Val::S32(bits as i32),
        Type::U64 => Val::U64(bits),
        Type::S64 => Val::S64(bits as i64),
        Type::F32 => Val::Float32(float32(rng)),
        Type::F64 => Val::Float64(float64(rng)),
        Type::Char => Val::Char(character(rng)),
        Type::String => {
            let length = length(rng, room);
            Val::String((0..length).map(|_| character(rng)).collect())
        }
        Type::ErrorContext => unreachable!("no world here has error contexts"),
        Type::Id(id) => defined(rng, resolve, &resolve.types[id].kind, room),
    }
}

fn defined(rng: &mut Rng, resolve: &Resolve, kind: &TypeDefKind, room: usize) -> Val {
    let inner = room / 2;
    let one = |rng: &mut Rng, ty: &Type| value(rng, resolve, ty, inner);
    let optional = |rng: &mut Rng, ty: &Option<Type>| {
        ty.as_ref()
            .map(|ty| Box::new(value(rng, resolve, ty, inner)))
    };
    let payload = |rng: &mut Rng, ty: Option<&Type>| {
        ty.map_or(Val::Tuple(Vec::new()), |ty| value(rng, resolve, ty, inner))
    };
    match kind {
        TypeDefKind::Record(record) => Val::Record(
            record
                .fields
                .iter()
                .map(|field| (field.name.clone(), one(rng, &field.ty)))
                .collect(),
        ),
        TypeDefKind::Tuple(tuple) => {
            Val::Tuple(tuple.types.iter().map(|ty| one(rng, ty)).collect())
        }
        TypeDefKind::Flags(flags) => {
            let chance = *rng.pick(&[0, 50, 100]);
            let set = flags.flags.iter().filter(|_| rng.percent(chance));
            Val::Flags(set.map(|flag| flag.name.clone()).collect())
        }
        TypeDefKind::Enum(cases) => Val::Enum(rng.pick(&cases.cases).name.clone()),
        TypeDefKind::Variant(variant) => {
            let case = rng.pick(&variant.cases);
            Val::Variant(case.name.clone(), optional(rng, &case.ty))
        }
        TypeDefKind::Option(some) => {
            let there = rng.percent(70);
            Val::Option(there.then(|| Box::new(one(rng, some))))
        }
        TypeDefKind::Result(result) => Val::Result(match rng.percent(50) {
            true => Ok(optional(rng, &result.ok)),
            false => Err(optional(rng, &result.err)),
        }),
        TypeDefKind::List(item) => {
            let item = behind(resolve, item);
            // Numbers are copied as a block: some lists of them are long.
            let long = !matches!(item, Type::Id(_) | Type::String) && rng.percent(5);
            let length = if long {
                rng.between(200, 3000)
            } else {
                length(rng, room)
            };
            Val::List((0..length).map(|_| one(rng, &item)).collect())
        }
        TypeDefKind::FixedLengthList(item, length) => {
            Val::FixedLengthList((0..*length).map(|_| one(rng, item)).collect())
        }
        TypeDefKind::Map(key, item) => {
            let mut pairs: Vec<(Val, Val)> = Vec::new();
            for _ in 0..length(rng, room) {
                let key = one(rng, key);
                // The meaning of a duplicate key is a separate case in `tests/runtime`.
                if pairs.iter().all(|(other, _)| *other != key) {
                    pairs.push((key, one(rng, item)));
                }
            }
            Val::Map(pairs)
        }
        TypeDefKind::Type(_) => unreachable!("aliases are resolved"),
        // Stands for one that `handles.rs` makes.
        TypeDefKind::Handle(_) => Val::U32(0),
        TypeDefKind::Resource => unreachable!("values are handles"),
        // A list represents the items of a stream, and a tuple of one the value of a future.
        TypeDefKind::Stream(item) => {
            let long = rng.percent(5);
            let length = if long {
                rng.between(200, 3000)
            } else {
                length(rng, room)
            };
            Val::List((0..length).map(|_| payload(rng, item.as_ref())).collect())
        }
        TypeDefKind::Future(item) => Val::Tuple(vec![payload(rng, item.as_ref())]),
        TypeDefKind::Unknown => unreachable!("every type is known"),
    }
}

fn length(rng: &mut Rng, room: usize) -> usize {
    let most = room.min(6);
    if rng.percent(15) {
        0
    } else {
        rng.between(0, most)
    }
}

/// All of Unicode, with the ends of each length in UTF-8, NUL, combining and non-characters.
fn character(rng: &mut Rng) -> char {
    const EDGES: &[u32] = &[
        0, 1, 9, 10, 0x1f, 0x20, 0x22, 0x27, 0x5c, 0x7e, 0x7f, 0x80, 0x85, 0xa0, 0xe9, 0xff, 0x100,
        0x300, 0x7ff, 0x800, 0x2028, 0x202e, 0xd7ff, 0xe000, 0xfeff, 0xfffd, 0xfffe, 0xffff,
        0x10000, 0x1f600, 0xe0041, 0x10_fffe, 0x10_ffff,
    ];
    let code = match rng.below(3) {
        0 => u32::try_from(rng.between(0x20, 0x7e)).expect("small"),
        1 => *rng.pick(EDGES),
        _ => rng.bits() as u32 % 0x11_0000,
    };
    char::from_u32(code).unwrap_or('\u{fffd}')
}

fn float64(rng: &mut Rng) -> f64 {
    const EDGES: &[f64] = &[
        0.0,
        -0.0,
        1.0,
        -1.5,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        f64::EPSILON,
        0.1,
    ];
    match rng.below(4) {
        0 => *rng.pick(EDGES),
        // NaNs, signalling and negative ones too, with any payload.
        1 => f64::from_bits(rng.bits() | 0x7ff0_0000_0000_0001),
        2 => rng.bits() as i32 as f64 / 16.0,
        _ => f64::from_bits(rng.bits()),
    }
}

fn float32(rng: &mut Rng) -> f32 {
    const EDGES: &[f32] = &[
        0.0,
        -0.0,
        1.0,
        -1.5,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::MAX,
        f32::MIN_POSITIVE,
        1e-45,
        0.1,
    ];
    match rng.below(4) {
        0 => *rng.pick(EDGES),
        1 => f32::from_bits(rng.bits() as u32 | 0x7f80_0001),
        2 => rng.bits() as i16 as f32 / 16.0,
        _ => f32::from_bits(rng.bits() as u32),
    }
}

/// Compares two values of one type, NaNs by their bits.
///
/// An f64 is only loaded and stored on its way, so a NaN keeps its payload: WebAssembly defines both bit by bit. An f32
/// becomes Python's `float` through `f64.promote_f32`, whose result for a NaN is any NaN, so no more can be required.
pub fn same(one: &Val, other: &Val) -> bool {
    let all = |one: &[Val], other: &[Val]| {
        one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
    };
    let optional = |one: &Option<Box<Val>>, other: &Option<Box<Val>>| match (one, other) {
        (Some(one), Some(other)) => same(one, other),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    match (one, other) {
        (Val::Float32(one), Val::Float32(other)) => {
            one.to_bits() == other.to_bits() || (one.is_nan() && other.is_nan())
        }
        (Val::Float64(one), Val::Float64(other)) => one.to_bits() == other.to_bits(),
        (Val::List(one), Val::List(other))
        | (Val::Tuple(one), Val::Tuple(other))
        | (Val::FixedLengthList(one), Val::FixedLengthList(other)) => all(one, other),
        (Val::Record(one), Val::Record(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|((name, one), (other_name, other))| {
                        name == other_name && same(one, other)
                    })
        }
        (Val::Map(one), Val::Map(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| same(&one.0, &other.0) && same(&one.1, &other.1))
        }
        (Val::Variant(name, one), Val::Variant(other_name, other)) => {
            name == other_name && optional(one, other)
        }
        (Val::Option(one), Val::Option(other)) => optional(one, other),
        (Val::Result(Ok(one)), Val::Result(Ok(other))) => optional(one, other),
        (Val::Result(Err(one)), Val::Result(Err(other))) => optional(one, other),
        // Numbers, characters, strings, enums and flags.
        (one, other) => one == other,
    }
}

/// Bytes of payload: numbers, characters and strings count in full, and each choice as one.
pub fn size(value: &Val) -> usize {
    let optional = |value: &Option<Box<Val>>| 1 + value.as_deref().map_or(0, size);
    match value {
        Val::Bool(_) | Val::S8(_) | Val::U8(_) | Val::Enum(_) => 1,
        Val::S16(_) | Val::U16(_) => 2,
        Val::S32(_)
        | Val::U32(_)
        | Val::Float32(_)
        | Val::Char(_)
        | Val::Flags(_)
        | Val::Resource(_) => 4,
        Val::S64(_) | Val::U64(_) | Val::Float64(_) => 8,
        Val::String(text) => text.len(),
        Val::List(items) | Val::Tuple(items) | Val::FixedLengthList(items) => {
            items.iter().map(size).sum()
        }
        Val::Record(fields) => fields.iter().map(|(_, value)| size(value)).sum(),
        Val::Map(pairs) => pairs
            .iter()
            .map(|(key, value)| size(key) + size(value))
            .sum(),
        Val::Variant(_, payload) | Val::Option(payload) => optional(payload),
        Val::Result(Ok(payload) | Err(payload)) => optional(payload),
        Val::Future(_) | Val::Stream(_) | Val::ErrorContext(_) => 0,
    }
}
