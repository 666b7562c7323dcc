//! Mistakes in components that are run or served, and in the settings for that.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use derive_more::Display;
use ground::wording::{listed, seconds, size};
use ground::{Kind, Mistake};

/// A component that cannot be run or served, or that failed.
#[derive(Debug, Display)]
pub enum HostError {
    #[display("component `{}` does not exist", path.display())]
    ComponentMissing { path: PathBuf },
    #[display("`{}` is not a component, but {found}", path.display())]
    NotAComponent { path: PathBuf, found: &'static str },
    #[display("`{}` is not a component that can be used", path.display())]
    ComponentInvalid {
        path: PathBuf,
        /// Wasmtime's own words.
        reason: String,
    },
    #[display("`{}` imports what is not offered here: {}", path.display(), listed(imports))]
    ImportsNotOffered { path: PathBuf, imports: Vec<String> },
    #[display("`{}` is not a program: it does not export `wasi:cli/run`", path.display())]
    NotRunnable {
        path: PathBuf,
        exports: Vec<String>,
        /// `true` if it is a component for `serve`.
        serves: bool,
    },
    #[display("`{}` answers no HTTP requests: it exports neither `wasi:http/incoming-handler` nor `wasi:http/handler`", path.display())]
    NotServable {
        path: PathBuf,
        exports: Vec<String>,
        /// `true` if it is a component for `run`.
        runs: bool,
    },
    #[display("cannot open the directory `{}`", path.display())]
    DirectoryUnavailable { path: PathBuf, reason: String },
    #[display("cannot listen on `{address}`")]
    AddressUnavailable {
        address: String,
        source: std::io::Error,
    },
    #[display("`{}` needs more than {} of memory to start", path.display(), size(*limit))]
    MemoryTooSmall { path: PathBuf, limit: usize },
    #[display("`{}` ran longer than {}", component.display(), seconds(*limit))]
    RunTimedOut { component: PathBuf, limit: Duration },
    #[display("`{}` needed more memory than {}", component.display(), size(*limit))]
    RunOutOfMemory { component: PathBuf, limit: usize },
    #[display("`{}` ended with an exception that it did not catch", component.display())]
    RunRaised { component: PathBuf },
    #[display("`{}` trapped", component.display())]
    RunTrapped {
        component: PathBuf,
        /// Wasmtime's own words.
        reason: String,
    },
    #[display("stopped before {requests} {} answered", if *requests == 1 { "request was" } else { "requests were" })]
    ServeCutShort { requests: usize },
}

impl Mistake for HostError {
    fn kind(&self) -> Kind {
        Kind::Host
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::ComponentMissing { path } if is_module(path) => format!(
                "name the component's file, such as `{0}.wasm`; `serve` takes a web application by its object, such as `{0}:app`",
                path.display()
            ),
            Self::ComponentMissing { path } => format!(
                "`componentize-py -d WIT componentize APP -o {}` builds one",
                path.display()
            ),
            Self::NotAComponent { .. } => {
                "name the file that `componentize-py componentize` has written".to_owned()
            }
            Self::ComponentInvalid { .. } => {
                "it may be incomplete, or made for other versions of these interfaces: build it again".to_owned()
            }
            Self::ImportsNotOffered { .. } => {
                "`run` and `serve` offer WASI 0.2 and 0.3 with `wasi:http`; use a host that has the rest".to_owned()
            }
            Self::NotRunnable {
                path, serves: true, ..
            } => format!(
                "it answers HTTP requests: `componentize-py serve {}`",
                path.display()
            ),
            Self::NotServable {
                path, runs: true, ..
            } => format!("it is a program: `componentize-py run {}`", path.display()),
            Self::NotRunnable { exports, .. } | Self::NotServable { exports, .. }
                if exports.is_empty() =>
            {
                "it exports nothing at all".to_owned()
            }
            Self::NotRunnable { exports, .. } | Self::NotServable { exports, .. } => {
                format!("it exports {}", listed(exports))
            }
            Self::DirectoryUnavailable { .. } => {
                "`--dir` takes an existing directory, as `HOST` or `HOST::GUEST`".to_owned()
            }
            Self::AddressUnavailable { .. } => {
                "name another one with `--addr`; port 0 is any that is free".to_owned()
            }
            Self::MemoryTooSmall { .. } | Self::RunOutOfMemory { .. } => {
                "allow it more with `--max-memory`".to_owned()
            }
            Self::RunTimedOut { .. } => "allow it more with `--timeout`".to_owned(),
            Self::RunRaised { .. } | Self::RunTrapped { .. } | Self::ServeCutShort { .. } => {
                return None;
            }
        })
    }

    fn detail(&self) -> Option<&str> {
        match self {
            Self::ComponentInvalid { reason, .. }
            | Self::DirectoryUnavailable { reason, .. }
            | Self::RunTrapped { reason, .. } => Some(reason),
            _ => None,
        }
    }

    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::AddressUnavailable { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Returns `true` if the path reads like the name of a module.
fn is_module(path: &Path) -> bool {
    let is_alone = path.components().count() == 1;
    is_alone && path.extension().is_none()
}
