//! Decides which of its WASI imports a finished component keeps.
//!
//! Comes in: the component's imports as WIT, and what the world lists. Goes out: [`Kept`], by names. Nothing is changed
//! here.

use std::collections::{BTreeMap, BTreeSet};

use wit_parser::{
    Function, Handle, InterfaceId, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldId,
    WorldItem, WorldKey,
};

use super::WASI;
use super::answers::{Answer, answer};

/// The interfaces that a world imports and the names of their functions and types. A version stands for all that are
/// compatible with it.
#[derive(Debug, Default)]
pub struct Listed(BTreeMap<String, BTreeSet<String>>);

impl Listed {
    pub fn of_world(resolve: &Resolve, world: WorldId) -> Self {
        let mut listed = BTreeMap::<String, BTreeSet<String>>::new();
        for (key, id) in interfaces(resolve, world) {
            let interface = &resolve.interfaces[id];
            let items = listed.entry(compatible(resolve, key)).or_default();
            items.extend(interface.functions.keys().cloned());
            items.extend(interface.types.keys().cloned());
        }
        Self(listed)
    }

    /// Returns whether the world lists an interface whose name begins like this.
    pub fn has(&self, beginning: &str) -> bool {
        self.0.keys().any(|name| name.starts_with(beginning))
    }
}

/// The names that stay of each import of WASI. Imports without a name in it go.
pub type Kept = BTreeMap<String, BTreeSet<String>>;

/// Everything that the world lists.
pub fn listed(resolve: &Resolve, world: WorldId, listed: &Listed) -> Kept {
    let mut kept = Kept::new();
    for (key, id) in wasi(resolve, world) {
        let Some(items) = listed.0.get(&compatible(resolve, key)) else {
            continue;
        };
        let interface = &resolve.interfaces[id];
        let names = interface.functions.keys().chain(interface.types.keys());
        let names = names.filter(|name| items.contains(*name)).cloned();
        kept.insert(resolve.name_world_key(key), names.collect());
    }
    kept
}

/// Everything that the component imports.
pub fn everything(resolve: &Resolve, world: WorldId) -> Kept {
    let items = |(key, id): (&WorldKey, InterfaceId)| {
        let interface = &resolve.interfaces[id];
        let names = interface.functions.keys().chain(interface.types.keys());
        (resolve.name_world_key(key), names.cloned().collect())
    };
    wasi(resolve, world).map(items).collect()
}

/// Everything that code can reach, and what the world lists.
///
/// wasi-libc holds its operations in tables, so that the linker sees a use of each. But a function that needs a resource
/// is out of reach if no function gives one: without `create-tcp-socket` there is no socket to listen on.
pub fn reachable(resolve: &Resolve, world: WorldId, listed: &Listed) -> Kept {
    let mut reach = Reach::new(resolve, world, listed);
    while reach.grow() {}
    reach.drop_useless();
    reach.types();
    reach.kept()
}

fn interfaces(resolve: &Resolve, world: WorldId) -> impl Iterator<Item = (&WorldKey, InterfaceId)> {
    let imports = resolve.worlds[world].imports.iter();
    imports.filter_map(|(key, item)| match item {
        WorldItem::Interface { id, .. } => Some((key, *id)),
        WorldItem::Function(_) | WorldItem::Type { .. } => None,
    })
}

/// The imports of WASI.
pub fn wasi(resolve: &Resolve, world: WorldId) -> impl Iterator<Item = (&WorldKey, InterfaceId)> {
    interfaces(resolve, world).filter(|(key, _)| resolve.name_world_key(key).starts_with(WASI))
}

/// The interface's name with the part of the version that decides on compatibility, such as `wasi:io/poll@0.2`.
fn compatible(resolve: &Resolve, key: &WorldKey) -> String {
    match key {
        WorldKey::Interface(id) => resolve.canonicalized_id_of(*id),
        WorldKey::Name(_) => None,
    }
    .unwrap_or_else(|| resolve.name_world_key(key))
}

