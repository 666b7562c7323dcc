//! Native extensions: which of the search path's files are linked in, with which other libraries.
//!
//! Comes in: the files, what the app asks for, the guest's own libraries. Goes out: [`Library`]s, and for files that were
//! asked for and cannot be linked, why. A file that nobody asks for is never an obstacle.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::Library;
use super::interface::{Interface, Unfit, names_in_data};
use super::isolate::isolate;
use super::own::Own;
use crate::project::{Mentions, NativeFile};

/// Why a library that was asked for cannot be linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    Unreadable(String),
    Unfit(Unfit),
    /// It needs a library that is nowhere.
    LibraryMissing(String),
    /// It needs symbols that no library defines.
    SymbolsMissing(Vec<String>),
    /// A library that it needs is unusable itself.
    LibraryUnusable(String, Box<Unusable>),
}

/// What is linked for a set of files that were asked for.
#[derive(Default)]
pub struct Extensions {
    /// Libraries that extensions need, and those themselves.
    pub libraries: Vec<Library>,
    /// Guest paths of the extensions among them.
    pub linked: BTreeSet<String>,
    pub unusable: BTreeMap<String, Unusable>,
}

impl Extensions {
    /// Whether something is missing that another file may have.
    pub fn lack_libraries(&self) -> bool {
        let mut reasons = self.unusable.values();
        reasons.any(|reason| !matches!(reason, Unusable::Unreadable(_) | Unusable::Unfit(_)))
    }
}

/// All native files, each read when it is first asked for.
pub struct Shelf<'a> {
    files: &'a [NativeFile],
    read: BTreeMap<usize, Result<Loaded, Unusable>>,
    own: &'a Own,
}

struct Loaded {
    wasm: Vec<u8>,
    interface: Interface,
    names: OnceCell<BTreeSet<String>>,
}

impl Loaded {
    /// What may be names of modules.
    fn names(&self) -> &BTreeSet<String> {
        let owned = || names_in_data(&self.wasm).into_iter().map(str::to_owned);
        self.names.get_or_init(|| owned().collect())
    }
}

impl<'a> Shelf<'a> {
    pub fn new(files: &'a [NativeFile], own: &'a Own) -> Self {
        Self {
            files,
            read: BTreeMap::new(),
            own,
        }
    }

    /// A first guess of what the app will ask for: the extensions that import statements name, and those that the code of such
    /// an extension names. What cannot be linked is left out: it matters once it is asked for.
    pub fn plausible(&mut self, mentions: &Mentions) -> BTreeSet<String> {
        let files = self.files;
        let candidates = files.iter().enumerate();
        let mut rest: Vec<usize> = candidates
            .filter(|(_, file)| mentions.reach(file) && file.module.is_some())
            .map(|(index, _)| index)
            .collect();
        let mut open: Vec<usize> = rest.clone();
        open.retain(|index| mentions.name(&files[*index]));
        let mut plausible = BTreeSet::new();
        while let Some(index) = open.pop() {
            rest.retain(|other| *other != index);
            if self.resolve(index).is_err() {
                continue;
            }
            let Ok(loaded) = self.load(index) else {
                continue;
            };
            let mut exports = loaded.interface.exports.iter();
            if !exports.any(|name| name.starts_with("PyInit")) {
                continue;
            }
            plausible.insert(files[index].guest.clone());
            let names = loaded.names();
            let is_named = |other: &usize| {
                (files[*other].module.as_ref()).is_some_and(|module| names.contains(module))
            };
            open.extend(rest.iter().copied().filter(is_named));
        }
        plausible
    }

    /// Links what was asked for, with all that it needs.
    pub fn select(&mut self, asked: &BTreeSet<String>) -> Extensions {
        let mut chosen = Extensions::default();
        let mut needed = BTreeMap::new();
        for guest in asked {
            let Some(index) = self.index(guest) else {
                continue;
            };
            match self.resolve(index) {
                Ok(libraries) => {
                    needed.extend(libraries);
                    chosen.linked.insert(guest.clone());
                }
                Err(reason) => {
                    chosen.unusable.insert(guest.clone(), reason);
                }
            }
        }
        let as_needed = needed
            .iter()
            .map(|(name, index)| (name.clone(), *index, false));
        let asked = chosen
            .linked
            .iter()
            .filter_map(|guest| Some((guest.clone(), self.index(guest)?, true)));
        let all: Vec<_> = as_needed.chain(asked).collect();
        for (name, index, dl_openable) in all {
            if let Ok(loaded) = self.load(index) {
                chosen.libraries.push(Library {
                    name,
                    wasm: loaded.wasm.clone().into(),
                    dl_openable,
                });
            }
        }
        isolate(&mut chosen.libraries, |symbol| self.own.defines(symbol));
        chosen
    }

