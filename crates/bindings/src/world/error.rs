//! Mistakes in WIT, and in the choice of worlds.

use std::error::Error;
use std::path::PathBuf;

use derive_more::Display;
use ground::wording::listed;
use ground::{Kind, Mistake, UserError};

use super::well_known;

/// A mistake in the WIT, or in the names of worlds.
#[derive(Debug, Display)]
pub enum WorldError {
    #[display("WIT path `{}` does not exist", path.display())]
    WitPathMissing { path: PathBuf },
    #[display("cannot parse the WIT in `{}`", path.display())]
    WitUnparsable {
        path: PathBuf,
        /// The parser's own words, with the place.
        reason: String,
    },
    #[display("the WIT in `{}` is too large to read", path.display())]
    WitTooCostly { path: PathBuf, reason: String },
    #[display("`{place}` is more than {limit} steps away from the type that it stands for")]
    TypeChainTooLong { place: String, limit: u32 },
    #[display(
        "interface `{place}` uses one that uses another, and so on for more than {limit} steps"
    )]
    InterfaceChainTooLong { place: String, limit: u32 },
    #[display("the WIT in `{}` contradicts that of another path", path.display())]
    WitConflict { path: PathBuf, reason: String },
    #[display("world `{name}` not found")]
    WorldUnknown {
        name: String,
        /// All worlds, the nearest name first.
        candidates: Vec<String>,
        /// The fault of a Python package that may have contained it.
        fault: Option<Box<UserError>>,
    },
    #[display("no WIT was given, so there is no world `{name}`")]
    WorldWithoutWit {
        name: String,
        /// Directories in which no Python package contains WIT; none if packages are not searched.
        searched: Vec<String>,
        /// `true` if the system's packages could be searched, too.
        has_system: bool,
    },
    #[display("world name `{name}` is ambiguous")]
    WorldAmbiguous {
        name: String,
        candidates: Vec<String>,
    },
    #[display("no world named, but there are several")]
    WorldNotNamed { candidates: Vec<String> },
    #[display("there is no world in the WIT given")]
    NoWorld {
        /// The worlds of its dependencies.
        candidates: Vec<String>,
    },
    #[display("world `{world}` cannot be united with {}", listed(united))]
    WorldsConflict {
        united: Vec<String>,
        world: String,
        reason: String,
    },
    #[display("module `{module}`, named by `-m/--module-worlds`, has no WIT of its own")]
    ModuleWithoutWit {
        module: String,
        /// The modules that exist, the nearest name first.
        candidates: Vec<String>,
    },
}

