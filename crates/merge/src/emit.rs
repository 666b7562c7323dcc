//! Writes the merged module.
//!
//! In: a linked [`Program`] and a [`Phase`]. Out: a [`Draft`], from which come the module, with or without the state of
//! a run, its skeleton for the component's encoder, and the sizes of the libraries in it.

mod sections;

use anyhow::Result;
use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, Encode as _, Function, Module, RawSection, SectionId,
};
use wasmparser::{DataKind, ExternalKind, GlobalType, ValType};

use super::error::check_size;
use super::numbering::Numbering;
use super::parse::GlobalSource;
use super::reach::{self, Live};
use super::scan::in_parallel;
use super::start::{self, Synthetic};
use super::symbols::{Id, Target};
use super::unused::Unused;
use super::{Program, State, body, segments};
use crate::STACK_SIZE;
use crate::{INIT_INTERFACE, LinkedLibrary, Sizes};

const REALLOC: &str = "cabi_realloc";

/// The purpose of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It starts the libraries, and shows the resulting memory.
    Build,
    /// It continues from there.
    Use,
}

/// A module that is complete except for the contents of its memory and globals.
pub struct Draft<'p, 'a> {
    program: &'p Program<'a>,
    phase: Phase,
    unused: Unused,
    live: Live,
    numbering: Numbering,
    /// Exported functions of the libraries.
    exported: Vec<(&'a str, Target)>,
    /// The linker's own functions.
    synthetic: Vec<Synthetic>,
    code: CodeSection,
    /// Bytes of each library's function bodies in `code`.
    code_sizes: Vec<u64>,
}

impl<'p, 'a> Draft<'p, 'a> {
    pub fn new(program: &'p Program<'a>, phase: Phase, unused: Unused) -> Result<Self> {
        let inputs = program.inputs();
        let exported = exported(program, phase, &unused)?;
        let mut roots: Vec<Target> = exported.iter().map(|(_, target)| *target).collect();
        let slots = program.layout.table.iter().flatten();
        roots.extend(slots.filter(|target| unused.keeps(**target)));
        if phase == Phase::Build {
            roots.extend(start::calls(program)?.iter().map(|(target, _)| *target));
        }
        let live = reach::reach_from(&inputs, roots.into_iter())?;
        let mut numbering = Numbering::new(program, &live)?;
        let synthetic = match phase {
            Phase::Build => {
                let calls = start::calls(program)?.into_iter();
                let calls =
                    calls.map(|(target, argument)| Ok((numbering.function(target)?, argument)));
                start::functions(program, &calls.collect::<Result<Vec<_>>>()?)?
            }
            Phase::Use => Vec::new(),
        };
        for function in &synthetic {
            numbering.intern(function.ty.clone())?;
        }
        for missing in program.symbols.missing.iter().filter_map(|m| m.ty.as_ref()) {
            numbering.intern(missing.clone())?;
        }
        let mut draft = Self {
            program,
            phase,
            unused,
            live,
            numbering,
            exported,
            synthetic,
            code: CodeSection::new(),
            code_sizes: Vec::new(),
        };
        (draft.code, draft.code_sizes) = draft.write_code()?;
        Ok(draft)
    }

    /// The module, in the state before anything has run, or after the run that left `state` behind.
    pub fn module(&self, state: Option<&State>) -> Result<Vec<u8>> {
        let mut module = self.head(state)?;
        let (data, count) = self.data(state)?;
        if self.numbering.has_data() {
            module.section(&DataCountSection { count });
        }
        module.section(&self.code).section(&RawSection {
            id: SectionId::Data as u8,
            data: &data,
        });
        if self.program.keep_names {
            module.section(&self.names()?);
        }
        Ok(module.finish())
    }

