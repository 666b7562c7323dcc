//! Compares the symbols of a native extension with their definitions.
//!
//! Comes in: libraries. Goes out: the first symbol that two of them see differently. The linker would find out as well,
//! but only for all libraries together. Here one extension is to blame, and an app may do without it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use wasmparser::{ExternalKind, FuncType, GlobalType, Parser, Payload, TypeRef, ValType};

use super::interface::BASES;

/// The types of the symbols that a library defines and uses.
#[derive(Default)]
pub struct Signatures {
    functions: HashMap<String, FuncType>,
    variables: HashMap<String, Variable>,
    uses: Vec<(String, Use)>,
}

#[derive(Clone, Copy)]
struct Variable {
    ty: GlobalType,
    is_passed_on: bool,
}

enum Use {
    Function(FuncType),
    /// By address, whatever its type.
    AnyFunction,
    Address,
    Global(GlobalType),
}

/// A symbol that two libraries see differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    pub symbol: String,
    pub expected: String,
    pub definer: String,
    pub actual: String,
}

impl Signatures {
    /// Reads the types of a valid module's symbols.
    pub fn read(wasm: &[u8]) -> wasmparser::Result<Self> {
        let mut signatures = Self::default();
        let mut types: Vec<FuncType> = Vec::new();
        // By index: imports come first, with their names.
        let mut functions: Vec<(u32, Option<&str>)> = Vec::new();
        let mut globals: Vec<(GlobalType, bool)> = Vec::new();
        let mut slots = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(section) => {
                    for ty in section.into_iter_err_on_gc_types() {
                        types.push(ty?);
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        match (import.ty, import.module) {
                            (TypeRef::Func(ty), module) => {
                                functions.push((ty, (module == "env").then_some(import.name)));
                            }
                            (TypeRef::Global(_), "GOT.func") => slots.push(import.name),
                            (TypeRef::Global(_), "GOT.mem") => {
                                signatures.uses(import.name, Use::Address);
                            }
                            (TypeRef::Global(ty), _) if !BASES.contains(&import.name) => {
                                signatures.uses(import.name, Use::Global(ty));
                            }
                            _ => {}
                        }
                        if let TypeRef::Global(ty) = import.ty {
                            globals.push((ty, true));
                        }
                    }
                }
                Payload::FunctionSection(section) => {
                    for ty in section {
                        functions.push((ty?, None));
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        globals.push((global?.ty, false));
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let wasmparser::Export { name, kind, index } = export?;
                        let index = index as usize;
                        if kind == ExternalKind::Func
                            && let Some((ty, import)) = functions.get(index)
                            && *import != Some(name)
                            && let Some(ty) = types.get(*ty as usize)
                        {
                            signatures.functions.insert(name.to_owned(), ty.clone());
                        } else if kind == ExternalKind::Global
                            && let Some(&(ty, is_passed_on)) = globals.get(index)
                        {
                            let variable = Variable { ty, is_passed_on };
                            signatures.variables.insert(name.to_owned(), variable);
                        }
                    }
                }
                Payload::CodeSectionStart { .. } => break,
                _ => {}
            }
        }
        let mut called: HashMap<&str, &FuncType> = HashMap::new();
        for (ty, name) in &functions {
            if let (Some(name), Some(ty)) = (name, types.get(*ty as usize)) {
                signatures.uses(name, Use::Function(ty.clone()));
                called.entry(name).or_insert(ty);
            }
        }
        // The type is known if it is also called; that call has declared it.
        for slot in slots.into_iter().filter(|slot| !called.contains_key(slot)) {
            signatures.uses(slot, Use::AnyFunction);
        }
        Ok(signatures)
    }

    /// The defined functions, sorted by name.
    pub fn functions(&self) -> impl Iterator<Item = (&str, &FuncType)> {
        let functions: BTreeMap<_, _> = self.functions.iter().collect();
        let functions = functions.into_iter();
        functions.map(|(name, ty)| (name.as_str(), ty))
    }

    fn uses(&mut self, name: &str, kind: Use) {
        self.uses.push((name.to_owned(), kind));
    }

    /// A missing symbol is not a mismatch. `definers` are in the order in which symbols are looked up, each with its
    /// name.
    pub fn mismatch(&self, definers: &[(&str, &Self)]) -> Option<Mismatch> {
        let mut uses = self.uses.iter();
        uses.find_map(|(symbol, kind)| kind.mismatch(symbol, definers))
    }
}

impl Use {
    fn mismatch(&self, symbol: &str, definers: &[(&str, &Signatures)]) -> Option<Mismatch> {
        let functions = || {
            let definitions = definers.iter();
            definitions.filter_map(|(name, library)| Some((*name, library.functions.get(symbol)?)))
        };
        let variable = || {
            let mut definitions = definers.iter();
            definitions.find_map(|(name, library)| Some((*name, *library.variables.get(symbol)?)))
        };
        let fault = |definer: &str, actual: String| Mismatch {
            symbol: symbol.to_owned(),
            expected: self.to_string(),
            definer: definer.to_owned(),
            actual,
        };
        let other_kind = || match self {
            Self::Function(_) | Self::AnyFunction => {
                variable().map(|(definer, _)| fault(definer, "a variable".to_owned()))
            }
            Self::Address | Self::Global(_) => functions()
                .next()
                .map(|(definer, ty)| fault(definer, ty.to_string())),
        };
        match self {
            Self::Function(ty) => {
                let Some((definer, first)) = functions().next() else {
                    return other_kind();
                };
                let is_there = functions().any(|(_, other)| other == ty);
                (!is_there).then(|| fault(definer, first.to_string()))
            }
            Self::AnyFunction if functions().next().is_none() => other_kind(),
            Self::AnyFunction => None,
            Self::Address => match variable() {
                Some((definer, found)) if !found.is_address() => {
                    Some(fault(definer, "a global without an address".to_owned()))
                }
                Some(_) => None,
                None => other_kind(),
            },
            Self::Global(ty) => match variable() {
                Some((definer, found)) if found.ty != *ty || found.is_passed_on => {
                    Some(fault(definer, "another global".to_owned()))
                }
                Some(_) => None,
                None => other_kind(),
            },
        }
    }
}

impl Variable {
    /// Returns `true` if it stands for a place in memory.
    fn is_address(&self) -> bool {
        !self.is_passed_on && !self.ty.mutable && self.ty.content_type == ValType::I32
    }
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(ty) => write!(f, "{ty}"),
            Self::AnyFunction => write!(f, "a function"),
            Self::Address => write!(f, "a variable"),
            Self::Global(ty) => {
                let mutable = if ty.mutable { "mutable " } else { "" };
                write!(f, "a {mutable}global of type `{}`", ty.content_type)
            }
        }
    }
}
