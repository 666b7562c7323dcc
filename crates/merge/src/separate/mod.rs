//! Links libraries for the build without merging them: each remains a module, whose compiled code can be kept for every app.
//!
//! In: a linked [`Program`]. Out: [`Separate`], a component that imports the libraries as core modules. Memory and table have the
//! same layout as in the merged module, so the state after a run fits that module.
//!
//! ```text
//! values   defines memory, table, stack pointer, and a global for each address and slot of the layout
//! forward  calls through the table, for functions of libraries that are instantiated later
//! library  each with its imports renamed to the modules that provide them; dependencies first
//! exports  the module that the component's encoder knows: it starts the libraries and passes their exports on
//! ```
//!
//! The bytes of a library's module depend on the library, and on who defines its symbols, but neither on addresses nor on the world.

mod around;
mod exports;
mod forward;
mod library;
mod part;
#[cfg(test)]
mod tests;
mod values;

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context as _, Result};
use wasmparser::FuncType;

use crate::symbols::{Id, Target};
use crate::{Program, STACK_SIZE};
use forward::Forward;
use part::{Imports, Part};
use values::Values;

/// Names that neither worlds nor libraries have.
const VALUES: &str = "(values)";
const FORWARD: &str = "(forward)";

/// A component for the build, and the modules that it imports.
pub struct Separate {
    pub component: Vec<u8>,
    pub modules: Vec<SeparateModule>,
}

/// A library as a module.
pub struct SeparateModule {
    /// The name of the component's import.
    pub import: String,
    pub wasm: Vec<u8>,
}

impl Program<'_> {
    /// The component for the build with separate libraries. `None` for libraries that only the merged module supports: those with
    /// globals that change or with a start function that is not plain, two of one name, and those that import a function twice.
    ///
    /// `symbols` are those that libraries take from each other; `None` stands for all. The others are no exports of the modules, unless
    /// somebody needs them here.
    pub fn separate(&self, symbols: Option<&BTreeSet<String>>) -> Result<Option<Separate>> {
        let Some(parts) = self.parts(symbols)? else {
            return Ok(None);
        };
        let skeleton = exports::skeleton(self)?;
        let component = around::component(&skeleton, &parts)?;
        let modules = parts.libraries.into_iter().enumerate();
        let modules = modules.map(|(place, part)| SeparateModule {
            import: around::import_name(place),
            wasm: part.wasm,
        });
        Ok(Some(Separate {
            component,
            modules: modules.collect(),
        }))
    }

    fn parts(&self, symbols: Option<&BTreeSet<String>>) -> Result<Option<Parts>> {
        if !self.can_be_separate() {
            return Ok(None);
        }
        let mut links = Links::new(self);
        let imports = self.order.iter();
        let imports = imports.map(|library| library::imports(&mut links, *library));
        let imports = imports.collect::<Result<Option<Vec<Imports>>>>()?;
        let Some(imports) = imports else {
            return Ok(None);
        };
        let exports = exports::write(&mut links)?;
        // Components may not import one thing twice, as a library does if two of its symbols are one function.
        if imports.iter().any(Imports::have_twins) {
            return Ok(None);
        }
        let used: BTreeSet<(String, String)> = imports
            .iter()
            .chain([&exports.imports])
            .flat_map(Imports::functions_by_module)
            .map(|(module, name)| (module.to_owned(), name.to_owned()))
            .collect();
        let libraries = self.order.iter().zip(imports).map(|(library, imports)| {
            let parsed = &self.libraries[*library];
            library::write(parsed, &self.sites[*library], imports, |name| {
                symbols.is_none_or(|symbols| symbols.contains(name))
                    || used.contains(&(parsed.name.to_owned(), name.to_owned()))
            })
        });
        let libraries = libraries.collect::<Result<_>>()?;
        let forward = links.forward.write()?;
        let values = links.values.write(self, links.forward.more().count())?;
        Ok(Some(Parts {
            own: [values, forward],
            libraries,
            exports,
        }))
    }
}

