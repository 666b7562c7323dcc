//! What the user can do about each mistake.

use super::{UserError, listed, well_known};
use crate::link::{Unfit, Unusable};

impl UserError {
    /// What the user can do about it, without the leading `hint:`.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::WitPathMissing { .. } => {
                Some("name a WIT file or a directory of WIT files with `-d/--wit-path`".to_owned())
            }
            Self::InputUnusable { reason, .. } => Some(reason.hint().to_owned()),
            Self::WitTooCostly { .. } => {
                Some("name WIT as text, or a package that is smaller".to_owned())
            }
            Self::TypeChainTooLong { .. } => {
                Some("refer to that type itself instead of to its aliases".to_owned())
            }
            Self::InterfaceChainTooLong { .. } => {
                Some("use types from the interface that declares them".to_owned())
            }
            Self::WitUnparsable { reason, .. } => Some(unparsable(reason)),
            Self::WitConflict { .. } => {
                Some("give each package once, or the same version of it everywhere".to_owned())
            }
            Self::WorldUnknown {
                candidates,
                fault: Some(fault),
                ..
            } => {
                let others = format!("or name a world that there is: {}", listed(candidates));
                let hints = fault.hint().into_iter().chain((!candidates.is_empty()).then_some(others));
                Some(hints.collect::<Vec<_>>().join("; "))
            }
            Self::WorldUnknown { candidates, .. } if candidates.is_empty() => {
                Some("the WIT given has no worlds; name more with `-d/--wit-path`".to_owned())
            }
            Self::WorldUnknown { name, candidates, .. } => {
                let there = format!("the worlds there are: {}", listed(candidates));
                Some(match well_known::bringer(name) {
                    Some(bringer) => format!("{there}; {bringer}"),
                    None => there,
                })
            }
            Self::WorldWithoutWit { name, searched } => Some(without_wit(name, searched)),
            Self::WorldAmbiguous { candidates, .. } | Self::WorldNotNamed { candidates } => Some(
                format!("name one of these with `-w/--world`: {}", listed(candidates)),
            ),
            Self::NoWorld { candidates } if candidates.is_empty() => {
                Some("name a WIT file or directory that has a world with `-d/--wit-path`".to_owned())
            }
            Self::NoWorld { candidates } => Some(format!(
                "its dependencies have some; name one of these with `-w/--world`: {}",
                listed(candidates)
            )),
            Self::WorldsConflict { .. } => Some("leave one of them out".to_owned()),
            Self::ConfigUnreadable { path, .. } => Some(format!(
                "correct `{}`, or install a package that has a valid one",
                path.display()
            )),
            Self::ConfigKeyUnknown { candidates, .. } => Some(format!(
                "did you mean `{}`? The keys are: {}",
                candidates[0],
                listed(candidates)
            )),
            Self::ConfigValueWrong { key, .. } => Some(format!("correct the value of `{key}`")),
            Self::ConfigPathMissing { .. } => {
                Some("paths are relative to the file's own directory; create it, or correct the path".to_owned())
            }
            Self::ConfigPathOutside { .. } => Some(
                "name a directory inside of the package: others are not installed with it".to_owned(),
            ),
            Self::ConfigPathNotModule { .. } => {
                Some("use letters, digits and underscores in the names of its directories".to_owned())
            }
            Self::ConfigTwice { first, second, .. } => Some(format!(
                "remove `{}` or `{}`",
                first.display(),
                second.display()
            )),
            Self::ModuleWithoutWit { candidates, .. } if candidates.is_empty() => Some(
                "no package on the search path has a `componentize-py.toml` with a `wit_directory`; install one, or name its directory with `-p/--python-path`"
                    .to_owned(),
            ),
            Self::ModuleWithoutWit { candidates, .. } => {
                Some(format!("the modules that have some: {}", listed(candidates)))
            }
            Self::SymbolTypesDiffer { .. } => Some(
                "build both against the same headers: a function is called with the parameters that it has".to_owned(),
            ),
            Self::WitNotSupportedYet { .. } => {
                Some("leave it out of the world for now".to_owned())
            }
            Self::EmptyType { .. } => Some("give it at least one member".to_owned()),
            Self::NamesClash { .. } => Some(
                "rename one of them: the Component Model ignores case, and takes a method that is called like its resource for the resource"
                    .to_owned(),
            ),
            Self::WorldInvalid { .. } => Some("change what the message names".to_owned()),
            Self::FixedListTooLong { .. } => Some("use a list whose length is free".to_owned()),
            Self::TypeTooLarge { .. } | Self::TypeTooDeep { .. } => {
                Some("pass parts of it in several calls, or as resources".to_owned())
            }
            Self::TooManyFlags { .. } => Some("split it into several types".to_owned()),
            Self::ModuleNameInvalid { .. } => Some(
                "use letters, digits and underscores, no leading digit, and no Python keyword".to_owned(),
            ),
            Self::ModuleNameTaken { .. } => Some(
                "give one of them another name with `--import-interface-name` or `--export-interface-name`"
                    .to_owned(),
            ),
            Self::AppIsWorldModule { .. } => Some(
                "rename the app's module, or name another one for the generated code with `--world-module`"
                    .to_owned(),
            ),
            Self::OutputUnwritable { .. } => {
                Some("choose a place that can be written to".to_owned())
            }
            Self::OutputIsTerminal => {
                Some("name a file with `-o/--output`, or send the output to a program".to_owned())
            }
            Self::OutputAndReport => Some("name a file with `-o/--output`".to_owned()),
            Self::TemporaryUnavailable { .. } => Some(
                "make room there, or name another directory, that exists and can be written to, in the environment variable `TMPDIR`"
                    .to_owned(),
            ),
            Self::AppNotFound { candidates, .. } if candidates.is_empty() => {
                Some("name the directory that holds the app with `-p/--python-path`".to_owned())
            }
            Self::AppNotFound { candidates, .. } => Some(format!(
                "the modules there are: {}; other directories are searched with `-p/--python-path`",
                listed(candidates)
            )),
            Self::ModuleNotFound { foreign_extension: Some((path, target)), .. } => Some(format!(
                "`{}` is built for {target}, not for CPython 3.14 on WASI; {WASI_WHEEL}, or do without it",
                path.display()
            )),
            Self::ExtensionUnusable { reason, .. } => Some(unusable(reason)),
            Self::ExtensionTrapped { .. } => {
                Some("the fault lies in its native code: install another version of it, or do without it".to_owned())
            }
            Self::ModuleNotFound { .. } => Some(
                "install it into the virtual environment in use, or name its directory with `-p/--python-path`"
                    .to_owned(),
            ),
            Self::NotInIntersection { .. } => Some(
                "import it where it is used, inside `try` and `except ImportError`, or build for a world that has it"
                    .to_owned(),
            ),
            Self::ClassRaised { .. } => Some(
                "each exported class is instantiated once, without arguments, while the component is built"
                    .to_owned(),
            ),
            Self::DataTooLarge { .. } => Some(
                "keep such files out of the packages' directories and read them from the host at run time; for a build without them, `--report` says what takes how much"
                    .to_owned(),
            ),
            Self::ComponentTooLarge { .. } => Some(
                "the app's top level runs while the component is built, and what it has then in memory becomes part of the component; \
                 make large data in functions. For a build without it, `--report` says what takes how much"
                    .to_owned(),
            ),
            Self::AppUnparsable { .. } => Some("correct the code at the place shown".to_owned()),
            Self::AppRaised { .. } => Some(
                "the app's top level runs while the component is built; what needs the running component belongs into functions"
                    .to_owned(),
            ),
            Self::ClassMissing { example, .. } => Some(format!("add the class:\n\n{example}")),
            Self::ClassNotAClass { example, .. } => Some(format!("define a class of that name:\n\n{example}")),
            Self::ResourceModuleMissing { beside: Some(beside), module, .. } => Some(format!(
                "`{}` is part of a package; move it up, so that `import {module}` finds it",
                beside.display()
            )),
            Self::ResourceModuleMissing { file, example, .. } => Some(format!(
                "their classes belong into a module called after the interface; write `{}`:\n\n{example}",
                file.display()
            )),
            Self::ResourceModuleTaken { module, interface, .. } => Some(format!(
                "the name is taken; give the interface another one, `--export-interface-name {interface}=my_{module}`, and write the class in `my_{module}.py`"
            )),
            Self::MethodMissing { example, .. } => Some(format!("add the method:\n\n{example}")),
            Self::ImportUnavailable { .. } => Some(
                "the app's top level runs while the component is built, without its host; call the import from a function instead"
                    .to_owned(),
            ),
            Self::AppExited { .. } => Some(
                "put what must not run while building under `if __name__ == \"__main__\":`".to_owned(),
            ),
            Self::AppTimedOut { .. } => Some(
                "the app's top level runs while the component is built; what waits, or computes for long, belongs into functions. \
                 Allow it more with `--timeout`, in seconds, or 0 for no limit"
                    .to_owned(),
            ),
            Self::AppOutOfMemory { .. } => Some(
                "the app's top level runs while the component is built, and what it has then in memory becomes part of the component; \
                 allow it more with `--max-memory`, up to 4 GiB"
                    .to_owned(),
            ),
            Self::AppAborted { .. } => Some(
                "the app's top level runs while the component is built; native code that it calls there must not abort".to_owned(),
            ),
            Self::AppTampered { .. } => Some(
                "leave `sys.modules`, `sys.meta_path`, `builtins` and the standard library's own functions as they are, or change them in functions"
                    .to_owned(),
            ),
            Self::ParametersWrong { example, .. } | Self::AsyncWrong { example, .. } => {
                Some(format!("the world asks for this:\n\n{example}"))
            }
            Self::WasiNeeded { .. } => Some("build without `-s/--stub-wasi`".to_owned()),
            Self::ComponentMissing { path } => Some(format!(
                "`componentize-py -d WIT componentize APP -o {}` builds one",
                path.display()
            )),
            Self::NotAComponent { .. } => {
                Some("name the file that `componentize-py componentize` has written".to_owned())
            }
            Self::ComponentInvalid { .. } => Some(
                "it may be incomplete, or made for other versions of these interfaces: build it again".to_owned(),
            ),
            Self::ImportsNotOffered { .. } => Some(
                "`run` and `serve` offer WASI 0.2 and 0.3 with `wasi:http`; use a host that has the rest".to_owned(),
            ),
            Self::NotRunnable { path, serves: true, .. } => Some(format!(
                "it answers HTTP requests: `componentize-py serve {}`",
                path.display()
            )),
            Self::NotServable { path, runs: true, .. } => Some(format!(
                "it is a program: `componentize-py run {}`",
                path.display()
            )),
            Self::NotRunnable { exports, .. } | Self::NotServable { exports, .. } if exports.is_empty() => {
                Some("it exports nothing at all".to_owned())
            }
            Self::NotRunnable { exports, .. } | Self::NotServable { exports, .. } => {
                Some(format!("it exports {}", listed(exports)))
            }
            Self::DirectoryUnavailable { .. } => {
                Some("`--dir` takes an existing directory, as `HOST` or `HOST::GUEST`".to_owned())
            }
            Self::AddressUnavailable { .. } => {
                Some("name another one with `--addr`; port 0 is any that is free".to_owned())
            }
            Self::MemoryTooSmall { .. } | Self::RunOutOfMemory { .. } => {
                Some("allow it more with `--max-memory`".to_owned())
            }
            Self::RunTimedOut { .. } => Some("allow it more with `--timeout`".to_owned()),
            Self::RunRaised { .. } | Self::RunTrapped { .. } | Self::ServeCutShort { .. } => None,
        }
    }

    /// What the guest printed or raised: shown as it is, between the causes and the hint.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::WorldUnknown { fault, .. } => fault.as_ref()?.detail(),
            Self::WitUnparsable { reason, .. }
            | Self::WitTooCostly { reason, .. }
            | Self::ConfigUnreadable { reason, .. }
            | Self::WitConflict { reason, .. }
            | Self::WorldsConflict { reason, .. }
            | Self::WorldInvalid { reason, .. }
            | Self::ComponentInvalid { reason, .. }
            | Self::DirectoryUnavailable { reason, .. }
            | Self::RunTrapped { reason, .. } => Some(reason),
            Self::ModuleNotFound { detail, .. }
            | Self::InputUnusable { detail, .. }
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
            | Self::AppTampered { detail, .. } => {
                Some(detail.as_str()).filter(|text| !text.is_empty())
            }
            _ => None,
        }
    }
}

