//! Our own libraries: which of them a component needs.
//!
//! Comes in: the guest's libraries, the glue, and the native extensions to link. Goes out: the guest's libraries that
//! are needed, in the order in which symbols are looked up.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::Library;
use super::interface::Interface;
use super::signatures::Signatures;
use crate::artifacts::{Guest, TLS, library_of, module_of};
use glue::RUNTIME_LIBRARY;

/// Libraries with this suffix replace those without it if exceptions are caught.
const WITH_EXCEPTIONS: &str = "-eh.so";
/// The C++ library as wheels for Emscripten need it, with exceptions, and the part of its symbols that no other has.
const LIBCXX2: &str = "libc++2.so";
pub const OF_LIBCXX2: &str = "St3__2";
/// The beginnings of the names of the C library's parts.
const LIBC: [&str; 2] = ["libc.so", "libwasi-emulated-"];
/// Packages of WASI 0.2 that every command has.
const WASI: [&str; 6] = [
    "wasi:cli/",
    "wasi:clocks/",
    "wasi:filesystem/",
    "wasi:io/",
    "wasi:random/",
    "wasi:sockets/",
];

pub struct Own {
    libraries: Vec<Library>,
    /// C++ with exceptions, under the names of the libraries without.
    with_exceptions: Vec<Library>,
    glue: String,
    /// The symbols that our libraries take from each other. The glue, which differs with the world, may take all that the runtime has.
    pub taken_symbols: BTreeSet<String>,
    interfaces: BTreeMap<String, Interface>,
    /// The types of their symbols. Only native extensions need them.
    signatures: OnceCell<Vec<(String, Signatures)>>,
}

