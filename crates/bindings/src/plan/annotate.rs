//! From WIT types to Python annotations, as seen from one module.

use anyhow::Context as _;
use wit_parser::{Resolve, Type, TypeDefKind, TypeId};

use super::WitName;
use super::builder::ModuleBuilder;
use super::classes::handled;
use super::python::{Annotation, ClassName, Helper};

/// The purpose of an annotation.
#[derive(Clone, Copy)]
pub struct Use<'a> {
    /// The place, for errors.
    pub place: &'a WitName,
    /// The resource whose class body contains the annotation: it is `Self` there.
    pub own: Option<TypeId>,
    /// Only for a text, so other modules need not be imported.
    pub in_words: bool,
    /// The application passes the value, so a buffer is accepted as a list of numbers.
    pub given: bool,
}

impl<'a> Use<'a> {
    pub fn new(place: &'a WitName) -> Self {
        Self {
            place,
            own: None,
            in_words: false,
            given: false,
        }
    }

    /// For places where `Buffer` must not be accepted: invariant containers, and types used in both directions.
    fn exact(self) -> Self {
        Self {
            given: false,
            ..self
        }
    }
}

/// The type behind aliases and `use`.
pub fn behind(resolve: &Resolve, ty: &Type) -> Type {
    let mut ty = *ty;
    while let Type::Id(id) = ty {
        match resolve.types[id].kind {
            TypeDefKind::Type(target) => ty = target,
            _ => break,
        }
    }
    ty
}

