//! Removes an export that only the build uses from a component.
//!
//! An export of a component is also a new item in its index space, so the indices of later instances move down by one.
//! The exported item stays behind, unreachable.

use anyhow::{Context as _, Result, anyhow};
use wasm_encoder::reencode::{Reencode, ReencodeComponent, component_utils};
use wasm_encoder::{Component, ComponentExportSection};
use wasmparser::{
    ComponentAlias, ComponentAliasSectionReader, ComponentExportSectionReader,
    ComponentExternalKind, ComponentImportSectionReader, ComponentInstanceSectionReader,
    CustomSectionReader, Parser,
};

use super::super::copied;

/// The component without the instance that it exports as `name`.
pub fn without_export(component: &[u8], name: &str) -> Result<Vec<u8>> {
    let mut stripper = Stripper {
        name,
        depth: 0,
        instances: 0,
        removed: None,
    };
    let mut stripped = Component::new();
    stripper
        .parse_component(&mut stripped, Parser::new(0), component)
        .map_err(|error| anyhow!("{error:?}"))
        .with_context(|| format!("failed to remove the export `{name}`"))?;
    anyhow::ensure!(
        stripper.removed.is_some(),
        "the component does not export `{name}`"
    );
    Ok(stripped.finish())
}

struct Stripper<'a> {
    name: &'a str,
    /// Nested components have index spaces of their own.
    depth: u32,
    /// The number of instances in the outermost component so far.
    instances: u32,
    removed: Option<u32>,
}

type Error = wasm_encoder::reencode::Error<std::convert::Infallible>;

impl Reencode for Stripper<'_> {
    type Error = std::convert::Infallible;
}

impl ReencodeComponent for Stripper<'_> {
    fn push_depth(&mut self) {
        self.depth += 1;
    }

    fn pop_depth(&mut self) {
        self.depth -= 1;
    }

    fn component_instance_index(&mut self, index: u32) -> u32 {
        match self.removed {
            Some(removed) if self.depth == 0 && index > removed => index - 1,
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
        Ok(())
    }

    /// Names of items are for debugging only, and the linker gives none worth keeping.
    fn parse_component_custom_section(
        &mut self,
        component: &mut Component,
        section: CustomSectionReader<'_>,
    ) -> Result<(), Error> {
        if self.depth == 0 && section.name() == "component-name" {
            return Ok(());
        }
        component_utils::parse_component_custom_section(self, component, section)
    }

    fn parse_component_import_section(
        &mut self,
        imports: &mut wasm_encoder::ComponentImportSection,
        section: ComponentImportSectionReader<'_>,
    ) -> Result<(), Error> {
        for import in section.clone() {
            self.count(import?.ty.kind());
        }
        component_utils::parse_component_import_section(self, imports, section)
    }

    fn parse_component_alias_section(
        &mut self,
        aliases: &mut wasm_encoder::ComponentAliasSection,
        section: ComponentAliasSectionReader<'_>,
    ) -> Result<(), Error> {
        for alias in section.clone() {
            if let ComponentAlias::InstanceExport { kind, .. } = alias? {
                self.count(kind);
            }
        }
        component_utils::parse_component_alias_section(self, aliases, section)
    }

    fn parse_component_instance_section(
        &mut self,
        instances: &mut wasm_encoder::ComponentInstanceSection,
        section: ComponentInstanceSectionReader<'_>,
    ) -> Result<(), Error> {
        for _ in section.clone() {
            self.count(ComponentExternalKind::Instance);
        }
        component_utils::parse_component_instance_section(self, instances, section)
    }

    fn parse_component_export_section(
        &mut self,
        exports: &mut ComponentExportSection,
        section: ComponentExportSectionReader<'_>,
    ) -> Result<(), Error> {
        for export in section {
            let export = export?;
            if self.depth == 0 && export.name.name == self.name {
                self.removed = Some(self.instances);
                self.instances += 1;
                continue;
            }
            self.count(export.kind);
            self.parse_component_export(exports, export)?;
        }
        Ok(())
    }
}

impl Stripper<'_> {
    fn count(&mut self, kind: ComponentExternalKind) {
        if self.depth == 0 && kind == ComponentExternalKind::Instance {
            self.instances += 1;
        }
    }
}
