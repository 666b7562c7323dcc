//! Answers every import that WASI does not answer, by its name and type.
//!
//! - A function with one parameter of the result's type returns its argument; several arguments become a tuple.
//! - A function without a result notes its arguments.
//! - Resources are records of the host's; dropping one is noted. A constructor makes one. If it may fail and its argument is
//!   text that begins with `bad`, it fails with that text. Methods answer like functions of the arguments after `self`.
//! - Any other result is made up: numbers are the number of the first resource among the arguments (or 0), text is all
//!   arguments, a list has two items, and owned resources are new.
//! - If the function's name begins with `open`, its result is a child of the first resource among the arguments, or else of
//!   the first in the result, and must be dropped before its parent.
//! - Asynchronous functions let others run first. Those whose name begins with `slow` take 50 ms; those with `never` never
//!   end.

use std::time::Duration;

use anyhow::{Result, anyhow};
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{
    Component, Linker, LinkerInstance, ResourceAny, ResourceDynamic, ResourceType, Type, Val,
};
use wasmtime::{AsContextMut, Engine, StoreContextMut};

use super::{Process, text};

const SLOW: Duration = Duration::from_millis(50);

/// Returns the names of the resource types that the host implements.
pub fn answer_all(linker: &mut Linker<Process>, component: &Component) -> Result<Vec<String>> {
    let engine = component.engine().clone();
    let mut types = Types::default();
    for (name, item) in component.component_type().imports(&engine) {
        if name.starts_with("wasi:") {
            continue;
        }
        match item.ty {
            ComponentItem::ComponentInstance(instance) => {
                let mut target = linker.instance(name)?;
                for (inner, item) in instance.exports(&engine) {
                    let noted = format!("{name}#{inner}");
                    define(&mut target, &engine, inner, noted, item.ty, &mut types)?;
                }
            }
            item => define(
                &mut linker.root(),
                &engine,
                name,
                name.to_owned(),
                item,
                &mut types,
            )?,
        }
    }
    Ok(types.names)
}

/// The resource types so far, by the component's names. A type used elsewhere is the same there.
#[derive(Default)]
struct Types {
    declared: Vec<ResourceType>,
    names: Vec<String>,
}

fn define(
    target: &mut LinkerInstance<'_, Process>,
    _engine: &Engine,
    name: &str,
    noted: String,
    item: ComponentItem,
    types: &mut Types,
) -> Result<()> {
    match item {
        ComponentItem::ComponentFunc(function) if function.async_() => {
            target.func_new_concurrent(name, move |accessor, ty, arguments, results| {
                let noted = noted.clone();
                Box::pin(async move {
                    let function = function_of(&noted);
                    if function.starts_with("never") {
                        std::future::pending::<()>().await;
                    }
                    if function.starts_with("slow") {
                        tokio::time::sleep(SLOW).await;
                    }
                    tokio::task::yield_now().await;
                    accessor.with(|mut access| {
                        answer(access.as_context_mut(), &noted, &ty, arguments, results)
                    })
                })
            })?;
        }
        ComponentItem::ComponentFunc(_) => {
            target.func_new(name, move |store, ty, arguments, results| {
                answer(store, &noted, &ty, arguments, results)
            })?;
        }
        ComponentItem::Resource(declared) => {
            let known = types.declared.iter().position(|other| *other == declared);
            let index = known.unwrap_or_else(|| {
                types.declared.push(declared);
                types.names.push(name.to_owned());
                types.names.len() - 1
            });
            let ty = ResourceType::host_dynamic(index as u32);
            target.resource(name, ty, |mut store, number| {
                let removed = store.data_mut().resources.remove(number);
                let label = removed.map_err(wasmtime::Error::from_anyhow)?;
                store.data_mut().notes.push(format!("dropped {label}"));
                Ok(())
            })?;
        }
        _ => {}
    }
    Ok(())
}

/// A handle to a record of the host's.
pub fn wrap(store: impl AsContextMut, number: u32, ty: u32) -> Result<ResourceAny> {
    Ok(ResourceDynamic::new_own(number, ty).try_into_resource_any(store)?)
}

