//! Smaller values that still go wrong.

use anyhow::Result;
use wasmtime::component::Val;

use super::app::Target;
use super::component::{Call, Component, Fault};

/// Tries at most.
const TRIES: usize = 400;

/// The smallest call found that fails in a new instance, with its fault. `None` if the given one does not fail.
pub fn call(component: &Component, target: &Target, call: &Call) -> Result<Option<(Call, Fault)>> {
    let fails = |call: &Call| -> Result<Option<Fault>> {
        component.judge(&mut component.host.start()?, target, call, true)
    };
    let mut best = match fails(call)? {
        Some(fault) => (call.clone(), fault),
        None => return Ok(None),
    };
    let mut tries = 0;
    'smaller: loop {
        for candidate in smaller_calls(&best.0) {
            tries += 1;
            if tries > TRIES {
                break 'smaller;
            }
            if let Some(fault) = fails(&candidate)? {
                best = (candidate, fault);
                continue 'smaller;
            }
        }
        break;
    }
    Ok(Some(best))
}

fn smaller_calls(call: &Call) -> Vec<Call> {
    let mut all = Vec::new();
    for (place, argument) in call.arguments.iter().enumerate() {
        for value in smaller(argument) {
            let mut call = call.clone();
            call.arguments[place] = value;
            all.push(call);
        }
    }
    for value in call.answer.iter().flat_map(smaller) {
        all.push(Call {
            answer: Some(value),
            ..call.clone()
        });
    }
    all
}

/// Values of the same type that are simpler by one step, the simplest first.
fn smaller(value: &Val) -> Vec<Val> {
    let zero = |zero: Val| {
        if *value == zero {
            Vec::new()
        } else {
            vec![zero]
        }
    };
    let payload = |payload: &Option<Box<Val>>| payload.as_deref().map(smaller).unwrap_or_default();
    match value {
        Val::Bool(_) => zero(Val::Bool(false)),
        Val::S8(_) => zero(Val::S8(0)),
        Val::U8(_) => zero(Val::U8(0)),
        Val::S16(_) => zero(Val::S16(0)),
        Val::U16(_) => zero(Val::U16(0)),
        Val::S32(_) => zero(Val::S32(0)),
        Val::U32(_) => zero(Val::U32(0)),
        Val::S64(_) => zero(Val::S64(0)),
        Val::U64(_) => zero(Val::U64(0)),
        Val::Float32(_) => zero(Val::Float32(0.0)),
        Val::Float64(_) => zero(Val::Float64(0.0)),
        Val::Char(_) => zero(Val::Char('a')),
        Val::String(text) => {
            let chars: Vec<char> = text.chars().collect();
            let parts = shorter(&chars).into_iter();
            parts
                .map(|part| Val::String(part.into_iter().collect()))
                .collect()
        }
        Val::Flags(set) => shorter(set).into_iter().map(Val::Flags).collect(),
        Val::List(items) => {
            let parts = shorter(items).into_iter().map(Val::List);
            parts
                .chain(each(items).into_iter().map(Val::List))
                .collect()
        }
        Val::Map(pairs) => shorter(pairs).into_iter().map(Val::Map).collect(),
        Val::Tuple(items) => each(items).into_iter().map(Val::Tuple).collect(),
        Val::FixedLengthList(items) => each(items).into_iter().map(Val::FixedLengthList).collect(),
        Val::Record(fields) => {
            let values: Vec<Val> = fields.iter().map(|(_, value)| value.clone()).collect();
            let names = fields.iter().map(|(name, _)| name.clone());
            each(&values)
                .into_iter()
                .map(|values| Val::Record(names.clone().zip(values).collect()))
                .collect()
        }
        Val::Variant(name, inner) => payload(inner)
            .into_iter()
            .map(|inner| Val::Variant(name.clone(), Some(Box::new(inner))))
            .collect(),
        Val::Option(None) => Vec::new(),
        Val::Option(Some(inner)) => {
            let none = std::iter::once(Val::Option(None));
            none.chain(
                smaller(inner)
                    .into_iter()
                    .map(|inner| Val::Option(Some(Box::new(inner)))),
            )
            .collect()
        }
        Val::Result(Ok(inner)) => payload(inner)
            .into_iter()
            .map(|inner| Val::Result(Ok(Some(Box::new(inner)))))
            .collect(),
        Val::Result(Err(inner)) => payload(inner)
            .into_iter()
            .map(|inner| Val::Result(Err(Some(Box::new(inner)))))
            .collect(),
        Val::Enum(_)
        | Val::Resource(_)
        | Val::Future(_)
        | Val::Stream(_)
        | Val::ErrorContext(_) => Vec::new(),
    }
}

/// Nothing, each half, and all but one.
fn shorter<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return Vec::new();
    }
    let half = items.len() / 2;
    let mut all = vec![Vec::new()];
    if half > 0 {
        all.push(items[..half].to_vec());
        all.push(items[half..].to_vec());
    }
    for place in 0..items.len().min(8) {
        let mut fewer = items.to_vec();
        fewer.remove(place);
        all.push(fewer);
    }
    all
}

/// One of the items simpler.
fn each(items: &[Val]) -> Vec<Vec<Val>> {
    let mut all = Vec::new();
    for (place, item) in items.iter().enumerate().take(16) {
        for value in smaller(item) {
            let mut changed = items.to_vec();
            changed[place] = value;
            all.push(changed);
        }
    }
    all
}