impl ModuleBuilder<'_> {
    pub fn annotate(&mut self, ty: &Type, usage: Use) -> anyhow::Result<Annotation> {
        Ok(match behind(self.resolve(), ty) {
            Type::Bool => Annotation::Plain(Helper::Bool),
            Type::U8 | Type::U16 | Type::U32 | Type::U64 => Annotation::Plain(Helper::Int),
            Type::S8 | Type::S16 | Type::S32 | Type::S64 => Annotation::Plain(Helper::Int),
            Type::F32 | Type::F64 => Annotation::Plain(Helper::Float),
            Type::Char | Type::String => Annotation::Plain(Helper::Str),
            Type::ErrorContext => Annotation::Plain(Helper::ErrorContext),
            Type::Id(id) => self.annotate_definition(id, usage)?,
        })
    }

    /// The annotation of an optional type, `None` if it is missing.
    pub fn annotate_option(&mut self, ty: Option<&Type>, usage: Use) -> anyhow::Result<Annotation> {
        ty.map_or(Ok(Annotation::None), |ty| self.annotate(ty, usage))
    }

    fn annotate_definition(&mut self, id: TypeId, usage: Use) -> anyhow::Result<Annotation> {
        Ok(match self.resolve().types[id].kind.clone() {
            TypeDefKind::Record(_)
            | TypeDefKind::Variant(_)
            | TypeDefKind::Enum(_)
            | TypeDefKind::Flags(_)
            | TypeDefKind::Resource => self.class(id, usage)?,
            TypeDefKind::Handle(handle) => {
                match behind(self.resolve(), &Type::Id(handled(&handle))) {
                    Type::Id(resource) => self.class(resource, usage)?,
                    other => anyhow::bail!("{other:?} is not a resource"),
                }
            }
            TypeDefKind::Tuple(tuple) => {
                let mut items = Vec::new();
                for ty in &tuple.types {
                    items.push(self.annotate(ty, usage)?);
                }
                Annotation::Of(Helper::Tuple, items)
            }
            TypeDefKind::Option(some) => {
                // `None` must not stand for two values.
                let item = if self.is_option(&some) {
                    let item = self.annotate(&some, usage.exact())?;
                    Annotation::Of(Helper::Some, vec![item])
                } else {
                    self.annotate(&some, usage)?
                };
                Annotation::Of(Helper::Optional, vec![item])
            }
            TypeDefKind::Result(result) => {
                let ok = self.annotate_option(result.ok.as_ref(), usage.exact())?;
                let err = self.annotate_option(result.err.as_ref(), usage.exact())?;
                Annotation::Of(Helper::Result, vec![ok, err])
            }
            TypeDefKind::List(item) | TypeDefKind::FixedLengthList(item, _) => {
                let list = if self.is_byte(&item) {
                    Annotation::Plain(Helper::Bytes)
                } else {
                    Annotation::Of(Helper::List, vec![self.annotate(&item, usage.exact())?])
                };
                if usage.given && self.may_be_buffer(&item) {
                    Annotation::Of(Helper::Union, vec![list, Annotation::Plain(Helper::Buffer)])
                } else {
                    list
                }
            }
            TypeDefKind::Map(key, value) => {
                let usage = usage.exact();
                let items = vec![self.annotate(&key, usage)?, self.annotate(&value, usage)?];
                Annotation::Of(Helper::Dict, items)
            }
            TypeDefKind::Stream(Some(item)) if self.is_byte(&item) => {
                Annotation::Plain(Helper::ByteStreamReader)
            }
            TypeDefKind::Stream(item) => {
                let item = self.annotate_option(item.as_ref(), usage.exact())?;
                Annotation::Of(Helper::StreamReader, vec![item])
            }
            TypeDefKind::Future(item) => {
                let item = self.annotate_option(item.as_ref(), usage.exact())?;
                Annotation::Of(Helper::FutureReader, vec![item])
            }
            TypeDefKind::Type(target) => self.annotate(&target, usage)?,
            TypeDefKind::Unknown => anyhow::bail!("a resolved world has no unknown types"),
        })
    }

    /// Python has its own sequences of these.
    fn is_byte(&self, ty: &Type) -> bool {
        matches!(behind(self.resolve(), ty), Type::U8 | Type::S8)
    }

    /// Numbers, and lists of numbers: arrays of several dimensions. Lists of bytes are left out, though the runtime
    /// takes them too: `bytes` are buffers, and where `[data]` is meant, type checkers should not accept `data`.
    fn may_be_buffer(&self, item: &Type) -> bool {
        match behind(self.resolve(), item) {
            Type::U8 | Type::U16 | Type::U32 | Type::U64 => true,
            Type::S8 | Type::S16 | Type::S32 | Type::S64 => true,
            Type::F32 | Type::F64 | Type::Bool => true,
            Type::Char | Type::String | Type::ErrorContext => false,
            Type::Id(id) => match &self.resolve().types[id].kind {
                TypeDefKind::List(inner) | TypeDefKind::FixedLengthList(inner, _) => {
                    !self.is_byte(inner) && self.may_be_buffer(inner)
                }
                TypeDefKind::Record(_)
                | TypeDefKind::Resource
                | TypeDefKind::Handle(_)
                | TypeDefKind::Flags(_)
                | TypeDefKind::Tuple(_)
                | TypeDefKind::Variant(_)
                | TypeDefKind::Enum(_)
                | TypeDefKind::Option(_)
                | TypeDefKind::Result(_)
                | TypeDefKind::Map(..)
                | TypeDefKind::Future(_)
                | TypeDefKind::Stream(_)
                | TypeDefKind::Type(_)
                | TypeDefKind::Unknown => false,
            },
        }
    }

    fn is_option(&self, ty: &Type) -> bool {
        match behind(self.resolve(), ty) {
            Type::Id(id) => matches!(self.resolve().types[id].kind, TypeDefKind::Option(_)),
            _ => false,
        }
    }

    fn class(&mut self, id: TypeId, usage: Use) -> anyhow::Result<Annotation> {
        if usage.own == Some(id) && !usage.in_words {
            return Ok(Annotation::Plain(Helper::SelfType));
        }
        let class = self
            .classes()
            .by_type
            .get(&id)
            .with_context(|| format!("`{}` uses a type that the world lacks", usage.place))?;
        let (home, names) = (class.home, class.names.clone());
        Ok(Annotation::Class(ClassName {
            qualifier: if usage.in_words {
                None
            } else {
                self.qualifier(home)
            },
            class: names.class,
            module: names.module,
        }))
    }
}
