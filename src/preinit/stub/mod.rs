//! Removes WASI from a finished component: `--stub-wasi`.
//!
//! Comes in: a component that imports `wasi:*` interfaces. Goes out: one that does not. Each core function that called
//! them is now one that traps, in a separate module at the start of the component. Everything at the component level
//! that came from those imports is removed, and indices move accordingly.

mod module;

use anyhow::{Context as _, Result, anyhow};
use ground::Mistake as _;
use wasm_encoder::reencode::{Reencode, ReencodeComponent, component_utils};
use wasm_encoder::{
    Alias, CanonicalFunctionSection, Component, ComponentAliasSection, ComponentImportSection,
    ComponentTypeSection, ExportKind, InstanceSection, ModuleSection,
};
use wasmparser::{CanonicalFunction, ComponentAlias, ComponentExternalKind, Parser, Payload};

use crate::preinit::AppError;

/// The prefix of WASI's imports.
const WASI: &str = "wasi:";

/// The component without any import of WASI. Calling one traps.
pub fn without_wasi(component: &[u8]) -> Result<Vec<u8>> {
    let mut cutter = Cutter::default();
    let mut body = Component::new();
    let outcome = cutter.parse_component(&mut body, Parser::new(0), component);
    if let Some(reason) = cutter.needed.take() {
        return AppError::WasiNeeded { reason }.raise();
    }
    outcome
        .map_err(|error| anyhow!("{error:?}"))
        .context("failed to stub out WASI")?;

    let mut stubs = Component::new();
    stubs.section(&ModuleSection(&module::trapping(&cutter.stubs, component)?));
    let mut instances = InstanceSection::new();
    instances.instantiate(0, std::iter::empty::<(&str, wasm_encoder::ModuleArg)>());
    stubs.section(&instances);
    let mut stubbed = stubs.finish();
    stubbed.extend_from_slice(&body.finish()[Component::HEADER.len()..]);
    Ok(stubbed)
}

/// A core function to replace.
struct Stub {
    /// Its index in the component, which does not change.
    core_func: u32,
    /// The name in the backtrace of the trap.
    name: String,
}

#[derive(Default)]
struct Cutter {
    /// Nested components and types have index spaces of their own.
    depth: u32,
    /// New indices by old ones; `None` for removed items.
    types: IndexSpace,
    instances: IndexSpace,
    funcs: IndexSpace,
    core_funcs: u32,
    stubs: Vec<Stub>,
    /// A removed item to which the current item refers.
    touched: Option<String>,
    /// The reason why WASI cannot be removed.
    needed: Option<String>,
}

/// The new places of the items of one kind.
#[derive(Default)]
struct IndexSpace {
    items: Vec<Place>,
    kept: u32,
}

enum Place {
    New(u32),
    /// The name of the removed item.
    Gone(String),
}

impl IndexSpace {
    fn keep(&mut self) {
        self.items.push(Place::New(self.kept));
        self.kept += 1;
    }

    fn cut(&mut self, name: impl Into<String>) {
        self.items.push(Place::Gone(name.into()));
    }

    /// The name of a removed item.
    fn gone(&self, index: u32) -> Option<&str> {
        match self.items.get(index as usize) {
            Some(Place::Gone(name)) => Some(name),
            _ => None,
        }
    }

    /// The new index, and a note in `touched` if there is none.
    fn look_up(&self, index: u32, touched: &mut Option<String>) -> u32 {
        match self.items.get(index as usize) {
            Some(Place::New(new)) => *new,
            Some(Place::Gone(name)) => {
                touched.get_or_insert_with(|| name.clone());
                0
            }
            None => index,
        }
    }
}

type Error = wasm_encoder::reencode::Error<std::convert::Infallible>;

impl Reencode for Cutter {
    type Error = std::convert::Infallible;
}

impl ReencodeComponent for Cutter {
    fn push_depth(&mut self) {
        self.depth += 1;
    }

    fn pop_depth(&mut self) {
        self.depth -= 1;
    }

    fn component_type_index(&mut self, index: u32) -> u32 {
        match self.depth {
            0 => self.types.look_up(index, &mut self.touched),
            _ => index,
        }
    }

    fn outer_component_type_index(&mut self, count: u32, index: u32) -> u32 {
        if count == self.depth {
            self.types.look_up(index, &mut self.touched)
        } else {
            index
        }
    }

    fn component_instance_index(&mut self, index: u32) -> u32 {
        match self.depth {
            0 => self.instances.look_up(index, &mut self.touched),
            _ => index,
        }
    }

    fn component_func_index(&mut self, index: u32) -> u32 {
        match self.depth {
            0 => self.funcs.look_up(index, &mut self.touched),
            _ => index,
        }
    }

    /// The stubs are the first core module, and its instance is the first.
    fn module_index(&mut self, index: u32) -> u32 {
        if self.depth == 0 { index + 1 } else { index }
    }

    fn instance_index(&mut self, index: u32) -> u32 {
        if self.depth == 0 { index + 1 } else { index }
    }

    /// Core modules are copied unchanged: nothing in them refers to the component around them.
    fn parse_component_submodule(
        &mut self,
        component: &mut Component,
        _parser: Parser,
        module: &[u8],
    ) -> Result<(), Error> {
        component.section(&wasm_encoder::RawSection {
            id: wasm_encoder::ComponentSectionId::CoreModule as u8,
            data: module,
        });
        Ok(())
    }

    fn parse_component_payload(
        &mut self,
        component: &mut Component,
        payload: Payload<'_>,
        whole: &[u8],
    ) -> Result<(), Error> {
        match payload {
            Payload::ComponentCanonicalSection(section) if self.depth == 0 => {
                self.cut_canonicals(component, section)
            }
            _ => component_utils::parse_component_payload(self, component, payload, whole),
        }
    }