impl Program<'_> {
    fn can_be_separate(&self) -> bool {
        let names = self.libraries.iter().map(|one| one.name);
        let names: BTreeSet<&str> = names.chain([VALUES, FORWARD]).collect();
        let are_unique = names.len() == self.libraries.len() + 2;
        // One that does more than put data in place may need the other libraries, which are not there yet.
        let mut order = self.order.iter();
        let starts = order.any(|&library| {
            self.libraries[library].start.is_some() && !self.layout.started[library]
        });
        are_unique && !starts && self.own_globals().is_empty()
    }
}

/// The core modules, in the order of their instances.
struct Parts {
    /// `values` and `forward`.
    own: [Part; 2],
    libraries: Vec<Part>,
    exports: Part,
}

/// The data of the layout itself, with addresses: the tables for `dlopen`, and the parameters of each slot.
fn own_data<'p>(program: &'p Program<'_>) -> Result<Vec<(u32, &'p [u8])>> {
    let layout = &program.layout;
    let dl = (layout.dl.address, layout.dl.size as usize);
    let parameters = layout
        .parameters
        .map(|address| (address, layout.table.len()));
    let places = std::iter::once(dl).chain(parameters);
    places
        .map(|(address, length)| {
            let start = (address - STACK_SIZE) as usize;
            let bytes = program.image.bytes.get(start..start + length);
            Ok((
                address,
                bytes.context("the layout has data outside of its memory")?,
            ))
        })
        .collect()
}

/// The parts of the component that all libraries share, while they are written.
struct Links<'p, 'a> {
    program: &'p Program<'a>,
    /// The place of each library in the order of instantiation.
    places: HashMap<usize, usize>,
    /// The name under which each function can be imported.
    names: HashMap<Id, &'a str>,
    values: Values,
    forward: Forward<'p>,
}

impl<'p, 'a> Links<'p, 'a> {
    fn new(program: &'p Program<'a>) -> Self {
        let places = program.order.iter().enumerate();
        Self {
            program,
            places: places.map(|(place, library)| (*library, place)).collect(),
            names: program.exported_names(),
            values: Values::default(),
            forward: Forward::new(program),
        }
    }

    /// The module and the name by which the module at `place` imports a function, under the name `symbol` if it has that one too: a
    /// module may not import one name twice.
    fn function(
        &mut self,
        place: usize,
        target: Target,
        ty: &FuncType,
        symbol: Option<&str>,
    ) -> Result<(&'a str, String)> {
        let id = match target {
            Target::Defined(id) => id,
            // Code that nobody reaches may name functions that no host has.
            Target::Host(index) if !self.program.live.hosts[index] => {
                let host = &self.program.symbols.hosts[index];
                return Ok((FORWARD, self.forward.missing(host.name, ty)));
            }
            Target::Host(index) => {
                let host = &self.program.symbols.hosts[index];
                return Ok((host.module, host.name.to_owned()));
            }
            Target::Missing(index) => {
                let name = self.program.symbols.missing[index].name;
                return Ok((FORWARD, self.forward.missing(name, ty)));
            }
        };
        let parsed = &self.program.libraries[id.library];
        let library = parsed.name;
        let has_symbol = |name: &&str| parsed.exported_function(name) == Some(id.index);
        let name = symbol.filter(has_symbol);
        let name = name.or_else(|| self.names.get(&id).copied());
        let name =
            name.with_context(|| format!("`{library}` exports a function without a name"))?;
        let Some(&provider) = self.places.get(&id.library) else {
            // Nothing reaches that library, so nobody calls this.
            return Ok((FORWARD, self.forward.missing(name, ty)));
        };
        if provider < place {
            return Ok((library, name.to_owned()));
        }
        Ok((FORWARD, self.forward.later(target, library, name, ty)?))
    }
}
