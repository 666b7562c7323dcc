//! A type that nothing refers to, in front of all others.
//!
//! `wit-dylib` lays types out in the order of their ids. A type with which a later stage replaces a primitive type must
//! therefore come first, and ids cannot be moved.

use wit_parser::{Docs, Resolve, Span, Stability, Type, TypeDef, TypeDefKind, TypeId, TypeOwner};

/// Runs before any WIT is read.
pub fn reserve(resolve: &mut Resolve) {
    resolve.types.alloc(TypeDef {
        name: None,
        kind: TypeDefKind::Type(Type::Bool),
        owner: TypeOwner::None,
        docs: Docs::default(),
        stability: Stability::Unknown,
        span: Span::default(),
        external_id: None,
    });
}

/// The reserved type.
pub fn find(resolve: &Resolve) -> Option<TypeId> {
    let (id, first) = resolve.types.iter().next()?;
    let is_spare = first.name.is_none() && matches!(first.kind, TypeDefKind::Type(Type::Bool));
    is_spare.then_some(id)
}