    fn parse_component_type_section(
        &mut self,
        types: &mut ComponentTypeSection,
        section: wasmparser::ComponentTypeSectionReader<'_>,
    ) -> Result<(), Error> {
        if self.depth > 0 {
            return component_utils::parse_component_type_section(self, types, section);
        }
        for (trial, ty) in section.clone().into_iter().zip(section) {
            self.touched = None;
            self.parse_component_type(ComponentTypeSection::new().ty(), trial?)?;
            match self.touched.take() {
                Some(name) => self.types.cut(name),
                None => {
                    self.parse_component_type(types.ty(), ty?)?;
                    self.types.keep();
                }
            }
        }
        Ok(())
    }

    fn parse_component_import_section(
        &mut self,
        imports: &mut ComponentImportSection,
        section: wasmparser::ComponentImportSectionReader<'_>,
    ) -> Result<(), Error> {
        for import in section {
            let import = import?;
            let name = import.name.name;
            if self.depth == 0 && name.starts_with(WASI) {
                if let Some(space) = self.space(import.ty.kind()) {
                    space.cut(name)
                }
                continue;
            }
            self.touched = None;
            let ty = self.component_type_ref(import.ty)?;
            self.refuse_if_touched("import", name);
            imports.import(import.name, ty);
            self.keep(import.ty.kind());
        }
        Ok(())
    }

    fn parse_component_alias_section(
        &mut self,
        aliases: &mut ComponentAliasSection,
        section: wasmparser::ComponentAliasSectionReader<'_>,
    ) -> Result<(), Error> {
        for alias in section {
            let alias = alias?;
            match alias {
                ComponentAlias::InstanceExport {
                    kind,
                    instance_index,
                    name,
                } if self.depth == 0 => {
                    if let Some(interface) = self.instances.gone(instance_index) {
                        let name = format!("{interface}#{name}");
                        if let Some(space) = self.space(kind) {
                            space.cut(name)
                        }
                        continue;
                    }
                    self.keep(kind);
                }
                ComponentAlias::CoreInstanceExport { kind, .. }
                    if self.depth == 0 && kind == wasmparser::ExternalKind::Func =>
                {
                    self.core_funcs += 1;
                }
                _ => {}
            }
            aliases.alias(self.component_alias(alias)?);
        }
        Ok(())
    }

    fn parse_component_instance_section(
        &mut self,
        instances: &mut wasm_encoder::ComponentInstanceSection,
        section: wasmparser::ComponentInstanceSectionReader<'_>,
    ) -> Result<(), Error> {
        for instance in section {
            self.touched = None;
            self.parse_component_instance(instances, instance?)?;
            self.refuse_if_touched("export", "of an interface");
            self.keep(ComponentExternalKind::Instance);
        }
        Ok(())
    }

    fn parse_component_export_section(
        &mut self,
        exports: &mut wasm_encoder::ComponentExportSection,
        section: wasmparser::ComponentExportSectionReader<'_>,
    ) -> Result<(), Error> {
        for export in section {
            let export = export?;
            let (name, kind) = (export.name.name, export.kind);
            self.touched = None;
            self.parse_component_export(exports, export)?;
            self.refuse_if_touched("export", name);
            self.keep(kind);
        }
        Ok(())
    }

    /// Names of items are for debugging only, and would have to be renumbered.
    fn parse_component_custom_section(
        &mut self,
        component: &mut Component,
        section: wasmparser::CustomSectionReader<'_>,
    ) -> Result<(), Error> {
        if self.depth == 0 && section.name() == "component-name" {
            return Ok(());
        }
        component_utils::parse_component_custom_section(self, component, section)
    }
}

impl Cutter {
    /// The index space of the outermost component. Values and nested components never belong to WASI.
    fn space(&mut self, kind: ComponentExternalKind) -> Option<&mut IndexSpace> {
        match kind {
            ComponentExternalKind::Type => Some(&mut self.types),
            ComponentExternalKind::Instance => Some(&mut self.instances),
            ComponentExternalKind::Func => Some(&mut self.funcs),
            ComponentExternalKind::Module
            | ComponentExternalKind::Component
            | ComponentExternalKind::Value => None,
        }
    }

    fn keep(&mut self, kind: ComponentExternalKind) {
        if self.depth == 0
            && let Some(space) = self.space(kind)
        {
            space.keep();
        }
    }

    fn refuse_if_touched(&mut self, what: &str, name: &str) {
        if let Some(gone) = self.touched.take()
            && self.needed.is_none()
        {
            self.needed = Some(format!("the {what} `{name}` uses the type `{gone}`"));
        }
    }

    /// Keeps the canonical functions that do not involve WASI, and replaces each other one by an alias of a stub.
    fn cut_canonicals(
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
                self.keep(ComponentExternalKind::Func);
                continue;
            }
            if let Some(name) = touched {
                if !kept.is_empty() {
                    component.section(&kept);
                    kept = CanonicalFunctionSection::new();
                }
                let mut alias = ComponentAliasSection::new();
                alias.alias(Alias::CoreInstanceExport {
                    instance: 0,
                    kind: ExportKind::Func,
                    name: &self.stubs.len().to_string(),
                });
                component.section(&alias);
                self.stubs.push(Stub {
                    core_func: self.core_funcs,
                    name,
                });
            } else {
                self.write_canonical(&mut kept, function)?;
            }
            self.core_funcs += 1;
        }
        if !kept.is_empty() {
            component.section(&kept);
        }
        Ok(())
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
