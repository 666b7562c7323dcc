//! Faults that WIT can express and the Component Model refuses, reported before anything is built.

use std::collections::BTreeMap;

use wasmparser::{Validator, WasmFeatures};
use wit_component::StringEncoding;
use wit_parser::{Function, FunctionKind, TypeDefKind, TypeId, WorldItem, WorldKey};

use super::WitName;
use super::modules::Slot;
use crate::plan::PlanError;
use crate::world::ResolvedWorld;
use ground::UserError;

pub fn check(world: &ResolvedWorld, slots: &[Slot]) -> anyhow::Result<()> {
    for slot in slots {
        let interface = &world.resolve.interfaces[slot.id];
        let key = Some(slot.key.as_str());
        let types = interface.types.keys().map(|name| Label::plain(name));
        let functions = interface.functions.values().map(Label::function);
        distinct(|| format!("`{}`", slot.key), types.chain(functions))?;
        for id in interface.types.values() {
            check_type(world, key, *id)?;
        }
        for function in interface.functions.values() {
            check_function(key, function)?;
        }
    }
    check_world(world)?;
    validate(world)
}

fn check_world(world: &ResolvedWorld) -> Result<(), UserError> {
    let the_world = &world.resolve.worlds[world.world];
    for (side, items) in [
        ("imports", &the_world.imports),
        ("exports", &the_world.exports),
    ] {
        let labels = items.iter().filter_map(|(key, item)| match (key, item) {
            (_, WorldItem::Function(function)) => Some(Label::function(function)),
            (WorldKey::Name(name), _) => Some(Label::plain(name)),
            (WorldKey::Interface(_), _) => None,
        });
        distinct(
            || format!("the {side} of world `{}`", the_world.name),
            labels,
        )?;
        for item in items.values() {
            match item {
                WorldItem::Type { id, .. } => check_type(world, None, *id)?,
                WorldItem::Function(function) => check_function(None, function)?,
                WorldItem::Interface { .. } => {}
            }
        }
    }
    Ok(())
}

fn check_type(world: &ResolvedWorld, key: Option<&str>, id: TypeId) -> Result<(), UserError> {
    let definition = &world.resolve.types[id];
    let place = || {
        let name = definition.name.as_deref().unwrap_or_default();
        format!("`{}`", WitName::new(key, name))
    };
    let labels =
        |names: Vec<&String>| distinct(place, names.into_iter().map(|name| Label::plain(name)));
    match &definition.kind {
        TypeDefKind::Record(record) => {
            labels(record.fields.iter().map(|field| &field.name).collect())
        }
        TypeDefKind::Variant(variant) => {
            labels(variant.cases.iter().map(|case| &case.name).collect())
        }
        TypeDefKind::Enum(cases) => labels(cases.cases.iter().map(|case| &case.name).collect()),
        TypeDefKind::Flags(flags) => labels(flags.flags.iter().map(|flag| &flag.name).collect()),
        _ => Ok(()),
    }
}

fn check_function(key: Option<&str>, function: &Function) -> Result<(), UserError> {
    let place = || format!("the parameters of `{}`", WitName::new(key, &function.name));
    distinct(
        place,
        function
            .params
            .iter()
            .map(|param| Label::plain(&param.name)),
    )
}

/// A name that must be unique in one place.
struct Label {
    shown: String,
    key: String,
}

impl Label {
    /// Upper and lower case are the same.
    fn plain(name: &str) -> Self {
        Self {
            shown: name.to_owned(),
            key: name.to_ascii_lowercase(),
        }
    }

    fn function(function: &Function) -> Self {
        let shown = WitName::new(None, &function.name).to_string();
        let lower = shown.to_ascii_lowercase();
        let key = match (&function.kind, lower.split_once('.')) {
            // The Component Model names constructors differently from methods.
            (FunctionKind::Constructor(_), _) => format!("[constructor]{lower}"),
            // A method with the name of its resource would clash with the resource.
            (_, Some((resource, method))) if resource == method => resource.to_owned(),
            _ => lower,
        };
        Self { shown, key }
    }
}

fn distinct(
    place: impl Fn() -> String,
    labels: impl Iterator<Item = Label>,
) -> Result<(), UserError> {
    let mut seen = BTreeMap::new();
    for Label { shown, key } in labels {
        if let Some(first) = seen.insert(key, shown.clone()) {
            let (place, second) = (place(), shown);
            return Err(PlanError::NamesClash {
                place,
                first,
                second,
            }
            .into());
        }
    }
    Ok(())
}

/// Finds everything else that a host would refuse.
fn validate(world: &ResolvedWorld) -> anyhow::Result<()> {
    let encoded =
        wit_component::metadata::encode(&world.resolve, world.world, StringEncoding::UTF8, None);
    let refused = |reason: String| {
        UserError::from(PlanError::WorldInvalid {
            world: world.resolve.worlds[world.world].name.clone(),
            reason,
        })
    };
    let encoded = encoded.map_err(|error| refused(format!("{error:#}")))?;
    Validator::new_with_features(WasmFeatures::all())
        .validate_all(&encoded)
        .map_err(|error| refused(error.message().to_owned()))?;
    Ok(())
}
