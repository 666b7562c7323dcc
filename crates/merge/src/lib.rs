//! Merges shared libraries into one core module.
//!
//! In: dylink.0 libraries. Out: a [`Program`], which makes two components: one for the build ([`Phase::Build`]), which
//! starts the libraries and has the exports that the build needs, and one for use, which has the memory at the end of
//! the first one's run, and nothing that only served to get there. Both have the same layout, so that every pointer in
//! that memory, to data or to a function, still holds.
//!
//! ```text
//! parse -> scan -> symbols -> reach -> layout -> image -> emit
//! ```
//!
//! The component for the build can also keep the libraries apart ([`Separate`]), so that their machine code is kept.
//!
//! Addresses are constants, calls between libraries are direct, and the module has its memory and its table to itself,
//! so that a host can map the memory and fill the table when it is used.

mod body;
mod contract;
mod dl;
mod emit;
mod encode;
mod error;
mod image;
mod layout;
mod legacy;
mod numbering;
mod order;
mod parameters;
mod parse;
mod plain;
mod reach;
mod scan;
mod segments;
mod separate;
mod start;
mod symbols;
#[cfg(test)]
mod tests;
mod unused;

use anyhow::Result;

use image::Image;
use layout::Layout;
use parse::Parsed;
use reach::{Inputs, Live};
use scan::Sites;
use symbols::{Id, Resolution};
use unused::Unused;

pub use contract::{
    INIT_INTERFACE, Library, LinkedLibrary, STACK_SIZE, STATE_INTERFACE, Sizes, embed_init_world,
};
pub use emit::{Draft, Phase};
pub use error::MergeError;
pub use legacy::translate as translate_legacy_exceptions;
pub use parameters::SYMBOL as PARAMETERS;
pub use reach::{CONSTRUCTORS, RELOCATIONS, SET_LIBRARIES, is_component_export};
pub use scan::in_parallel;
pub use separate::{Separate, SeparateModule};

/// Linked libraries.
pub struct Program<'a> {
    libraries: Vec<Parsed<'a>>,
    sites: Vec<Sites>,
    symbols: Resolution<'a>,
    /// The parts that the layout has room for.
    live: Live,
    layout: Layout,
    image: Image,
    /// The value of each global of each library that never changes.
    constants: Vec<Vec<Option<i32>>>,
    /// Live libraries, dependencies first.
    order: Vec<usize>,
    keep_names: bool,
}

/// The state that a run has left behind.
pub struct State {
    /// Linear memory from the end of the C stack, where our data begins.
    pub memory: Vec<u8>,
    /// The bits of the stack pointer and of the libraries' own globals.
    pub globals: Vec<u64>,
}

impl<'a> Program<'a> {
    /// Links `libraries`. Where two define a symbol, the earlier one wins.
    pub fn link(libraries: &'a [Library], keep_names: bool) -> Result<Self> {
        let libraries: Vec<Parsed<'a>> =
            libraries.iter().map(parse::parse).collect::<Result<_>>()?;
        let sites = scan::scan_all(&libraries)?;
        let symbols = symbols::resolve(&libraries)?;
        let inputs = Inputs {
            libraries: &libraries,
            sites: &sites,
            symbols: &symbols,
        };
        let live = reach::reach(&inputs)?;
        let layout = layout::lay_out(&inputs, &live)?;
        let image = image::draw(&inputs, &live, &layout)?;
        let constants = layout.constants(&inputs, &live)?;
        let order = order::initialisation(&libraries, &symbols, &live.libraries);
        Ok(Self {
            libraries,
            sites,
            symbols,
            live,
            layout,
            image,
            constants,
            order,
            keep_names,
        })
    }

    /// The module without its data.
    pub fn draft(&self, phase: Phase) -> Result<Draft<'_, 'a>> {
        Draft::new(self, phase, Unused::none(self))
    }

    /// The module for use without some libraries that the run has not opened. `None` if that does not show that nobody needs them.
    pub fn draft_without(&self, names: &[&str]) -> Result<Option<Draft<'_, 'a>>> {
        let unused = Unused::new(self, names);
        unused
            .map(|unused| Draft::new(self, Phase::Use, unused))
            .transpose()
    }

    /// Returns `true` if a library of this name lies on the search path.
    pub fn is_foreign(&self, library: &str) -> bool {
        let mut libraries = self.libraries.iter();
        libraries.any(|parsed| parsed.is_foreign && parsed.name == library)
    }

    fn inputs(&self) -> Inputs<'_, 'a> {
        Inputs {
            libraries: &self.libraries,
            sites: &self.sites,
            symbols: &self.symbols,
        }
    }

    /// The libraries' globals that are more than constants.
    fn own_globals(&self) -> Vec<Id> {
        let globals = self.live.globals.iter().copied();
        globals
            .filter(|id| self.constants[id.library][id.index as usize].is_none())
            .collect()
    }

    /// Returns `true` if the module throws or catches exceptions, which not every compiler supports.
    pub fn has_exceptions(&self) -> bool {
        let mut live = self.libraries.iter().zip(&self.live.libraries);
        live.any(|(parsed, live)| *live && !parsed.tags.is_empty())
    }
}
