//! The contract between the tool and the runtime, `wit/init.wit`, as Rust types. Wasmtime compares them with the component's own
//! types when it calls; the guest's build compares the C types with the file (`guest/src/contract.rs`).

use wasmtime::component::{ComponentType, Lift, Lower};

#[derive(Clone, Debug, PartialEq, ComponentType, Lower, Lift)]
#[component(record)]
pub struct ClassSymbol {
    pub module: String,
    pub name: String,
}

#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct RecordSymbol {
    pub class: ClassSymbol,
    pub fields: Vec<String>,
}

#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct VariantSymbol {
    pub cases: Vec<ClassSymbol>,
}

#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct MembersSymbol {
    pub class: ClassSymbol,
    pub members: Vec<String>,
}

#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct ResourceSymbol {
    pub class: ClassSymbol,
    pub exported: bool,
}

#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct ImportSymbol {
    pub name: String,
    pub params: Vec<String>,
    pub available: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, ComponentType, Lower, Lift)]
#[component(enum)]
#[repr(u8)]
pub enum ExportKind {
    #[component(name = "function")]
    Function,
    #[component(name = "constructor")]
    Constructor,
    #[component(name = "method")]
    Method,
    #[component(name = "static")]
    Static,
}

#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct ExportSymbol {
    pub name: String,
    pub params: Vec<String>,
    pub kind: ExportKind,
    pub class: ClassSymbol,
    pub method: String,
    #[component(name = "is-async")]
    pub is_async: bool,
}

/// Another name under which the application may have a class that it exports.
#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct SubstituteSymbol {
    pub of: ClassSymbol,
    pub class: ClassSymbol,
}

/// `componentize-py:runtime/init.symbols`.
#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct Symbols {
    pub records: Vec<RecordSymbol>,
    pub variants: Vec<VariantSymbol>,
    pub enums: Vec<MembersSymbol>,
    pub flags: Vec<MembersSymbol>,
    pub resources: Vec<ResourceSymbol>,
    pub imports: Vec<ImportSymbol>,
    pub exports: Vec<ExportSymbol>,
    pub maps: Vec<u32>,
    #[component(name = "fixed-lists")]
    pub fixed_lists: Vec<u32>,
    pub clock: Option<u32>,
    pub substitutes: Vec<SubstituteSymbol>,
}

/// The modules that the code of a native extension may import.
#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct NativeImports {
    pub extension: String,
    pub modules: Vec<String>,
}

/// `componentize-py:runtime/init.settings`.
#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct RuntimeSettings {
    pub app: String,
    #[component(name = "search-path")]
    pub search_path: Vec<String>,
    #[component(name = "hash-seed")]
    pub hash_seed: u32,
    #[component(name = "stub-wasi")]
    pub stub_wasi: bool,
    pub measure: bool,
    #[component(name = "native-imports")]
    pub native_imports: Vec<NativeImports>,
    #[component(name = "native-modules")]
    pub native_modules: Vec<String>,
    #[component(name = "installed-paths")]
    pub installed_paths: Vec<String>,
    #[component(name = "whole-stdlib")]
    pub whole_stdlib: bool,
    #[component(name = "included-modules")]
    pub included_modules: Vec<String>,
    #[component(name = "strip-docstrings")]
    pub strip_docstrings: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, ComponentType, Lower, Lift)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "the runtime makes them")]
pub enum FailureKind {
    #[component(name = "module-not-found")]
    ModuleNotFound,
    #[component(name = "exception")]
    Exception,
    #[component(name = "missing-class")]
    MissingClass,
    #[component(name = "missing-method")]
    MissingMethod,
    #[component(name = "internal")]
    Internal,
    #[component(name = "tampered")]
    Tampered,
    #[component(name = "wrong-parameters")]
    WrongParameters,
    #[component(name = "wrong-async")]
    WrongAsync,
    #[component(name = "import-unavailable")]
    ImportUnavailable,
    #[component(name = "library-missing")]
    LibraryMissing,
    #[component(name = "application-unusable")]
    ApplicationUnusable,
}

/// `componentize-py:runtime/init.failure`.
#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct Failure {
    pub kind: FailureKind,
    pub module: String,
    pub name: String,
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ComponentType, Lower, Lift)]
#[component(enum)]
#[repr(u8)]
#[expect(dead_code, reason = "the runtime makes them")]
pub enum MeasuredKind {
    #[component(name = "start")]
    Start,
    #[component(name = "loaded")]
    Loaded,
    #[component(name = "carried")]
    Carried,
    #[component(name = "rest")]
    Rest,
}

/// `componentize-py:runtime/init.measured-item`.
#[derive(Clone, Debug, ComponentType, Lower, Lift)]
#[component(record)]
pub struct MeasuredItem {
    pub kind: MeasuredKind,
    pub name: String,
    pub package: String,
    pub bytes: i64,
}