    /// Modules that the code of each linked extension may import, of those for which `is_module` holds.
    pub fn native_imports(
        &mut self,
        linked: &BTreeSet<String>,
        is_module: impl Fn(&str) -> bool,
    ) -> Vec<(String, Vec<String>)> {
        let mut imports = Vec::new();
        for guest in linked {
            let Some(index) = self.index(guest) else {
                continue;
            };
            if let Ok(loaded) = self.load(index) {
                let names = loaded.names().iter();
                let modules = names.filter(|name| is_module(name)).cloned();
                imports.push((guest.clone(), modules.collect()));
            }
        }
        imports
    }

    /// Whether files were asked for that are none of these: `dlopen` gets whole paths.
    pub fn lacks(&self, asked: &BTreeSet<String>) -> bool {
        let mut files = asked.iter().filter(|name| name.starts_with('/'));
        files.any(|file| self.index(file).is_none())
    }

    fn index(&self, guest: &str) -> Option<usize> {
        self.files.iter().position(|file| file.guest == guest)
    }

    /// The libraries of the search path that a file needs, by name. What comes with us is linked by the names in it.
    fn resolve(&mut self, index: usize) -> Result<BTreeMap<String, usize>, Unusable> {
        let mut needed = BTreeMap::new();
        let mut open = vec![index];
        while let Some(user) = open.pop() {
            for name in self.needed_of(user)? {
                if self.own.has(&name) || needed.contains_key(&name) {
                    continue;
                }
                let found = self
                    .nearest(&name, user)
                    .ok_or_else(|| Unusable::LibraryMissing(name.clone()))?;
                self.load(found).as_ref().map_err(|reason| {
                    Unusable::LibraryUnusable(name.clone(), Box::new(reason.clone()))
                })?;
                needed.insert(name, found);
                open.push(found);
            }
        }
        for (library, user) in std::iter::once((None, index))
            .chain(needed.iter().map(|(name, index)| (Some(name), *index)))
        {
            let missing = self.missing(user, needed.values().copied());
            if !missing.is_empty() {
                let missing = Unusable::SymbolsMissing(missing);
                return Err(match library {
                    None => missing,
                    Some(name) => Unusable::LibraryUnusable(name.clone(), Box::new(missing)),
                });
            }
        }
        Ok(needed)
    }

    fn needed_of(&mut self, index: usize) -> Result<Vec<String>, Unusable> {
        match self.load(index) {
            Ok(loaded) => Ok(loaded.interface.needed.clone()),
            Err(reason) => Err(reason.clone()),
        }
    }

    /// The file of that name that is nearest to its user: beside it, in the same package, anywhere.
    fn nearest(&self, name: &str, user: usize) -> Option<usize> {
        let user = &self.files[user];
        let candidates = || {
            let files = self.files.iter().enumerate();
            files.filter(|(_, file)| file.name() == name)
        };
        let beside = candidates().find(|(_, file)| file.directory() == user.directory());
        let in_package = || candidates().find(|(_, file)| file.top == user.top);
        let found = beside.or_else(in_package).or_else(|| candidates().next());
        found.map(|(index, _)| index)
    }

    /// Symbols of a library that neither it, nor what comes with us, nor the others define.
    fn missing(&self, index: usize, others: impl Iterator<Item = usize>) -> Vec<String> {
        let interface = |index: usize| match self.read.get(&index) {
            Some(Ok(loaded)) => Some(&loaded.interface),
            _ => None,
        };
        let Some(user) = interface(index) else {
            return Vec::new();
        };
        let others: Vec<&Interface> = others.filter_map(interface).collect();
        let is_defined = |symbol: &String| {
            user.exports.contains(symbol)
                || self.own.defines(symbol)
                || others.iter().any(|other| other.exports.contains(symbol))
        };
        let missing = user.imports.iter().filter(|symbol| !is_defined(symbol));
        missing.cloned().collect()
    }

    fn load(&mut self, index: usize) -> &Result<Loaded, Unusable> {
        let file = &self.files[index];
        self.read.entry(index).or_insert_with(|| {
            let wasm =
                std::fs::read(&file.host).map_err(|e| Unusable::Unreadable(e.to_string()))?;
            let interface = Interface::read(&wasm).map_err(Unusable::Unfit)?;
            Ok(Loaded {
                wasm,
                interface,
                names: OnceCell::new(),
            })
        })
    }
}

/// As the end of "`file` cannot be linked: it ...".
impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(reason) => write!(f, "cannot be read ({reason})"),
            Self::Unfit(Unfit::Foreign(Some(system))) => write!(f, "is built for {system}"),
            Self::Unfit(Unfit::Foreign(None)) => write!(f, "is no library"),
            Self::Unfit(Unfit::Broken(reason)) => write!(f, "is damaged ({reason})"),
            Self::Unfit(Unfit::NotShared) => {
                write!(f, "is no shared library (it has no `dylink.0` section)")
            }
            Self::Unfit(Unfit::Preview1) => write!(f, "is built for WASI preview 1"),
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
                    crate::error::listed(symbols)
                )
            }
            Self::LibraryUnusable(name, reason) => {
                write!(f, "needs the library `{name}`, which {reason}")
            }
        }
    }
}
