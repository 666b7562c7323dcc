//! The reasons why a native extension is not linked, in words that end a sentence about the file.

use std::fmt;

use super::interface::Unfit;
use super::signatures::Mismatch;
use ground::files;
use ground::wording::listed;

/// The reason why a library that was asked for cannot be linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    Unreadable(files::Unusable),
    Unfit(Unfit),
    /// It needs a library that does not exist.
    LibraryMissing(String),
    /// It needs symbols that no library defines.
    SymbolsMissing(Vec<String>),
    /// The type of a symbol differs from its definition.
    SymbolDiffers(Mismatch),
    /// It needs another library of this name than an extension that is linked as well.
    LibrariesClash(String),
    /// All extensions together ask for more than a component may have.
    TooMuchTogether,
    /// The linker, or the check of its output, refuses it.
    Unlinkable(String),
    /// Code that it runs at the start of a program ended in a trap.
    TrapsAtStart(String),
    /// A library that it needs is itself unusable.
    LibraryRefused(String, Box<Unusable>),
}

/// Advice for native code that was not built for the guest.
pub const WASI_WHEEL: &str = "install a wheel for WASI (the README says which can be built)";

impl Unusable {
    /// The next thing to do about the library.
    pub fn hint(&self) -> String {
        match self {
            Self::Unreadable(reason) => reason.hint().to_owned(),
            Self::Unfit(Unfit::Broken(_)) => "install it again".to_owned(),
            Self::Unfit(Unfit::NotShared) => {
                "link it as a shared library: `-shared -fPIC`".to_owned()
            }
            Self::Unfit(
                Unfit::Foreign(_)
                | Unfit::Preview1(_)
                | Unfit::Emscripten(_)
                | Unfit::OfEmscriptensLibc(_)
                | Unfit::OfEmscriptensLibcxx(_)
                | Unfit::Component
                | Unfit::Misshapen(_)
                | Unfit::TooLarge(_)
                | Unfit::Unsupported(_),
            ) => format!("{WASI_WHEEL}, or build it for `wasm32-wasip2`"),
            Self::Unfit(Unfit::HostUnknown { module, .. }) => {
                format!("import `{module}` in the world, if the host has it")
            }
            Self::LibraryMissing(name) => {
                format!("put `{name}` beside it or into the same package, or link it in statically")
            }
            Self::SymbolsMissing(_) => {
                "link in the library that defines it, or build it against CPython 3.14 and our C library"
                    .to_owned()
            }
            Self::SymbolDiffers(_) => {
                "build both against the same headers: a function must be called with its own parameters"
                    .to_owned()
            }
            Self::LibrariesClash(name) => {
                format!("link `{name}` into one of the two statically, or give it another name there")
            }
            Self::TooMuchTogether => "import fewer of them".to_owned(),
            Self::Unlinkable(_) | Self::TrapsAtStart(_) => {
                "install another version of it, or do without it".to_owned()
            }
            Self::LibraryRefused(_, reason) => reason.hint(),
        }
    }
}

/// The end of the sentence "`file` cannot be linked: it ...".
impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(reason) => write!(f, "{reason}"),
            Self::Unfit(Unfit::Foreign(Some(system))) => write!(f, "is built for {system}"),
            Self::Unfit(Unfit::Foreign(None)) => write!(f, "is not a library"),
            Self::Unfit(Unfit::Broken(reason)) => write!(f, "is damaged ({reason})"),
            Self::Unfit(Unfit::NotShared) => {
                write!(f, "is not a shared library (no `dylink.0` section)")
            }
            Self::Unfit(Unfit::Component) => write!(f, "is a component, not a shared library"),
            Self::Unfit(Unfit::Misshapen(reason)) => {
                write!(f, "is not a shared library for CPython on WASI ({reason})")
            }
            Self::Unfit(Unfit::TooLarge(reason)) => write!(f, "is too large ({reason})"),
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
                    "needs {} of WASI preview 1, which WASI 0.2 cannot provide",
                    listed(functions)
                )
            }
            Self::Unfit(Unfit::Emscripten(functions)) => write!(
                f,
                "is built for Emscripten, and needs {} of its JavaScript",
                listed(functions)
            ),
            Self::Unfit(Unfit::OfEmscriptensLibc(symbols)) => write!(
                f,
                "is built for Emscripten, and needs {} in the form of its C library",
                listed(symbols)
            ),
            Self::Unfit(Unfit::OfEmscriptensLibcxx(symbols)) => write!(
                f,
                "is built for Emscripten, and needs {} of its C++ library (`std::__2`), which is newer than ours",
                listed(symbols)
            ),
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
            Self::LibraryRefused(name, reason) => {
                write!(f, "needs the library `{name}`, which {reason}")
            }
        }
    }
}
