//! The indices of the merged module.
//!
//! Functions are numbered in this order: those of hosts, those with bodies in the order of libraries, then stubs for
//! missing weak ones, then the linker's own.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use indexmap::IndexSet;
use wasmparser::{DataKind, FuncType};

use super::Program;
use super::reach::Live;
use super::symbols::{GlobalTarget, Id, Target};

/// The index of something that is not in the module.
const ABSENT: u32 = u32::MAX;

pub struct Numbering {
    /// Types, each once.
    pub types: IndexSet<FuncType>,
    library_types: Vec<Vec<u32>>,
    hosts: Vec<u32>,
    functions: Vec<Vec<u32>>,
    missing: Vec<u32>,
    /// The number of functions so far.
    pub count: u32,
    globals: HashMap<Id, u32>,
    /// Passive data segments, by library and index; they come first.
    data: HashMap<(usize, u32), u32>,
}

impl Numbering {
    pub fn new(program: &Program<'_>, live: &Live) -> Result<Self> {
        let mut numbering = Self {
            types: IndexSet::new(),
            library_types: Vec::new(),
            hosts: Vec::new(),
            functions: Vec::new(),
            missing: Vec::new(),
            count: 0,
            globals: HashMap::new(),
            data: HashMap::new(),
        };
        for (library, parsed) in program.libraries.iter().enumerate() {
            let mut types = Vec::new();
            // Unused code may have the only use of a type. That costs a few bytes, and is far simpler.
            if program.live.libraries[library] {
                for ty in &parsed.types {
                    types.push(numbering.intern(ty.clone())?);
                }
            }
            numbering.library_types.push(types);
        }
        for host in &program.symbols.hosts {
            numbering.intern(host.ty.clone())?;
        }
        for ty in &program.symbols.tag_types {
            numbering.intern(ty.clone())?;
        }
        numbering.hosts = numbering.number(&live.hosts);
        for functions in &live.functions {
            let numbers = numbering.number(functions);
            numbering.functions.push(numbers);
        }
        numbering.missing = numbering.number(&live.missing);
        for (index, id) in (1..).zip(program.own_globals()) {
            numbering.globals.insert(id, index);
        }
        for (library, parsed) in program.libraries.iter().enumerate() {
            for (index, segment) in (0..).zip(&parsed.data) {
                if matches!(segment.kind, DataKind::Passive) {
                    let number = u32::try_from(numbering.data.len())?;
                    numbering.data.insert((library, index), number);
                }
            }
        }
        Ok(numbering)
    }

    fn number(&mut self, live: &[bool]) -> Vec<u32> {
        live.iter()
            .map(|live| {
                if !live {
                    return ABSENT;
                }
                self.count += 1;
                self.count - 1
            })
            .collect()
    }

    /// The index of a type, which is added if it is new.
    pub fn intern(&mut self, ty: FuncType) -> Result<u32> {
        Ok(u32::try_from(self.types.insert_full(ty).0)?)
    }

    pub fn index_of(&self, ty: &FuncType) -> Result<u32> {
        let index = self.types.get_index_of(ty).context("an unknown type")?;
        Ok(u32::try_from(index)?)
    }

    pub fn ty(&self, library: usize, index: u32) -> Result<u32> {
        let types = &self.library_types[library];
        types.get(index as usize).copied().context("no such type")
    }

    pub fn function(&self, target: Target) -> Result<u32> {
        let index = match target {
            Target::Defined(id) => self.functions[id.library][id.index as usize],
            Target::Host(index) => self.hosts[index],
            Target::Missing(index) => self.missing[index],
        };
        anyhow::ensure!(index != ABSENT, "{target:?} is used and was left out");
        Ok(index)
    }

    pub fn global(&self, target: GlobalTarget) -> Result<u32> {
        match target {
            GlobalTarget::StackPointer => Ok(0),
            GlobalTarget::Own(id) => self.globals.get(&id).copied().context("no such global"),
            other => anyhow::bail!("{other:?} is a constant and cannot be written to"),
        }
    }

    pub fn data(&self, library: usize, index: u32) -> Option<u32> {
        self.data.get(&(library, index)).copied()
    }

    /// Returns `true` if there is passive data, which the module must count.
    pub fn has_data(&self) -> bool {
        !self.data.is_empty()
    }
}
