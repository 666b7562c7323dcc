//! One core module of the component, with the imports and exports of its type.

use std::collections::{BTreeMap, HashSet};

use anyhow::{Context as _, Result};
use indexmap::IndexSet;
use wasm_encoder::reencode::{Reencode as _, RoundtripReencoder};
use wasm_encoder::{EntityType, ImportSection, ModuleType, TagKind, TagType, TypeSection};
use wasmparser::FuncType;

pub struct Part {
    /// The name of its instance in the imports of others.
    pub name: String,
    pub wasm: Vec<u8>,
    pub imports: Imports,
    /// The functions that it exports.
    pub functions: BTreeMap<String, FuncType>,
}

/// The imports of a module, in order.
#[derive(Default)]
pub struct Imports {
    types: IndexSet<FuncType>,
    items: Vec<(String, String, Item)>,
    functions: u32,
    globals: u32,
    tags: u32,
}

/// The type of an import, with an index of the function's type.
#[derive(Clone, Copy)]
enum Item {
    Function(u32),
    /// As a function, which takes the values of the exception.
    Tag(u32),
    Other(EntityType),
}

impl Imports {
    /// Adds a function; returns its index.
    pub fn function(&mut self, module: &str, name: String, ty: &FuncType) -> Result<u32> {
        let ty = self.ty(ty)?;
        self.items
            .push((module.to_owned(), name, Item::Function(ty)));
        self.functions += 1;
        Ok(self.functions - 1)
    }

    pub fn tag(&mut self, module: &str, name: String, ty: &FuncType) -> Result<()> {
        let item = Item::Tag(self.ty(ty)?);
        self.tags += 1;
        self.items.push((module.to_owned(), name, item));
        Ok(())
    }

    pub fn other(&mut self, module: &str, name: String, ty: EntityType) {
        self.globals += u32::from(matches!(ty, EntityType::Global(_)));
        self.items.push((module.to_owned(), name, Item::Other(ty)));
    }

    /// Adds a type; returns its index in [`Imports::type_section`].
    pub fn ty(&mut self, ty: &FuncType) -> Result<u32> {
        Ok(u32::try_from(self.types.insert_full(ty.clone()).0)?)
    }

    /// The number of functions.
    pub fn functions(&self) -> u32 {
        self.functions
    }

    /// The number of globals.
    pub fn globals(&self) -> u32 {
        self.globals
    }

    /// The number of tags.
    pub fn tags(&self) -> u32 {
        self.tags
    }

    /// Returns `true` if two imports have one name.
    pub fn have_twins(&self) -> bool {
        let names = self.items.iter().map(|(module, name, _)| (module, name));
        let different: HashSet<_> = names.collect();
        different.len() < self.items.len()
    }

    /// The names of the modules, each once.
    pub fn modules(&self) -> IndexSet<&str> {
        self.items.iter().map(|(module, ..)| &**module).collect()
    }

    /// The modules and names of the functions.
    pub fn functions_by_module(&self) -> impl Iterator<Item = (&str, &str)> {
        let items = self.items.iter();
        let functions = items.filter(|(.., item)| matches!(item, Item::Function(_)));
        functions.map(|(module, name, _)| (&**module, &**name))
    }

    pub fn type_section(&self) -> Result<TypeSection> {
        let mut section = TypeSection::new();
        for ty in &self.types {
            section.ty().func_type(&encoded(ty)?);
        }
        Ok(section)
    }

    /// The section, in a module that has a type at the index that `index` gives.
    pub fn section(&self, index: impl Fn(&FuncType) -> Result<u32>) -> Result<ImportSection> {
        let mut section = ImportSection::new();
        for (module, name, item) in &self.items {
            section.import(
                module,
                name,
                item.ty(|own| {
                    let ty = self.types.get_index(own as usize);
                    index(ty.context("an unknown type")?)
                })?,
            );
        }
        Ok(section)
    }

    /// The index of a type that has been added.
    pub fn index_of(&self, ty: &FuncType) -> Result<u32> {
        let index = self.types.get_index_of(ty);
        Ok(u32::try_from(index.context("an unknown type")?)?)
    }
}

impl Item {
    fn ty(self, index: impl Fn(u32) -> Result<u32>) -> Result<EntityType> {
        Ok(match self {
            Self::Function(ty) => EntityType::Function(index(ty)?),
            Self::Tag(ty) => EntityType::Tag(TagType {
                kind: TagKind::Exception,
                func_type_idx: index(ty)?,
            }),
            Self::Other(ty) => ty,
        })
    }
}

impl Part {
    /// Its type in the component, with those exports that others use.
    pub fn ty(&self, used: impl Fn(&str) -> bool) -> Result<ModuleType> {
        let mut types = self.imports.types.clone();
        let exports = self.functions.iter().filter(|(name, _)| used(name));
        let exports: Vec<(&str, u32)> = exports
            .map(|(name, ty)| Ok((&**name, u32::try_from(types.insert_full(ty.clone()).0)?)))
            .collect::<Result<_>>()?;
        let mut module = ModuleType::new();
        for ty in &types {
            module.ty().func_type(&encoded(ty)?);
        }
        for (from, name, item) in &self.imports.items {
            module.import(from, name, item.ty(Ok)?);
        }
        for (name, ty) in exports {
            module.export(name, EntityType::Function(ty));
        }
        Ok(module)
    }
}

fn encoded(ty: &FuncType) -> Result<wasm_encoder::FuncType> {
    let encoded = RoundtripReencoder.func_type(ty.clone());
    encoded.context("a function of an unknown type")
}