/// The number behind an owned handle of the host's, which stays usable; `None` for those that the guest implements.
pub fn unwrap(
    mut store: impl AsContextMut<Data = Process>,
    handle: ResourceAny,
) -> Result<(ResourceAny, Option<u32>)> {
    let mut store = store.as_context_mut();
    let Some(index) = store.data().resources.index(handle.ty()) else {
        return Ok((handle, None));
    };
    let number = handle.try_into_resource_dynamic(&mut store)?.rep();
    Ok((wrap(&mut store, number, index)?, Some(number)))
}

/// The function's name without interface, resource and kind.
fn function_of(name: &str) -> &str {
    name.rsplit(['#', '.', ']']).next().unwrap_or_default()
}

fn answer(
    store: StoreContextMut<'_, Process>,
    name: &str,
    ty: &ComponentFunc,
    arguments: &[Val],
    results: &mut [Val],
) -> wasmtime::Result<()> {
    let mut answering = Answering {
        store,
        numbers: Vec::new(),
        labels: Vec::new(),
        owned: Vec::new(),
        opens: function_of(name).starts_with("open"),
    };
    let answer = answering
        .answer(name, ty, arguments)
        .map_err(wasmtime::Error::from_anyhow)?;
    if let ([result], Some(answer)) = (results, answer) {
        *result = answer;
    }
    Ok(())
}

struct Answering<'a> {
    store: StoreContextMut<'a, Process>,
    /// The numbers of the host's resources among the arguments.
    numbers: Vec<u32>,
    /// The labels of all handles among the arguments.
    labels: Vec<String>,
    /// The handles that were given to the host.
    owned: Vec<u32>,
    /// Its result has a parent.
    opens: bool,
}

