//! Mistakes in the app and its packages that show when the app is imported.

use std::path::PathBuf;
use std::time::Duration;

use derive_more::Display;
use ground::wording::{seconds, size};
use ground::{Kind, Mistake};

use super::absent::Absent;
use crate::link::{self, WASI_WHEEL};
use crate::project::Advice;
use crate::settings::{Wasi, option_value};

/// A mistake in the app, or in code that it imports.
#[derive(Debug, Display)]
pub enum AppError {
    #[display("module `{module}` not found")]
    ModuleNotFound {
        module: String,
        /// The traceback of the import, and an extension for another platform, with that platform.
        detail: String,
        foreign_extension: Option<(PathBuf, String)>,
        advice: Advice,
    },
    #[display("module `{module}` {reason}")]
    ModuleAbsent {
        module: String,
        reason: Absent,
        detail: String,
    },
    #[display("{reason}")]
    ApplicationUnusable { reason: String, hint: String },
    #[display("Python's module `{package}` has no `{name}` in components")]
    NameAbsent {
        package: String,
        name: String,
        detail: String,
    },
    #[display("native extension `{}` cannot be linked: it {reason}", path.display())]
    ExtensionUnusable {
        path: PathBuf,
        reason: link::Unusable,
        detail: String,
    },
    #[display("native extension `{}` failed while the app was imported: {reason}", path.display())]
    ExtensionTrapped {
        path: PathBuf,
        reason: String,
        detail: String,
    },
    #[display(
        "module `{module}` is left out: the world given with `-i/--intersect-world` has no `{interface}`"
    )]
    NotInIntersection {
        module: String,
        interface: String,
        detail: String,
    },
    #[display("app module `{app}` raised an exception while being imported")]
    AppRaised { app: String, detail: String },
    #[display("`{place}` has no class `{class}`")]
    ClassMissing {
        /// The file, or the module if the file is unknown.
        place: String,
        class: String,
        /// The lines to add.
        example: String,
    },
    #[display("`{class}` in `{place}` is not a class, but of type `{actual}`")]
    ClassNotAClass {
        place: String,
        class: String,
        actual: String,
        example: String,
    },
    #[display(
        "module `{module}`, for the resources of the exported interface `{interface}`, not found"
    )]
    ResourceModuleMissing {
        module: String,
        interface: String,
        /// The file in which it could be.
        file: PathBuf,
        /// A module of that name in the package of the app.
        beside: Option<PathBuf>,
        /// The lines to write.
        example: String,
    },
    #[display(
        "class `{class}`, a resource of the exported interface `{interface}`, is expected in `{module}`, which is not a module of the app"
    )]
    ResourceModuleTaken {
        module: String,
        class: String,
        interface: String,
    },
    #[display("class `{class}` in `{place}` has no method `{method}`")]
    MethodMissing {
        place: String,
        class: String,
        method: String,
        example: String,
    },
    #[display(
        "app module `{app}` called the import `{import}`, which is not available while building"
    )]
    ImportUnavailable {
        app: String,
        import: String,
        detail: String,
    },
    #[display("class `{class}` in `{place}` raised an exception while its instance was created")]
    ClassRaised {
        place: String,
        class: String,
        detail: String,
    },
    #[display("app module `{app}` is not valid Python")]
    AppUnparsable { app: String, detail: String },
    #[display("app module `{app}` ended the process while being imported")]
    AppExited { app: String, detail: String },
    #[display("app module `{app}` was not imported within {}: {activity} was under way", seconds(*limit))]
    AppTimedOut {
        app: String,
        /// "the import of `helper`".
        activity: String,
        limit: Duration,
        detail: String,
    },
    #[display("app module `{app}` needed more memory than {}: {activity} was under way", size(*limit))]
    AppOutOfMemory {
        app: String,
        activity: String,
        limit: usize,
        detail: String,
    },
    #[display("app module `{app}` crashed while {activity} was under way: {reason}")]
    AppAborted {
        app: String,
        activity: String,
        /// Wasmtime's own words.
        reason: String,
        detail: String,
    },
    #[display("app module `{app}` has broken the interpreter that it was imported in")]
    AppTampered {
        app: String,
        /// The exception of ours that resulted.
        detail: String,
    },
    #[display("`{method}` of class `{class}` in `{place}` cannot be called with {given} {}: {reason}", if *given == 1 { "argument" } else { "arguments" })]
    ParametersWrong {
        place: String,
        class: String,
        method: String,
        /// The number of arguments in the world, not counting `self`.
        given: usize,
        /// "it takes 3".
        reason: String,
        example: String,
    },
    #[display(
        "`{method}` of class `{class}` in `{place}` is `async`, and the world's function is not"
    )]
    AsyncWrong {
        place: String,
        class: String,
        method: String,
        example: String,
    },
    #[display("WASI cannot be stubbed out: {reason}")]
    WasiNeeded { reason: String },
    #[display("`-s/--stub-wasi` and `--wasi {}` contradict each other", option_value(*wasi))]
    WasiTwice { wasi: Wasi },
}

