//! Resolves every import of every library.
//!
//! In: the parsed libraries. Out: [`Resolution`], by the same indices. If two libraries define a symbol, the earlier one
//! wins. [`super::reach`] decides whether a missing symbol matters: perhaps nothing uses it.

use ground::Mistake as _;
use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use indexmap::IndexMap;
use wasmparser::{ExternalKind, FuncType};

use super::parameters;
use super::parse::{FunctionSource, GlobalSource, Parsed};
use crate::MergeError;

/// A function, a global, or another indexed item of one library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    pub library: usize,
    pub index: u32,
}

/// The target of a library's function index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A function with a body.
    Defined(Id),
    /// An index into [`Resolution::hosts`].
    Host(usize),
    /// An index into [`Resolution::missing`].
    Missing(usize),
}

/// The target of a library's global index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GlobalTarget {
    MemoryBase,
    TableBase,
    /// The address of a variable: an exported global, which holds the offset from its library's memory base.
    Variable(Id),
    /// An address that the layout itself provides.
    Boundary(Boundary),
    /// The table slot of a function; a missing weak one is 0.
    Slot(Target),
    /// The address of a variable that nobody defines: an index into [`Resolution::missing`].
    Missing(usize),
    StackPointer,
    /// A global with its own value.
    Own(Id),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Boundary {
    HeapBase,
    HeapEnd,
    StackHigh,
    StackLow,
    /// The numbers of parameters of the functions in the table.
    Parameters,
}

/// A function that the component's world provides.
pub struct Host<'a> {
    pub module: &'a str,
    pub name: &'a str,
    pub ty: FuncType,
}

/// A symbol that no library defines.
pub struct Missing<'a> {
    pub name: &'a str,
    /// The library that refers to it.
    pub library: &'a str,
    pub weak: bool,
    /// The type, for a function that is called.
    pub ty: Option<FuncType>,
}

pub struct Resolution<'a> {
    pub functions: Vec<Vec<Target>>,
    pub globals: Vec<Vec<GlobalTarget>>,
    /// Indices into `tag_types`.
    pub tags: Vec<Vec<u32>>,
    pub hosts: Vec<Host<'a>>,
    pub missing: Vec<Missing<'a>>,
    pub tag_types: Vec<FuncType>,
}

impl Resolution<'_> {
    /// The type of a function. A missing one that is only in the table has none.
    pub fn type_of(&self, libraries: &[Parsed<'_>], target: Target) -> Result<FuncType> {
        Ok(match target {
            Target::Defined(id) => libraries[id.library].function_type(id.index)?.clone(),
            Target::Host(index) => self.hosts[index].ty.clone(),
            Target::Missing(index) => {
                let missing = &self.missing[index];
                let name = missing.name;
                let ty = missing.ty.clone();
                ty.with_context(|| format!("`{name}` is missing and has no type"))?
            }
        })
    }
}

/// Resolves the imports of `libraries`.
pub fn resolve<'a>(libraries: &[Parsed<'a>]) -> Result<Resolution<'a>> {
    let mut resolver = Resolver {
        libraries,
        functions: HashMap::new(),
        variables: HashMap::new(),
        hosts: IndexMap::new(),
        missing: Vec::new(),
    };
    resolver.collect_definitions();
    let mut functions = Vec::new();
    let mut globals = Vec::new();
    for (library, parsed) in libraries.iter().enumerate() {
        let indices = 0..u32::try_from(parsed.functions.len())?;
        let targets = indices.map(|index| resolver.function(Id { library, index }));
        functions.push(targets.collect::<Result<_>>()?);
        let indices = 0..u32::try_from(parsed.globals.len())?;
        let called = called(parsed);
        let targets = indices.map(|index| resolver.global(Id { library, index }, &called));
        globals.push(targets.collect::<Result<_>>()?);
    }
    let (tags, tag_types) = resolve_tags(libraries)?;
    Ok(Resolution {
        functions,
        globals,
        tags,
        hosts: resolver
            .hosts
            .into_iter()
            .map(|((module, name, ty), ())| Host { module, name, ty })
            .collect(),
        missing: resolver.missing,
        tag_types,
    })
}

