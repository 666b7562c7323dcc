//! The host's clock, for timers of asyncio: a world that imports WASI 0.3 can import it too.

use wit_parser::{
    Docs, Function, FunctionKind, IndexMap, Interface, InterfaceId, Package, PackageId,
    PackageName, Param, Resolve, Span, Stability, Type, WorldId, WorldItem, WorldKey,
};

use super::Added;

pub const WAIT_FOR: &str = "wait-for";
const NOW: &str = "now";
const PACKAGE: &str = "clocks";
const INTERFACE: &str = "monotonic-clock";

/// The means for timers of a world that is about to be glued.
#[derive(Default)]
pub struct Clock {
    /// The interface's key, if the world can have it.
    pub interface: Option<String>,
    pub added: Vec<Added>,
}

/// Adds the import to a world that has other imports of WASI 0.3, unless it already exists.
pub fn ensure(resolve: &mut Resolve, world: WorldId) -> Clock {
    let imported: Vec<(InterfaceId, PackageName)> = resolve.worlds[world]
        .imports
        .keys()
        .filter_map(|key| match key {
            WorldKey::Interface(id) => wasi_p3(resolve, *id).map(|name| (*id, name)),
            WorldKey::Name(_) => None,
        })
        .collect();
    let clock = imported
        .iter()
        .find(|(id, package)| package.name == PACKAGE && is_clock(&resolve.interfaces[*id]));
    if let Some((id, _)) = clock {
        return Clock {
            interface: resolve.id_of(*id),
            added: Vec::new(),
        };
    }
    let Some((_, package)) = imported.first() else {
        return Clock::default();
    };
    let package = PackageName {
        name: PACKAGE.to_owned(),
        ..package.clone()
    };
    add(resolve, world, package)
}

fn wasi_p3(resolve: &Resolve, id: InterfaceId) -> Option<PackageName> {
    let name = &resolve.packages[resolve.interfaces[id].package?].name;
    let version = name.version.as_ref()?;
    let matches = name.namespace == "wasi" && (version.major, version.minor) == (0, 3);
    matches.then(|| name.clone())
}

fn is_clock(interface: &Interface) -> bool {
    interface.name.as_deref() == Some(INTERFACE) && interface.functions.contains_key(WAIT_FOR)
}

fn add(resolve: &mut Resolve, world: WorldId, package: PackageName) -> Clock {
    let package = package_id(resolve, package);
    let key = resolve.id_of_name(package, INTERFACE);
    let the_world = &resolve.worlds[world];
    let mut keys = the_world.imports.keys().chain(the_world.exports.keys());
    // An existing one has other functions, and the component's type cannot contain two.
    let taken = keys.any(|other| {
        matches!(other, WorldKey::Interface(id) if resolve.id_of(*id).as_ref() == Some(&key))
    });
    if taken {
        return Clock::default();
    }
    let (now, wait) = (
        function(NOW, &[], FunctionKind::Freestanding, Some(Type::U64)),
        function(
            WAIT_FOR,
            &["how-long"],
            FunctionKind::AsyncFreestanding,
            None,
        ),
    );
    // It is not listed in its package, which may have the whole interface: only the world refers to this part of it.
    let id = resolve.interfaces.alloc(Interface {
        name: Some(INTERFACE.to_owned()),
        types: IndexMap::default(),
        functions: [now, wait]
            .into_iter()
            .map(|function| (function.name.clone(), function))
            .collect(),
        docs: Docs::default(),
        stability: Stability::Unknown,
        package: Some(package),
        span: Span::default(),
        clone_of: None,
    });
    resolve.worlds[world].imports.insert(
        WorldKey::Interface(id),
        WorldItem::Interface {
            id,
            stability: Stability::Unknown,
            external_id: None,
            docs: Docs::default(),
            span: Span::default(),
        },
    );
    let added = |name, params| Added {
        interface: key.clone(),
        name,
        params,
    };
    Clock {
        added: vec![added(NOW, &[]), added(WAIT_FOR, &["how-long"])],
        interface: Some(key),
    }
}

fn package_id(resolve: &mut Resolve, name: PackageName) -> PackageId {
    if let Some(id) = resolve.package_names.get(&name) {
        return *id;
    }
    let id = resolve.packages.alloc(Package {
        name: name.clone(),
        docs: Docs::default(),
        interfaces: IndexMap::default(),
        worlds: IndexMap::default(),
    });
    resolve.package_names.insert(name, id);
    id
}

fn function(name: &str, params: &[&str], kind: FunctionKind, result: Option<Type>) -> Function {
    let params = params.iter().map(|name| Param {
        name: (*name).to_owned(),
        ty: Type::U64,
        span: Span::default(),
    });
    Function {
        name: name.to_owned(),
        kind,
        params: params.collect(),
        result,
        docs: Docs::default(),
        stability: Stability::Unknown,
        span: Span::default(),
        external_id: None,
    }
}
