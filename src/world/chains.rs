//! Refuses types that refer to types, and so on, for longer than what walks them has room on its stack.

use wit_parser::{Handle, Resolve, Type, TypeDefKind, TypeId};

/// Steps from a type to what it comes down to, aliases and `use` included.
pub const MAX_STEPS: u32 = 1000;

/// The name of a type that is too many steps away from what it comes down to.
pub fn too_long(resolve: &Resolve) -> Option<String> {
    let mut steps = vec![None; resolve.types.len()];
    for (id, _) in resolve.types.iter() {
        // What is under way stays on the heap: that is the point.
        let mut under_way = vec![id];
        while let Some(&current) = under_way.last() {
            if steps[current.index()].is_some() {
                under_way.pop();
                continue;
            }
            let parts = parts(&resolve.types[current].kind);
            let open = parts.iter().find(|part| steps[part.index()].is_none());
            if let Some(open) = open {
                under_way.push(*open);
                continue;
            }
            let below = parts.iter().filter_map(|part| steps[part.index()]).max();
            let own = below.map_or(0, |below: u32| below + 1);
            if own > MAX_STEPS {
                return Some(named(resolve, current));
            }
            steps[current.index()] = Some(own);
            under_way.pop();
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

/// The types that one refers to itself.
fn parts(kind: &TypeDefKind) -> Vec<TypeId> {
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
        Type::Id(id) => Some(*id),
        _ => None,
    };
    types.iter().filter_map(id).collect()
}

#[cfg(test)]
mod tests {
    use wit_parser::Resolve;

    use super::too_long;

    fn chain(length: usize, step: impl Fn(usize) -> String) -> Option<String> {
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
        assert_eq!(chain(1001, aliases).as_deref(), Some("a:b/i#a1001"));
        let records = |at: usize| format!("record a{at} {{ x: a{} }}", at - 1);
        assert_eq!(chain(20_000, records).as_deref(), Some("a:b/i#a1001"));
    }

    #[test]
    fn what_is_shared_is_walked_once() {
        let double = |at: usize| format!("type a{at} = tuple<a{0}, a{0}>;", at - 1);
        assert_eq!(chain(300, double), None);
    }
}
