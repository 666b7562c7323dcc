//! Refuses chains of types that refer to types, of interfaces that use interfaces, and so on, if they are too long for
//! the stack of the code that follows them.

use wit_parser::{Handle, InterfaceId, Resolve, Type, TypeDefKind, TypeId, WorldItem};

/// The most steps from a type to its definition, including aliases and `use`, and from an interface to the last one
/// that it needs.
pub const MAX_STEPS: u32 = 1000;

/// The name of the item that is too many steps away from the end of its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TooLong {
    Type(String),
    Interface(String),
}

pub fn too_long(resolve: &Resolve) -> Option<TooLong> {
    let types: Vec<TypeId> = resolve.types.iter().map(|(id, _)| id).collect();
    let of_type = |at: usize| parts(&resolve.types[types[at]].kind);
    if let Some(at) = beyond(types.len(), of_type) {
        return Some(TooLong::Type(named(resolve, types[at])));
    }
    let interfaces: Vec<InterfaceId> = resolve.interfaces.iter().map(|(id, _)| id).collect();
    let used = |at: usize| {
        let used = resolve.interface_direct_deps(interfaces[at]);
        used.map(|id| id.index()).collect()
    };
    let at = beyond(interfaces.len(), used)?;
    Some(TooLong::Interface(interface(resolve, interfaces[at])))
}

/// One of `count` nodes that is more than [`MAX_STEPS`] away from the end, given the nodes that are a step further.
/// There are no cycles: the parser refuses them.
fn beyond(count: usize, further: impl Fn(usize) -> Vec<usize>) -> Option<usize> {
    let mut steps: Vec<Option<u32>> = vec![None; count];
    for start in 0..count {
        // The pending nodes are on the heap, not on the stack. Each has its unvisited neighbours and its own number of
        // steps.
        let mut under_way = vec![(start, further(start), 0)];
        while let Some((current, rest, own)) = under_way.last_mut() {
            let Some(next) = rest.last().copied() else {
                if *own > MAX_STEPS {
                    return Some(*current);
                }
                steps[*current] = Some(*own);
                under_way.pop();
                continue;
            };
            match steps[next] {
                Some(below) => {
                    *own = (*own).max(below + 1);
                    rest.pop();
                }
                None => under_way.push((next, further(next), 0)),
            }
        }
    }
    None
}

fn named(resolve: &Resolve, id: TypeId) -> String {
    let definition = &resolve.types[id];
    let name = definition.name.clone().unwrap_or_default();
    match definition.owner {
        wit_parser::TypeOwner::Interface(interface) => match resolve.id_of(interface) {
            Some(interface) => format!("{interface}#{name}"),
            None => name,
        },
        wit_parser::TypeOwner::World(_) | wit_parser::TypeOwner::None => name,
    }
}

/// The name of an interface; inside a world, its local name.
fn interface(resolve: &Resolve, id: InterfaceId) -> String {
    let within = || {
        let mut items = resolve
            .worlds
            .iter()
            .flat_map(|(_, world)| world.imports.iter().chain(&world.exports));
        let is_it = |item: &WorldItem| matches!(item, WorldItem::Interface { id: found, .. } if *found == id);
        items
            .find(|(_, item)| is_it(item))
            .map(|(key, _)| resolve.name_world_key(key))
    };
    resolve.id_of(id).or_else(within).unwrap_or_default()
}

/// The indices of the types that one refers to directly.
fn parts(kind: &TypeDefKind) -> Vec<usize> {
    let types: Vec<Type> = match kind {
        TypeDefKind::Type(ty)
        | TypeDefKind::List(ty)
        | TypeDefKind::FixedLengthList(ty, _)
        | TypeDefKind::Option(ty) => vec![*ty],
        TypeDefKind::Future(ty) | TypeDefKind::Stream(ty) => ty.iter().copied().collect(),
        TypeDefKind::Map(key, value) => vec![*key, *value],
        TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => vec![Type::Id(*id)],
        TypeDefKind::Record(record) => record.fields.iter().map(|field| field.ty).collect(),
        TypeDefKind::Tuple(tuple) => tuple.types.clone(),
        TypeDefKind::Variant(variant) => variant.cases.iter().filter_map(|case| case.ty).collect(),
        TypeDefKind::Result(result) => [result.ok, result.err].into_iter().flatten().collect(),
        TypeDefKind::Resource
        | TypeDefKind::Flags(_)
        | TypeDefKind::Enum(_)
        | TypeDefKind::Unknown => Vec::new(),
    };
    let id = |ty: &Type| match ty {
        Type::Id(id) => Some(id.index()),
        _ => None,
    };
    types.iter().filter_map(id).collect()
}

#[cfg(test)]
mod tests {
    use wit_parser::Resolve;

    use super::{TooLong, too_long};

    fn chain(length: usize, step: impl Fn(usize) -> String) -> Option<TooLong> {
        let types: String = (1..=length).map(step).collect();
        let text = format!("package a:b; interface i {{ type a0 = u8; {types} }}");
        let mut resolve = Resolve::default();
        resolve.push_str("x.wit", &text).unwrap();
        too_long(&resolve)
    }

    #[test]
    fn chains_end() {
        let aliases = |at: usize| format!("type a{at} = a{};", at - 1);
        assert_eq!(chain(1000, aliases), None);
        let beyond = Some(TooLong::Type("a:b/i#a1001".to_owned()));
        assert_eq!(chain(1001, aliases), beyond);
        let records = |at: usize| format!("record a{at} {{ x: a{} }}", at - 1);
        assert_eq!(chain(20_000, records), beyond);
    }

    #[test]
    fn what_is_shared_is_walked_once() {
        let double = |at: usize| format!("type a{at} = tuple<a{0}, a{0}>;", at - 1);
        assert_eq!(chain(300, double), None);
    }

    /// Interfaces whose types are all one step long.
    fn interfaces(length: usize, more: &str) -> Option<TooLong> {
        let mut text = String::from("package a:b; interface i0 { type t = u8; }");
        for at in 1..=length {
            text += &format!(
                "interface i{at} {{ use i{}.{{t as s}}; type t = u8; }}",
                at - 1
            );
        }
        let mut resolve = Resolve::default();
        resolve.push_str("x.wit", &(text + more)).unwrap();
        too_long(&resolve)
    }

    #[test]
    fn interfaces_end() {
        assert_eq!(interfaces(1000, ""), None);
        let beyond = |name: &str| Some(TooLong::Interface(name.to_owned()));
        assert_eq!(interfaces(1001, ""), beyond("a:b/i1001"));
        assert_eq!(interfaces(20_000, ""), beyond("a:b/i1001"));
        let within = "world w { import last: interface { use i1000.{t}; } }";
        assert_eq!(interfaces(1000, within), beyond("last"));
    }
}
