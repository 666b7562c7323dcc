//! Why a native extension is not linked, in words that end a sentence about the file.

use std::fmt;

use super::interface::Unfit;
use super::signatures::Mismatch;
use crate::error::listed;
use crate::files;

/// Why a library that was asked for cannot be linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    Unreadable(files::Unusable),
    Unfit(Unfit),
    /// It needs a library that is nowhere.
    LibraryMissing(String),
    /// It needs symbols that no library defines.
    SymbolsMissing(Vec<String>),
    /// It takes a symbol for something else than it is.
    SymbolDiffers(Mismatch),
    /// It needs another library of this name than an extension that is linked as well.
    LibrariesClash(String),
    /// All extensions together ask for more than a component may have.
    TooMuchTogether,
    /// The linker, or whoever checks what it gives, refuses it.
    Unlinkable(String),
    /// What it runs when a program starts ended in a trap.
    TrapsAtStart(String),
    /// A library that it needs is unusable itself.
    LibraryUnusable(String, Box<Unusable>),
}

/// As the end of "`file` cannot be linked: it ...".
impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(reason) => write!(f, "{reason}"),
            Self::Unfit(Unfit::Foreign(Some(system))) => write!(f, "is built for {system}"),
            Self::Unfit(Unfit::Foreign(None)) => write!(f, "is no library"),
            Self::Unfit(Unfit::Broken(reason)) => write!(f, "is damaged ({reason})"),
            Self::Unfit(Unfit::NotShared) => {
                write!(f, "is no shared library (it has no `dylink.0` section)")
            }
            Self::Unfit(Unfit::Component) => write!(f, "is a component, no shared library"),
            Self::Unfit(Unfit::Misshapen(reason)) => {
                write!(f, "is no shared library for CPython on WASI ({reason})")
            }
            Self::Unfit(Unfit::TooLarge(reason)) => write!(f, "is too large ({reason})"),
            Self::Unfit(Unfit::LegacyExceptions) => {
                write!(
                    f,
                    "has WebAssembly's legacy exceptions, which hosts do not know"
                )
            }
            Self::Unfit(Unfit::Unsupported(reason)) => {
                write!(f, "uses more of WebAssembly than can be linked ({reason})")
            }
            Self::Unfit(Unfit::HostUnknown { module, name }) => {
                write!(
                    f,
                    "needs `{name}` of `{module}` from the host, which neither the world nor WASI 0.2 has"
                )
            }
            Self::Unfit(Unfit::Preview1(functions)) => {
                write!(
                    f,
                    "needs {} of WASI preview 1, which WASI 0.2 has no way to offer",
                    listed(functions)
                )
            }
            Self::Unfit(Unfit::Emscripten) => write!(f, "is built for Emscripten"),
            Self::LibraryMissing(name) => {
                write!(
                    f,
                    "needs the library `{name}`, which is not on the search path"
                )
            }
            Self::SymbolsMissing(symbols) => {
                let s = if symbols.len() == 1 { "" } else { "s" };
                write!(
                    f,
                    "needs the symbol{s} {}, which no library defines",
                    listed(symbols)
                )
            }
            Self::SymbolDiffers(Mismatch {
                symbol,
                expected,
                definer,
                actual,
            }) => write!(
                f,
                "uses `{symbol}` as {expected}, and `{definer}` defines it as {actual}"
            ),
            Self::LibrariesClash(name) => write!(
                f,
                "needs another library `{name}` than an extension that is linked, too"
            ),
            Self::TooMuchTogether => write!(
                f,
                "asks for more memory or slots of the table than the other extensions leave it"
            ),
            Self::Unlinkable(reason) => write!(f, "does not go with the others ({reason})"),
            Self::TrapsAtStart(reason) => write!(f, "fails when it is started ({reason})"),
            Self::LibraryUnusable(name, reason) => {
                write!(f, "needs the library `{name}`, which {reason}")
            }
        }
    }
}
