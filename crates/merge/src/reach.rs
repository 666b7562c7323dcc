//! Finds the parts of the libraries that are used.
//!
//! In: libraries, their sites and symbols, and roots. Out: [`Live`]. A library is live once anything in it is used or
//! needed. Then everything that its own code may reach by number is live too: the functions in its table, its
//! constructors and the targets of its data.

use std::collections::BTreeSet;

use anyhow::Result;

use super::parse::Parsed;
use super::scan::{SiteOp, Sites};
use super::symbols::{GlobalTarget, Id, Resolution, Target};

/// Exports for linking that no program looks up.
pub const RELOCATIONS: &str = "__wasm_apply_data_relocs";
pub const CONSTRUCTORS: [&str; 2] = ["__wasm_call_ctors", "_initialize"];
pub const SET_LIBRARIES: &str = "__wasm_set_libraries";

pub struct Live {
    pub libraries: Vec<bool>,
    pub functions: Vec<Vec<bool>>,
    pub hosts: Vec<bool>,
    /// Missing functions that are called all the same: they are weak.
    pub missing: Vec<bool>,
    /// Globals with their own value.
    pub globals: BTreeSet<Id>,
    /// Functions whose address is taken by name.
    pub addressed: BTreeSet<Target>,
}

/// The inputs from which all functions are found.
pub struct Inputs<'l, 'a> {
    pub libraries: &'l [Parsed<'a>],
    pub sites: &'l [Sites],
    pub symbols: &'l Resolution<'a>,
}

/// Finds everything that the component's exports and the libraries for `dlopen` reach.
pub fn reach(inputs: &Inputs<'_, '_>) -> Result<Live> {
    let mut reacher = Reacher::new(inputs, true);
    for (library, parsed) in inputs.libraries.iter().enumerate() {
        for (name, _) in &parsed.exports {
            if is_component_export(name)
                && let Some(index) = parsed.exported_function(name)
            {
                reacher.mark(inputs.symbols.functions[library][index as usize]);
            }
        }
        if parsed.dl_openable {
            reacher.enter(library);
            for index in opened_functions(parsed) {
                let target = inputs.symbols.functions[library][index as usize];
                reacher.live.addressed.insert(target);
                reacher.mark(target);
            }
        }
    }
    reacher.mark(realloc(inputs)?);
    reacher.finish()
}

/// Finds everything that `roots` reach, when the tables and all data are already settled.
pub fn reach_from(inputs: &Inputs<'_, '_>, roots: impl Iterator<Item = Target>) -> Result<Live> {
    let mut reacher = Reacher::new(inputs, false);
    roots.for_each(|root| reacher.mark(root));
    reacher.finish()
}

/// Returns `true` if an export belongs to the component and is not a symbol: names of C, C++ and Rust have none of
/// these characters.
pub fn is_component_export(name: &str) -> bool {
    name.contains([':', '#', '|', '['])
}

/// The allocator that the canonical ABI calls: the earliest library's.
pub fn realloc(inputs: &Inputs<'_, '_>) -> Result<Target> {
    let exporters = inputs.libraries.iter().enumerate();
    exporters
        .filter_map(|(library, parsed)| {
            let index = parsed.exported_function("cabi_realloc")?;
            Some(inputs.symbols.functions[library][index as usize])
        })
        .find(|target| !matches!(target, Target::Missing(_)))
        .ok_or_else(|| anyhow::anyhow!("no library defines `cabi_realloc`"))
}

/// The functions that `dlsym` finds in a library.
pub fn opened_functions(parsed: &Parsed<'_>) -> impl Iterator<Item = u32> {
    parsed
        .exports
        .iter()
        .filter(|(name, _)| is_opened(name))
        .filter_map(|(name, _)| parsed.exported_function(name))
}

/// Returns `true` if `dlsym` finds an export of this name.
pub fn is_opened(name: &str) -> bool {
    name != RELOCATIONS
        && name != SET_LIBRARIES
        && name != "_start"
        && !CONSTRUCTORS.contains(&name)
}

struct Reacher<'l, 'a> {
    inputs: &'l Inputs<'l, 'a>,
    live: Live,
    /// `true` if a used library brings its tables, data and constructors.
    whole_libraries: bool,
    unread: Vec<Id>,
    unentered: Vec<usize>,
}

impl<'l, 'a> Reacher<'l, 'a> {
    fn new(inputs: &'l Inputs<'l, 'a>, whole_libraries: bool) -> Self {
        let functions = inputs.libraries.iter();
        Self {
            inputs,
            live: Live {
                libraries: vec![false; inputs.libraries.len()],
                functions: functions.map(|l| vec![false; l.functions.len()]).collect(),
                hosts: vec![false; inputs.symbols.hosts.len()],
                missing: vec![false; inputs.symbols.missing.len()],
                globals: BTreeSet::new(),
                addressed: BTreeSet::new(),
            },
            whole_libraries,
            unread: Vec::new(),
            unentered: Vec::new(),
        }
    }

