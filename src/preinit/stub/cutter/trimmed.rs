//! The types of interfaces that lose some of their items.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use wasm_encoder::reencode::ReencodeComponent as _;
use wasm_encoder::{ComponentTypeSection, InstanceType};
use wasmparser::{ComponentTypeRef, InstanceTypeDeclaration, Parser, Payload};

use super::super::WASI;
use super::super::indices::IndexSpace;
use super::{Cutter, Error};

/// The type of an import while it loses items.
pub struct Trimmed {
    kept: BTreeSet<String>,
    pub types: IndexSpace,
}

impl Cutter<'_> {
    /// From now on, the type of an instance has only these items.
    pub fn trim(&mut self, kept: Option<BTreeSet<String>>) {
        self.trimmed = kept.map(|kept| Trimmed {
            kept,
            types: IndexSpace::default(),
        });
    }

    pub fn trim_declaration(
        &mut self,
        ty: &mut InstanceType,
        declaration: InstanceTypeDeclaration<'_>,
    ) -> Result<(), Error> {
        self.touched = None;
        let stays = |cutter: &Self, name: &str| {
            let trimmed = cutter.trimmed.as_ref();
            trimmed.is_none_or(|trimmed| trimmed.kept.contains(name))
        };
        let mut is_type = true;
        match declaration {
            InstanceTypeDeclaration::Export { name, ty: item } => {
                is_type = matches!(item, ComponentTypeRef::Type(_));
                if stays(self, name.name) {
                    let item = self.component_type_ref(item)?;
                    self.refuse_if_touched("import", name.name);
                    ty.export(name, item);
                } else {
                    self.touched = Some(name.name.to_owned());
                }
            }
            InstanceTypeDeclaration::Type(declared) => {
                // Encoded once to see what it refers to, and once for good.
                self.parse_component_type(ComponentTypeSection::new().ty(), declared.clone())?;
                if self.touched.is_none() {
                    self.parse_component_type(ty.ty(), declared)?;
                }
            }
            InstanceTypeDeclaration::Alias(alias) => {
                let alias = self.component_alias(alias)?;
                if self.touched.is_none() {
                    ty.alias(alias);
                }
            }
            InstanceTypeDeclaration::CoreType(_) => {
                return Err(Error::UnsupportedCoreTypeInComponent);
            }
        }
        let touched = self.touched.take();
        if is_type && let Some(trimmed) = &mut self.trimmed {
            match touched {
                Some(name) => trimmed.types.cut(name),
                None => trimmed.types.keep(None),
            }
        }
        Ok(())
    }
}

/// The WASI imports of a component by the types of their instances.
pub fn instance_types(component: &[u8]) -> Result<BTreeMap<u32, String>> {
    let mut found = BTreeMap::new();
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    let import = import?;
                    if let ComponentTypeRef::Instance(ty) = import.ty
                        && import.name.name.starts_with(WASI)
                    {
                        found.insert(ty, import.name.name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    Ok(found)
}
