//! A text for each value. The app makes the same from the Python objects that it sees: `show` in `passing.py` is the other
//! half. Equal texts mean that Python had the value that was sent, and not only one that converts back to it.

use std::fmt::Write as _;

use wasmtime::component::Val;
use wit_parser::{Resolve, Type, TypeDefKind};

use super::values::behind;

pub fn show(resolve: &Resolve, ty: &Type, value: &Val) -> String {
    let mut out = String::new();
    write_value(&mut out, resolve, ty, value);
    out
}

macro_rules! put {
    ($out:expr, $($arguments:tt)*) => { write!($out, $($arguments)*).expect("a string takes all") };
}

fn write_value(out: &mut String, resolve: &Resolve, ty: &Type, value: &Val) {
    if let Type::Id(id) = behind(resolve, ty)
        && let TypeDefKind::Handle(_) = resolve.types[id].kind
    {
        // Only the host knows which one it is.
        out.push('r');
        return;
    }
    match value {
        Val::Bool(value) => put!(out, "{value}"),
        Val::S8(value) => put!(out, "{value}"),
        Val::U8(value) => put!(out, "{value}"),
        Val::S16(value) => put!(out, "{value}"),
        Val::U16(value) => put!(out, "{value}"),
        Val::S32(value) => put!(out, "{value}"),
        Val::U32(value) => put!(out, "{value}"),
        Val::S64(value) => put!(out, "{value}"),
        Val::U64(value) => put!(out, "{value}"),
        Val::Float32(value) if value.is_nan() => out.push_str("nan"),
        Val::Float32(value) => put!(out, "{:08x}", value.to_bits()),
        Val::Float64(value) => put!(out, "{:016x}", value.to_bits()),
        Val::Char(value) => text(out, &value.to_string()),
        Val::String(value) => text(out, value),
        _ => match behind(resolve, ty) {
            Type::Id(id) => write_defined(out, resolve, &resolve.types[id].kind, value),
            _ => unreachable!("only definitions are left"),
        },
    }
}

fn text(out: &mut String, value: &str) {
    put!(out, "{}\"{value}\"", value.chars().count());
}

fn write_defined(out: &mut String, resolve: &Resolve, kind: &TypeDefKind, value: &Val) {
    let optional = |out: &mut String, ty: Option<&Type>, value: &Option<Box<Val>>| {
        if let (Some(ty), Some(value)) = (ty, value) {
            out.push('(');
            write_value(out, resolve, ty, value);
            out.push(')');
        }
    };
    let each =
        |out: &mut String, ends: [char; 2], items: &mut dyn Iterator<Item = (&Type, &Val)>| {
            out.push(ends[0]);
            for (ty, item) in items {
                write_value(out, resolve, ty, item);
                out.push(',');
            }
            out.push(ends[1]);
        };
    match (kind, value) {
        (TypeDefKind::Record(record), Val::Record(fields)) => {
            let types = record.fields.iter().map(|field| &field.ty);
            each(
                out,
                ['{', '}'],
                &mut types.zip(fields.iter().map(|(_, value)| value)),
            );
        }
        (
            TypeDefKind::Stream(None) | TypeDefKind::Future(None),
            Val::List(items) | Val::Tuple(items),
        ) => {
            put!(out, "{} units", items.len());
        }
        (TypeDefKind::Stream(Some(Type::U8 | Type::S8)), Val::List(items)) => bytes(out, items),
        (
            TypeDefKind::Stream(Some(item)) | TypeDefKind::Future(Some(item)),
            Val::List(items) | Val::Tuple(items),
        ) => {
            each(
                out,
                ['[', ']'],
                &mut items.iter().map(|value| (item, value)),
            );
        }
        (TypeDefKind::Tuple(tuple), Val::Tuple(items)) => {
            each(out, ['(', ')'], &mut tuple.types.iter().zip(items))
        }
        (TypeDefKind::List(item), Val::List(items))
        | (TypeDefKind::FixedLengthList(item, _), Val::FixedLengthList(items)) => {
            match behind(resolve, item) {
                Type::U8 | Type::S8 => bytes(out, items),
                _ => each(
                    out,
                    ['[', ']'],
                    &mut items.iter().map(|value| (item, value)),
                ),
            }
        }
        (TypeDefKind::Map(key, item), Val::Map(pairs)) => {
            out.push('<');
            for (one, value) in pairs {
                write_value(out, resolve, key, one);
                out.push('=');
                write_value(out, resolve, item, value);
                out.push(',');
            }
            out.push('>');
        }
        (TypeDefKind::Variant(variant), Val::Variant(name, payload)) => {
            let place = variant
                .cases
                .iter()
                .position(|case| case.name == *name)
                .expect("a case of the variant");
            put!(out, "#{place}");
            optional(out, variant.cases[place].ty.as_ref(), payload);
        }
        (TypeDefKind::Enum(cases), Val::Enum(name)) => {
            put!(
                out,
                "#{}",
                cases
                    .cases
                    .iter()
                    .position(|case| case.name == *name)
                    .expect("a case of the enum")
            );
        }
        (TypeDefKind::Flags(flags), Val::Flags(set)) => {
            let bits = flags
                .flags
                .iter()
                .enumerate()
                .filter(|(_, flag)| set.contains(&flag.name));
            put!(
                out,
                "&{}",
                bits.map(|(place, _)| 1_u64 << place).sum::<u64>()
            );
        }
        (TypeDefKind::Option(_), Val::Option(None)) => out.push('-'),
        (TypeDefKind::Option(some), Val::Option(payload)) => {
            out.push('+');
            optional(out, Some(some), payload);
        }
        (TypeDefKind::Result(result), Val::Result(Ok(payload))) => {
            out.push_str("ok");
            optional(out, result.ok.as_ref(), payload);
        }
        (TypeDefKind::Result(result), Val::Result(Err(payload))) => {
            out.push_str("err");
            optional(out, result.err.as_ref(), payload);
        }
        (kind, value) => unreachable!("{value:?} is not of type {kind:?}"),
    }
}

fn bytes(out: &mut String, items: &[Val]) {
    out.push('b');
    for item in items {
        match item {
            Val::U8(byte) => put!(out, "{byte:02x}"),
            Val::S8(byte) => put!(out, "{:02x}", *byte as u8),
            other => unreachable!("{other:?} is not a byte"),
        }
    }
}