    fn mark(&mut self, target: Target) {
        match target {
            Target::Host(index) => self.live.hosts[index] = true,
            Target::Missing(index) => self.live.missing[index] = true,
            Target::Defined(id) => {
                let live = &mut self.live.functions[id.library][id.index as usize];
                if !*live {
                    *live = true;
                    self.unread.push(id);
                    self.enter(id.library);
                }
            }
        }
    }

    fn enter(&mut self, library: usize) {
        if self.whole_libraries && !self.live.libraries[library] {
            self.live.libraries[library] = true;
            self.unentered.push(library);
        }
    }

    fn finish(mut self) -> Result<Live> {
        loop {
            if let Some(id) = self.unread.pop() {
                self.read(id);
            } else if let Some(library) = self.unentered.pop() {
                self.take_whole(library)?;
            } else {
                break;
            }
        }
        refuse_missing(self.inputs.symbols, &self.live)?;
        Ok(self.live)
    }

    fn read(&mut self, id: Id) {
        let functions = &self.inputs.symbols.functions[id.library];
        for site in &self.inputs.sites[id.library][id.index as usize] {
            match site.op {
                SiteOp::Call(index) | SiteOp::ReturnCall(index) => {
                    self.mark(functions[index as usize]);
                }
                SiteOp::RefFunc(index) => {
                    // Functions in a table may be referred to.
                    self.live.addressed.insert(functions[index as usize]);
                    self.mark(functions[index as usize]);
                }
                SiteOp::GlobalGet(index)
                | SiteOp::GlobalPlus(index, _)
                | SiteOp::GlobalSet(index) => {
                    self.mark_global(id.library, index);
                }
                SiteOp::CallIndirect(_)
                | SiteOp::ReturnCallIndirect(_)
                | SiteOp::Block(..)
                | SiteOp::Throw(_)
                | SiteOp::Catch(_)
                | SiteOp::Other => {}
            }
        }
    }

    fn mark_global(&mut self, library: usize, index: u32) {
        match self.inputs.symbols.globals[library][index as usize] {
            // The slot is null, and no stub is called.
            GlobalTarget::Slot(Target::Missing(index)) | GlobalTarget::Missing(index) => {
                self.live.missing[index] |= !self.inputs.symbols.missing[index].weak;
            }
            GlobalTarget::Slot(target) => {
                self.live.addressed.insert(target);
                self.mark(target);
            }
            GlobalTarget::Variable(id) => self.enter(id.library),
            GlobalTarget::Own(id) => {
                self.live.globals.insert(id);
                self.enter(id.library);
            }
            GlobalTarget::MemoryBase
            | GlobalTarget::TableBase
            | GlobalTarget::Boundary(_)
            | GlobalTarget::StackPointer => {}
        }
    }

    fn take_whole(&mut self, library: usize) -> Result<()> {
        let parsed = &self.inputs.libraries[library];
        let functions = &self.inputs.symbols.functions[library];
        for element in &parsed.elements {
            for index in element.functions.iter().flatten() {
                self.mark(functions[*index as usize]);
            }
        }
        let at_start = CONSTRUCTORS.iter().chain(&[RELOCATIONS, SET_LIBRARIES]);
        let at_start = at_start.filter_map(|name| parsed.exported_function(name));
        for index in at_start.chain(parsed.start) {
            self.mark(functions[index as usize]);
        }
        for &needed in &parsed.needed {
            let found = self.inputs.libraries.iter().position(|l| l.name == needed);
            let Some(found) = found else {
                // For extensions this is known before they are linked.
                anyhow::bail!(
                    "the library `{}` needs `{needed}`, which is not there",
                    parsed.name
                );
            };
            self.enter(found);
        }
        Ok(())
    }
}

/// Missing symbols that are used must be weak.
fn refuse_missing(symbols: &Resolution<'_>, live: &Live) -> Result<()> {
    let strong = symbols.missing.iter().zip(&live.missing);
    let strong = strong.filter(|(missing, live)| **live && !missing.weak);
    let mut strong: Vec<String> = strong
        .map(|(missing, _)| format!("`{}` in `{}`", missing.name, missing.library))
        .collect();
    strong.sort();
    strong.dedup();
    anyhow::ensure!(
        strong.is_empty(),
        "undefined symbols: {}",
        strong.join(", ")
    );
    Ok(())
}