struct Reach<'a> {
    resolve: &'a Resolve,
    world: WorldId,
    /// Imported functions of WASI that the world does not list; with their interface's name.
    optional: Vec<(String, &'a Function)>,
    /// All other functions, and those that turn out to be within reach.
    reached: Vec<(Option<String>, &'a Function)>,
    /// Resources of which code can have a handle.
    available: BTreeSet<TypeId>,
    /// Types that something kept mentions.
    types: BTreeSet<TypeId>,
}

impl<'a> Reach<'a> {
    fn new(resolve: &'a Resolve, world: WorldId, listed: &Listed) -> Self {
        let mut reach = Self {
            resolve,
            world,
            optional: Vec::new(),
            reached: Vec::new(),
            available: BTreeSet::new(),
            types: BTreeSet::new(),
        };
        for (key, id) in interfaces(resolve, world) {
            let name = resolve.name_world_key(key);
            let items = listed.0.get(&compatible(resolve, key));
            for function in resolve.interfaces[id].functions.values() {
                if name.starts_with(WASI)
                    && items.is_none_or(|items| !items.contains(&function.name))
                {
                    reach.optional.push((name.clone(), function));
                } else {
                    reach.reached.push((Some(name.clone()), function));
                }
            }
        }
        let world = &resolve.worlds[world];
        for item in world.imports.values().chain(world.exports.values()) {
            if let WorldItem::Function(function) = item {
                reach.reached.push((None, function));
            }
        }
        for item in world.exports.values() {
            if let WorldItem::Interface { id, .. } = item {
                let functions = resolve.interfaces[*id].functions.values();
                reach
                    .reached
                    .extend(functions.map(|function| (None, function)));
            }
        }
        // Callers of exports may bring handles as arguments.
        let mut mentioned = BTreeSet::new();
        for (_, function) in &reach.reached {
            let arguments = function.params.iter().map(|param| &param.ty);
            for ty in arguments.chain(&function.result) {
                mention(resolve, ty, &mut mentioned);
            }
        }
        reach.available = mentioned;
        reach
    }

    /// Moves functions within reach. Returns `true` if there were some.
    fn grow(&mut self) -> bool {
        let (resolve, available) = (self.resolve, &self.available);
        let within = |(_, function): &(String, &Function)| {
            let mut needed = function
                .params
                .iter()
                .filter_map(|param| handle(resolve, &param.ty));
            needed.all(|resource| available.contains(&resource))
        };
        let (reached, optional): (Vec<_>, Vec<_>) = self.optional.drain(..).partition(within);
        self.optional = optional;
        let grown = !reached.is_empty();
        for (interface, function) in reached {
            if let Some(result) = &function.result {
                mention(resolve, result, &mut self.available);
            }
            self.reached.push((Some(interface), function));
        }
        grown
    }

    /// A function that only gives a handle is of no use if no other function takes it.
    fn drop_useless(&mut self) {
        let mut taken = BTreeSet::new();
        for (_, function) in &self.reached {
            for param in &function.params {
                mention(self.resolve, &param.ty, &mut taken);
            }
        }
        let listed_or_used = |(interface, function): &(Option<String>, &Function)| {
            let Some(interface) = interface else {
                return true;
            };
            let is_getter =
                answer(interface, &function.name) == Answer::Handle && function.params.is_empty();
            let given = function
                .result
                .as_ref()
                .and_then(|ty| handle(self.resolve, ty));
            !is_getter || given.is_none_or(|resource| taken.contains(&resource))
        };
        self.reached.retain(listed_or_used);
    }

    fn types(&mut self) {
        let mut types = BTreeSet::new();
        for (_, function) in &self.reached {
            let arguments = function.params.iter().map(|param| &param.ty);
            for ty in arguments.chain(&function.result) {
                mention(self.resolve, ty, &mut types);
            }
        }
        let world = &self.resolve.worlds[self.world];
        for item in world.imports.values().chain(world.exports.values()) {
            match item {
                WorldItem::Type { id, .. } => mention(self.resolve, &Type::Id(*id), &mut types),
                WorldItem::Function(_) | WorldItem::Interface { .. } => {}
            }
        }
        let of_others = interfaces(self.resolve, self.world)
            .filter(|(key, _)| !self.resolve.name_world_key(key).starts_with(WASI))
            .map(|(_, id)| id);
        let exported = world.exports.values().filter_map(|item| match item {
            WorldItem::Interface { id, .. } => Some(*id),
            WorldItem::Function(_) | WorldItem::Type { .. } => None,
        });
        for id in of_others.chain(exported) {
            for ty in self.resolve.interfaces[id].types.values() {
                mention(self.resolve, &Type::Id(*ty), &mut types);
            }
        }
        self.types = types;
    }

    fn kept(self) -> Kept {
        let mut kept = Kept::new();
        for (interface, function) in self.reached {
            if let Some(interface) = interface.filter(|name| name.starts_with(WASI)) {
                kept.entry(interface)
                    .or_default()
                    .insert(function.name.clone());
            }
        }
        for (key, id) in wasi(self.resolve, self.world) {
            for (name, ty) in &self.resolve.interfaces[id].types {
                if self.types.contains(ty) {
                    let items = kept.entry(self.resolve.name_world_key(key)).or_default();
                    items.insert(name.clone());
                }
            }
        }
        kept
    }
}

/// The resource of a handle.
pub fn handle(resolve: &Resolve, ty: &Type) -> Option<TypeId> {
    let Type::Id(id) = ty else {
        return None;
    };
    match &resolve.types[*id].kind {
        TypeDefKind::Handle(Handle::Own(resource) | Handle::Borrow(resource)) => {
            Some(original(resolve, *resource))
        }
        TypeDefKind::Type(ty) => handle(resolve, ty),
        _ => None,
    }
}

/// The resource of an argument: of a handle, or of a list of handles.
pub fn taken(resolve: &Resolve, ty: &Type) -> Option<TypeId> {
    let Type::Id(id) = ty else {
        return None;
    };
    match &resolve.types[*id].kind {
        TypeDefKind::List(ty) => handle(resolve, ty),
        _ => handle(resolve, ty),
    }
}

/// The type that others use under this name.
fn original(resolve: &Resolve, id: TypeId) -> TypeId {
    match resolve.types[id].kind {
        TypeDefKind::Type(Type::Id(other)) => original(resolve, other),
        _ => id,
    }
}

/// The place where a named type is defined: its interface, and its name.
pub fn home(resolve: &Resolve, id: TypeId) -> Option<(InterfaceId, &str)> {
    let ty = &resolve.types[id];
    match ty.owner {
        TypeOwner::Interface(interface) => Some((interface, ty.name.as_deref()?)),
        TypeOwner::World(_) | TypeOwner::None => None,
    }
}

/// Adds all types that `ty` mentions, at any depth.
fn mention(resolve: &Resolve, ty: &Type, types: &mut BTreeSet<TypeId>) {
    let Type::Id(id) = ty else {
        return;
    };
    if !types.insert(*id) {
        return;
    }
    let mut each = |ty: &Type| mention(resolve, ty, types);
    match &resolve.types[*id].kind {
        TypeDefKind::Record(record) => record.fields.iter().for_each(|field| each(&field.ty)),
        TypeDefKind::Tuple(tuple) => tuple.types.iter().for_each(each),
        TypeDefKind::Variant(variant) => {
            let cases = variant.cases.iter().filter_map(|case| case.ty.as_ref());
            cases.for_each(each);
        }
        TypeDefKind::Result(result) => result.ok.iter().chain(&result.err).for_each(each),
        TypeDefKind::Future(ty) | TypeDefKind::Stream(ty) => ty.iter().for_each(each),
        TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => each(&Type::Id(*id)),
        TypeDefKind::Option(ty)
        | TypeDefKind::List(ty)
        | TypeDefKind::FixedLengthList(ty, _)
        | TypeDefKind::Type(ty) => each(ty),
        TypeDefKind::Map(key, value) => {
            each(key);
            each(value);
        }
        TypeDefKind::Resource
        | TypeDefKind::Flags(_)
        | TypeDefKind::Enum(_)
        | TypeDefKind::Unknown => {}
    }
}
