//! What the printer is given: modules, classes, functions and annotations, every name decided.

use std::collections::BTreeSet;

use super::names::{PyIdent, PyPath};

/// One file.
#[derive(Debug)]
pub struct Module {
    /// Relative, with `/`.
    pub file: String,
    pub docs: Option<String>,
    /// Sibling modules whose classes the annotations name.
    pub imports: Vec<ModuleImport>,
    /// Classes of another module that are offered under the same names here.
    pub shared: Option<SharedClasses>,
    pub items: Vec<Item>,
    /// Helpers whose plain names mean something else at this module's top level.
    pub shadowed: Shadowed,
    /// Whether something else here is called `annotations`, as that import of `__future__` is.
    pub hides_annotations: bool,
    /// Whether the names of `componentize_py_types` are imported even when nothing here uses them.
    pub offers_types: bool,
}

/// `from ..imports import types`, or `from ..imports import types as name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleImport {
    /// A relative package: `..imports`.
    pub from: &'static str,
    pub module: PyIdent,
    pub name: PyIdent,
}

#[derive(Debug)]
pub struct SharedClasses {
    /// A relative package: `..imports`.
    pub from: &'static str,
    pub module: PyIdent,
    pub classes: Vec<PyIdent>,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Imported,
    Exported,
}

#[derive(Debug)]
pub struct Method {
    pub is_static: bool,
    pub function: Function,
}

/// What an app implements: abstract methods with `self`.
#[derive(Debug)]
pub struct Protocol {
    pub class: PyIdent,
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
    pub import: ImportKey,
}

#[derive(Debug)]
pub struct Param {
    pub name: PyIdent,
    pub annotation: Annotation,
}

/// How the glue knows a function: its interface's key and its canonical name.
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
    /// How the current module calls the module it is in; none if that is the current one.
    pub qualifier: Option<PyIdent>,
    pub class: PyIdent,
    /// Where it is defined, for texts.
    pub module: PyPath,
}

/// A name that generated code needs from Python or from the support package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Helper {
    Union,
    Optional,
    Protocol,
    Tuple,
    List,
    SelfType,
    TracebackType,
    Enum,
    Flag,
    Dataclass,
    AbstractMethod,
    Result,
    Ok,
    Err,
    Some,
    Int,
    Float,
    Bool,
    Str,
    Bytes,
    Type,
    BaseException,
    ClassMethod,
    NotImplementedError,
}

/// Where helpers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Library {
    Typing,
    Types,
    Enum,
    Dataclasses,
    Abc,
    ComponentizePyTypes,
    Builtins,
}

/// Helpers that have to be spelt `_library.name`.
pub type Shadowed = BTreeSet<Helper>;

impl Helper {
    pub const ALL: [Self; 24] = [
        Self::Union,
        Self::Optional,
        Self::Protocol,
        Self::Tuple,
        Self::List,
        Self::SelfType,
        Self::TracebackType,
        Self::Enum,
        Self::Flag,
        Self::Dataclass,
        Self::AbstractMethod,
        Self::Result,
        Self::Ok,
        Self::Err,
        Self::Some,
        Self::Int,
        Self::Float,
        Self::Bool,
        Self::Str,
        Self::Bytes,
        Self::Type,
        Self::BaseException,
        Self::ClassMethod,
        Self::NotImplementedError,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Union => "Union",
            Self::Optional => "Optional",
            Self::Protocol => "Protocol",
            Self::Tuple => "Tuple",
            Self::List => "List",
            Self::SelfType => "Self",
            Self::TracebackType => "TracebackType",
            Self::Enum => "Enum",
            Self::Flag => "Flag",
            Self::Dataclass => "dataclass",
            Self::AbstractMethod => "abstractmethod",
            Self::Result => "Result",
            Self::Ok => "Ok",
            Self::Err => "Err",
            Self::Some => "Some",
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Str => "str",
            Self::Bytes => "bytes",
            Self::Type => "type",
            Self::BaseException => "BaseException",
            Self::ClassMethod => "classmethod",
            Self::NotImplementedError => "NotImplementedError",
        }
    }

    pub fn library(self) -> Library {
        match self {
            Self::Union
            | Self::Optional
            | Self::Protocol
            | Self::Tuple
            | Self::List
            | Self::SelfType => Library::Typing,
            Self::TracebackType => Library::Types,
            Self::Enum | Self::Flag => Library::Enum,
            Self::Dataclass => Library::Dataclasses,
            Self::AbstractMethod => Library::Abc,
            Self::Result | Self::Ok | Self::Err | Self::Some => Library::ComponentizePyTypes,
            Self::Int
            | Self::Float
            | Self::Bool
            | Self::Str
            | Self::Bytes
            | Self::Type
            | Self::BaseException
            | Self::ClassMethod
            | Self::NotImplementedError => Library::Builtins,
        }
    }
}

impl Library {
    pub const ALL: [Self; 7] = [
        Self::Typing,
        Self::Types,
        Self::Enum,
        Self::Dataclasses,
        Self::Abc,
        Self::ComponentizePyTypes,
        Self::Builtins,
    ];

    pub fn module(self) -> &'static str {
        match self {
            Self::Typing => "typing",
            Self::Types => "types",
            Self::Enum => "enum",
            Self::Dataclasses => "dataclasses",
            Self::Abc => "abc",
            Self::ComponentizePyTypes => "componentize_py_types",
            Self::Builtins => "builtins",
        }
    }
}
