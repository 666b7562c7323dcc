//! Other names under which the application may have its classes: an export that several views share has a different
//! name in each, and code is written against any of them.

use super::classes::Classes;
use super::layout::{Modules, functions_of};
use super::modules::Slot;
use super::names::PyIdent;
use super::python::Direction;
use super::views::{View, owned};
use super::{AppClass, Substitute};
use crate::world::ResolvedWorld;

pub fn of_exports(
    world: &ResolvedWorld,
    views: &[View],
    slots: &[Slot],
    classes: &Classes,
    modules: &Modules,
) -> Vec<Substitute> {
    let mut all = of_worlds(world, views, classes);
    for (index, slot) in slots.iter().enumerate() {
        if slot.direction == Direction::Exported {
            all.extend(of_protocol(&modules.protocols[index].names));
            all.extend(of_resources(world, slot, classes));
        }
    }
    all
}

/// The class of a world's own functions.
fn of_worlds(world: &ResolvedWorld, views: &[View], classes: &Classes) -> Vec<Substitute> {
    let protocol = |view: usize| classes.worlds[view].protocol.clone();
    let mut all = Vec::new();
    for owner in 0..views.len() {
        let functions = functions_of(owned(world, views, owner, Direction::Exported));
        for (index, view) in views.iter().enumerate().skip(owner + 1) {
            let mut names = functions.iter().map(|function| &function.name);
            if names.any(|name| view.has(Direction::Exported, name)) {
                all.extend(of_protocol(&[protocol(owner), protocol(index)]));
            }
        }
    }
    all
}

/// The names of one protocol, the main one first.
fn of_protocol(names: &[PyIdent]) -> Vec<Substitute> {
    let Some((own, others)) = names.split_first() else {
        return Vec::new();
    };
    let class = |class: &PyIdent| AppClass {
        module: None,
        class: class.clone(),
    };
    others
        .iter()
        .filter(|other| *other != own)
        .map(|other| Substitute {
            of: class(own),
            class: class(other),
        })
        .collect()
}

/// The classes of an interface's resources, which are in modules named after it.
fn of_resources(world: &ResolvedWorld, slot: &Slot, classes: &Classes) -> Vec<Substitute> {
    let mut names = Vec::new();
    for (_, name) in &slot.aliases {
        if *name != slot.module && !names.contains(name) {
            names.push(name.clone());
        }
    }
    let types = world.resolve.interfaces[slot.id].types.values();
    let resources = types.filter_map(|id| classes.resource(*id));
    resources
        .flat_map(|resource| {
            let class = |module: &PyIdent| AppClass {
                module: Some(module.clone()),
                class: resource.class.clone(),
            };
            let own = class(&slot.module);
            let others: Vec<AppClass> = names.iter().map(class).collect();
            others.into_iter().map(move |class| Substitute {
                of: own.clone(),
                class,
            })
        })
        .collect()
}