impl Mistake for WorldError {
    fn kind(&self) -> Kind {
        match self {
            // The option names a package, and packages come from the environment.
            Self::ModuleWithoutWit { .. } => Kind::Config,
            _ => Kind::Wit,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            // Nobody has named it.
            Self::WitPathMissing { path } if path.as_os_str() == "wit" => {
                "name a WIT file or a directory of WIT files with `-d/--wit-path`, or only a world of WASI with `-w/--world`; a web \
                 application is named with its object, such as `main:app`"
                    .to_owned()
            }
            Self::WitPathMissing { .. } => {
                "name a WIT file or a directory of WIT files with `-d/--wit-path`".to_owned()
            }
            Self::WitTooCostly { .. } => "name WIT as text, or a package that is smaller".to_owned(),
            Self::TypeChainTooLong { .. } => {
                "refer to that type itself instead of to its aliases".to_owned()
            }
            Self::InterfaceChainTooLong { .. } => {
                "use types from the interface that declares them".to_owned()
            }
            Self::WitUnparsable { reason, .. } => unparsable(reason),
            Self::WitConflict { .. } => {
                "give each package once, or the same version of it everywhere".to_owned()
            }
            Self::WorldUnknown {
                candidates,
                fault: Some(fault),
                ..
            } => {
                let others = format!("or name a world that there is: {}", listed(candidates));
                let others = (!candidates.is_empty()).then_some(others);
                let hints: Vec<String> = fault.hint().into_iter().chain(others).collect();
                hints.join("; ")
            }
            Self::WorldUnknown { candidates, .. } if candidates.is_empty() => {
                "the WIT given has no worlds; name more with `-d/--wit-path`".to_owned()
            }
            Self::WorldUnknown {
                name, candidates, ..
            } => {
                let there = format!("available worlds: {}", listed(candidates));
                match well_known::bringer(name) {
                    Some(bringer) => format!("{there}; {bringer}"),
                    None => there,
                }
            }
            Self::WorldWithoutWit {
                name,
                searched,
                has_system,
            } => without_wit(name, searched, *has_system),
            Self::WorldAmbiguous { candidates, .. } | Self::WorldNotNamed { candidates } => {
                format!("name one of these with `-w/--world`: {}", listed(candidates))
            }
            Self::NoWorld { candidates } if candidates.is_empty() => {
                "name a WIT file or directory that has a world with `-d/--wit-path`".to_owned()
            }
            Self::NoWorld { candidates } => format!(
                "its dependencies have some; name one of these with `-w/--world`: {}",
                listed(candidates)
            ),
            Self::WorldsConflict { .. } => "leave one of them out".to_owned(),
            Self::ModuleWithoutWit { candidates, .. } if candidates.is_empty() => {
                "no package on the search path has a `componentize-py.toml` with a `wit_directory`; \
                 install one, or name its directory with `-p/--python-path`"
                    .to_owned()
            }
            Self::ModuleWithoutWit { candidates, .. } => {
                format!("modules with WIT: {}", listed(candidates))
            }
        })
    }

    fn detail(&self) -> Option<&str> {
        match self {
            Self::WorldUnknown { fault, .. } => fault.as_ref()?.detail(),
            Self::WitUnparsable { reason, .. }
            | Self::WitTooCostly { reason, .. }
            | Self::WitConflict { reason, .. }
            | Self::WorldsConflict { reason, .. } => Some(reason),
            _ => None,
        }
    }

    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::WorldUnknown {
                fault: Some(fault), ..
            } => Some(&**fault),
            _ => None,
        }
    }
}

/// A hint that says where WIT was searched, and which package provides the world.
fn without_wit(name: &str, searched: &[String], has_system: bool) -> String {
    let mut hint = "there is no `wit` here, and no `-d/--wit-path` names any".to_owned();
    if !searched.is_empty() {
        hint = format!(
            "{hint}; no Python package contains any, in {}",
            listed(searched)
        );
        if has_system {
            hint += "; `--system-packages` also searches those of the system's `python3`";
        }
    }
    match well_known::bringer(name) {
        Some(bringer) => format!("{hint}; {bringer}"),
        None => hint,
    }
}

/// A hint for WIT with this message of the parser.
fn unparsable(reason: &str) -> String {
    let keyword = reason
        .split_once("expected an identifier or string, found keyword `")
        .and_then(|(_, rest)| rest.split_once('`'));
    match keyword {
        Some((keyword, _)) => {
            format!(
                "`{keyword}` is a keyword of WIT: write `%{keyword}` where it is meant as a name"
            )
        }
        None if reason.contains("is not a WIT package") => {
            "take it away, or put the package there as `wasm-tools component wit --wasm` writes it"
                .to_owned()
        }
        None => match missing_package(reason) {
            Some(package) if package.starts_with("wasi:") => well_known::built_in(package),
            _ => "correct the WIT at the place shown".to_owned(),
        },
    }
}

/// `wasi:http` if the message is about that package, of some version.
fn missing_package(reason: &str) -> Option<&str> {
    let (_, rest) = reason.split_once("package '")?;
    let (name, rest) = rest.split_once('\'')?;
    rest.starts_with(" not found").then_some(())?;
    name.split('@').next()
}