    /// The module for the component's encoder: with the worlds, without data, and with bodies that trap.
    pub fn skeleton(&self) -> Result<Vec<u8>> {
        let mut module = self.head(None)?;
        let mut code = CodeSection::new();
        let functions = self.defined().count() + self.stubs().count() + self.synthetic.len();
        for _ in 0..functions {
            code.function(&trap());
        }
        module.section(&code);
        for world in self.libraries().flat_map(|(_, parsed)| &parsed.worlds) {
            module.section(&wasm_encoder::CustomSection {
                name: world.name.into(),
                data: world.data.into(),
            });
        }
        Ok(module.finish())
    }

    /// The contribution of each live library.
    pub fn sizes(&self) -> Sizes {
        let layout = &self.program.layout;
        let contribution = |(library, parsed): (usize, &super::Parsed<'_>)| {
            let start = layout.memory_bases[library];
            LinkedLibrary {
                name: parsed.name.to_owned(),
                code: self.code_sizes[library],
                memory: start..start + parsed.extent.memory_size,
            }
        };
        Sizes {
            libraries: self.libraries().map(contribution).collect(),
            heap_base: layout.heap_base,
        }
    }

    /// The library of the search path that contains a function of the module.
    pub fn foreign_library(&self, function: u32) -> Option<&'a str> {
        let number = |id: &Id| self.numbering.function(Target::Defined(*id)).ok();
        let id = self.defined().find(|id| number(id) == Some(function))?;
        let library = &self.program.libraries[id.library];
        library.is_foreign.then_some(library.name)
    }

    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Removes from the memory after a run what is left out of the module.
    pub fn forget_unused(&self, state: &mut State) {
        self.unused.forget_in(state, self.program);
    }

    /// The libraries in the module.
    fn libraries(&self) -> impl Iterator<Item = (usize, &super::Parsed<'a>)> {
        let libraries = self.program.libraries.iter().enumerate();
        libraries.filter(|(library, _)| {
            self.program.live.libraries[*library] && !self.unused.has(*library)
        })
    }

    /// Everything before the code.
    fn head(&self, state: Option<&State>) -> Result<Module> {
        let mut module = Module::new();
        module
            .section(&self.types()?)
            .section(&self.imports()?)
            .section(&self.functions()?)
            .section(&self.table())
            .section(&self.memory(state));
        if self.program.has_exceptions() {
            module.section(&self.tags()?);
        }
        module
            .section(&self.globals(state)?)
            .section(&self.exports()?)
            .section(&self.elements()?);
        Ok(module)
    }

    /// Functions with bodies, in the order of their numbers.
    fn defined(&self) -> impl Iterator<Item = Id> {
        let libraries = self.live.functions.iter().enumerate();
        libraries.flat_map(|(library, functions)| {
            let functions = (0u32..).zip(functions).filter(|(_, live)| **live);
            functions.map(move |(index, _)| Id { library, index })
        })
    }

