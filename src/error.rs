//! The user's mistakes, each with the fields its message needs and a hint about what to do next.
//!
//! Everything that is not the user's mistake is an `anyhow::Error` with context.

mod hints;
mod well_known;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::files::{Unusable, about};
use crate::link;

/// A mistake in what the user gave us: reported as `error:`, its causes, and `hint:`; exit code 1.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    #[error("WIT path `{}` does not exist", path.display())]
    WitPathMissing { path: PathBuf },
    #[error("`{}` {reason}", path.display())]
    InputUnusable {
        path: PathBuf,
        reason: Unusable,
        /// The traceback of the import that asked for it, if one did.
        detail: String,
    },

    // world
    #[error("cannot make sense of the WIT in `{}`", path.display())]
    WitUnparsable {
        path: PathBuf,
        /// The parser's own words, with the place.
        reason: String,
    },
    #[error("the WIT in `{}` is more than can be read", path.display())]
    WitTooCostly { path: PathBuf, reason: String },
    #[error("`{place}` is more than {limit} steps away from the type that it comes down to")]
    TypeChainTooLong { place: String, limit: u32 },
    #[error(
        "interface `{place}` uses one that uses another, and so on for more than {limit} steps"
    )]
    InterfaceChainTooLong { place: String, limit: u32 },
    #[error("the WIT in `{}` contradicts that of another path", path.display())]
    WitConflict { path: PathBuf, reason: String },
    #[error("world `{name}` not found")]
    WorldUnknown {
        name: String,
        /// All worlds, the nearest name first.
        candidates: Vec<String>,
        /// What is wrong with a Python package that may have had it.
        #[source]
        fault: Option<Box<UserError>>,
    },
    #[error("no WIT was given, so there is no world `{name}`")]
    WorldWithoutWit {
        name: String,
        /// Directories in which no Python package brings WIT along; none if packages do not count.
        searched: Vec<String>,
    },
    #[error("world name `{name}` is ambiguous")]
    WorldAmbiguous {
        name: String,
        candidates: Vec<String>,
    },
    #[error("no world named, and there are several")]
    WorldNotNamed { candidates: Vec<String> },
    #[error("there is no world in the WIT given")]
    NoWorld {
        /// Those of the packages it depends on.
        candidates: Vec<String>,
    },
    #[error("world `{world}` cannot be united with {}", listed(united))]
    WorldsConflict {
        united: Vec<String>,
        world: String,
        reason: String,
    },

    // project
    #[error("cannot read `{}`", path.display())]
    ConfigUnreadable {
        path: PathBuf,
        /// The TOML parser's own words, with the place.
        reason: String,
    },
    #[error("`{}` has an unknown key `{key}`", path.display())]
    ConfigKeyUnknown {
        path: PathBuf,
        key: String,
        /// All keys, the nearest name first.
        candidates: Vec<String>,
    },
    #[error("`{key}` in `{}` must be {expected}", path.display())]
    ConfigValueWrong {
        path: PathBuf,
        key: String,
        expected: &'static str,
    },
    #[error("`{key}` in `{}` names `{value}`, which is not a directory", path.display())]
    ConfigPathMissing {
        path: PathBuf,
        key: String,
        value: String,
    },
    #[error("`{key}` in `{}` names `{value}`, which lies outside of the package", path.display())]
    ConfigPathOutside {
        path: PathBuf,
        key: String,
        value: String,
    },
    #[error("`bindings` in `{}` names `{value}`, which Python cannot import", path.display())]
    ConfigPathNotModule { path: PathBuf, value: String },
    #[error("package `{module}` has two files `componentize-py.toml`")]
    ConfigTwice {
        module: String,
        first: PathBuf,
        second: PathBuf,
    },
    #[error("module `{module}`, named by `-m/--module-worlds`, has no WIT of its own")]
    ModuleWithoutWit {
        module: String,
        /// The modules that have, the nearest name first.
        candidates: Vec<String>,
    },

    // plan
    #[error("{what} not supported yet: `{place}`")]
    WitNotSupportedYet {
        /// "async functions are", "the type `stream` is".
        what: &'static str,
        /// `ns:pkg/interface#function`, or a type's name in the same form.
        place: String,
    },
    #[error("{kind} `{place}` is empty, which the Component Model does not allow")]
    EmptyType { kind: &'static str, place: String },
    #[error("names `{first}` and `{second}` clash in {place}")]
    NamesClash {
        /// "`ns:pkg/interface`", "the parameters of `function`".
        place: String,
        first: String,
        second: String,
    },
    #[error("world `{world}` is not possible in the Component Model")]
    WorldInvalid {
        world: String,
        /// The validator's own words.
        reason: String,
    },
    #[error("`{place}` has a list of {length} items, and {limit} are supported")]
    FixedListTooLong {
        place: String,
        length: u32,
        limit: u32,
    },
    #[error("`{place}` spells out to more than {limit} values, which is too large")]
    TypeTooLarge { place: String, limit: u64 },
    #[error("`{place}` is nested deeper than {limit} levels")]
    TypeTooDeep { place: String, limit: u32 },
    #[error("flags `{place}` has {count} members, and the Component Model allows 32")]
    TooManyFlags { place: String, count: usize },
    #[error("`{name}` is not a Python module name")]
    ModuleNameInvalid { name: String },
    #[error("interfaces `{first}` and `{second}` would both be the Python module `{module}`")]
    ModuleNameTaken {
        module: String,
        first: String,
        second: String,
    },

    // link
    #[error(
        "the library `{library}` uses `{symbol}` as {expected}, and `{definer}` defines it as {actual}"
    )]
    SymbolTypesDiffer {
        symbol: String,
        library: String,
        /// Signatures in the text format.
        expected: String,
        definer: String,
        actual: String,
    },

    // cli, pipeline, emit
    #[error("the app's module and the world module have the same name, `{module}`")]
    AppIsWorldModule { module: String },
    #[error("cannot write `{}`", path.display())]
    OutputUnwritable {
        path: PathBuf,
        source: std::io::Error,
    },

    #[error("the component is binary, and standard output is a terminal")]
    OutputIsTerminal,
    #[error("the component and the report cannot both go to standard output")]
    OutputAndReport,
    #[error("cannot use the directory for temporary files, `{}`", path.display())]
    TemporaryUnavailable {
        path: PathBuf,
        source: std::io::Error,
    },

    // preinit
    #[error("app module `{app}` not found{}", searched_in(searched))]
    AppNotFound {
        app: String,
        /// What `-p` named, as the user typed it.
        searched: Vec<String>,
        /// Modules that are there, the nearest name first.
        candidates: Vec<String>,
    },
    #[error("module `{module}` not found")]
    ModuleNotFound {
        module: String,
        /// The traceback of the import, and an extension for another platform, with that platform.
        detail: String,
        foreign_extension: Option<(PathBuf, String)>,
    },
    #[error("native extension `{}` cannot be linked: it {reason}", path.display())]
    ExtensionUnusable {
        path: PathBuf,
        reason: link::Unusable,
        detail: String,
    },
    #[error("native extension `{}` failed while the app was imported: {reason}", path.display())]
    ExtensionTrapped {
        path: PathBuf,
        reason: String,
        detail: String,
    },
    #[error(
        "module `{module}` is left out: the world given with `-i/--intersect-world` has no `{interface}`"
    )]
    NotInIntersection {
        module: String,
        interface: String,
        detail: String,
    },
    #[error("the package data with `{}` has {}, and a component holds at most 768 MiB", path.display(), about(*size))]
    DataTooLarge { path: PathBuf, size: u64 },
    #[error("the component with all that the app has in memory is too large: {} MiB, and hosts take at most {} MiB", size.div_ceil(1 << 20), limit >> 20)]
    ComponentTooLarge { size: usize, limit: usize },
    #[error("app module `{app}` raised an exception while being imported")]
    AppRaised { app: String, detail: String },
    #[error("`{place}` has no class `{class}`")]
    ClassMissing {
        /// The file, or the module when there is no telling.
        place: String,
        class: String,
        /// The lines to add.
        example: String,
    },
    #[error("`{class}` in `{place}` is not a class, but of type `{actual}`")]
    ClassNotAClass {
        place: String,
        class: String,
        actual: String,
        example: String,
    },
    #[error(
        "module `{module}`, for the resources of the exported interface `{interface}`, not found"
    )]
    ResourceModuleMissing {
        module: String,
        interface: String,
        /// Where it could be.
        file: PathBuf,
        /// A module of that name in the package of the app.
        beside: Option<PathBuf>,
        /// The lines to write.
        example: String,
    },
    #[error(
        "class `{class}`, a resource of the exported interface `{interface}`, is looked for in `{module}`, which is not a module of the app"
    )]
    ResourceModuleTaken {
        module: String,
        class: String,
        interface: String,
    },
    #[error("class `{class}` in `{place}` has no method `{method}`")]
    MethodMissing {
        place: String,
        class: String,
        method: String,
        example: String,
    },
    #[error("app module `{app}` called the import `{import}`, which is not there while building")]
    ImportUnavailable {
        app: String,
        import: String,
        detail: String,
    },
    #[error("class `{class}` in `{place}` raised an exception while its instance was created")]
    ClassRaised {
        place: String,
        class: String,
        detail: String,
    },
    #[error("app module `{app}` is not valid Python")]
    AppUnparsable { app: String, detail: String },
    #[error("app module `{app}` ended the process while being imported")]
    AppExited { app: String, detail: String },
    #[error("app module `{app}` was not imported within {}: {activity} was under way", seconds(*limit))]
    AppTimedOut {
        app: String,
        /// "the import of `helper`".
        activity: String,
        limit: Duration,
        detail: String,
    },
    #[error("app module `{app}` needed more memory than {}: {activity} was under way", size(*limit))]
    AppOutOfMemory {
        app: String,
        activity: String,
        limit: usize,
        detail: String,
    },
    #[error("app module `{app}` crashed while {activity} was under way: {reason}")]
    AppAborted {
        app: String,
        activity: String,
        /// Wasmtime's own words.
        reason: String,
        detail: String,
    },
    #[error("app module `{app}` has broken the interpreter that it was imported in")]
    AppTampered {
        app: String,
        /// The exception of ours that this ended in.
        detail: String,
    },
    #[error("`{method}` of class `{class}` in `{place}` cannot be called with {given} {}: {reason}", if *given == 1 { "argument" } else { "arguments" })]
    ParametersWrong {
        place: String,
        class: String,
        method: String,
        /// How many the world gives it, not counting `self`.
        given: usize,
        /// "it takes 3".
        reason: String,
        example: String,
    },
    #[error(
        "`{method}` of class `{class}` in `{place}` is `async`, and the world's function is not"
    )]
    AsyncWrong {
        place: String,
        class: String,
        method: String,
        example: String,
    },
    #[error("WASI cannot be stubbed out: {reason}")]
    WasiNeeded { reason: String },

    // host, run, serve
    #[error("component `{}` does not exist", path.display())]
    ComponentMissing { path: PathBuf },
    #[error("`{}` is not a component, but {found}", path.display())]
    NotAComponent { path: PathBuf, found: &'static str },
    #[error("`{}` is not a component that can be used", path.display())]
    ComponentInvalid {
        path: PathBuf,
        /// Wasmtime's own words.
        reason: String,
    },
    #[error("`{}` imports what is not offered here: {}", path.display(), listed(imports))]
    ImportsNotOffered { path: PathBuf, imports: Vec<String> },
    #[error("`{}` is not a program: it does not export `wasi:cli/run`", path.display())]
    NotRunnable {
        path: PathBuf,
        exports: Vec<String>,
        /// Whether it is one for `serve`.
        serves: bool,
    },
    #[error("`{}` answers no HTTP requests: it exports neither `wasi:http/incoming-handler` nor `wasi:http/handler`", path.display())]
    NotServable {
        path: PathBuf,
        exports: Vec<String>,
        /// Whether it is one for `run`.
        runs: bool,
    },
    #[error("cannot open the directory `{}`", path.display())]
    DirectoryUnavailable { path: PathBuf, reason: String },
    #[error("cannot listen on `{address}`")]
    AddressUnavailable {
        address: String,
        source: std::io::Error,
    },
    #[error("`{}` needs more than {} of memory to start", path.display(), size(*limit))]
    MemoryTooSmall { path: PathBuf, limit: usize },
    #[error("`{}` ran longer than {}", component.display(), seconds(*limit))]
    RunTimedOut { component: PathBuf, limit: Duration },
    #[error("`{}` needed more memory than {}", component.display(), size(*limit))]
    RunOutOfMemory { component: PathBuf, limit: usize },
    #[error("`{}` ended with an exception that it did not catch", component.display())]
    RunRaised { component: PathBuf },
    #[error("`{}` trapped", component.display())]
    RunTrapped {
        component: PathBuf,
        /// Wasmtime's own words.
        reason: String,
    },
    #[error("stopped before {requests} {} answered", if *requests == 1 { "request was" } else { "requests were" })]
    ServeCutShort { requests: usize },
}

impl UserError {
    /// A file that the build reads and cannot.
    pub fn unusable(path: &Path, reason: Unusable) -> Self {
        Self::InputUnusable {
            path: path.to_owned(),
            reason,
            detail: String::new(),
        }
    }
}

/// " in `a`, `b`", or that there was nowhere to look.
fn searched_in(directories: &[String]) -> String {
    if directories.is_empty() {
        ": none of the directories to search exists".to_owned()
    } else {
        format!(" in {}", listed(directories))
    }
}

/// "`a`, `b` and 3 more".
pub(crate) fn listed(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = names.len().saturating_sub(SHOWN);
    if more > 0 {
        format!("{} and {more} more", shown.join(", "))
    } else {
        shown.join(", ")
    }
}

/// "1 second", "2.5 seconds".
pub(crate) fn seconds(time: Duration) -> String {
    match time.as_secs_f64() {
        1.0 => "1 second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}

/// "512 MiB", in the largest unit that it is a whole number of.
pub(crate) fn size(bytes: usize) -> String {
    let unit = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
        .into_iter()
        .find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit));
    match unit {
        Some((unit, name)) => format!("{} {name}", bytes / unit),
        None => format!("{bytes} bytes"),
    }
}