const WASI_WHEEL: &str = "install a wheel for WASI (the README says which can be built)";

/// Where WIT was looked for, and what brings the world along.
fn without_wit(name: &str, searched: &[String]) -> String {
    let mut hint = "there is no `wit` here, and no `-d/--wit-path` names any".to_owned();
    if !searched.is_empty() {
        hint = format!(
            "{hint}; no Python package brings any, in {}",
            listed(searched)
        );
    }
    match well_known::bringer(name) {
        Some(bringer) => format!("{hint}; {bringer}"),
        None => hint,
    }
}

/// What to do about WIT, by what the parser says of it.
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
        None => "correct the WIT at the place shown".to_owned(),
    }
}

/// What to do about a library that cannot be linked.
fn unusable(reason: &Unusable) -> String {
    match reason {
        Unusable::Unreadable(reason) => reason.hint().to_owned(),
        Unusable::Unfit(Unfit::Broken(_)) => "install it anew".to_owned(),
        Unusable::Unfit(Unfit::NotShared) => {
            "link it as a shared library: `-shared -fPIC`".to_owned()
        }
        Unusable::Unfit(
            Unfit::Foreign(_)
            | Unfit::Preview1(_)
            | Unfit::Emscripten
            | Unfit::Component
            | Unfit::Misshapen(_)
            | Unfit::TooLarge(_)
            | Unfit::Unsupported(_),
        ) => format!("{WASI_WHEEL}, or build it for `wasm32-wasip2`"),
        Unusable::Unfit(Unfit::LegacyExceptions) => {
            "build it with `-fwasm-exceptions -mllvm -wasm-use-legacy-eh=false`, or without exceptions".to_owned()
        }
        Unusable::Unfit(Unfit::HostUnknown { module, .. }) => {
            format!("import `{module}` in the world, if the host has it")
        }
        Unusable::LibraryMissing(name) => {
            format!("put `{name}` beside it or into the same package, or link it in statically")
        }
        Unusable::SymbolsMissing(_) => {
            "link the library that defines it in, or build it against CPython 3.14 and our C library".to_owned()
        }
        Unusable::SymbolDiffers(_) => {
            "build both against the same headers: a function is called with the parameters that it has".to_owned()
        }
        Unusable::LibrariesClash(name) => {
            format!("link `{name}` into one of the two statically, or give it another name there")
        }
        Unusable::TooMuchTogether => "import fewer of them".to_owned(),
        Unusable::Unlinkable(_) | Unusable::TrapsAtStart(_) => {
            "install another version of it, or do without it".to_owned()
        }
        Unusable::LibraryUnusable(_, reason) => unusable(reason),
    }
}