    /// The missing functions that need a stub.
    fn stubs(&self) -> impl Iterator<Item = &super::symbols::Missing<'a>> {
        let missing = self.program.symbols.missing.iter().zip(&self.live.missing);
        missing
            .filter(|(_, live)| **live)
            .map(|(missing, _)| missing)
    }

    fn write_code(&self) -> Result<(CodeSection, Vec<u64>)> {
        let ids: Vec<Id> = self.defined().collect();
        let bodies = in_parallel(&ids, |id| body::write(self.program, &self.numbering, *id));
        let mut section = CodeSection::new();
        let mut sizes = vec![0; self.program.libraries.len()];
        for (id, body) in ids.iter().zip(bodies) {
            let body = body?;
            sizes[id.library] += body.len() as u64;
            section.raw(&body);
        }
        for _ in self.stubs() {
            section.function(&trap());
        }
        for function in &self.synthetic {
            section.function(&function.body);
        }
        Ok((section, sizes))
    }

    /// The data section, without its header, and the number of its segments. Written by hand, since the encoder would
    /// write megabytes byte by byte.
    fn data(&self, state: Option<&State>) -> Result<(Vec<u8>, u32)> {
        const ACTIVE: u8 = 0;
        const PASSIVE: u8 = 1;
        let memory = match state {
            Some(state) => &state.memory,
            None => &self.program.image.bytes,
        };
        let segments = self
            .program
            .libraries
            .iter()
            .flat_map(|parsed| &parsed.data);
        let passive: Vec<&[u8]> = segments
            .filter(|segment| matches!(segment.kind, DataKind::Passive))
            .map(|segment| segment.data)
            .collect();
        let active = segments::cut(memory);
        // Checked before it is copied.
        check_size(active.iter().map(|(_, run)| run.len()).sum())?;
        let count = u32::try_from(passive.len() + active.len())?;
        let mut section = Vec::with_capacity(memory.len());
        count.encode(&mut section);
        for bytes in passive {
            section.push(PASSIVE);
            bytes.encode(&mut section);
        }
        for (start, run) in active {
            let address = STACK_SIZE + u32::try_from(start)?;
            section.push(ACTIVE);
            ConstExpr::i32_const(address.cast_signed()).encode(&mut section);
            run.encode(&mut section);
        }
        Ok((section, count))
    }
}

/// The functions that the component needs: the allocator, and exports of libraries.
pub fn exported<'a>(
    program: &Program<'a>,
    phase: Phase,
    unused: &Unused,
) -> Result<Vec<(&'a str, Target)>> {
    let mut exported = vec![(REALLOC, reach::realloc(&program.inputs())?)];
    for (library, parsed) in program.libraries.iter().enumerate() {
        for (&name, export) in &parsed.exports {
            if export.kind == ExternalKind::Func
                && reach::is_component_export(name)
                && program.live.libraries[library]
                && !unused.has(library)
                && (phase == Phase::Build || !name.contains(INIT_INTERFACE))
            {
                let target = program.symbols.functions[library][export.index as usize];
                exported.push((name, target));
            }
        }
    }
    Ok(exported)
}

pub fn trap() -> Function {
    let mut function = Function::new([]);
    function.instructions().unreachable().end();
    function
}

impl<'a> Program<'a> {
    /// The types of the module's globals: the stack pointer, then those of libraries.
    pub fn global_types(&self) -> Result<Vec<GlobalType>> {
        let stack_pointer = GlobalType {
            content_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        let own = self.own_globals();
        let own = own
            .iter()
            .map(|id| self.libraries[id.library].globals[id.index as usize].ty);
        Ok(std::iter::once(stack_pointer).chain(own).collect())
    }

    /// The bits of the module's globals before anything has run.
    fn initial_globals(&self) -> Result<Vec<u64>> {
        let mut bits = vec![u64::from(STACK_SIZE)];
        for id in self.own_globals() {
            let parsed = &self.libraries[id.library];
            let GlobalSource::Defined(value) = &parsed.globals[id.index as usize].source else {
                anyhow::bail!("a global of `{}` has no value", parsed.name);
            };
            bits.push(match value.get_operators_reader().read()? {
                wasmparser::Operator::I64Const { value } => value.cast_unsigned(),
                wasmparser::Operator::F32Const { value } => u64::from(value.bits()),
                wasmparser::Operator::F64Const { value } => value.bits(),
                _ => u64::from(
                    self.layout
                        .evaluate(parsed, id.library, value)?
                        .cast_unsigned(),
                ),
            });
        }
        Ok(bits)
    }

    /// Names of functions under which libraries export them.
    pub fn exported_names(&self) -> std::collections::HashMap<Id, &'a str> {
        let mut names = std::collections::HashMap::new();
        for (library, parsed) in self.libraries.iter().enumerate() {
            for (&name, export) in &parsed.exports {
                let index = export.index;
                if export.kind == ExternalKind::Func {
                    names.entry(Id { library, index }).or_insert(name);
                }
            }
        }
        names
    }
}
