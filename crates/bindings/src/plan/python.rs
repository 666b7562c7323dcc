//! The input of the printer: modules, classes, functions and annotations, every name decided.

use wit_parser::TypeId;

pub use super::helpers::{Helper, PyLibrary, Shadowed};
use super::names::{PyIdent, PyPath};

/// One file.
#[derive(Debug)]
pub struct Module {
    /// Relative, with `/`.
    pub file: String,
    pub docs: Option<String>,
    /// Sibling modules whose classes the annotations name.
    pub imports: Vec<ModuleImport>,
    /// Items that other modules define and this one offers too.
    pub shared: Vec<Shared>,
    pub items: Vec<Item>,
    /// Helpers whose plain names mean something else at this module's top level.
    pub shadowed: Shadowed,
    /// `true` if something else here is called `annotations`, like that import from `__future__`.
    pub hides_annotations: bool,
    /// `true` if the names of `componentize_py_types` are imported even if nothing here uses them.
    pub offers_types: bool,
}

/// `from ..imports import types`, or `from ..imports import types as name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleImport {
    /// A package: `..imports`, or `other.package.imports`. Empty for a module outside of packages.
    pub from: String,
    pub module: PyIdent,
    pub name: PyIdent,
}

/// `from ..imports.types import (Thing as Thing)`
#[derive(Debug)]
pub struct Shared {
    /// A module: `..imports.types`, or `other.package.imports.types`.
    pub from: String,
    /// Its names there and here.
    pub names: Vec<(PyIdent, PyIdent)>,
}

#[derive(Debug)]
pub enum Item {
    Record(Record),
    Variant(Variant),
    Enum(Members),
    Flags(Members),
    Alias(Alias),
    Resource(Resource),
    Function(Function),
    Channel(Channel),
    Protocol(Protocol),
}

/// A dataclass whose arguments are positional, in WIT order.
#[derive(Debug)]
pub struct Record {
    pub class: PyIdent,
    pub docs: Option<String>,
    pub fields: Vec<Field>,
    pub shadowed: Shadowed,
}

#[derive(Debug)]
pub struct Field {
    pub name: PyIdent,
    pub annotation: Annotation,
    pub docs: Option<String>,
}

/// One dataclass per case and a `Union` of them.
#[derive(Debug)]
pub struct Variant {
    pub class: PyIdent,
    pub docs: Option<String>,
    pub cases: Vec<Case>,
}

#[derive(Debug)]
pub struct Case {
    pub class: PyIdent,
    /// The type of `value`.
    pub payload: Option<Annotation>,
    pub docs: Option<String>,
    /// Its name in older generators, if existing code expects that.
    pub old_name: Option<PyIdent>,
}

/// An `Enum` that counts from 0, or a `Flag` whose member `n` is bit `n`.
#[derive(Debug)]
pub struct Members {
    pub class: PyIdent,
    pub docs: Option<String>,
    pub members: Vec<Member>,
}

#[derive(Debug)]
pub struct Member {
    pub name: PyIdent,
    pub docs: Option<String>,
}

/// `type name = ...`: another name for a type.
#[derive(Debug)]
pub struct Alias {
    pub name: PyIdent,
    pub docs: Option<String>,
    pub target: Annotation,
}

#[derive(Debug)]
pub struct Resource {
    pub class: PyIdent,
    pub docs: Option<String>,
    pub direction: Direction,
    pub constructor: Option<Function>,
    pub methods: Vec<Method>,
    pub shadowed: Shadowed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    Imported,
    Exported,
}

#[derive(Debug)]
pub struct Method {
    pub is_static: bool,
    pub function: Function,
}

/// A class that an app implements: abstract methods with `self`.
#[derive(Debug)]
pub struct Protocol {
    pub class: PyIdent,
    /// Its names in other packages that share the interface.
    pub other_names: Vec<PyIdent>,
    pub docs: Option<String>,
    pub methods: Vec<Function>,
    pub shadowed: Shadowed,
}

#[derive(Debug)]
pub struct Function {
    pub name: PyIdent,
    /// Without `self` and `cls`.
    pub params: Vec<Param>,
    pub result: Annotation,
    /// The payload of the `Err` that the function raises.
    pub raises: Option<Annotation>,
    pub docs: Option<String>,
    pub is_async: bool,
    pub import: ImportKey,
}

/// A function that makes a stream or a future and returns its two ends, the writable one first.
#[derive(Debug)]
pub struct Channel {
    pub name: PyIdent,
    pub kind: ChannelKind,
    pub payload: Annotation,
    /// The WIT types of this channel: the glue knows at least one of them.
    pub types: Vec<TypeId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    /// A stream of `u8` or `s8`, which has special classes.
    Bytes,
    Stream,
    Future,
}

#[derive(Debug)]
pub struct Param {
    pub name: PyIdent,
    pub annotation: Annotation,
}

/// The glue's name for a function: its interface's key and its canonical name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImportKey {
    pub interface: Option<String>,
    pub name: String,
}

#[derive(Clone, Debug)]
pub enum Annotation {
    None,
    Plain(Helper),
    /// `List[int]`, `Optional[Some[str]]`.
    Of(Helper, Vec<Annotation>),
    Class(ClassName),
}

#[derive(Clone, Debug)]
pub struct ClassName {
    /// The current module's name for the module that contains it; `None` if that is the current one.
    pub qualifier: Option<PyIdent>,
    pub class: PyIdent,
    /// The module that defines it, for texts.
    pub module: PyPath,
}

/// A class that the application has to define.
#[derive(Debug)]
pub struct Required<'a> {
    pub class: &'a PyIdent,
    pub shadowed: &'a Shadowed,
    pub constructor: Option<&'a Function>,
    /// The other methods, each with `true` if it is static.
    pub methods: Vec<(&'a Function, bool)>,
}

impl Item {
    /// The class that it asks of the application, if it does.
    pub fn required(&self) -> Option<Required<'_>> {
        match self {
            Self::Protocol(protocol) => Some(Required {
                class: &protocol.class,
                shadowed: &protocol.shadowed,
                constructor: None,
                methods: protocol.methods.iter().map(|one| (one, false)).collect(),
            }),
            Self::Resource(resource) if resource.direction == Direction::Exported => {
                let methods = resource.methods.iter();
                Some(Required {
                    class: &resource.class,
                    shadowed: &resource.shadowed,
                    constructor: resource.constructor.as_ref(),
                    methods: methods.map(|one| (&one.function, one.is_static)).collect(),
                })
            }
            _ => None,
        }
    }

    /// The names that it defines at the top level of its module.
    pub fn names(&self) -> Vec<&PyIdent> {
        match self {
            Self::Record(record) => vec![&record.class],
            Self::Variant(variant) => variant
                .cases
                .iter()
                .flat_map(|case| [Some(&case.class), case.old_name.as_ref()])
                .flatten()
                .chain([&variant.class])
                .collect(),
            Self::Enum(members) | Self::Flags(members) => vec![&members.class],
            Self::Alias(alias) => vec![&alias.name],
            Self::Resource(resource) => vec![&resource.class],
            Self::Function(function) => vec![&function.name],
            Self::Channel(channel) => vec![&channel.name],
            Self::Protocol(protocol) => [&protocol.class]
                .into_iter()
                .chain(&protocol.other_names)
                .collect(),
        }
    }
}
