//! Views: the Python packages that offer the world, or a part of it, each under its own names.
//!
//! One view is the user's; each Python package with WIT is another. Items that several of them share belong to the
//! first, and the others offer the same objects.

use wit_parser::{TypeId, WorldItem, WorldKey};

use super::Naming;
use super::names::PyPath;
use super::python::Direction;
use crate::plan::PlanError;
use crate::world::{Part, ResolvedWorld};
use ground::UserError;

pub struct View<'a> {
    pub module: PyPath,
    pub naming: &'a Naming,
    part: &'a Part,
}

impl<'a> View<'a> {
    pub fn new(part: &'a Part, naming: &'a Naming) -> Result<Self, UserError> {
        let Some(module) = PyPath::parse(&naming.world_module) else {
            return Err(PlanError::ModuleNameInvalid {
                name: naming.world_module.clone(),
            }
            .into());
        };
        Ok(Self {
            module,
            naming,
            part,
        })
    }

    /// Returns `true` if an item of the world, by the name of its key, is part of this view.
    pub fn has(&self, direction: Direction, key: &str) -> bool {
        match direction {
            Direction::Imported => self.part.imports.contains(key),
            Direction::Exported => self.part.exports.contains(key),
        }
    }

    /// The documentation of its worlds.
    pub fn docs(&self) -> Option<String> {
        let text = self.part.docs.as_deref()?.trim_end();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Its items in one direction, in WIT order.
    pub fn items<'w>(
        &self,
        world: &'w ResolvedWorld,
        direction: Direction,
    ) -> Vec<(&'w WorldKey, &'w WorldItem)> {
        let the_world = &world.resolve.worlds[world.world];
        let items = match direction {
            Direction::Imported => &the_world.imports,
            Direction::Exported => &the_world.exports,
        };
        items
            .iter()
            .filter(|(key, _)| self.has(direction, &world.resolve.name_world_key(key)))
            .collect()
    }
}

/// The items of one direction that the view at `index` has and no earlier view has.
pub fn owned<'w>(
    world: &'w ResolvedWorld,
    views: &[View],
    index: usize,
    direction: Direction,
) -> Vec<&'w WorldItem> {
    let items = views[index].items(world, direction).into_iter();
    items
        .filter(|(key, _)| {
            let name = world.resolve.name_world_key(key);
            views[..index]
                .iter()
                .all(|earlier| !earlier.has(direction, &name))
        })
        .map(|(_, item)| item)
        .collect()
}

/// The types that a view's worlds define or use themselves.
pub fn world_types(world: &ResolvedWorld, views: &[View], index: usize) -> Vec<TypeId> {
    let items = owned(world, views, index, Direction::Imported);
    items
        .into_iter()
        .filter_map(|item| match item {
            WorldItem::Type { id, .. } => Some(*id),
            WorldItem::Interface { .. } | WorldItem::Function(_) => None,
        })
        .collect()
}