impl Mistake for AppError {
    fn kind(&self) -> Kind {
        match self {
            // The options request something that the world does not allow, or two things.
            Self::WasiNeeded { .. } | Self::WasiTwice { .. } => Kind::Config,
            _ => Kind::App,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::ModuleNotFound {
                foreign_extension: Some((path, target)),
                ..
            } => format!(
                "`{}` is built for {target}, not for CPython 3.14 on WASI; {WASI_WHEEL}, or do without it",
                path.display()
            ),
            Self::ModuleNotFound { advice, .. } => advice.hint(),
            Self::ModuleAbsent { reason, .. } => reason.hint().to_owned(),
            Self::ApplicationUnusable { hint, .. } => hint.clone(),
            Self::NameAbsent { .. } => {
                "components have no processes, signals, users and devices; if it is about these, do without it, else \
                 correct the name"
                    .to_owned()
            }
            Self::ExtensionUnusable { reason, .. } => reason.hint(),
            Self::ExtensionTrapped { .. } => {
                "the fault lies in its native code: install another version of it, or do without it".to_owned()
            }
            Self::NotInIntersection { .. } => {
                "import it where it is used, inside `try` and `except ImportError`, or build for a world that has it"
                    .to_owned()
            }
            Self::ClassRaised { .. } => {
                "each exported class is instantiated once, without arguments, while the component is built"
                    .to_owned()
            }
            Self::AppUnparsable { .. } => "correct the code at the place shown".to_owned(),
            Self::AppRaised { .. } => {
                "the app's top level runs while the component is built; move code that needs the running component into a function"
                    .to_owned()
            }
            Self::ClassMissing { example, .. } => format!("add the class:\n\n{example}"),
            Self::ClassNotAClass { example, .. } => {
                format!("define a class of that name:\n\n{example}")
            }
            Self::ResourceModuleMissing {
                beside: Some(beside),
                module,
                ..
            } => format!(
                "`{}` is part of a package; move it up, so that `import {module}` finds it",
                beside.display()
            ),
            Self::ResourceModuleMissing { file, example, .. } => format!(
                "their classes belong in a module named after the interface; write `{}`:\n\n{example}",
                file.display()
            ),
            Self::ResourceModuleTaken {
                module, interface, ..
            } => format!(
                "the name is taken; give the interface another one, `--export-interface-name {interface}=my_{module}`, \
                 and write the class in `my_{module}.py`"
            ),
            Self::MethodMissing { example, .. } => format!("add the method:\n\n{example}"),
            Self::ImportUnavailable { import, .. } if import.starts_with("wasi:http/") => {
                "the app's top level runs while the component is built, without a network: send requests from a function instead"
                    .to_owned()
            }
            Self::ImportUnavailable { .. } => {
                "the app's top level runs while the component is built, without its host; call the import from a function instead"
                    .to_owned()
            }
            Self::AppExited { .. } => {
                "put code that must not run while building under `if __name__ == \"__main__\":`".to_owned()
            }
            Self::AppTimedOut { .. } => {
                "the app's top level runs while the component is built; move code that waits, or computes for long, into functions. \
                 Allow it more with `--timeout`, in seconds, or 0 for no limit"
                    .to_owned()
            }
            Self::AppOutOfMemory { .. } => {
                "the app's top level runs while the component is built, and its memory becomes part of the component; \
                 allow it more with `--max-memory`, up to 4 GiB"
                    .to_owned()
            }
            Self::AppAborted { .. } => {
                "the app's top level runs while the component is built; native code that it calls there must not abort"
                    .to_owned()
            }
            Self::AppTampered { .. } => {
                "leave `sys.modules`, `sys.meta_path`, `builtins` and the standard library's own functions as they are, \
                 or change them in functions"
                    .to_owned()
            }
            Self::ParametersWrong { example, .. } | Self::AsyncWrong { example, .. } => {
                format!("the world requires this:\n\n{example}")
            }
            Self::WasiNeeded { .. } => {
                "build with `--wasi world`, which keeps what the world lists, or without `-s/--stub-wasi` and `--wasi`"
                    .to_owned()
            }
            Self::WasiTwice { .. } => {
                "give one of them: `-s/--stub-wasi` is the same as `--wasi none`".to_owned()
            }
        })
    }

    fn detail(&self) -> Option<&str> {
        match self {
            Self::ModuleNotFound { detail, .. }
            | Self::ModuleAbsent { detail, .. }
            | Self::NameAbsent { detail, .. }
            | Self::ExtensionUnusable { detail, .. }
            | Self::ExtensionTrapped { detail, .. }
            | Self::NotInIntersection { detail, .. }
            | Self::AppRaised { detail, .. }
            | Self::ClassRaised { detail, .. }
            | Self::AppUnparsable { detail, .. }
            | Self::ImportUnavailable { detail, .. }
            | Self::AppExited { detail, .. }
            | Self::AppTimedOut { detail, .. }
            | Self::AppOutOfMemory { detail, .. }
            | Self::AppAborted { detail, .. }
            | Self::AppTampered { detail, .. } => Some(detail),
            _ => None,
        }
    }
}
