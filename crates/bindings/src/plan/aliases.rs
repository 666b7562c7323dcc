//! Objects that a view offers although another view defines them, and names where older generators had them.

use anyhow::Context as _;

use super::layout::{Layout, empty, functions_of};
use super::modules::Slot;
use super::names::{PyIdent, PyPath, snake};
use super::python::{Direction, Helper, Item, Module, Shared};
use super::views::world_types;

/// `<package>/types.py`, where SDKs of 2023 and 2024 look for `Ok`, `Err`, `Some` and `Result`. `None` if the world
/// uses the name for something else.
pub fn types_module(directory: &str, world_module: &Module) -> Option<Module> {
    let taken = world_module.items.iter().any(|item| {
        item.names()
            .into_iter()
            .any(|name| name.as_str() == "types")
    });
    let names = [Helper::Result, Helper::Ok, Helper::Err, Helper::Some]
        .map(|helper| PyIdent::escaped(helper.name().to_owned()));
    (!taken).then(|| Module {
        docs: Some(
            "The names of `componentize_py_types`, for code that looks for them here.".to_owned(),
        ),
        shared: vec![Shared {
            from: "componentize_py_types".to_owned(),
            names: names.map(|name| (name.clone(), name)).into(),
        }],
        ..empty(format!("{directory}/types.py"))
    })
}

/// A module of another name that offers everything in the slot's own module.
pub fn slot_module(
    slot: &Slot,
    name: &PyIdent,
    package: &str,
    printed: &[Module],
) -> anyhow::Result<Module> {
    let own_file = format!("{}.py", slot.path.directory());
    let own = printed
        .iter()
        .find(|module| module.file == own_file)
        .with_context(|| format!("`{}` was not laid out before its aliases", slot.path))?;
    let defined = own.items.iter().flat_map(Item::names);
    let offered = own
        .shared
        .iter()
        .flat_map(|shared| shared.names.iter().map(|(_, name)| name));
    let names: Vec<(PyIdent, PyIdent)> = defined
        .chain(offered)
        .map(|name| (name.clone(), name.clone()))
        .collect();
    Ok(Module {
        docs: own.docs.clone(),
        shared: shared(&slot.path, names).into_iter().collect(),
        offers_types: true,
        ..empty(format!("{package}/{name}.py"))
    })
}

/// The protocol of an exported interface under the names that another view gives it.
pub fn protocol(
    layout: &Layout,
    slot: &Slot,
    protocol: Option<&PyIdent>,
    names: Vec<PyIdent>,
) -> Option<Shared> {
    let owner = layout.views[slot.view].module.join(slot.package());
    let protocol = protocol?;
    let names = names.into_iter().map(|name| (protocol.clone(), name));
    shared(&owner, names.collect())
}

/// Items of a view's worlds that an earlier view's worlds define too, including the protocol of their functions.
pub fn of_world(layout: &Layout, view: usize, printed: &[Module]) -> Vec<Shared> {
    let mut all = Vec::new();
    for earlier in 0..view {
        let mut names: Vec<(PyIdent, PyIdent)> = Vec::new();
        for id in world_types(layout.world, layout.views, earlier) {
            let name = layout.resolve().types[id]
                .name
                .as_deref()
                .unwrap_or_default();
            if let Some(class) = layout.classes.by_type.get(&id)
                && layout.views[view].has(Direction::Imported, name)
            {
                let of_type = |item: &&Item| item.names().last() == Some(&&class.names.class);
                let classes = own_items(layout, earlier, printed).find(of_type);
                let classes = classes.into_iter().flat_map(Item::names);
                names.extend(classes.map(|class| (class.clone(), class.clone())));
            }
        }
        let both = |direction| {
            let items = super::views::owned(layout.world, layout.views, earlier, direction);
            let mut functions = functions_of(items);
            functions.retain(|function| layout.views[view].has(direction, &function.name));
            functions
        };
        let imported = both(Direction::Imported);
        names.extend(
            imported
                .iter()
                .filter(|function| function.kind.resource().is_none())
                .map(|function| PyIdent::escaped(snake(function.item_name())))
                .map(|name| (name.clone(), name)),
        );
        if !both(Direction::Exported).is_empty() {
            let [owner, own] = [earlier, view].map(|view| &layout.classes.worlds[view].protocol);
            names.push((owner.clone(), own.clone()));
        }
        all.extend(shared(&layout.views[earlier].module, names));
    }
    all
}

/// The items that the module of a view itself defines.
fn own_items<'a>(
    layout: &Layout,
    view: usize,
    printed: &'a [Module],
) -> impl Iterator<Item = &'a Item> {
    let file = format!("{}/__init__.py", layout.views[view].module.directory());
    let own = printed.iter().filter(move |module| module.file == file);
    own.flat_map(|module| &module.items)
}

fn shared(module: &PyPath, names: Vec<(PyIdent, PyIdent)>) -> Option<Shared> {
    (!names.is_empty()).then(|| Shared {
        from: module.to_string(),
        names,
    })
}