struct Resolver<'l, 'a> {
    libraries: &'l [Parsed<'a>],
    /// Definitions by name, in order of the libraries.
    functions: HashMap<&'a str, Vec<Id>>,
    variables: HashMap<&'a str, Id>,
    hosts: IndexMap<(&'a str, &'a str, FuncType), ()>,
    missing: Vec<Missing<'a>>,
}

impl<'a> Resolver<'_, 'a> {
    fn collect_definitions(&mut self) {
        for (library, parsed) in self.libraries.iter().enumerate() {
            for (&name, export) in &parsed.exports {
                let index = export.index;
                let id = Id { library, index };
                match export.kind {
                    // A symbol that a library both imports and exports is only passed on.
                    ExternalKind::Func if !passes_on(parsed, index, name) => {
                        self.functions.entry(name).or_default().push(id);
                    }
                    ExternalKind::Global => {
                        self.variables.entry(name).or_insert(id);
                    }
                    _ => {}
                }
            }
        }
    }

    fn function(&mut self, id: Id) -> Result<Target> {
        let parsed = &self.libraries[id.library];
        let Some(function) = parsed.functions.get(id.index as usize) else {
            bail!("`{}` has no function {}", parsed.name, id.index);
        };
        let ty = parsed.type_at(function.ty)?.clone();
        match function.source {
            FunctionSource::Body(_) => Ok(Target::Defined(id)),
            FunctionSource::Host { module, name } => {
                let entry = self.hosts.insert_full((module, name, ty), ());
                Ok(Target::Host(entry.0))
            }
            FunctionSource::Symbol(name) => self.symbol(id.library, "env", name, Some(&ty), 0),
        }
    }

    /// The function `name`, of type `ty` if it is known, for `library`.
    fn symbol(
        &mut self,
        library: usize,
        module: &str,
        name: &'a str,
        ty: Option<&FuncType>,
        depth: usize,
    ) -> Result<Target> {
        let parsed = &self.libraries[library];
        let definitions = self.functions.get(name).map_or(&[][..], Vec::as_slice);
        let definitions = definitions.iter().copied();
        let definitions: Vec<Id> = definitions
            .filter(|id| self.is_visible(library, *id))
            .collect();
        let mut found = None;
        for &id in &definitions {
            let own = self.libraries[id.library].function_type(id.index)?;
            if ty.is_none_or(|ty| ty == own) {
                found = Some(id);
                break;
            }
        }
        let Some(id) = found else {
            if let (Some(&other), Some(ty)) = (definitions.first(), ty) {
                let definer = &self.libraries[other.library];
                return MergeError::SymbolTypesDiffer {
                    symbol: name.to_owned(),
                    library: parsed.name.to_owned(),
                    expected: ty.to_string(),
                    definer: definer.name.to_owned(),
                    actual: definer.function_type(other.index)?.to_string(),
                }
                .raise();
            }
            self.missing.push(Missing {
                name,
                library: parsed.name,
                weak: parsed.is_weak(module, name),
                ty: ty.cloned(),
            });
            return Ok(Target::Missing(self.missing.len() - 1));
        };
        let definer = &self.libraries[id.library];
        match definer.functions[id.index as usize].source {
            FunctionSource::Symbol(other) => {
                anyhow::ensure!(
                    depth < self.libraries.len(),
                    "`{}` exports `{name}`, which leads back to itself",
                    definer.name
                );
                let ty = definer.function_type(id.index)?.clone();
                self.symbol(id.library, "env", other, Some(&ty), depth + 1)
            }
            FunctionSource::Host { .. } | FunctionSource::Body(_) => self.function(id),
        }
    }

    /// `called` are the types of the functions that the library calls by name.
    fn global(&mut self, id: Id, called: &HashMap<&str, u32>) -> Result<GlobalTarget> {
        let parsed = &self.libraries[id.library];
        Ok(match parsed.globals[id.index as usize].source {
            GlobalSource::MemoryBase => GlobalTarget::MemoryBase,
            GlobalSource::TableBase => GlobalTarget::TableBase,
            GlobalSource::GotMem(name) => self.variable(id.library, name),
            GlobalSource::GotFunc(name) => {
                // Its type is known if it is also called.
                let ty = match called.get(name) {
                    Some(ty) => Some(parsed.type_at(*ty)?),
                    None => None,
                };
                GlobalTarget::Slot(self.symbol(id.library, "GOT.func", name, ty, 0)?)
            }
            GlobalSource::Shared("__stack_pointer") => GlobalTarget::StackPointer,
            GlobalSource::Shared(name) => match self.variables.get(name) {
                Some(&other)
                    if self.is_visible(id.library, other)
                        && matches!(self.source(other), Some(GlobalSource::Defined(_))) =>
                {
                    GlobalTarget::Own(other)
                }
                _ => bail!(
                    "the library `{}` imports the global `{name}`, which no library defines",
                    parsed.name
                ),
            },
            GlobalSource::Defined(_) => GlobalTarget::Own(id),
        })
    }

    fn source(&self, id: Id) -> Option<&GlobalSource<'a>> {
        let global = self.libraries[id.library].globals.get(id.index as usize);
        global.map(|global| &global.source)
    }

    /// Returns `true` if a library may take a symbol from another. Our own libraries work in the same way whatever an
    /// extension, or its functions, are called.
    fn is_visible(&self, user: usize, definition: Id) -> bool {
        self.libraries[user].is_foreign || !self.libraries[definition.library].is_foreign
    }

    fn variable(&mut self, library: usize, name: &'a str) -> GlobalTarget {
        match name {
            "__heap_base" => return GlobalTarget::Boundary(Boundary::HeapBase),
            "__heap_end" => return GlobalTarget::Boundary(Boundary::HeapEnd),
            "__stack_high" => return GlobalTarget::Boundary(Boundary::StackHigh),
            "__stack_low" => return GlobalTarget::Boundary(Boundary::StackLow),
            parameters::SYMBOL => return GlobalTarget::Boundary(Boundary::Parameters),
            _ => {}
        }
        if let Some(&id) = self.variables.get(name)
            && self.is_visible(library, id)
        {
            return GlobalTarget::Variable(id);
        }
        let parsed = &self.libraries[library];
        self.missing.push(Missing {
            name,
            library: parsed.name,
            weak: parsed.is_weak("GOT.mem", name),
            ty: None,
        });
        GlobalTarget::Missing(self.missing.len() - 1)
    }
}

