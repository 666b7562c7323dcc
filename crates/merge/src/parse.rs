//! Reads one dylink.0 shared library.
//!
//! In: the bytes of a library. Out: a [`Parsed`] that borrows from them, in which every import has its meaning in the
//! convention of dynamic linking. Nothing is resolved here, and function bodies are left unread.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use indexmap::IndexMap;
use wasmparser::{
    ConstExpr, Dylink0Subsection, ElementItems, ElementKind, ExternalKind, FuncType, FunctionBody,
    KnownCustom, MemInfo, Name, Parser, Payload, SymbolFlags, TypeRef, ValType,
};

use crate::Library;

/// One shared library, by index space. Imports come first in each, as in the file.
pub struct Parsed<'a> {
    pub name: &'a str,
    /// The whole module.
    pub bytes: &'a [u8],
    pub is_foreign: bool,
    pub dl_openable: bool,
    /// The bytes of memory and slots of the table that it asks for, with alignments as powers of two.
    pub extent: MemInfo,
    /// The libraries that it names as needed.
    pub needed: Vec<&'a str>,
    pub types: Vec<FuncType>,
    pub functions: Vec<Function<'a>>,
    pub globals: Vec<Global<'a>>,
    pub tags: Vec<Tag<'a>>,
    pub exports: IndexMap<&'a str, Export>,
    pub elements: Vec<Element<'a>>,
    pub data: Vec<wasmparser::Data<'a>>,
    /// The function that runs first when the module is instantiated.
    pub start: Option<u32>,
    /// `component-type` sections, unchanged.
    pub worlds: Vec<CustomSection<'a>>,
    /// Function names of the `name` section.
    pub names: HashMap<u32, &'a str>,
    /// Flags of imports, by module and name.
    import_flags: HashMap<(&'a str, &'a str), SymbolFlags>,
}

pub struct CustomSection<'a> {
    pub name: &'a str,
    pub data: &'a [u8],
}

/// A function of a library; `ty` is an index into its types.
pub struct Function<'a> {
    pub ty: u32,
    pub source: FunctionSource<'a>,
}

#[derive(Clone)]
pub enum FunctionSource<'a> {
    /// From another library, or from this one if it comes first (`env`).
    Symbol(&'a str),
    /// From the component's world.
    Host {
        module: &'a str,
        name: &'a str,
    },
    Body(FunctionBody<'a>),
}

pub struct Global<'a> {
    pub ty: wasmparser::GlobalType,
    pub source: GlobalSource<'a>,
}

#[derive(Clone)]
pub enum GlobalSource<'a> {
    MemoryBase,
    TableBase,
    /// The address of a variable.
    GotMem(&'a str),
    /// The table slot of a function.
    GotFunc(&'a str),
    /// A global that the libraries share, such as `__stack_pointer`.
    Shared(&'a str),
    Defined(ConstExpr<'a>),
}

/// An exception tag; `ty` is an index into the library's types.
pub struct Tag<'a> {
    pub ty: u32,
    /// `None` if the library defines it.
    pub import: Option<&'a str>,
}

#[derive(Clone, Copy)]
pub struct Export {
    pub kind: ExternalKind,
    pub index: u32,
}

/// A run of table slots, or of functions for `table.init`.
pub struct Element<'a> {
    /// The offset of an active segment.
    pub offset: Option<ConstExpr<'a>>,
    pub declared: bool,
    /// Indices of functions; `None` is null.
    pub functions: Vec<Option<u32>>,
}

impl<'a> Parsed<'a> {
    /// Returns `true` if this import may be missing.
    pub fn is_weak(&self, module: &str, name: &str) -> bool {
        [module, "env"].iter().any(|module| {
            self.import_flags
                .get(&(*module, name))
                .is_some_and(|flags| flags.contains(SymbolFlags::BINDING_WEAK))
        })
    }

    /// The index of an exported function.
    pub fn exported_function(&self, name: &str) -> Option<u32> {
        self.exports
            .get(name)
            .filter(|export| export.kind == ExternalKind::Func)
            .map(|export| export.index)
    }

    /// Returns `true` if a global holds the distance of a variable from the library's memory base.
    pub fn is_address(&self, global: u32) -> bool {
        let global = self.globals.get(global as usize);
        global.is_some_and(|global| {
            let is_own = matches!(global.source, GlobalSource::Defined(_));
            is_own && !global.ty.mutable && global.ty.content_type == ValType::I32
        })
    }

    pub fn function_type(&self, index: u32) -> Result<&FuncType> {
        let function = self
            .functions
            .get(index as usize)
            .with_context(|| format!("`{}` has no function {index}", self.name))?;
        self.type_at(function.ty)
    }

    pub fn type_at(&self, index: u32) -> Result<&FuncType> {
        self.types
            .get(index as usize)
            .with_context(|| format!("`{}` has no type {index}", self.name))
    }
}

/// Reads `library`.
pub fn parse(library: &Library) -> Result<Parsed<'_>> {
    read(library).with_context(|| format!("failed to read the library `{}`", library.name))
}

