//! The functions that make the world's streams and futures, and their names.

use wit_parser::{Function as WitFunction, Resolve, Type, TypeDefKind, TypeId, WorldItem};

use super::WitName;
use super::annotate::{Use, behind};
use super::builder::ModuleBuilder;
use super::classes::{Classes, Home, handled};
use super::modules::Slot;
use super::names::{PyIdent, PyPath, snake};
use super::python::{Annotation, Channel, ChannelKind, Direction};
use super::views::View;
use crate::world::ResolvedWorld;

/// A kind of stream or future that occurs in the world.
pub struct Pipe {
    kind: ChannelKind,
    payload: Option<Type>,
    shape: Shape,
    types: Vec<TypeId>,
}

/// A payload, as far as Python and the Component Model tell it from others.
#[derive(PartialEq, Eq)]
struct Shape {
    word: String,
    class: Option<(PyPath, PyIdent)>,
    items: Vec<Shape>,
}

/// All pipes of a view, each once, in the order of the functions that have them.
pub fn pipes(
    world: &ResolvedWorld,
    (index, view): (usize, &View),
    slots: &[Slot],
    classes: &Classes,
) -> Vec<Pipe> {
    let resolve = &world.resolve;
    let shapes = Shapes {
        resolve,
        view: index,
        slots,
        classes,
    };
    let mut pipes: Vec<Pipe> = Vec::new();
    let items = [Direction::Imported, Direction::Exported]
        .into_iter()
        .flat_map(|direction| view.items(world, direction))
        .map(|(_, item)| item);
    let ids = functions_of(resolve, items)
        .flat_map(|function| function.find_futures_and_streams(resolve));
    for id in ids {
        let (kind, payload) = match resolve.types[id].kind {
            TypeDefKind::Future(payload) => (ChannelKind::Future, payload),
            TypeDefKind::Stream(payload) => {
                let bytes =
                    payload.is_some_and(|ty| matches!(behind(resolve, &ty), Type::U8 | Type::S8));
                let kind = if bytes {
                    ChannelKind::Bytes
                } else {
                    ChannelKind::Stream
                };
                (kind, payload)
            }
            _ => continue,
        };
        let shape = shapes.of_option(payload.as_ref());
        match pipes
            .iter_mut()
            .find(|pipe| pipe.kind == kind && pipe.shape == shape)
        {
            Some(pipe) => pipe.types.push(id),
            None => pipes.push(Pipe {
                kind,
                payload,
                shape,
                types: vec![id],
            }),
        }
    }
    pipes
}

/// All functions of the world.
pub fn functions(world: &ResolvedWorld) -> impl Iterator<Item = &WitFunction> {
    let the_world = &world.resolve.worlds[world.world];
    let items = the_world.imports.values().chain(the_world.exports.values());
    functions_of(&world.resolve, items)
}

fn functions_of<'w>(
    resolve: &'w Resolve,
    items: impl Iterator<Item = &'w WorldItem>,
) -> impl Iterator<Item = &'w WitFunction> {
    items.flat_map(|item| match item {
        WorldItem::Interface { id, .. } => {
            let functions = &resolve.interfaces[*id].functions;
            functions.values().collect::<Vec<_>>()
        }
        WorldItem::Function(function) => vec![function],
        WorldItem::Type { .. } => Vec::new(),
    })
}

/// `byte_stream`, `list_string_stream`, `types_request_future`: one name for each. If there are streams of `u8` and of
/// `s8`, only the former is named after bytes.
pub fn wanted_names(pipes: &[Pipe]) -> impl Iterator<Item = String> {
    let unsigned = pipes
        .iter()
        .any(|pipe| pipe.kind == ChannelKind::Bytes && pipe.shape.word == "u8");
    pipes.iter().map(move |pipe| {
        let payload = pipe.shape.mangled();
        match pipe.kind {
            ChannelKind::Bytes if payload == "u8" || !unsigned => "byte_stream".to_owned(),
            ChannelKind::Bytes | ChannelKind::Stream => format!("{payload}_stream"),
            ChannelKind::Future => format!("{payload}_future"),
        }
    })
}

impl ModuleBuilder<'_> {
    pub fn channel(&mut self, pipe: Pipe, name: PyIdent) -> anyhow::Result<Channel> {
        let place = WitName::new(None, name.as_str());
        let usage = Use::new(&place);
        let payload: Annotation = self.annotate_option(pipe.payload.as_ref(), usage)?;
        Ok(Channel {
            name,
            kind: pipe.kind,
            payload,
            types: pipe.types,
        })
    }
}

