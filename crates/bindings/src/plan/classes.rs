//! Gives every type of the world its class: the module that owns it, and its name there.

use indexmap::IndexMap;
use wit_parser::{InterfaceId, Resolve, Type, TypeDefKind, TypeId, TypeOwner};

use super::modules::Slot;
use super::names::{PyIdent, PyPath, Scope, camel, shouty, snake};
use super::python::Direction;
use super::views::{View, world_types};
use super::{ClassNames, ResourceClass, WitName};
use crate::plan::PlanError;
use crate::world::ResolvedWorld;
use ground::UserError;

/// The Component Model's limit, so that flags fit into one core value.
const MAX_FLAGS: usize = 32;

/// The module that defines something: a view's own module or that of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    World(usize),
    Slot(usize),
}

#[derive(Clone, Debug)]
pub struct Class {
    /// The home. An exported type that equals its imported counterpart has the counterpart's home.
    pub home: Home,
    pub names: ClassNames,
    pub kind: ClassKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassKind {
    Value,
    Resource,
    Alias,
}

/// The top-level names of a view's own module: types and its protocol.
pub struct WorldClasses {
    pub scope: Scope,
    pub protocol: PyIdent,
}

pub struct Classes {
    pub by_type: IndexMap<TypeId, Class>,
    pub worlds: Vec<WorldClasses>,
    /// Each slot's top-level names, at first only those of types.
    pub scopes: Vec<Scope>,
    resources: IndexMap<TypeId, ResourceClass>,
}

impl Classes {
    pub fn new(world: &ResolvedWorld, slots: &[Slot], views: &[View]) -> Result<Self, UserError> {
        let mut classes = Self {
            by_type: IndexMap::new(),
            worlds: Vec::new(),
            scopes: Vec::new(),
            resources: IndexMap::new(),
        };
        for (index, view) in views.iter().enumerate() {
            // The two subpackages are attributes of the world's module.
            let mut scope = Scope::with(["imports", "exports"]);
            let protocol = scope.claim(camel(view.module.as_str()));
            for id in world_types(world, views, index) {
                let home = Home::World(index);
                let module = view.module.clone();
                classes.add(&world.resolve, id, home, module, None, &mut scope)?;
            }
            classes.worlds.push(WorldClasses { scope, protocol });
        }

        for (index, slot) in slots.iter().enumerate() {
            let interface = &world.resolve.interfaces[slot.id];
            let module = slot.path.clone();
            let counterpart = counterpart(&world.resolve, slots, slot);
            let mut scope = Scope::default();
            for (name, id) in &interface.types {
                let imported = counterpart
                    .and_then(|other| world.resolve.interfaces[other].types.get(name))
                    .filter(|other| equal(&world.resolve, **other, *id));
                if let Some(class) = imported.and_then(|other| classes.by_type.get(other)) {
                    let class = class.clone();
                    scope.claim(class.names.class.to_string());
                    classes.by_type.insert(*id, class);
                } else {
                    let home = Home::Slot(index);
                    classes.add(
                        &world.resolve,
                        *id,
                        home,
                        module.clone(),
                        Some(slot),
                        &mut scope,
                    )?;
                }
            }
            classes.scopes.push(scope);
        }
        Ok(classes)
    }

    fn add(
        &mut self,
        resolve: &Resolve,
        id: TypeId,
        home: Home,
        module: PyPath,
        slot: Option<&Slot>,
        scope: &mut Scope,
    ) -> Result<(), UserError> {
        let definition = &resolve.types[id];
        let Some(name) = definition.name.as_deref() else {
            return Ok(());
        };
        if is_use(resolve, id) {
            return Ok(());
        }
        let place = WitName::new(slot.map(|slot| slot.key.as_str()), name);
        let class = scope.claim(camel(name));
        let (kind, members) = match &definition.kind {
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter().map(|field| snake(&field.name));
                (ClassKind::Value, claim_all(&mut Scope::default(), fields))
            }
            TypeDefKind::Variant(variant) => {
                // Both parts have separate names: `True__None_` for `none` of `true`.
                let cases = variant
                    .cases
                    .iter()
                    .map(|case| format!("{class}_{}", PyIdent::escaped(camel(&case.name))));
                (ClassKind::Value, claim_all(scope, cases))
            }
            TypeDefKind::Enum(cases) => {
                let members = cases.cases.iter().map(|case| shouty(&case.name));
                (ClassKind::Value, claim_all(&mut Scope::default(), members))
            }
            TypeDefKind::Flags(flags) => {
                let members = flags.flags.iter().map(|flag| shouty(&flag.name));
                (ClassKind::Value, claim_all(&mut Scope::default(), members))
            }
            TypeDefKind::Resource => (ClassKind::Resource, Vec::new()),
            TypeDefKind::Handle(_)
            | TypeDefKind::Tuple(_)
            | TypeDefKind::Option(_)
            | TypeDefKind::Result(_)
            | TypeDefKind::List(_)
            | TypeDefKind::Map(..)
            | TypeDefKind::FixedLengthList(..)
            | TypeDefKind::Future(_)
            | TypeDefKind::Stream(_)
            | TypeDefKind::Type(_)
            | TypeDefKind::Unknown => (ClassKind::Alias, Vec::new()),
        };
        if kind == ClassKind::Value && members.is_empty() {
            let kind = definition.kind.as_str();
            return Err(PlanError::EmptyType {
                kind,
                place: place.to_string(),
            }
            .into());
        }
        if matches!(definition.kind, TypeDefKind::Flags(_)) && members.len() > MAX_FLAGS {
            let (place, count) = (place.to_string(), members.len());
            return Err(PlanError::TooManyFlags { place, count }.into());
        }
        if kind == ClassKind::Resource {
            let direction = slot.map_or(Direction::Imported, |slot| slot.direction);
            let implementation = slot
                .filter(|_| direction == Direction::Exported)
                .map(|slot| slot.module.clone());
            let (module, class) = (module.clone(), class.clone());
            self.resources.insert(
                id,
                ResourceClass {
                    module,
                    class,
                    direction,
                    implementation,
                },
            );
        }
        self.by_type.insert(
            id,
            Class {
                home,
                names: ClassNames {
                    module,
                    class,
                    members,
                },
                kind,
            },
        );
        Ok(())
    }

