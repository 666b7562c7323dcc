//! The component around separate modules: that of the encoder, in which the instance of its one module becomes the instances of all.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use wasm_encoder::reencode::{ReencodeComponent as _, RoundtripReencoder};
use wasm_encoder::{
    Alias, Component, ComponentAliasSection, ComponentImportSection, ComponentTypeRef,
    CoreTypeSection, InstanceSection, ModuleArg, RawSection,
};
use wasmparser::{ComponentAlias, Instance, Parser, Payload};

use super::Parts;
use super::part::Part;
use crate::encode;

/// The name by which the component imports the library at this place.
pub fn import_name(place: usize) -> String {
    format!("componentize-py-library-{place}")
}

/// The component around `skeleton`, whose one module is the exports' module in fact.
pub fn component(skeleton: &[u8], parts: &Parts) -> Result<Vec<u8>> {
    let around = encode::around(skeleton)?;
    let mut writer = Writer {
        parts,
        component: Component::new(),
        modules: 0,
        instances: 0,
        main: None,
    };
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(&around) {
        let payload = payload?;
        match &payload {
            // Inner modules and components are copied as a whole.
            Payload::End(_) if depth > 0 => depth -= 1,
            _ if depth > 0 => depth += u32::from(is_inner(&payload)),
            _ => {
                depth += u32::from(is_inner(&payload));
                writer.section(&around, &payload)?;
            }
        }
    }
    anyhow::ensure!(
        writer.main.is_some(),
        "the component has no instance of its module"
    );
    Ok(writer.component.finish())
}

fn is_inner(payload: &Payload<'_>) -> bool {
    matches!(
        payload,
        Payload::ModuleSection { .. } | Payload::ComponentSection { .. }
    )
}

struct Writer<'p> {
    parts: &'p Parts,
    component: Component,
    /// The number of core modules so far.
    modules: u32,
    /// The number of the encoder's core instances so far.
    instances: u32,
    /// The encoder's instance of the replaced module, and the number of modules before it.
    main: Option<(u32, u32)>,
}

impl Writer<'_> {
    fn section(&mut self, around: &[u8], payload: &Payload<'_>) -> Result<()> {
        match payload {
            Payload::ModuleSection { .. } if self.modules == 0 => {
                self.modules += 1;
                let module = &self.parts.exports.wasm;
                self.component.section(&raw_module(module));
                return Ok(());
            }
            Payload::ModuleSection { .. } => self.modules += 1,
            Payload::CoreTypeSection(_) => bail!("the encoder has written a core type"),
            Payload::InstanceSection(section) => {
                for instance in section.clone() {
                    self.instance(instance?)?;
                }
                return Ok(());
            }
            Payload::ComponentAliasSection(section) => {
                let mut aliases = ComponentAliasSection::new();
                for alias in section.clone() {
                    aliases.alias(self.alias(alias?)?);
                }
                self.component.section(&aliases);
                return Ok(());
            }
            _ => {}
        }
        if let Some((id, range)) = payload.as_section() {
            let data = &around[range];
            self.component.section(&RawSection { id, data });
        }
        Ok(())
    }

    fn instance(&mut self, instance: Instance<'_>) -> Result<()> {
        let mut section = InstanceSection::new();
        match instance {
            Instance::Instantiate {
                module_index: 0,
                args,
            } => {
                anyhow::ensure!(self.main.is_none(), "the module has two instances");
                self.main = Some((self.instances, self.modules));
                let args = args.iter().map(|arg| (arg.name, self.shifted(arg.index)));
                let args: Vec<(&str, u32)> = args.collect();
                self.all(&args)?;
                self.instances += 1;
                return Ok(());
            }
            Instance::Instantiate { module_index, args } => {
                let module_index = match self.main {
                    Some((_, modules)) if module_index >= modules => module_index + self.added(),
                    _ => module_index,
                };
                let args = args.iter();
                let args = args.map(|arg| (arg.name, ModuleArg::Instance(self.shifted(arg.index))));
                section.instantiate(module_index, args);
            }
            Instance::FromExports(exports) => {
                let exports = exports.iter();
                section.export_items(exports.map(|one| (one.name, one.kind.into(), one.index)));
            }
        }
        self.instances += 1;
        self.component.section(&section);
        Ok(())
    }

    /// The instances of all parts, with those that the encoder's module gets.
    fn all(&mut self, args: &[(&str, u32)]) -> Result<()> {
        let first_module = self.modules;
        for part in &self.parts.own {
            self.component.section(&raw_module(&part.wasm));
        }
        let mut types = CoreTypeSection::new();
        let mut imports = ComponentImportSection::new();
        let users = || self.parts.libraries.iter().chain([&self.parts.exports]);
        for (place, part) in (0u32..).zip(&self.parts.libraries) {
            let used = users().flat_map(|user| user.imports.functions_by_module());
            let used = used.filter(|(module, _)| *module == part.name);
            let used: BTreeSet<&str> = used.map(|(_, name)| name).collect();
            types.ty().module(&part.ty(|name| used.contains(name))?);
            imports.import(import_name(place as usize), ComponentTypeRef::Module(place));
        }
        self.component.section(&types).section(&imports);
        let mut known: Vec<(&str, u32)> = args.to_vec();
        let mut section = InstanceSection::new();
        let parts = self.parts.own.iter().chain(&self.parts.libraries);
        for (module, part) in (first_module..).zip(parts) {
            let args = arguments(part, &known)?;
            section.instantiate(module, args);
            known.push((&part.name, self.instances + section.len() - 1));
        }
        let args = arguments(&self.parts.exports, &known)?;
        section.instantiate(0, args);
        self.component.section(&section);
        Ok(())
    }

    fn alias<'a>(&self, alias: ComponentAlias<'a>) -> Result<Alias<'a>> {
        let alias = RoundtripReencoder.component_alias(alias);
        Ok(match alias.context("an unknown alias")? {
            Alias::CoreInstanceExport {
                instance,
                kind,
                name,
            } => Alias::CoreInstanceExport {
                instance: self.shifted(instance),
                kind,
                name,
            },
            other => other,
        })
    }

    /// The index of an instance of the encoder's: the parts come before its module.
    fn shifted(&self, instance: u32) -> u32 {
        match self.main {
            Some((main, _)) if instance >= main => instance + self.added(),
            _ => instance,
        }
    }

    /// The number of modules, and of instances, beside the encoder's.
    fn added(&self) -> u32 {
        (self.parts.own.len() + self.parts.libraries.len()) as u32
    }
}

/// The instances that a part imports from.
fn arguments(part: &Part, known: &[(&str, u32)]) -> Result<Vec<(String, ModuleArg)>> {
    let modules = part.imports.modules().into_iter();
    modules
        .map(|module| {
            let instance = known.iter().find(|(name, _)| *name == module);
            let (_, instance) = instance.with_context(|| format!("nothing provides `{module}`"))?;
            Ok((module.to_owned(), ModuleArg::Instance(*instance)))
        })
        .collect()
}

fn raw_module(module: &[u8]) -> RawSection<'_> {
    RawSection {
        id: wasm_encoder::ComponentSectionId::CoreModule as u8,
        data: module,
    }
}
