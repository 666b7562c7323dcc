//! Native extensions: which of the search path's files are linked, with which other libraries.
//!
//! Comes in: the files, the requests of the app, the guest's own libraries. Goes out: [`Library`]s, and the reasons why
//! files that were asked for cannot be linked. A file that nobody asks for is never an obstacle.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::Library;
use super::check;
use super::emscripten;
use super::interface::{Interface, Unfit, names_in_data};
use super::isolate::isolate;
use super::own::Own;
use super::preview1;
use super::signatures::{Mismatch, Signatures};
use super::unusable::Unusable;
use crate::project::{Mentions, NativeFile};
use ground::files;

/// The libraries to link for a set of files that were asked for.
#[derive(Default)]
pub struct Extensions {
    /// Extensions, and the libraries that they need.
    pub libraries: Vec<Library>,
    /// Guest paths of the extensions among them.
    pub linked: BTreeSet<String>,
    pub unusable: BTreeMap<String, Unusable>,
}

impl Extensions {
    /// Returns `true` if another file may have something that is missing.
    pub fn lack_libraries(&self) -> bool {
        let mut reasons = self.unusable.values();
        reasons.any(|reason| {
            let lacks = |reason: &Unusable| {
                matches!(
                    reason,
                    Unusable::LibraryMissing(_)
                        | Unusable::SymbolsMissing(_)
                        | Unusable::LibraryRefused(..)
                )
            };
            lacks(reason)
        })
    }
}

/// All native files, each read when it is first asked for.
pub struct Shelf<'a> {
    files: &'a [NativeFile],
    read: BTreeMap<usize, Result<Loaded, Unusable>>,
    /// Files that turned out to be unusable once they were linked.
    refused: BTreeMap<usize, Unusable>,
    own: &'a Own,
}

struct Loaded {
    wasm: Vec<u8>,
    interface: Interface,
    signatures: Signatures,
    names: OnceCell<BTreeSet<String>>,
}