/// The first type by which each imported function is called.
fn called<'a>(parsed: &Parsed<'a>) -> HashMap<&'a str, u32> {
    let mut types = HashMap::new();
    for function in &parsed.functions {
        if let FunctionSource::Symbol(name) = function.source {
            types.entry(name).or_insert(function.ty);
        }
    }
    types
}

fn passes_on(parsed: &Parsed<'_>, index: u32, name: &str) -> bool {
    let function = parsed.functions.get(index as usize);
    function.is_some_and(
        |function| matches!(function.source, FunctionSource::Symbol(import) if import == name),
    )
}

/// Tags of one name are one tag, whichever library defines it: C++ exceptions must be caught across libraries.
fn resolve_tags(libraries: &[Parsed<'_>]) -> Result<(Vec<Vec<u32>>, Vec<FuncType>)> {
    let mut by_name: HashMap<&str, u32> = HashMap::new();
    let mut types: Vec<FuncType> = Vec::new();
    let mut tags = Vec::new();
    for parsed in libraries {
        let exported: HashMap<u32, &str> = parsed
            .exports
            .iter()
            .filter(|(_, export)| export.kind == ExternalKind::Tag)
            .map(|(name, export)| (export.index, *name))
            .collect();
        let mut own = Vec::new();
        for (index, tag) in (0u32..).zip(&parsed.tags) {
            let ty = parsed.type_at(tag.ty)?;
            let name = tag.import.or_else(|| exported.get(&index).copied());
            let fresh = u32::try_from(types.len())?;
            let merged = match name {
                Some(name) => *by_name.entry(name).or_insert(fresh),
                None => fresh,
            };
            if merged == fresh {
                types.push(ty.clone());
            }
            anyhow::ensure!(
                types[merged as usize] == *ty,
                "the library `{}` has another type for the exception tag `{}`",
                parsed.name,
                name.unwrap_or_default()
            );
            own.push(merged);
        }
        tags.push(own);
    }
    Ok((tags, types))
}
