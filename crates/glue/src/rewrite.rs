//! A world in types that `wit-dylib` supports, with the same layout and the same core signatures.
//!
//! The canonical ABI treats `map<K, V>` as `list<tuple<K, V>>`. A `list<T, N>` has the same form in memory and in core
//! values as a tuple of `N` times `T`.

use std::collections::HashSet;

use wit_parser::{
    Docs, Function, LiveTypes, Resolve, Span, Stability, Tuple, Type, TypeDef, TypeDefKind, TypeId,
    TypeOwner, WorldId, WorldItem,
};

use super::Rewritten;

/// Types keep their ids.
pub fn simplify(resolve: &mut Resolve, world: WorldId) -> Rewritten {
    let mut live = LiveTypes::default();
    live.add_world(resolve, world);
    let channels = channels_of_functions(resolve, world);
    let mut rewritten = Rewritten::default();
    for id in live.iter() {
        match resolve.types[id].kind {
            TypeDefKind::Map(key, value) => {
                let entry = anonymous_tuple(resolve, vec![key, value]);
                resolve.types[id].kind = TypeDefKind::List(Type::Id(entry));
                rewritten.maps.insert(id);
            }
            TypeDefKind::FixedLengthList(item, length) => {
                let types = (0..length).map(|_| item).collect();
                resolve.types[id].kind = TypeDefKind::Tuple(Tuple { types });
                rewritten.fixed_lists.insert(id);
            }
            // The intrinsics of a stream belong to a function that has it. Without such a function no value can exist,
            // and it does not matter what replaces the type.
            TypeDefKind::Stream(_) | TypeDefKind::Future(_) if !channels.contains(&id) => {
                resolve.types[id].kind = TypeDefKind::List(Type::U8);
            }
            _ => {}
        }
    }
    rewritten
}

fn anonymous_tuple(resolve: &mut Resolve, types: Vec<Type>) -> TypeId {
    resolve.types.alloc(TypeDef {
        name: None,
        kind: TypeDefKind::Tuple(Tuple { types }),
        owner: TypeOwner::None,
        docs: Docs::default(),
        stability: Stability::Unknown,
        span: Span::default(),
        external_id: None,
    })
}

fn channels_of_functions(resolve: &Resolve, world: WorldId) -> HashSet<TypeId> {
    let world = &resolve.worlds[world];
    let mut found = HashSet::new();
    let mut add = |function: &Function| found.extend(function.find_futures_and_streams(resolve));
    for item in world.imports.values().chain(world.exports.values()) {
        match item {
            WorldItem::Interface { id, .. } => {
                resolve.interfaces[*id]
                    .functions
                    .values()
                    .for_each(&mut add);
            }
            WorldItem::Function(function) => add(function),
            WorldItem::Type { .. } => {}
        }
    }
    found
}