    /// The class of a resource type, but not of its aliases.
    pub fn resource(&self, id: TypeId) -> Option<&ResourceClass> {
        self.resources.get(&id)
    }

    pub fn into_tables(
        self,
    ) -> (
        IndexMap<TypeId, ClassNames>,
        IndexMap<TypeId, ResourceClass>,
    ) {
        let values = self
            .by_type
            .into_iter()
            .filter(|(_, class)| class.kind == ClassKind::Value)
            .map(|(id, class)| (id, class.names))
            .collect();
        (values, self.resources)
    }
}

fn claim_all(scope: &mut Scope, names: impl Iterator<Item = String>) -> Vec<PyIdent> {
    names.map(|name| scope.claim(name)).collect()
}

/// `true` for `use other.{name}`: the type belongs to another interface.
fn is_use(resolve: &Resolve, id: TypeId) -> bool {
    let definition = &resolve.types[id];
    match definition.kind {
        TypeDefKind::Type(Type::Id(target)) => {
            match (definition.owner, resolve.types[target].owner) {
                (_, TypeOwner::None) | (TypeOwner::World(_), TypeOwner::World(_)) => false,
                (owner, target) => owner != target,
            }
        }
        _ => false,
    }
}

/// The imported interface of which an exported one is a copy.
fn counterpart(resolve: &Resolve, slots: &[Slot], slot: &Slot) -> Option<InterfaceId> {
    let original = resolve.interfaces[slot.id].clone_of?;
    slots
        .iter()
        .find(|other| {
            slot.direction == Direction::Exported
                && other.direction == Direction::Imported
                && other.id == original
        })
        .map(|other| other.id)
}

/// Returns `true` if two copies of a type mean the same: all do except those that reach different resources.
fn equal(resolve: &Resolve, one: TypeId, other: TypeId) -> bool {
    if one == other {
        return true;
    }
    let type_equal = |one: &Type, other: &Type| match (one, other) {
        (Type::Id(one), Type::Id(other)) => equal(resolve, *one, *other),
        (one, other) => one == other,
    };
    let option_equal = |one: &Option<Type>, other: &Option<Type>| match (one, other) {
        (Some(one), Some(other)) => type_equal(one, other),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    use TypeDefKind as Kind;
    match (&resolve.types[one].kind, &resolve.types[other].kind) {
        (Kind::Record(one), Kind::Record(other)) => {
            one.fields.len() == other.fields.len()
                && one
                    .fields
                    .iter()
                    .zip(&other.fields)
                    .all(|(a, b)| type_equal(&a.ty, &b.ty))
        }
        (Kind::Variant(one), Kind::Variant(other)) => {
            one.cases.len() == other.cases.len()
                && one
                    .cases
                    .iter()
                    .zip(&other.cases)
                    .all(|(a, b)| option_equal(&a.ty, &b.ty))
        }
        (Kind::Enum(one), Kind::Enum(other)) => one.cases.len() == other.cases.len(),
        (Kind::Flags(one), Kind::Flags(other)) => one.flags.len() == other.flags.len(),
        (Kind::Tuple(one), Kind::Tuple(other)) => {
            one.types.len() == other.types.len()
                && one
                    .types
                    .iter()
                    .zip(&other.types)
                    .all(|(a, b)| type_equal(a, b))
        }
        (Kind::Result(one), Kind::Result(other)) => {
            option_equal(&one.ok, &other.ok) && option_equal(&one.err, &other.err)
        }
        (Kind::Option(one), Kind::Option(other))
        | (Kind::List(one), Kind::List(other))
        | (Kind::Type(one), Kind::Type(other)) => type_equal(one, other),
        (Kind::Map(key, value), Kind::Map(other_key, other_value)) => {
            type_equal(key, other_key) && type_equal(value, other_value)
        }
        (Kind::FixedLengthList(one, length), Kind::FixedLengthList(other, other_length)) => {
            length == other_length && type_equal(one, other)
        }
        (Kind::Future(one), Kind::Future(other)) | (Kind::Stream(one), Kind::Stream(other)) => {
            option_equal(one, other)
        }
        (Kind::Handle(one), Kind::Handle(other)) => equal(resolve, handled(one), handled(other)),
        // Resources with different ids, and different kinds.
        _ => false,
    }
}

/// The resource of a handle, which may be an alias.
pub fn handled(handle: &wit_parser::Handle) -> TypeId {
    match handle {
        wit_parser::Handle::Own(id) | wit_parser::Handle::Borrow(id) => *id,
    }
}
