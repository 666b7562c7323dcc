//! The canonical functions: those that go are replaced by ours.

use wasm_encoder::reencode::ReencodeComponent as _;
use wasm_encoder::{
    Alias, CanonicalFunctionSection, Component, ComponentAliasSection, ExportKind, InstanceSection,
    ModuleArg, ModuleSection,
};
use wasmparser::{CanonicalFunction, CanonicalOption, ComponentExternalKind};

use super::super::module::{CLOCK, ClockPlace, ENV, MEMORY, REALLOC, Stub, Surroundings, of_stubs};
use super::super::shape::Reply;
use super::{Cutter, Error, moved};

/// A function of the next module, which needs things that come after the first.
pub struct Pending {
    stub: Stub,
    /// The new place of the function that it stands in for, and sometimes calls.
    real: Option<u32>,
    /// Places in the original component.
    memory: Option<u32>,
    realloc: Option<u32>,
}

impl Cutter<'_> {
    /// Keeps the canonical functions that do not involve what goes, and replaces each other one by one of ours.
    pub fn cut_canonicals(
        &mut self,
        component: &mut Component,
        section: wasmparser::ComponentCanonicalSectionReader<'_>,
    ) -> Result<(), Error> {
        let mut kept = CanonicalFunctionSection::new();
        for function in section {
            let function = function?;
            self.touched = None;
            self.write_canonical(&mut CanonicalFunctionSection::new(), function.clone())?;
            let touched = self.touched.take();
            if let CanonicalFunction::Lift { .. } = function {
                self.touched = touched;
                self.refuse_if_touched("export", "of a function");
                self.write_canonical(&mut kept, function)?;
                self.keep(ComponentExternalKind::Func, None);
                continue;
            }
            if let Some(name) = touched {
                if !kept.is_empty() {
                    component.section(&kept);
                    kept = CanonicalFunctionSection::new();
                }
                self.replace(component, &function, name);
            } else if let Some(pending) = self.shared(&function) {
                self.write_canonical(&mut kept, function)?;
                let real = Some(self.core_funcs.add());
                self.core_funcs.postpone();
                self.pending.push(Pending { real, ..pending });
            } else {
                self.write_canonical(&mut kept, function)?;
                self.core_funcs.push();
            }
        }
        if !kept.is_empty() {
            component.section(&kept);
        }
        Ok(())
    }

    /// Puts one of our functions in the place of `function`, which is about the item `name`.
    fn replace(&mut self, component: &mut Component, function: &CanonicalFunction, name: String) {
        let reply = match function {
            CanonicalFunction::Lower { options, .. }
                if !options.contains(&CanonicalOption::Async) =>
            {
                self.orders.replies.get(&name).cloned()
            }
            CanonicalFunction::ResourceDrop { .. } if self.orders.drops => Some(Reply::Flat(0)),
            _ => None,
        };
        let pending = self.pending(function, name, reply.unwrap_or(Reply::Trap));
        if pending.stub.reply.needs_memory() {
            self.core_funcs.postpone();
            self.pending.push(pending);
            return;
        }
        let mut alias = ComponentAliasSection::new();
        alias.alias(Alias::CoreInstanceExport {
            instance: 0,
            kind: ExportKind::Func,
            name: &self.stubs.len().to_string(),
        });
        component.section(&alias);
        self.uses_clock |= pending.stub.uses_clock();
        self.stubs.push(pending.stub);
        self.core_funcs.push();
    }

    /// The function for handles of ours, if `function` stays and may get one.
    fn shared(&self, function: &CanonicalFunction) -> Option<Pending> {
        let (name, reply) = match function {
            CanonicalFunction::Lower { func_index, .. } => {
                let name = self.funcs.name(*func_index)?;
                let reply = self.orders.replies.get(name)?;
                (
                    self.orders.shared.contains(name).then_some(name)?,
                    reply.clone(),
                )
            }
            CanonicalFunction::ResourceDrop { resource } => {
                let name = self.types.name(*resource)?;
                let name = self.orders.mixed.contains(name).then_some(name)?;
                (name, Reply::Flat(0))
            }
            _ => return None,
        };
        Some(self.pending(function, name.to_owned(), reply))
    }

    fn pending(&self, function: &CanonicalFunction, name: String, reply: Reply) -> Pending {
        let options: &[CanonicalOption] = match function {
            CanonicalFunction::Lower { options, .. } => options,
            _ => &[],
        };
        let memory = options.iter().find_map(|option| match option {
            CanonicalOption::Memory(memory) => Some(*memory),
            _ => None,
        });
        let realloc = options.iter().find_map(|option| match option {
            CanonicalOption::Realloc(realloc) => Some(*realloc),
            _ => None,
        });
        Pending {
            stub: Stub {
                core_func: self.core_funcs.len(),
                name,
                reply,
                has_real: false,
            },
            real: None,
            memory,
            realloc,
        }
    }

    /// Adds a module with the functions that wait for one.
    pub fn settle_pending(&mut self, component: &mut Component) -> Result<(), Error> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let pending = std::mem::take(&mut self.pending);
        let memory = pending.iter().find_map(|function| function.memory);
        let realloc = pending.iter().find_map(|function| function.realloc);
        let mut given: Vec<(String, ExportKind, u32)> = Vec::new();
        if let Some(memory) = memory {
            given.push((MEMORY.to_owned(), ExportKind::Memory, memory));
        }
        if let Some(realloc) = realloc {
            let realloc = moved(&self.core_funcs, realloc)?;
            given.push((REALLOC.to_owned(), ExportKind::Func, realloc));
        }
        let mut stubs = Vec::new();
        for (index, function) in pending.into_iter().enumerate() {
            if let Some(real) = function.real {
                given.push((index.to_string(), ExportKind::Func, real));
            }
            let has_real = function.real.is_some();
            stubs.push(Stub {
                has_real,
                ..function.stub
            });
        }
        let mut clock = ClockPlace::None;
        if stubs.iter().any(Stub::uses_clock) {
            clock = ClockPlace::Imported;
            self.uses_clock = true;
            let place = self.core_globals.add();
            given.push((CLOCK.to_owned(), ExportKind::Global, place));
            let mut alias = ComponentAliasSection::new();
            alias.alias(Alias::CoreInstanceExport {
                instance: 0,
                kind: ExportKind::Global,
                name: CLOCK,
            });
            component.section(&alias);
        }
        let around = Surroundings {
            memory: memory.is_some(),
            realloc: realloc.is_some(),
            clock,
        };
        let module = of_stubs(&stubs, self.signatures, around).map_err(Error::UserError)?;
        component.section(&ModuleSection(&module));
        self.use_module(component, &given, &stubs);
        Ok(())
    }

    /// Instantiates the module that was just added, and gives its functions their places.
    fn use_module(
        &mut self,
        component: &mut Component,
        given: &[(String, ExportKind, u32)],
        stubs: &[Stub],
    ) {
        let module = self.core_modules.add();
        let mut instances = InstanceSection::new();
        let given = given.iter();
        instances.export_items(given.map(|(name, kind, index)| (name.as_str(), *kind, *index)));
        let env = self.core_instances.add();
        instances.instantiate(module, [(ENV, ModuleArg::Instance(env))]);
        let instance = self.core_instances.add();
        component.section(&instances);
        let mut aliases = ComponentAliasSection::new();
        for (index, stub) in stubs.iter().enumerate() {
            aliases.alias(Alias::CoreInstanceExport {
                instance,
                kind: ExportKind::Func,
                name: &index.to_string(),
            });
            let place = self.core_funcs.add();
            self.core_funcs.settle(stub.core_func, place);
        }
        component.section(&aliases);
    }

    fn write_canonical(
        &mut self,
        section: &mut CanonicalFunctionSection,
        function: CanonicalFunction,
    ) -> Result<(), Error> {
        // wasm-encoder 0.254 copies the type index of these four without asking for the new one.
        match function {
            CanonicalFunction::StreamCancelRead { ty, async_ } => {
                section.stream_cancel_read(self.component_type_index(ty), async_);
            }
            CanonicalFunction::StreamCancelWrite { ty, async_ } => {
                section.stream_cancel_write(self.component_type_index(ty), async_);
            }
            CanonicalFunction::FutureCancelRead { ty, async_ } => {
                section.future_cancel_read(self.component_type_index(ty), async_);
            }
            CanonicalFunction::FutureCancelWrite { ty, async_ } => {
                section.future_cancel_write(self.component_type_index(ty), async_);
            }
            _ => self.parse_component_canonical(section, function)?,
        }
        Ok(())
    }
}