fn read(library: &Library) -> Result<Parsed<'_>> {
    let mut parsed = Parsed {
        name: &library.name,
        bytes: &library.wasm,
        is_foreign: library.is_foreign,
        dl_openable: library.dl_openable,
        extent: MemInfo {
            memory_size: 0,
            memory_alignment: 0,
            table_size: 0,
            table_alignment: 0,
        },
        needed: Vec::new(),
        types: Vec::new(),
        functions: Vec::new(),
        globals: Vec::new(),
        tags: Vec::new(),
        exports: IndexMap::new(),
        elements: Vec::new(),
        data: Vec::new(),
        start: None,
        worlds: Vec::new(),
        names: HashMap::new(),
        import_flags: HashMap::new(),
    };
    // The types of functions come long before their bodies.
    let mut bodies = 0;
    for payload in Parser::new(0).parse_all(&library.wasm) {
        match payload? {
            Payload::CustomSection(section) => custom(&mut parsed, &section)?,
            Payload::TypeSection(types) => {
                for ty in types.into_iter_err_on_gc_types() {
                    parsed.types.push(ty?);
                }
            }
            Payload::ImportSection(imports) => {
                for item in imports.into_imports() {
                    import(&mut parsed, item?)?;
                }
            }
            Payload::FunctionSection(functions) => {
                bodies = parsed.functions.len();
                for ty in functions {
                    let source = FunctionSource::Symbol("");
                    parsed.functions.push(Function { ty: ty?, source });
                }
            }
            Payload::CodeSectionEntry(body) => {
                let function = parsed.functions.get_mut(bodies);
                let function = function.context("more bodies than functions")?;
                function.source = FunctionSource::Body(body);
                bodies += 1;
            }
            Payload::TableSection(tables) if tables.count() > 0 => {
                bail!("a table of its own is not supported")
            }
            Payload::MemorySection(memories) if memories.count() > 0 => {
                bail!("a memory of its own is not supported; build it with `-shared`")
            }
            Payload::TagSection(tags) => {
                for tag in tags {
                    let ty = tag?.func_type_idx;
                    parsed.tags.push(Tag { ty, import: None });
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    let global = global?;
                    parsed.globals.push(Global {
                        ty: global.ty,
                        source: GlobalSource::Defined(global.init_expr),
                    });
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let wasmparser::Export { name, kind, index } = export?;
                    parsed.exports.insert(name, Export { kind, index });
                }
            }
            Payload::StartSection { func, .. } => parsed.start = Some(func),
            Payload::ElementSection(elements) => {
                for item in elements {
                    parsed.elements.push(element(item?)?);
                }
            }
            Payload::DataSection(segments) => {
                for segment in segments {
                    parsed.data.push(segment?);
                }
            }
            _ => {}
        }
    }
    anyhow::ensure!(
        bodies == parsed.functions.len() || bodies == 0,
        "fewer bodies than functions"
    );
    Ok(parsed)
}

