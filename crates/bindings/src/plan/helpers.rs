//! Names that generated code needs from Python's library and from the support package.

use std::collections::BTreeSet;

/// A name that generated code needs from Python or from the support package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Helper {
    Union,
    Optional,
    Protocol,
    Tuple,
    List,
    Dict,
    Callable,
    SelfType,
    TracebackType,
    Enum,
    Flag,
    Dataclass,
    Field,
    AbstractMethod,
    Result,
    Ok,
    Err,
    Some,
    Buffer,
    ErrorContext,
    StreamReader,
    StreamWriter,
    ByteStreamReader,
    ByteStreamWriter,
    FutureReader,
    FutureWriter,
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

/// The source of helpers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PyLibrary {
    Typing,
    Types,
    Enum,
    Dataclasses,
    Abc,
    ComponentizePyTypes,
    ErrorContext,
    Streams,
    Futures,
    Builtins,
}

/// Helpers that have to be written with the library's alias, `_library.name`.
pub type Shadowed = BTreeSet<Helper>;

impl Helper {
    pub const ALL: [Self; 35] = [
        Self::Union,
        Self::Optional,
        Self::Protocol,
        Self::Tuple,
        Self::List,
        Self::Dict,
        Self::Callable,
        Self::SelfType,
        Self::TracebackType,
        Self::Enum,
        Self::Flag,
        Self::Dataclass,
        Self::Field,
        Self::AbstractMethod,
        Self::Result,
        Self::Ok,
        Self::Err,
        Self::Some,
        Self::Buffer,
        Self::ErrorContext,
        Self::StreamReader,
        Self::StreamWriter,
        Self::ByteStreamReader,
        Self::ByteStreamWriter,
        Self::FutureReader,
        Self::FutureWriter,
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
            Self::Dict => "Dict",
            Self::Callable => "Callable",
            Self::SelfType => "Self",
            Self::TracebackType => "TracebackType",
            Self::Enum => "Enum",
            Self::Flag => "Flag",
            Self::Dataclass => "dataclass",
            Self::Field => "field",
            Self::AbstractMethod => "abstractmethod",
            Self::Result => "Result",
            Self::Ok => "Ok",
            Self::Err => "Err",
            Self::Some => "Some",
            Self::Buffer => "Buffer",
            Self::ErrorContext => "ErrorContext",
            Self::StreamReader => "StreamReader",
            Self::StreamWriter => "StreamWriter",
            Self::ByteStreamReader => "ByteStreamReader",
            Self::ByteStreamWriter => "ByteStreamWriter",
            Self::FutureReader => "FutureReader",
            Self::FutureWriter => "FutureWriter",
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

    /// Returns `true` if applications look for it in generated modules.
    pub fn is_offered(self) -> bool {
        matches!(self, Self::Result | Self::Ok | Self::Err | Self::Some)
    }

    pub fn library(self) -> PyLibrary {
        match self {
            Self::Union
            | Self::Optional
            | Self::Protocol
            | Self::Tuple
            | Self::List
            | Self::Dict
            | Self::Callable
            | Self::SelfType => PyLibrary::Typing,
            Self::TracebackType => PyLibrary::Types,
            Self::Enum | Self::Flag => PyLibrary::Enum,
            Self::Dataclass | Self::Field => PyLibrary::Dataclasses,
            Self::AbstractMethod => PyLibrary::Abc,
            Self::Result | Self::Ok | Self::Err | Self::Some | Self::Buffer => {
                PyLibrary::ComponentizePyTypes
            }
            Self::ErrorContext => PyLibrary::ErrorContext,
            Self::StreamReader
            | Self::StreamWriter
            | Self::ByteStreamReader
            | Self::ByteStreamWriter => PyLibrary::Streams,
            Self::FutureReader | Self::FutureWriter => PyLibrary::Futures,
            Self::Int
            | Self::Float
            | Self::Bool
            | Self::Str
            | Self::Bytes
            | Self::Type
            | Self::BaseException
            | Self::ClassMethod
            | Self::NotImplementedError => PyLibrary::Builtins,
        }
    }
}

impl PyLibrary {
    pub const ALL: [Self; 10] = [
        Self::Typing,
        Self::Types,
        Self::Enum,
        Self::Dataclasses,
        Self::Abc,
        Self::ComponentizePyTypes,
        Self::ErrorContext,
        Self::Streams,
        Self::Futures,
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
            Self::ErrorContext => "componentize_py_error_context",
            Self::Streams => "componentize_py_async_support.streams",
            Self::Futures => "componentize_py_async_support.futures",
            Self::Builtins => "builtins",
        }
    }

    /// Its name in generated code. No name made from a WIT name starts with `_`.
    pub fn alias(self) -> &'static str {
        match self {
            Self::Typing => "_typing",
            Self::Types => "_types",
            Self::Enum => "_enum",
            Self::Dataclasses => "_dataclasses",
            Self::Abc => "_abc",
            Self::ComponentizePyTypes => "_componentize_py_types",
            Self::ErrorContext => "_error_context",
            Self::Streams => "_streams",
            Self::Futures => "_futures",
            Self::Builtins => "_builtins",
        }
    }
}