impl Loaded {
    /// Possible names of modules.
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
            refused: BTreeMap::new(),
            own,
        }
    }

    /// From now on, the file that the guest knows by this path cannot be linked.
    pub fn refuse(&mut self, guest: &str, reason: Unusable) {
        if let Some(index) = self.index(guest) {
            self.refused.insert(index, reason);
        }
    }

    /// Refuses the extensions in `linked` that a library belongs to: it is one of them, or they need it. Returns
    /// whether there are any.
    pub fn refuse_users(
        &mut self,
        library: &str,
        linked: &BTreeSet<String>,
        reason: &Unusable,
    ) -> bool {
        let mut found = false;
        for guest in linked {
            let reason = if guest == library {
                Some(reason.clone())
            } else {
                let needed = self.index(guest).and_then(|index| self.resolve(index).ok());
                let is_needed = needed.is_some_and(|needed| needed.contains_key(library));
                is_needed
                    .then(|| Unusable::LibraryRefused(library.to_owned(), Box::new(reason.clone())))
            };
            if let Some(reason) = reason {
                self.refuse(guest, reason);
                found = true;
            }
        }
        found
    }

    /// A first guess of the app's requests: the extensions that import statements name, and those that the code of such
    /// an extension names. Extensions that cannot be linked are left out: they matter once they are asked for.
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

    /// Links the files that were asked for, with everything that they need.
    pub fn select(&mut self, asked: &BTreeSet<String>) -> Extensions {
        let mut chosen = Extensions::default();
        let mut needed = BTreeMap::new();
        let mut room = Room::default();
        for guest in asked {
            let Some(index) = self.index(guest) else {
                continue;
            };
            match self.fit_in(index, &mut needed, &mut room) {
                Ok(()) => {
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
                    is_foreign: true,
                    dl_openable,
                });
            }
        }
        isolate(&mut chosen.libraries, |symbol| self.own.defines(symbol));
        chosen
    }

    /// Adds a file's libraries to the needed ones, if they fit together and there is room.
    fn fit_in(
        &mut self,
        index: usize,
        needed: &mut BTreeMap<String, usize>,
        room: &mut Room,
    ) -> Result<(), Unusable> {
        let libraries = self.resolve(index)?;
        let mut taken = *room;
        for (name, library) in &libraries {
            match needed.get(name) {
                None => taken.add(self.loaded(*library))?,
                Some(other) if self.is_copy(*library, *other) => {}
                Some(_) => return Err(Unusable::LibrariesClash(name.clone())),
            }
        }
        taken.add(self.loaded(index))?;
        *room = taken;
        needed.extend(libraries);
        Ok(())
    }

    fn is_copy(&self, one: usize, other: usize) -> bool {
        let wasm = |index| self.loaded(index).map(|loaded| &loaded.wasm);
        one == other || wasm(one) == wasm(other)
    }

    fn loaded(&self, index: usize) -> Option<&Loaded> {
        self.read.get(&index)?.as_ref().ok()
    }

    /// Modules that the code of each linked extension may import, among those for which `is_module` holds.
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

    /// Returns `true` if files were asked for that are none of these: `dlopen` gets whole paths.
    pub fn lacks(&self, asked: &BTreeSet<String>) -> bool {
        let mut files = asked.iter().filter(|name| name.starts_with('/'));
        files.any(|file| self.index(file).is_none())
    }

    fn index(&self, guest: &str) -> Option<usize> {
        self.files.iter().position(|file| file.guest == guest)
    }

    /// The libraries of the search path that a file needs, by name. Our own libraries are linked by the names in it.
    fn resolve(&mut self, index: usize) -> Result<BTreeMap<String, usize>, Unusable> {
        if let Some(reason) = self.refused.get(&index) {
            return Err(reason.clone());
        }
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
                    Unusable::LibraryRefused(name.clone(), Box::new(reason.clone()))
                })?;
                needed.insert(name, found);
                open.push(found);
            }
        }
        for (library, user) in std::iter::once((None, index))
            .chain(needed.iter().map(|(name, index)| (Some(name), *index)))
        {
            let missing = self.missing(user, needed.values().copied());
            let reason = if missing.is_empty() {
                self.mismatch(user, index, &needed)
                    .map(Unusable::SymbolDiffers)
            } else {
                Some(Unusable::SymbolsMissing(missing))
            };
            if let Some(reason) = reason {
                return Err(match library {
                    None => reason,
                    Some(name) => Unusable::LibraryRefused(name.clone(), Box::new(reason)),
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

    /// Symbols of a library that neither it, nor our own libraries, nor the others define.
    fn missing(&self, index: usize, others: impl Iterator<Item = usize>) -> Vec<String> {
        let interface = |index: usize| self.loaded(index).map(|loaded| &loaded.interface);
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

    /// The first symbol whose type differs from its definition. Definitions are looked up in our own libraries, then in
    /// `needed`, then in the extension that all of this is for.
    fn mismatch(
        &self,
        user: usize,
        extension: usize,
        needed: &BTreeMap<String, usize>,
    ) -> Option<Mismatch> {
        let theirs = needed.values().chain([&extension]);
        let theirs = theirs
            .filter_map(|&index| Some((self.files[index].name(), &self.loaded(index)?.signatures)));
        let definers: Vec<_> = self.own.signatures().chain(theirs).collect();
        self.loaded(user)?.signatures.mismatch(&definers)
    }

    fn load(&mut self, index: usize) -> &Result<Loaded, Unusable> {
        let (file, own) = (&self.files[index], self.own);
        self.read.entry(index).or_insert_with(|| load(file, own))
    }
}

fn load(file: &NativeFile, own: &Own) -> Result<Loaded, Unusable> {
    let wasm = files::read_real(&file.host, check::LARGEST_FILE).map_err(Unusable::Unreadable)?;
    let wasm = check::check(wasm).map_err(Unusable::Unfit)?;
    let wasm = preview1::adapt(wasm, |symbol| own.defines(symbol)).map_err(Unusable::Unfit)?;
    let interface = Interface::read(&wasm).map_err(Unusable::Unfit)?;
    let adapted = emscripten::adapt(&wasm, &interface, file.for_emscripten, own);
    let (wasm, interface) = match adapted.map_err(Unusable::Unfit)? {
        Some(adapted) => {
            let interface = Interface::read(&adapted).map_err(Unusable::Unfit)?;
            (adapted, interface)
        }
        None => (wasm, interface),
    };
    let mut host = interface.host.iter();
    if let Some((module, name)) = host.find(|(module, _)| !own.knows_host(module)) {
        let (module, name) = (module.clone(), name.clone());
        return Err(Unusable::Unfit(Unfit::HostUnknown { module, name }));
    }
    let signatures = Signatures::read(&wasm);
    let signatures = signatures.map_err(|error| Unusable::Unlinkable(error.to_string()))?;
    Ok(Loaded {
        wasm,
        interface,
        signatures,
        names: OnceCell::new(),
    })
}

/// The total requirements of a component's extensions.
#[derive(Clone, Copy, Default)]
struct Room {
    memory: u64,
    slots: u64,
}

impl Room {
    const MOST_MEMORY: u64 = 1 << 30;
    const MOST_SLOTS: u64 = 4 << 20;

    fn add(&mut self, library: Option<&Loaded>) -> Result<(), Unusable> {
        if let Some(Loaded { interface, .. }) = library {
            self.memory += interface.memory;
            self.slots += interface.slots;
        }
        if self.memory > Self::MOST_MEMORY || self.slots > Self::MOST_SLOTS {
            return Err(Unusable::TooMuchTogether);
        }
        Ok(())
    }
}
