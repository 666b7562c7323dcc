//! Refuses types that the Component Model, its tools or the guest cannot handle, before anything traverses them: a few
//! lines of WIT can expand to more than memory holds.

use std::collections::HashMap;

use wit_parser::{
    Function, Handle, LiveTypes, Resolve, Type, TypeDef, TypeDefKind, TypeId, WorldItem,
};

use super::WitName;
use super::modules::Slot;
use crate::plan::PlanError;
use crate::world::ResolvedWorld;
use ground::UserError;

/// The most items of a list of fixed length, each of which becomes separate code in the glue.
pub const MAX_FIXED_LENGTH: u32 = 1024;
/// The most values that a type or a function's signature expands to, each of which becomes code.
pub const MAX_PARTS: u64 = 20_000;
/// The most levels of nesting: validators allow 100 with those of functions and interfaces, Python 200 brackets, and an
/// option in an option takes two.
pub const MAX_DEPTH: u32 = 64;

/// The relevant facts about a type with all its parts.
#[derive(Clone, Copy, Default)]
struct Facts {
    parts: u64,
    depth: u32,
    has_borrow: bool,
    has_channel: bool,
    problem: Option<Problem>,
}

#[derive(Clone, Copy)]
enum Problem {
    Empty(&'static str),
    Unsupported(&'static str),
    TooLong(u32),
    TooLarge,
    TooDeep,
}

/// Reports the first type or function of the world that is not possible.
pub fn check(world: &ResolvedWorld, slots: &[Slot]) -> Result<(), UserError> {
    let facts = Table::new(world);
    for slot in slots {
        let interface = &world.resolve.interfaces[slot.id];
        let key = Some(slot.key.as_str());
        for (name, id) in &interface.types {
            facts.of(&Type::Id(*id)).check(key, name)?;
        }
        for function in interface.functions.values() {
            facts.function(function).check(key, &function.name)?;
        }
    }
    let the_world = &world.resolve.worlds[world.world];
    for item in the_world.imports.values().chain(the_world.exports.values()) {
        match item {
            WorldItem::Type { id, .. } => {
                let name = world.resolve.types[*id].name.as_deref();
                facts
                    .of(&Type::Id(*id))
                    .check(None, name.unwrap_or_default())?;
            }
            WorldItem::Function(function) => {
                facts.function(function).check(None, &function.name)?;
            }
            WorldItem::Interface { .. } => {}
        }
    }
    Ok(())
}

struct Table {
    by_type: HashMap<TypeId, Facts>,
}

impl Table {
    fn new(world: &ResolvedWorld) -> Self {
        let mut live = LiveTypes::default();
        live.add_world(&world.resolve, world.world);
        let mut table = Self {
            by_type: HashMap::new(),
        };
        // The parts of a type come before it.
        for id in live.iter() {
            let facts = table.definition(&world.resolve, &world.resolve.types[id]);
            table.by_type.insert(id, facts);
        }
        table
    }

    fn of(&self, ty: &Type) -> Facts {
        match ty {
            Type::Id(id) => self.by_type.get(id).copied().unwrap_or_default(),
            _ => Facts::LEAF,
        }
    }

    fn function(&self, function: &Function) -> Facts {
        self.all(function.parameter_and_result_types().collect())
            .within_limits()
    }

    fn all(&self, types: Vec<Type>) -> Facts {
        types
            .iter()
            .map(|ty| self.of(ty))
            .fold(Facts::default(), Facts::and)
    }

    fn definition(&self, resolve: &Resolve, definition: &TypeDef) -> Facts {
        let facts = match &definition.kind {
            TypeDefKind::Type(target) => return self.of(target),
            TypeDefKind::Resource | TypeDefKind::Handle(Handle::Own(_)) => Facts::LEAF,
            TypeDefKind::Handle(Handle::Borrow(_)) => Facts {
                has_borrow: true,
                ..Facts::LEAF
            },
            TypeDefKind::Flags(_) | TypeDefKind::Enum(_) => Facts::LEAF,
            TypeDefKind::Record(record) => {
                self.all(record.fields.iter().map(|field| field.ty).collect())
            }
            TypeDefKind::Variant(variant) => {
                self.all(variant.cases.iter().filter_map(|case| case.ty).collect())
            }
            TypeDefKind::Tuple(tuple) if tuple.types.is_empty() => {
                Facts::LEAF.with(Problem::Empty("tuple in"))
            }
            TypeDefKind::Tuple(tuple) => self.all(tuple.types.clone()),
            TypeDefKind::Option(item) | TypeDefKind::List(item) => self.of(item),
            TypeDefKind::Result(result) => {
                self.all([result.ok, result.err].into_iter().flatten().collect())
            }
            TypeDefKind::Map(key, value) => self.all(vec![*key, *value]),
            TypeDefKind::FixedLengthList(item, length) => self.of(item).repeated(*length),
            TypeDefKind::Future(item) => self.payload(item.as_ref()),
            TypeDefKind::Stream(item) => match item.map(|ty| super::annotate::behind(resolve, &ty))
            {
                Some(Type::Char) => Facts::LEAF.with(Problem::Unsupported("streams of `char` are")),
                _ => self.payload(item.as_ref()),
            },
            TypeDefKind::Unknown => Facts::LEAF,
        };
        let depth = facts.depth + 1;
        // A case or a field has a cost even without a payload.
        Facts {
            depth,
            parts: facts.parts.saturating_add(1),
            ..facts
        }
        .within_limits()
    }

    fn payload(&self, item: Option<&Type>) -> Facts {
        let facts = item.map_or(Facts::LEAF, |ty| self.of(ty));
        let facts = Facts {
            has_channel: true,
            ..facts
        };
        if facts.has_borrow {
            facts.with(Problem::Unsupported(
                "streams and futures of borrowed handles are",
            ))
        } else {
            facts
        }
    }
}

impl Facts {
    const LEAF: Self = Self {
        parts: 1,
        depth: 0,
        has_borrow: false,
        has_channel: false,
        problem: None,
    };

    /// The innermost problem is the one to report.
    fn with(self, problem: Problem) -> Self {
        Self {
            problem: self.problem.or(Some(problem)),
            ..self
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            parts: self.parts.saturating_add(other.parts),
            depth: self.depth.max(other.depth),
            has_borrow: self.has_borrow || other.has_borrow,
            has_channel: self.has_channel || other.has_channel,
            problem: self.problem.or(other.problem),
        }
    }

    fn repeated(self, length: u32) -> Self {
        let all = Self {
            parts: self.parts.saturating_mul(u64::from(length)),
            ..self
        };
        if length == 0 {
            all.with(Problem::Empty("list of fixed length in"))
        } else if length > MAX_FIXED_LENGTH {
            all.with(Problem::TooLong(length))
        } else if self.has_channel {
            // The glue sees a tuple, in which each item's stream would be counted.
            all.with(Problem::Unsupported(
                "lists of fixed length that hold streams or futures are",
            ))
        } else {
            all
        }
    }

    fn within_limits(self) -> Self {
        if self.depth > MAX_DEPTH {
            self.with(Problem::TooDeep)
        } else if self.parts > MAX_PARTS {
            self.with(Problem::TooLarge)
        } else {
            self
        }
    }

    fn check(self, key: Option<&str>, name: &str) -> Result<(), UserError> {
        let Some(problem) = self.problem else {
            return Ok(());
        };
        let place = WitName::new(key, name).to_string();
        let mistake = match problem {
            Problem::Empty(kind) => PlanError::EmptyType { kind, place },
            Problem::Unsupported(what) => PlanError::WitNotSupportedYet { what, place },
            Problem::TooLong(length) => PlanError::FixedListTooLong {
                place,
                length,
                limit: MAX_FIXED_LENGTH,
            },
            Problem::TooLarge => PlanError::TypeTooLarge {
                place,
                limit: MAX_PARTS,
            },
            Problem::TooDeep => PlanError::TypeTooDeep {
                place,
                limit: MAX_DEPTH,
            },
        };
        Err(mistake.into())
    }
}
