//! Rewrites a component without some of its imports.
//!
//! Nested components and types have index spaces of their own; only those of the outermost component move.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use wasm_encoder::reencode::{Reencode, ReencodeComponent, component_utils};
use wasm_encoder::{
    Component, ComponentAliasSection, ComponentImportSection, ComponentTypeSection,
    InstanceSection, InstanceType,
};
use wasmparser::{ComponentAlias, ComponentExternalKind, InstanceTypeDeclaration, Parser, Payload};

use super::super::copied;
use super::WASI;
use super::indices::{IndexSpace, Moves};
use super::module::{Signatures, Stub};
use super::orders::Orders;

mod canonicals;
mod trimmed;

use canonicals::Pending;
use trimmed::{Trimmed, instance_types};

pub struct Cutter<'a> {
    orders: Orders,
    signatures: &'a Signatures,
    /// The WASI import that each instance type is for.
    imports: BTreeMap<u32, String>,
    depth: u32,
    types: IndexSpace,
    instances: IndexSpace,
    funcs: IndexSpace,
    core_funcs: Moves,
    core_instances: Moves,
    core_modules: Moves,
    core_globals: Moves,
    /// The functions of the first module, which needs nothing.
    pub stubs: Vec<Stub>,
    /// Functions of the next module, which needs things that come after the first.
    pending: Vec<Pending>,
    pub uses_clock: bool,
    trimmed: Option<Trimmed>,
    /// A removed item to which the current item refers.
    touched: Option<String>,
    /// The reason why WASI cannot be removed.
    pub needed: Option<String>,
}

type Error = wasm_encoder::reencode::Error<anyhow::Error>;

impl Reencode for Cutter<'_> {
    type Error = anyhow::Error;

    /// Core modules are copied as they are, so this is about the functions of the component.
    fn function_index(&mut self, index: u32) -> Result<u32, Error> {
        moved(&self.core_funcs, index)
    }

    fn global_index(&mut self, index: u32) -> Result<u32, Error> {
        moved(&self.core_globals, index)
    }
}

fn moved(moves: &Moves, index: u32) -> Result<u32, Error> {
    let new = moves.look_up(index);
    new.ok_or_else(|| Error::UserError(anyhow!("the item {index} is used before it has its place")))
}

impl ReencodeComponent for Cutter<'_> {
    fn push_depth(&mut self) {
        self.depth += 1;
    }

    fn pop_depth(&mut self) {
        self.depth -= 1;
    }

    fn component_type_index(&mut self, index: u32) -> u32 {
        match (self.depth, &self.trimmed) {
            (0, _) => self.types.look_up(index, &mut self.touched),
            (1, Some(trimmed)) => trimmed.types.look_up(index, &mut self.touched),
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

    fn module_index(&mut self, index: u32) -> u32 {
        match self.depth {
            0 => self.core_modules.look_up(index).unwrap_or(index),
            _ => index,
        }
    }

    fn instance_index(&mut self, index: u32) -> u32 {
        match self.depth {
            0 => self.core_instances.look_up(index).unwrap_or(index),
            _ => index,
        }
    }

    fn parse_component_submodule(
        &mut self,
        component: &mut Component,
        _parser: Parser,
        module: &[u8],
    ) -> Result<(), Error> {
        copied::module(component, module);
        if self.depth == 0 {
            self.core_modules.push();
        }
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
            Payload::InstanceSection(_) if self.depth == 0 => {
                // Instances pass functions on, so these must be there by now.
                self.settle_pending(component)?;
                component_utils::parse_component_payload(self, component, payload, whole)
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
            let import = self.imports.get(&self.types.len());
            let kept = import.and_then(|name| self.orders.kept.get(name)).cloned();
            self.touched = None;
            self.trim(kept.clone());
            self.parse_component_type(ComponentTypeSection::new().ty(), trial?)?;
            match self.touched.take() {
                Some(name) => self.types.cut(name),
                None => {
                    self.trim(kept);
                    self.parse_component_type(types.ty(), ty?)?;
                    self.types.keep(None);
                }
            }
            self.trimmed = None;
        }
        Ok(())
    }

    fn component_instance_type(
        &mut self,
        declarations: Box<[InstanceTypeDeclaration<'_>]>,
    ) -> Result<InstanceType, Error> {
        if self.depth > 0 || self.trimmed.is_none() {
            return component_utils::component_instance_type(self, declarations);
        }
        self.push_depth();
        let mut ty = InstanceType::new();
        for declaration in Vec::from(declarations) {
            self.trim_declaration(&mut ty, declaration)?;
        }
        self.pop_depth();
        Ok(ty)
    }

    fn parse_instance_section(
        &mut self,
        instances: &mut InstanceSection,
        section: wasmparser::InstanceSectionReader<'_>,
    ) -> Result<(), Error> {
        for instance in section {
            self.parse_instance(instances, instance?)?;
            if self.depth == 0 {
                self.core_instances.push();
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
            if self.depth == 0 && name.starts_with(WASI) && !self.orders.kept.contains_key(name) {
                if let Some(space) = self.space(import.ty.kind()) {
                    space.cut(name)
                }
                continue;
            }
            self.touched = None;
            let ty = self.component_type_ref(import.ty)?;
            self.refuse_if_touched("import", name);
            imports.import(import.name, ty);
            self.keep(
                import.ty.kind(),
                name.starts_with(WASI).then(|| name.to_owned()),
            );
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
                    let interface = self.instances.name(instance_index).map(str::to_owned);
                    let full = interface
                        .as_ref()
                        .map(|interface| format!("{interface}#{name}"));
                    let goes = self.instances.gone(instance_index).is_some()
                        || interface
                            .and_then(|interface| self.orders.kept.get(&interface))
                            .is_some_and(|kept| !kept.contains(name));
                    if goes && let Some(full) = full {
                        if let Some(space) = self.space(kind) {
                            space.cut(full)
                        }
                        continue;
                    }
                    self.keep(kind, full);
                }
                ComponentAlias::CoreInstanceExport { kind, .. } if self.depth == 0 => match kind {
                    wasmparser::ExternalKind::Func => self.core_funcs.push(),
                    wasmparser::ExternalKind::Global => self.core_globals.push(),
                    _ => {}
                },
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
            self.keep(ComponentExternalKind::Instance, None);
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
            self.keep(kind, None);
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

impl<'a> Cutter<'a> {
    pub fn new(orders: Orders, signatures: &'a Signatures, component: &[u8]) -> Result<Self> {
        let mut cutter = Self {
            orders,
            signatures,
            imports: instance_types(component)?,
            depth: 0,
            types: IndexSpace::default(),
            instances: IndexSpace::default(),
            funcs: IndexSpace::default(),
            core_funcs: Moves::default(),
            core_instances: Moves::default(),
            core_modules: Moves::default(),
            core_globals: Moves::default(),
            stubs: Vec::new(),
            pending: Vec::new(),
            uses_clock: false,
            trimmed: None,
            touched: None,
            needed: None,
        };
        // The first module of all and its instance are ours.
        cutter.core_modules.add();
        cutter.core_instances.add();
        Ok(cutter)
    }

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

    fn keep(&mut self, kind: ComponentExternalKind, name: Option<String>) {
        if self.depth == 0
            && let Some(space) = self.space(kind)
        {
            space.keep(name);
        }
    }

    fn refuse_if_touched(&mut self, what: &str, name: &str) {
        if let Some(gone) = self.touched.take()
            && self.needed.is_none()
        {
            self.needed = Some(format!("the {what} `{name}` uses the type `{gone}`"));
        }
    }
}
