//! Values as text: WAVE, with additions. A handle is `$name`, a map the list of its pairs, a stream the list of its items, a
//! future its value.

use anyhow::{Context as _, Result, bail};
use wasmtime::StoreContextMut;
use wasmtime::component::wasm_wave::ast::{Node, NodeType};
use wasmtime::component::wasm_wave::untyped::UntypedFuncCall;
use wasmtime::component::{ResourceAny, ResourceType, Type, Val};

use super::{Held, Process, imports, streams};

/// `name` and the text `(arguments)` of a call; the name may belong to a resource's function, as in
/// `iface#[method]thing.get`.
pub fn split(call: &str) -> Result<(&str, &str)> {
    let start = call
        .find('(')
        .with_context(|| format!("`{call}` is no call"))?;
    Ok(call.split_at(start))
}

/// Reads arguments; own handles leave `handles`.
pub fn read_arguments(
    mut store: StoreContextMut<'_, Process>,
    handles: &mut Vec<Held>,
    types: &[Type],
    arguments: &str,
) -> Result<Vec<Val>> {
    // WAVE knows no names with a dollar sign, but labels.
    let source = format!("f{}", without_dollars(arguments));
    let call = UntypedFuncCall::parse(&source)?;
    let nodes: Vec<&Node> = match call.params_node() {
        Some(node) => node.as_tuple()?.collect(),
        None => Vec::new(),
    };
    if nodes.len() != types.len() {
        bail!("{} arguments for {} parameters", nodes.len(), types.len());
    }
    let mut values = Vec::new();
    for (ty, node) in types.iter().zip(nodes) {
        values.push(read(&mut store, handles, ty, node, &source)?);
    }
    Ok(values)
}

fn without_dollars(text: &str) -> String {
    let mut quote = None;
    let mut escaped = false;
    text.chars()
        .filter(|&char| {
            let inside = quote.is_some();
            match char {
                _ if escaped => escaped = false,
                '\\' if inside => escaped = true,
                '"' | '\'' if quote.is_none() => quote = Some(char),
                _ if quote == Some(char) => quote = None,
                _ => {}
            }
            inside || char != '$'
        })
        .collect()
}

/// Returns `true` if WAVE has no notation for values of the type.
fn beyond_wave(ty: &Type) -> bool {
    let any = |payload: Option<Type>| payload.as_ref().is_some_and(beyond_wave);
    match ty {
        Type::Own(_) | Type::Borrow(_) | Type::Map(_) | Type::Stream(_) | Type::Future(_) => true,
        Type::FixedLengthList(_) | Type::ErrorContext => true,
        Type::List(list) => beyond_wave(&list.ty()),
        Type::Record(record) => record.fields().any(|field| beyond_wave(&field.ty)),
        Type::Tuple(tuple) => tuple.types().any(|ty| beyond_wave(&ty)),
        Type::Variant(variant) => variant.cases().any(|case| any(case.ty)),
        Type::Option(option) => beyond_wave(&option.ty()),
        Type::Result(result) => any(result.ok()) || any(result.err()),
        _ => false,
    }
}

fn read(
    store: &mut StoreContextMut<'_, Process>,
    handles: &mut Vec<Held>,
    ty: &Type,
    node: &Node,
    source: &str,
) -> Result<Val> {
    if !beyond_wave(ty) {
        return Ok(node.to_wasm_value(ty, source)?);
    }
    let mut all = |types: Vec<Type>, nodes: Vec<&Node>| -> Result<Vec<Val>> {
        let pairs = types.iter().zip(nodes);
        pairs
            .map(|(ty, node)| read(store, handles, ty, node, source))
            .collect()
    };
    Ok(match ty {
        Type::List(list) => {
            let nodes: Vec<&Node> = node.as_list()?.collect();
            Val::List(all(vec![list.ty(); nodes.len()], nodes)?)
        }
        Type::FixedLengthList(list) => {
            let nodes: Vec<&Node> = node.as_list()?.collect();
            Val::FixedLengthList(all(vec![list.ty(); nodes.len()], nodes)?)
        }
        Type::Map(map) => {
            let mut pairs = Vec::new();
            for pair in node.as_list()? {
                let mut pair = all(vec![map.key(), map.value()], pair.as_tuple()?.collect())?;
                let value = pair.pop().context("a pair has a value")?;
                pairs.push((pair.pop().context("a pair has a key")?, value));
            }
            Val::Map(pairs)
        }
        Type::Tuple(tuple) => Val::Tuple(all(tuple.types().collect(), node.as_tuple()?.collect())?),
        Type::Record(record) => {
            let given: Vec<(&str, &Node)> = node.as_record(source)?.collect();
            let mut fields = Vec::new();
            for field in record.fields() {
                let found = given.iter().find(|(name, _)| *name == field.name);
                let (_, node) = found.with_context(|| format!("no field `{}`", field.name))?;
                fields.push((
                    field.name.to_owned(),
                    read(store, handles, &field.ty, node, source)?,
                ));
            }
            Val::Record(fields)
        }
        Type::Variant(variant) => {
            let (label, payload) = node.as_variant(source)?;
            let case = variant.cases().find(|case| case.name == label);
            let case = case.with_context(|| format!("no case `{label}`"))?;
            Val::Variant(
                label.to_owned(),
                payload_of(store, handles, case.ty, payload, source)?,
            )
        }
        Type::Option(option) => {
            let payload = match node.ty() {
                NodeType::OptionSome | NodeType::OptionNone => node.as_option()?,
                _ => Some(node),
            };
            Val::Option(payload_of(
                store,
                handles,
                Some(option.ty()),
                payload,
                source,
            )?)
        }
        Type::Result(result) => Val::Result(match node.as_result()? {
            Ok(payload) => Ok(payload_of(store, handles, result.ok(), payload, source)?),
            Err(payload) => Err(payload_of(store, handles, result.err(), payload, source)?),
        }),
        Type::Own(resource) if node.as_enum(source)? == "new" => {
            Val::Resource(new_resource(store, *resource)?.handle)
        }
        Type::Own(_) => {
            let name = node.as_enum(source)?;
            let position = handles.iter().position(|held| held.name == name);
            let position = position.with_context(|| format!("no handle `${name}`"))?;
            Val::Resource(handles.remove(position).handle)
        }
        Type::Borrow(resource) if node.as_enum(source)? == "new" => {
            let held = new_resource(store, *resource)?;
            let handle = held.handle;
            handles.push(held);
            Val::Resource(handle)
        }
        Type::Borrow(_) => {
            let name = node.as_enum(source)?;
            let held = handles.iter().find(|held| held.name == name);
            Val::Resource(held.with_context(|| format!("no handle `${name}`"))?.handle)
        }
        Type::Stream(stream) => {
            let nodes: Vec<&Node> = node.as_list()?.collect();
            let count = nodes.len();
            let items = match stream.ty() {
                Some(ty) => all(vec![ty; count], nodes)?,
                None => vec![Val::Tuple(Vec::new()); count],
            };
            Val::Stream(streams::stream(&mut *store, stream.ty().as_ref(), items)?)
        }
        Type::Future(future) => {
            let value = match future.ty() {
                Some(ty) => read(store, handles, &ty, node, source)?,
                None => Val::Tuple(Vec::new()),
            };
            Val::Future(streams::future(&mut *store, future.ty().as_ref(), value)?)
        }
        _ => bail!("the test host cannot read a value of {ty:?}"),
    })
}