impl Answering<'_> {
    fn answer(&mut self, name: &str, ty: &ComponentFunc, arguments: &[Val]) -> Result<Option<Val>> {
        let arguments: Vec<Val> = arguments
            .iter()
            .map(|argument| self.receive(argument))
            .collect::<Result<_>>()?;
        let mut labels = self.labels.clone().into_iter();
        let shown: Result<Vec<String>, _> = arguments
            .iter()
            .map(|argument| text::labelled(argument, &mut labels).to_wave())
            .collect();
        let shown = shown?.join(", ");
        let Some(result) = ty.results().next() else {
            self.note(format!("{name}({shown})"));
            self.take_owned()?;
            return Ok(None);
        };
        let is_method = name.contains("[method]");
        let behind = usize::from(is_method);
        let types: Vec<Type> = ty.params().skip(behind).map(|(_, ty)| ty).collect();
        let values = &arguments[behind..];
        if name.contains("[constructor]") {
            if let (Type::Result(_), [Val::String(text)]) = (&result, values)
                && text.starts_with("bad")
            {
                return Ok(Some(Val::Result(Err(Some(Box::new(Val::String(
                    text.clone(),
                )))))));
            }
        } else if let ([given], [value]) = (types.as_slice(), values)
            && *given == result
        {
            return Ok(Some(value.clone()));
        } else if let Type::Tuple(tuple) = &result
            && tuple.types().eq(types.iter().cloned())
        {
            return Ok(Some(Val::Tuple(values.to_vec())));
        }
        self.take_owned()?;
        self.make(&result, &shown).map(Some)
    }

    fn note(&mut self, note: String) {
        self.store.data_mut().notes.push(note);
    }

    /// Handles that are not returned stay with the host, which releases them at once.
    fn take_owned(&mut self) -> Result<()> {
        for number in std::mem::take(&mut self.owned) {
            let label = self.store.data_mut().resources.remove(number)?;
            self.note(format!("took {label}"));
        }
        Ok(())
    }

    /// Notes the handles of an argument. Borrows end here: the host must not keep them.
    fn receive(&mut self, value: &Val) -> Result<Val> {
        Ok(match value {
            Val::Resource(handle) if self.store.data().resources.index(handle.ty()).is_some() => {
                let owned = handle.owned();
                let (kept, number) = if owned {
                    unwrap(&mut self.store, *handle)?
                } else {
                    (
                        *handle,
                        Some(handle.try_into_resource_dynamic(&mut self.store)?.rep()),
                    )
                };
                let number = number.ok_or_else(|| anyhow!("the resource is the host's"))?;
                self.labels.push(self.store.data().resources.label(number));
                self.numbers.push(number);
                if owned {
                    self.owned.push(number);
                }
                Val::Resource(kept)
            }
            Val::List(items) => Val::List(self.receive_all(items)?),
            Val::FixedLengthList(items) => Val::FixedLengthList(self.receive_all(items)?),
            Val::Tuple(items) => Val::Tuple(self.receive_all(items)?),
            Val::Map(pairs) => {
                let pairs = pairs
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), self.receive(value)?)));
                Val::Map(pairs.collect::<Result<_>>()?)
            }
            Val::Record(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, field)| Ok((name.clone(), self.receive(field)?)));
                Val::Record(fields.collect::<Result<_>>()?)
            }
            Val::Variant(name, payload) => Val::Variant(name.clone(), self.receive_boxed(payload)?),
            Val::Option(payload) => Val::Option(self.receive_boxed(payload)?),
            Val::Result(Ok(payload)) => Val::Result(Ok(self.receive_boxed(payload)?)),
            Val::Result(Err(payload)) => Val::Result(Err(self.receive_boxed(payload)?)),
            other => other.clone(),
        })
    }

    fn receive_all(&mut self, items: &[Val]) -> Result<Vec<Val>> {
        items.iter().map(|item| self.receive(item)).collect()
    }

    fn receive_boxed(&mut self, payload: &Option<Box<Val>>) -> Result<Option<Box<Val>>> {
        payload
            .as_ref()
            .map(|payload| self.receive(payload).map(Box::new))
            .transpose()
    }

    fn make(&mut self, ty: &Type, shown: &str) -> Result<Val> {
        let number = self.numbers.first().copied().unwrap_or_default();
        let small = (number % 100) as u8;
        Ok(match ty {
            Type::Bool => Val::Bool(true),
            Type::U8 => Val::U8(small),
            Type::S8 => Val::S8(small as i8),
            Type::U16 => Val::U16(small.into()),
            Type::S16 => Val::S16(small.into()),
            Type::U32 => Val::U32(number),
            Type::S32 => Val::S32(small.into()),
            Type::U64 => Val::U64(number.into()),
            Type::S64 => Val::S64(number.into()),
            Type::Float32 => Val::Float32(small.into()),
            Type::Float64 => Val::Float64(number.into()),
            Type::Char => Val::Char('x'),
            Type::String => Val::String(shown.to_owned()),
            Type::List(list) => Val::List(vec![
                self.make(&list.ty(), shown)?,
                self.make(&list.ty(), shown)?,
            ]),
            Type::Map(_) => Val::Map(Vec::new()),
            Type::FixedLengthList(list) => Val::FixedLengthList(
                (0..list.len())
                    .map(|_| self.make(&list.ty(), shown))
                    .collect::<Result<_>>()?,
            ),
            Type::Record(record) => Val::Record(
                record
                    .fields()
                    .map(|field| Ok((field.name.to_owned(), self.make(&field.ty, shown)?)))
                    .collect::<Result<_>>()?,
            ),
            Type::Tuple(tuple) => Val::Tuple(
                tuple
                    .types()
                    .map(|ty| self.make(&ty, shown))
                    .collect::<Result<_>>()?,
            ),
            Type::Variant(variant) => {
                let first = variant.cases().next().ok_or_else(|| anyhow!("no case"))?;
                Val::Variant(first.name.to_owned(), self.make_boxed(first.ty, shown)?)
            }
            Type::Enum(names) => Val::Enum(names.names().next().unwrap_or_default().to_owned()),
            Type::Option(option) => Val::Option(self.make_boxed(Some(option.ty()), shown)?),
            Type::Result(result) => Val::Result(Ok(self.make_boxed(result.ok(), shown)?)),
            Type::Flags(_) => Val::Flags(Vec::new()),
            Type::Own(resource) => {
                let index = self.store.data().resources.index(*resource);
                let index = index
                    .ok_or_else(|| anyhow!("the guest's resources are not the host's to make"))?;
                let number = self.store.data_mut().resources.create(index);
                if self.opens {
                    match self.numbers.first() {
                        Some(parent) => self.store.data_mut().resources.adopt(*parent, number),
                        None => self.numbers.push(number),
                    }
                }
                Val::Resource(wrap(&mut self.store, number, index)?)
            }
            Type::Borrow(_) | Type::Future(_) | Type::Stream(_) | Type::ErrorContext => {
                anyhow::bail!("the test host cannot make up a {ty:?}")
            }
        })
    }

    fn make_boxed(&mut self, ty: Option<Type>, shown: &str) -> Result<Option<Box<Val>>> {
        ty.map(|ty| self.make(&ty, shown).map(Box::new)).transpose()
    }
}
