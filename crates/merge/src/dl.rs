//! The tables that `dlopen` and `dlsym` read (`runtime/dl.c`): libraries and their symbols, both sorted by name.
//!
//! ```text
//! root: count, libraries | library: length, name, count, symbols | symbol: length, name, address
//! ```
//!
//! Every field is a word, and a zero follows each name. The size depends on names only, so that the tables can precede everything
//! that they point to.

use anyhow::Result;
use wasmparser::ExternalKind;

use super::layout::Layout;
use super::parse::{Export, Parsed};
use super::reach::{Inputs, is_opened};
use super::symbols::Id;
use crate::STACK_SIZE;

const ROOT: u32 = 2 * 4;
const LIBRARY: u32 = 4 * 4;
const SYMBOL: u32 = 3 * 4;

/// The addresses of the tables.
pub struct Tables {
    pub address: u32,
    pub size: u32,
}

impl Tables {
    pub fn measure(libraries: &[Parsed<'_>]) -> Self {
        let mut size = ROOT;
        for parsed in opened(libraries) {
            size += LIBRARY + padded(parsed.1.name);
            for (name, _) in symbols(parsed.1) {
                size += SYMBOL + padded(name);
            }
        }
        Self {
            address: STACK_SIZE,
            size,
        }
    }
}

/// The tables' bytes.
pub fn write(inputs: &Inputs<'_, '_>, layout: &Layout) -> Result<Vec<u8>> {
    let opened = opened(inputs.libraries);
    let mut tables = Writer {
        address: layout.dl.address,
        words: Vec::new(),
        names: Vec::new(),
        names_at: layout.dl.address + ROOT,
    };
    let count = u32::try_from(opened.len())?;
    let mut symbols_at = layout.dl.address + ROOT + LIBRARY * count;
    tables.names_at = symbols_at;
    for (_, parsed) in &opened {
        tables.names_at += SYMBOL * u32::try_from(symbols(parsed).len())?;
    }
    tables.words.extend([count, tables.address + ROOT]);
    for (_, parsed) in &opened {
        let symbols = u32::try_from(symbols(parsed).len())?;
        tables.name(parsed.name)?;
        tables.words.extend([symbols, symbols_at]);
        symbols_at += SYMBOL * symbols;
    }
    for (library, parsed) in &opened {
        for (name, export) in symbols(parsed) {
            let library = *library;
            let index = export.index;
            let address = match export.kind {
                ExternalKind::Func => {
                    let target = inputs.symbols.functions[library][index as usize];
                    layout.slots.get(&target).copied().unwrap_or(0)
                }
                _ => layout.address(inputs.libraries, Id { library, index })?,
            };
            tables.name(name)?;
            tables.words.push(address);
        }
    }
    let mut bytes: Vec<u8> = tables.words.iter().flat_map(|w| w.to_le_bytes()).collect();
    bytes.extend(tables.names);
    debug_assert_eq!(bytes.len(), layout.dl.size as usize);
    Ok(bytes)
}

struct Writer {
    address: u32,
    words: Vec<u32>,
    names: Vec<u8>,
    names_at: u32,
}

impl Writer {
    /// Its length and its address.
    fn name(&mut self, name: &str) -> Result<()> {
        self.words.push(u32::try_from(name.len())?);
        self.words
            .push(self.names_at + u32::try_from(self.names.len())?);
        self.names.extend(name.as_bytes());
        self.names.push(0);
        self.names.resize(self.names.len().next_multiple_of(4), 0);
        Ok(())
    }
}

fn padded(name: &str) -> u32 {
    // Names come from a file that is smaller than 4 GiB.
    (name.len() as u32 + 1).next_multiple_of(4)
}

/// Lets `dlopen` find some libraries no more, in memory that begins with the tables. The zero behind its name becomes part of
/// it, which changes nothing in the order of names.
pub fn forget(memory: &mut [u8], libraries: &[Parsed<'_>], is_forgotten: impl Fn(usize) -> bool) {
    let mut entries = memory[ROOT as usize..].chunks_exact_mut(LIBRARY as usize);
    for ((library, parsed), entry) in opened(libraries).into_iter().zip(&mut entries) {
        if is_forgotten(library) {
            let length = parsed.name.len() as u32 + 1;
            entry[..4].copy_from_slice(&length.to_le_bytes());
        }
    }
}

/// The libraries that `dlopen` finds, sorted by name.
fn opened<'l, 'a>(libraries: &'l [Parsed<'a>]) -> Vec<(usize, &'l Parsed<'a>)> {
    let mut opened: Vec<_> = libraries
        .iter()
        .enumerate()
        .filter(|(_, parsed)| parsed.dl_openable)
        .collect();
    opened.sort_by_key(|(_, parsed)| parsed.name);
    opened
}

/// Functions and variables that `dlsym` finds, sorted by name.
fn symbols<'a>(parsed: &Parsed<'a>) -> Vec<(&'a str, Export)> {
    let mut symbols: Vec<(&str, Export)> = parsed
        .exports
        .iter()
        .filter(|(name, export)| {
            let is_symbol = match export.kind {
                ExternalKind::Func => true,
                ExternalKind::Global => parsed.is_address(export.index),
                _ => false,
            };
            is_symbol && is_opened(name)
        })
        .map(|(name, export)| (*name, *export))
        .collect();
    symbols.sort_by_key(|(name, _)| *name);
    symbols
}