/// `$new`: a resource of the host's, under its label.
fn new_resource(store: &mut StoreContextMut<'_, Process>, ty: ResourceType) -> Result<Held> {
    let index = store
        .data()
        .resources
        .index(ty)
        .context("`$new` is for resources of the host's")?;
    let number = store.data_mut().resources.create(index);
    Ok(Held {
        name: store.data().resources.label(number),
        handle: imports::wrap(&mut *store, number, index)?,
        representation: Some(number),
    })
}

fn payload_of(
    store: &mut StoreContextMut<'_, Process>,
    handles: &mut Vec<Held>,
    ty: Option<Type>,
    node: Option<&Node>,
    source: &str,
) -> Result<Option<Box<Val>>> {
    match (ty, node) {
        (Some(ty), Some(node)) => Ok(Some(Box::new(read(store, handles, &ty, node, source)?))),
        (None, None) => Ok(None),
        _ => {
            if node.is_some() {
                bail!("a payload where there is none")
            }
            Ok(None)
        }
    }
}

/// All handles in a value, in order.
pub fn handles(value: &Val, found: &mut Vec<ResourceAny>) {
    match value {
        Val::Resource(handle) => found.push(*handle),
        Val::List(items) | Val::FixedLengthList(items) | Val::Tuple(items) => {
            items.iter().for_each(|item| handles(item, found));
        }
        Val::Map(pairs) => pairs.iter().for_each(|(key, value)| {
            handles(key, found);
            handles(value, found);
        }),
        Val::Record(fields) => fields.iter().for_each(|(_, field)| handles(field, found)),
        Val::Variant(_, Some(payload))
        | Val::Option(Some(payload))
        | Val::Result(Ok(Some(payload)) | Err(Some(payload))) => handles(payload, found),
        _ => {}
    }
}

/// The value in a form that WAVE has a notation for, with a label for each handle.
pub fn labelled(value: &Val, labels: &mut impl Iterator<Item = String>) -> Val {
    let mut all = |items: &[Val]| items.iter().map(|item| labelled(item, labels)).collect();
    match value {
        Val::List(items) | Val::FixedLengthList(items) => Val::List(all(items)),
        Val::Tuple(items) => Val::Tuple(all(items)),
        Val::Map(pairs) => Val::List(
            pairs
                .iter()
                .map(|(key, value)| Val::Tuple(all(&[key.clone(), value.clone()])))
                .collect(),
        ),
        Val::Record(fields) => Val::Record(
            fields
                .iter()
                .map(|(name, field)| (name.clone(), labelled(field, labels)))
                .collect(),
        ),
        Val::Variant(name, payload) => Val::Variant(name.clone(), boxed(payload, labels)),
        Val::Option(payload) => Val::Option(boxed(payload, labels)),
        Val::Result(Ok(payload)) => Val::Result(Ok(boxed(payload, labels))),
        Val::Result(Err(payload)) => Val::Result(Err(boxed(payload, labels))),
        Val::Resource(_) => Val::Enum(labels.next().unwrap_or_else(|| "handle".to_owned())),
        Val::Future(_) => Val::Enum("future".to_owned()),
        Val::Stream(_) => Val::Enum("stream".to_owned()),
        Val::ErrorContext(_) => Val::Enum("error-context".to_owned()),
        other => other.clone(),
    }
}

fn boxed(
    payload: &Option<Box<Val>>,
    labels: &mut impl Iterator<Item = String>,
) -> Option<Box<Val>> {
    payload
        .as_ref()
        .map(|payload| Box::new(labelled(payload, labels)))
}