fn custom<'a>(
    parsed: &mut Parsed<'a>,
    section: &wasmparser::CustomSectionReader<'a>,
) -> Result<()> {
    if section.name().starts_with("component-type") {
        parsed.worlds.push(CustomSection {
            name: section.name(),
            data: section.data(),
        });
        return Ok(());
    }
    match section.as_known() {
        KnownCustom::Dylink0(subsections) => {
            for subsection in subsections {
                match subsection.context("failed to read the section `dylink.0`")? {
                    Dylink0Subsection::MemInfo(extent) => parsed.extent = extent,
                    Dylink0Subsection::Needed(names) => parsed.needed.extend(names),
                    Dylink0Subsection::ImportInfo(imports) => {
                        let flags = imports.iter().map(|i| ((i.module, i.field), i.flags));
                        parsed.import_flags.extend(flags);
                    }
                    // Every export is kept, and there is no file system to search.
                    Dylink0Subsection::ExportInfo(_) | Dylink0Subsection::RuntimePath(_) => {}
                    Dylink0Subsection::Unknown { ty, .. } => {
                        bail!("unknown subsection {ty} of `dylink.0`")
                    }
                }
            }
        }
        KnownCustom::Name(subsections) => {
            for subsection in subsections {
                // Names are for people, so unreadable ones are left out.
                if let Ok(Name::Function(names)) = subsection {
                    let names = names.into_iter().flatten();
                    parsed.names.extend(names.map(|n| (n.index, n.name)));
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn import<'a>(parsed: &mut Parsed<'a>, import: wasmparser::Import<'a>) -> Result<()> {
    let wasmparser::Import { module, name, ty } = import;
    match ty {
        TypeRef::Func(ty) => {
            let source = match module {
                "env" => FunctionSource::Symbol(name),
                _ => FunctionSource::Host { module, name },
            };
            parsed.functions.push(Function { ty, source });
        }
        TypeRef::Global(ty) => {
            let source = match (module, name) {
                ("env", "__memory_base") => GlobalSource::MemoryBase,
                ("env", "__table_base") => GlobalSource::TableBase,
                ("env", _) => GlobalSource::Shared(name),
                ("GOT.mem", _) => GlobalSource::GotMem(name),
                ("GOT.func", _) => GlobalSource::GotFunc(name),
                _ => bail!("the import `{module}` `{name}` is a global, which no host provides"),
            };
            let is_address = !matches!(source, GlobalSource::Shared(_));
            anyhow::ensure!(
                !is_address || ty.content_type == ValType::I32,
                "the import `{module}` `{name}` is not an `i32`; only 32-bit memories are supported"
            );
            parsed.globals.push(Global { ty, source });
        }
        TypeRef::Tag(tag) => {
            anyhow::ensure!(
                module == "env",
                "the import `{module}` `{name}` is a tag, which no host provides"
            );
            let (ty, import) = (tag.func_type_idx, Some(name));
            parsed.tags.push(Tag { ty, import });
        }
        TypeRef::Memory(ty) => anyhow::ensure!(
            (module, name) == ("env", "memory") && !ty.memory64 && !ty.shared,
            "the memory `{module}` `{name}` is not supported: it must be `env` `memory`, 32-bit and not shared"
        ),
        TypeRef::Table(_) => anyhow::ensure!(
            (module, name) == ("env", "__indirect_function_table"),
            "the table `{module}` `{name}` is not supported"
        ),
        TypeRef::FuncExact(_) => bail!("the import `{module}` `{name}` has an exact type"),
    }
    Ok(())
}

fn element(element: wasmparser::Element<'_>) -> Result<Element<'_>> {
    let functions = match element.items {
        ElementItems::Functions(indices) => indices
            .into_iter()
            .map(|index| Ok(Some(index?)))
            .collect::<Result<_>>()?,
        ElementItems::Expressions(_, items) => items
            .into_iter()
            .map(|item| function_reference(&item?))
            .collect::<Result<_>>()?,
    };
    let (offset, declared) = match element.kind {
        ElementKind::Active { offset_expr, .. } => (Some(offset_expr), false),
        ElementKind::Passive => (None, false),
        ElementKind::Declared => (None, true),
    };
    Ok(Element {
        offset,
        declared,
        functions,
    })
}

fn function_reference(item: &ConstExpr<'_>) -> Result<Option<u32>> {
    match item.get_operators_reader().read()? {
        wasmparser::Operator::RefFunc { function_index } => Ok(Some(function_index)),
        wasmparser::Operator::RefNull { .. } => Ok(None),
        other => bail!("`{other:?}` in the table is not supported"),
    }
}