impl Own {
    /// The order decides whose symbol is taken: the runtime's `cabi_realloc` before the C library's, and both before
    /// the glue's, which only passes on.
    pub fn new(guest: &Guest, glue: Library, has_sockets: bool) -> Self {
        let glue_name = glue.name.clone();
        let (runtime, others): (Vec<Library>, Vec<Library>) = guest
            .libraries
            .iter()
            .cloned()
            .partition(|library| library.name == RUNTIME_LIBRARY);
        let (mut with_exceptions, cplusplus): (Vec<Library>, Vec<Library>) = guest
            .cplusplus
            .iter()
            .cloned()
            .partition(|library| library.name.ends_with(WITH_EXCEPTIONS));
        for library in &mut with_exceptions {
            library.name = library.name.replace(WITH_EXCEPTIONS, ".so");
        }
        let usable = |library: &&Library| has_sockets || module_of(&library.name) != Some(TLS);
        let libraries: Vec<Library> = runtime
            .into_iter()
            .chain(others)
            .chain(guest.modules.iter().filter(usable).cloned())
            .chain(cplusplus)
            .chain([glue])
            .collect();
        let mut interfaces: BTreeMap<String, Interface> = BTreeMap::new();
        for library in libraries.iter().chain(&with_exceptions) {
            let Ok(interface) = Interface::read(&library.wasm) else {
                continue;
            };
            // If two have one name, the symbols of both are available.
            let known = interfaces.entry(library.name.clone()).or_default();
            known.exports.extend(interface.exports);
            known.needed = interface.needed;
            known.imports.extend(interface.imports);
            known.weak.extend(interface.weak);
            known.host.extend(interface.host);
        }
        // Those that this world does without count as well, so that the code of the others is the same in all worlds.
        let hidden = guest.modules.iter().filter(|library| !usable(library));
        let hidden = hidden.filter_map(|library| Interface::read(&library.wasm).ok());
        let others = interfaces.iter().filter(|(name, _)| **name != glue_name);
        let taken_symbols = others
            .flat_map(|(name, interface)| {
                let offered = (name == RUNTIME_LIBRARY).then_some(&interface.exports);
                let taken = interface.imports.iter().chain(&interface.weak);
                taken.chain(offered.into_iter().flatten())
            })
            .cloned()
            .chain(hidden.flat_map(|interface| interface.imports.into_iter().chain(interface.weak)))
            .collect();
        Self {
            libraries,
            taken_symbols,
            with_exceptions,
            glue: glue_name,
            interfaces,
            signatures: OnceCell::new(),
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.interfaces.contains_key(name)
    }

    /// Names of CPython's modules that have a separate library.
    pub fn modules(&self) -> impl Iterator<Item = &str> {
        self.interfaces.keys().filter_map(|name| module_of(name))
    }

    pub fn modules_among(&self, names: &BTreeSet<String>) -> BTreeSet<String> {
        let modules = self.modules().filter(|module| names.contains(*module));
        modules.map(str::to_owned).collect()
    }

    pub fn defines(&self, symbol: &str) -> bool {
        let mut interfaces = self.interfaces.values();
        interfaces.any(|interface| interface.exports.contains(symbol))
    }

    /// Returns `true` if the C library defines a symbol.
    pub fn is_of_libc(&self, symbol: &str) -> bool {
        let mut libraries = self.interfaces.iter();
        libraries.any(|(name, interface)| {
            LIBC.iter().any(|prefix| name.starts_with(prefix)) && interface.exports.contains(symbol)
        })
    }

    /// Returns `true` if the host has functions in a module of this name, for the world or for the C library.
    pub fn knows_host(&self, module: &str) -> bool {
        let is_of_wasi = WASI.iter().any(|package| module.starts_with(package));
        let mut interfaces = self.interfaces.values().flat_map(|own| &own.host);
        is_of_wasi && module.contains("@0.2.") || interfaces.any(|(known, _)| known == module)
    }

    /// The signatures, in the order in which symbols are looked up.
    pub fn signatures(&self) -> impl Iterator<Item = (&str, &Signatures)> {
        let read = |library: &Library| {
            let signatures = Signatures::read(&library.wasm).ok()?;
            Some((library.name.clone(), signatures))
        };
        let all = || self.libraries.iter().chain(&self.with_exceptions);
        let signatures = self
            .signatures
            .get_or_init(|| all().filter_map(read).collect());
        signatures
            .iter()
            .map(|(name, library)| (name.as_str(), library))
    }

    /// The libraries that the glue needs, those of `modules`, those that extensions name, and those with symbols that
    /// extensions use without naming a library.
    pub fn needed(&self, extensions: &[Library], modules: &BTreeSet<String>) -> Vec<Library> {
        let theirs: Vec<Interface> = extensions
            .iter()
            .filter_map(|library| Interface::read(&library.wasm).ok())
            .collect();
        let mut needed = BTreeSet::new();
        self.add(&mut needed, vec![self.glue.clone()]);
        let modules = modules.iter().map(|module| library_of(module));
        self.add(&mut needed, modules.collect());
        for interface in &theirs {
            self.add(&mut needed, interface.needed.clone());
        }
        let symbols = || theirs.iter().flat_map(|interface| &interface.imports);
        // Before the symbols that both versions have.
        if symbols().any(|symbol| symbol.contains(OF_LIBCXX2)) {
            self.add(&mut needed, vec![LIBCXX2.to_owned()]);
        }
        for symbol in symbols() {
            let defines = |interface: &Interface| interface.exports.contains(symbol);
            let is_there = theirs.iter().any(defines)
                || needed.iter().any(|name| defines(&self.interfaces[name]));
            let mut providers = self.interfaces.iter();
            if !is_there && let Some((name, _)) = providers.find(|(_, other)| defines(other)) {
                self.add(&mut needed, vec![name.clone()]);
            }
        }
        let catches = needed.contains(LIBCXX2) || theirs.iter().any(|interface| interface.catches);
        let mut libraries = self.libraries.clone();
        libraries.retain(|library| needed.contains(&library.name));
        for library in &mut libraries {
            let mut variants = self.with_exceptions.iter();
            if catches && let Some(other) = variants.find(|other| other.name == library.name) {
                *library = other.clone();
            }
        }
        libraries
    }

    /// Adds our libraries with everything that they need.
    fn add(&self, needed: &mut BTreeSet<String>, mut open: Vec<String>) {
        while let Some(name) = open.pop() {
            if let Some(interface) = self.interfaces.get(&name)
                && needed.insert(name)
            {
                open.extend(interface.needed.iter().cloned());
            }
        }
    }
}