struct Shapes<'a> {
    resolve: &'a Resolve,
    /// The view whose names are used.
    view: usize,
    slots: &'a [Slot],
    classes: &'a Classes,
}

impl Shapes<'_> {
    fn of_option(&self, ty: Option<&Type>) -> Shape {
        ty.map_or_else(|| Shape::of("unit", Vec::new()), |ty| self.of(ty))
    }

    fn of(&self, ty: &Type) -> Shape {
        let primitive = |word: &str| Shape::of(word, Vec::new());
        match behind(self.resolve, ty) {
            Type::Bool => primitive("bool"),
            Type::U8 => primitive("u8"),
            Type::U16 => primitive("u16"),
            Type::U32 => primitive("u32"),
            Type::U64 => primitive("u64"),
            Type::S8 => primitive("s8"),
            Type::S16 => primitive("s16"),
            Type::S32 => primitive("s32"),
            Type::S64 => primitive("s64"),
            Type::F32 => primitive("f32"),
            Type::F64 => primitive("f64"),
            Type::Char => primitive("char"),
            Type::String => primitive("string"),
            Type::ErrorContext => primitive("error_context"),
            Type::Id(id) => self.of_definition(id),
        }
    }

    fn of_definition(&self, id: TypeId) -> Shape {
        match &self.resolve.types[id].kind {
            TypeDefKind::Record(_)
            | TypeDefKind::Variant(_)
            | TypeDefKind::Enum(_)
            | TypeDefKind::Flags(_)
            | TypeDefKind::Resource
            | TypeDefKind::Unknown => self.of_class(id),
            TypeDefKind::Handle(handle) => self.of(&Type::Id(handled(handle))),
            TypeDefKind::Tuple(tuple) => {
                let items = tuple.types.iter().map(|ty| self.of(ty)).collect();
                Shape::of(&format!("tuple{}", tuple.types.len()), items)
            }
            TypeDefKind::Option(item) => Shape::of("option", vec![self.of(item)]),
            TypeDefKind::List(item) => Shape::of("list", vec![self.of(item)]),
            TypeDefKind::FixedLengthList(item, length) => {
                Shape::of(&format!("list{length}"), vec![self.of(item)])
            }
            TypeDefKind::Map(key, value) => Shape::of("map", vec![self.of(key), self.of(value)]),
            TypeDefKind::Result(result) => {
                let sides = [&result.ok, &result.err].map(|side| self.of_option(side.as_ref()));
                Shape::of("result", sides.into())
            }
            TypeDefKind::Future(item) => Shape::of("future", vec![self.of_option(item.as_ref())]),
            TypeDefKind::Stream(item) => Shape::of("stream", vec![self.of_option(item.as_ref())]),
            TypeDefKind::Type(target) => self.of(target),
        }
    }

    /// A class of an interface includes its module's name.
    fn of_class(&self, id: TypeId) -> Shape {
        let name = snake(self.resolve.types[id].name.as_deref().unwrap_or_default());
        let Some(class) = self.classes.by_type.get(&id) else {
            return Shape::of(&name, Vec::new());
        };
        let word = match class.home {
            Home::World(_) => name,
            Home::Slot(index) => {
                let slot = &self.slots[index];
                let module = slot.module_in(self.view).unwrap_or(&slot.module);
                if self.hides(slot, module) {
                    format!("{}_{module}_{name}", slot.package())
                } else {
                    format!("{module}_{name}")
                }
            }
        };
        Shape {
            word,
            class: Some((class.names.module.clone(), class.names.class.clone())),
            items: Vec::new(),
        }
    }

    /// Returns `true` if an exported interface has the name of an imported one, which keeps it.
    fn hides(&self, slot: &Slot, module: &PyIdent) -> bool {
        slot.direction == Direction::Exported
            && self.slots.iter().any(|other| {
                other.direction == Direction::Imported && other.module_in(self.view) == Some(module)
            })
    }
}

impl Shape {
    fn of(word: &str, items: Vec<Self>) -> Self {
        Self {
            word: word.to_owned(),
            class: None,
            items,
        }
    }

    fn mangled(&self) -> String {
        let mut name = self.word.clone();
        for item in &self.items {
            name.push('_');
            name.push_str(&item.mangled());
        }
        name
    }
}
