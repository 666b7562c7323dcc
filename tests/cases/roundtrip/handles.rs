//! Resources: each is represented by a value with a number, which becomes a handle before the call and a number again after
//! it.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use wasmtime::component::{ResourceAny, ResourceDynamic, ResourceType, Type, Val};
use wasmtime::{AsContextMut, StoreContextMut};

use super::host::Process;
use crate::host::streams;

/// The host's data about its own resources.
#[derive(Default)]
pub struct Handles {
    /// The types that the component imports: the index is the host's name for one.
    pub declared: Arc<usize>,
    next: u32,
    /// Numbers of resources that the guest owns, or the host for one call.
    pub alive: BTreeSet<u32>,
    /// Numbers that the guest dropped, or the host through the guest, since the last check.
    pub dropped: Vec<u32>,
}

impl Handles {
    pub fn new(declared: Arc<usize>) -> Self {
        Self {
            declared,
            ..Self::default()
        }
    }

    pub fn number(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn index(&self, ty: ResourceType) -> Option<u32> {
        (0..*self.declared as u32).find(|index| ResourceType::host_dynamic(*index) == ty)
    }

    pub fn is_guests(&self, ty: ResourceType) -> bool {
        self.index(ty).is_none()
    }

    /// The guest lets go.
    pub fn drop(&mut self, number: u32) -> Result<()> {
        self.dropped.push(number);
        if self.alive.remove(&number) {
            Ok(())
        } else {
            bail!("resource {number} was dropped twice")
        }
    }
}

/// A copy of `value` in which `make` replaces each handle of the type.
pub fn replace(
    value: &Val,
    ty: &Type,
    make: &mut dyn FnMut(&Val, &Type) -> Result<Val>,
) -> Result<Val> {
    let mut boxed = |value: &Option<Box<Val>>, ty: Option<Type>| -> Result<Option<Box<Val>>> {
        let pair = value.as_deref().zip(ty.as_ref());
        pair.map(|(value, ty)| replace(value, ty, make).map(Box::new))
            .transpose()
    };
    Ok(match (value, ty) {
        (_, Type::Own(_) | Type::Borrow(_)) => make(value, ty)?,
        (Val::List(items), Type::List(list)) => {
            let ty = list.ty();
            Val::List(
                items
                    .iter()
                    .map(|item| replace(item, &ty, make))
                    .collect::<Result<_>>()?,
            )
        }
        (Val::FixedLengthList(items), Type::FixedLengthList(list)) => {
            let ty = list.ty();
            Val::FixedLengthList(
                items
                    .iter()
                    .map(|item| replace(item, &ty, make))
                    .collect::<Result<_>>()?,
            )
        }
        (Val::Map(pairs), Type::Map(map)) => {
            let ty = map.value();
            let pairs = pairs
                .iter()
                .map(|(key, value)| Ok((key.clone(), replace(value, &ty, make)?)));
            Val::Map(pairs.collect::<Result<_>>()?)
        }
        (Val::Tuple(items), Type::Tuple(tuple)) => {
            let items = items
                .iter()
                .zip(tuple.types())
                .map(|(item, ty)| replace(item, &ty, make));
            Val::Tuple(items.collect::<Result<_>>()?)
        }
        (Val::Record(fields), Type::Record(record)) => {
            let fields = fields.iter().zip(record.fields());
            let fields = fields
                .map(|((name, value), field)| Ok((name.clone(), replace(value, &field.ty, make)?)));
            Val::Record(fields.collect::<Result<_>>()?)
        }
        (Val::Variant(name, payload), Type::Variant(variant)) => {
            let case = variant
                .cases()
                .find(|case| case.name == name)
                .context("a case of the variant")?;
            Val::Variant(name.clone(), boxed(payload, case.ty)?)
        }
        (Val::Option(payload), Type::Option(option)) => {
            Val::Option(boxed(payload, Some(option.ty()))?)
        }
        (Val::Result(Ok(payload)), Type::Result(result)) => {
            Val::Result(Ok(boxed(payload, result.ok())?))
        }
        (Val::Result(Err(payload)), Type::Result(result)) => {
            Val::Result(Err(boxed(payload, result.err())?))
        }
        (value, _) => value.clone(),
    })
}

/// The stream or future for the value that represents it; any other value unchanged.
pub fn opened(store: StoreContextMut<'_, Process>, value: Val, ty: &Type) -> Result<Val> {
    Ok(match (value, ty) {
        (Val::List(items), Type::Stream(stream)) => {
            Val::Stream(streams::stream(store, stream.ty().as_ref(), items)?)
        }
        (Val::Tuple(mut items), Type::Future(future)) => {
            let value = items.pop().context("a future has one value")?;
            Val::Future(streams::future(store, future.ty().as_ref(), value)?)
        }
        (value, _) => value,
    })
}

/// A stream or future that is being read, as `read` gives it; any other value is `None`.
pub type Reading = Option<Arc<Mutex<streams::Gathered>>>;

pub fn read(store: StoreContextMut<'_, Process>, value: &Val) -> Result<Reading> {
    streams::gather(store, value)
}

/// Waits until all are read to their ends; returns the values with their items.
pub async fn gathered(values: &[Val], reading: &[Reading]) -> Vec<Val> {
    let ended = || {
        reading
            .iter()
            .flatten()
            .all(|one| one.lock().expect("no thread panics").ended)
    };
    while !ended() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let values = values.iter().zip(reading).map(|(value, reading)| {
        let items = reading
            .iter()
            .map(|one| std::mem::take(&mut one.lock().expect("no thread panics").items))
            .next();
        match (value, items) {
            (Val::Future(_), Some(items)) => Val::Tuple(items),
            (_, Some(items)) => Val::List(items),
            (value, None) => value.clone(),
        }
    });
    values.collect()
}

/// A handle to a new resource of the host's. `None` if the type is the guest's.
pub fn give(
    mut store: StoreContextMut<'_, Process>,
    ty: &Type,
    number: u32,
) -> Result<Option<ResourceAny>> {
    let (Type::Own(declared) | Type::Borrow(declared)) = ty else {
        bail!("no resource type")
    };
    let Some(index) = store.data().handles.index(*declared) else {
        return Ok(None);
    };
    store.data_mut().handles.alive.insert(number);
    Ok(Some(
        ResourceDynamic::new_own(number, index).try_into_resource_any(store)?,
    ))
}

/// The number behind a handle that the guest passed. If it was owned, it belongs to the host now, which releases it.
pub fn take(mut store: StoreContextMut<'_, Process>, handle: ResourceAny) -> Result<u32> {
    let owned = handle.owned();
    let number = handle
        .try_into_resource_dynamic(store.as_context_mut())?
        .rep();
    if owned && !store.data_mut().handles.alive.remove(&number) {
        bail!("resource {number} was given away twice");
    }
    Ok(number)
}

/// Like `take`, but the handle may be to one of the guest's own resources.
///
/// That resource is dropped. The returned numbers are those of the host's resources that the guest drops with it: its own
/// first, then the parents that had to wait for it. There are none if it has to wait for a child itself.
async fn take_any(
    mut store: StoreContextMut<'_, Process>,
    handle: ResourceAny,
) -> Result<Vec<u32>> {
    if !store.data().handles.is_guests(handle.ty()) {
        return Ok(vec![take(store, handle)?]);
    }
    store.data_mut().handles.dropped.clear();
    handle.resource_drop_async(store.as_context_mut()).await?;
    Ok(store.data().handles.dropped.clone())
}

/// Takes every handle in a value, whose places get the numbers.
pub async fn take_all(
    mut store: StoreContextMut<'_, Process>,
    value: &Val,
    ty: &Type,
) -> Result<Val> {
    let mut found = Vec::new();
    replace(value, ty, &mut |value, _| {
        if let Val::Resource(handle) = value {
            found.push(*handle);
        }
        Ok(value.clone())
    })?;
    let mut numbers = vec![None; found.len()];
    let mut waiting = VecDeque::new();
    for (place, handle) in found.into_iter().enumerate() {
        let dropped = take_any(store.as_context_mut(), handle).await?;
        if dropped.is_empty() {
            waiting.push_back(place);
        }
        let mut places = Some(place).into_iter();
        for number in dropped {
            let place = places.next().or_else(|| waiting.pop_front());
            let place =
                place.context("more of the host's resources are dropped than the guest's")?;
            numbers[place] = Some(number);
        }
    }
    ensure!(
        waiting.is_empty(),
        "{} of the guest's resources keep the host's after all of them are dropped",
        waiting.len()
    );
    let mut numbers = numbers.into_iter();
    replace(value, ty, &mut |_, _| {
        Ok(Val::U32(
            numbers.next().flatten().context("as many as before")?,
        ))
    })
}
