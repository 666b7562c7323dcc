//! Fills a module: each type, function and protocol in the form for the printer.

use wit_parser::{Function as WitFunction, FunctionKind, Type, TypeDef, TypeDefKind, TypeId};

use super::annotate::{Use, behind};
use super::builder::ModuleBuilder;
use super::layout::docs;
use super::names::{PyIdent, Scope, camel, snake};
use super::python::{
    Alias, Annotation, Case, Direction, Field, Function, ImportKey, Item, Member, Members, Method,
    Param, Protocol, Record, Resource, Variant,
};
use super::{ClassNames, WitName};

/// The form of a function, which decides its first parameter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Free,
    /// With `self`, which WIT does not name.
    Added,
    /// With `self`, which is WIT's first parameter.
    Method,
    /// With `cls`.
    Static,
}

/// The values of a function that the application passes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    /// It calls an import.
    Params,
    /// It implements an export.
    Result,
    /// A method of its own resource: the application calls that itself, too.
    Nothing,
}

impl ModuleBuilder<'_> {
    pub fn types(
        &mut self,
        types: &[TypeId],
        functions: &[&WitFunction],
        key: Option<&str>,
    ) -> anyhow::Result<Vec<Item>> {
        let mut items = Vec::new();
        for id in types {
            // `None` is a `use`. A class with another home is the same type, imported.
            let Some(class) = self.classes().by_type.get(id) else {
                continue;
            };
            if Some(class.home) == self.home() {
                items.push(self.item(*id, &class.names, functions, key)?);
            }
        }
        Ok(items)
    }

    fn item(
        &mut self,
        id: TypeId,
        names: &ClassNames,
        functions: &[&WitFunction],
        key: Option<&str>,
    ) -> anyhow::Result<Item> {
        let definition = &self.resolve().types[id];
        let place = WitName::new(key, definition.name.as_deref().unwrap_or_default());
        let usage = Use::new(&place);
        let class = names.class.clone();
        let text = docs(&definition.docs);
        let members = names.members.iter().cloned();
        Ok(match &definition.kind {
            TypeDefKind::Record(record) => {
                let mut fields = Vec::new();
                for (field, name) in record.fields.iter().zip(members) {
                    let annotation = self.annotate(&field.ty, usage)?;
                    fields.push(Field {
                        name,
                        annotation,
                        docs: docs(&field.docs),
                    });
                }
                let scope = Scope::with(fields.iter().map(|field| field.name.as_str()));
                let shadowed = self.shadowed_by(&scope);
                Item::Record(Record {
                    class,
                    docs: text,
                    fields,
                    shadowed,
                })
            }
            TypeDefKind::Variant(variant) => {
                let mut cases = Vec::new();
                let wit_name = definition.name.as_deref().unwrap_or_default();
                let old_names = self.old_names(wit_name, &class, variant);
                for ((case, class), old_name) in variant.cases.iter().zip(members).zip(old_names) {
                    let payload = case
                        .ty
                        .as_ref()
                        .map(|ty| self.annotate(ty, usage))
                        .transpose()?;
                    cases.push(Case {
                        class,
                        payload,
                        docs: docs(&case.docs),
                        old_name,
                    });
                }
                Item::Variant(Variant {
                    class,
                    docs: text,
                    cases,
                })
            }
            TypeDefKind::Enum(cases) => {
                let members = members.zip(cases.cases.iter().map(|case| docs(&case.docs)));
                Item::Enum(self.members(class, text, members))
            }
            TypeDefKind::Flags(flags) => {
                let members = members.zip(flags.flags.iter().map(|flag| docs(&flag.docs)));
                Item::Flags(self.members(class, text, members))
            }
            TypeDefKind::Resource => {
                Item::Resource(self.a_resource(id, definition, class, functions, key)?)
            }
            TypeDefKind::Handle(_)
            | TypeDefKind::Tuple(_)
            | TypeDefKind::Option(_)
            | TypeDefKind::Result(_)
            | TypeDefKind::List(_)
            | TypeDefKind::Map(..)
            | TypeDefKind::FixedLengthList(..)
            | TypeDefKind::Future(_)
            | TypeDefKind::Stream(_)
            | TypeDefKind::Type(_)
            | TypeDefKind::Unknown => {
                let target = self.annotate(&Type::Id(id), usage)?;
                Item::Alias(Alias {
                    name: class,
                    docs: text,
                    target,
                })
            }
        })
    }

    /// `NameCase` of each case, if code of that time expects it.
    fn old_names(
        &mut self,
        wit_name: &str,
        class: &PyIdent,
        variant: &wit_parser::Variant,
    ) -> Vec<Option<PyIdent>> {
        let names = variant
            .cases
            .iter()
            .map(|case| format!("{class}{}", camel(&case.name)));
        names
            .map(|name| {
                self.is_known(wit_name, &name)
                    .then(|| self.claim_free(name))
                    .flatten()
            })
            .collect()
    }

    fn members(
        &self,
        class: PyIdent,
        docs: Option<String>,
        members: impl Iterator<Item = (PyIdent, Option<String>)>,
    ) -> Members {
        Members {
            class,
            docs,
            members: members.map(|(name, docs)| Member { name, docs }).collect(),
        }
    }

    fn a_resource(
        &mut self,
        id: TypeId,
        definition: &TypeDef,
        class: PyIdent,
        functions: &[&WitFunction],
        key: Option<&str>,
    ) -> anyhow::Result<Resource> {
        let direction = match self.classes().resource(id) {
            Some(resource) => resource.direction,
            None => Direction::Imported,
        };
        let given = match direction {
            Direction::Imported => Given::Params,
            Direction::Exported => Given::Nothing,
        };
        let mut scope = Scope::default();
        let mut constructor = None;
        let mut methods = Vec::new();
        let own = Some(id);
        for function in functions {
            let of = function.kind.resource().map(Type::Id);
            if of.map(|of| behind(self.resolve(), &of)) != Some(Type::Id(id)) {
                continue;
            }
            let (is_static, form) = match function.kind {
                FunctionKind::Constructor(_) => {
                    let name = PyIdent::escaped("__init__".to_owned());
                    let mut made = self.function(function, name, Form::Added, own, given, key)?;
                    made.result = Annotation::None;
                    constructor = Some(made);
                    continue;
                }
                FunctionKind::Static(_) | FunctionKind::AsyncStatic(_) => (true, Form::Static),
                FunctionKind::Method(_)
                | FunctionKind::AsyncMethod(_)
                | FunctionKind::Freestanding
                | FunctionKind::AsyncFreestanding => (false, Form::Method),
            };
            let name = scope.claim(snake(function.item_name()));
            let function = self.function(function, name, form, own, given, key)?;
            methods.push(Method {
                is_static,
                function,
            });
        }
        let shadowed = self.shadowed_by(&scope);
        let docs = docs(&definition.docs);
        Ok(Resource {
            class,
            docs,
            direction,
            constructor,
            methods,
            shadowed,
        })
    }

    /// Functions at the top level of the module.
    pub fn functions(
        &mut self,
        functions: &[&WitFunction],
        names: Vec<PyIdent>,
        key: Option<&str>,
    ) -> anyhow::Result<Vec<Item>> {
        let mut items = Vec::new();
        for (function, name) in functions.iter().zip(names) {
            items.push(Item::Function(self.function(
                function,
                name,
                Form::Free,
                None,
                Given::Params,
                key,
            )?));
        }
        Ok(items)
    }

    pub fn protocol(
        &mut self,
        class: PyIdent,
        docs: Option<String>,
        functions: &[&WitFunction],
        key: Option<&str>,
    ) -> anyhow::Result<Protocol> {
        let mut scope = Scope::default();
        let mut methods = Vec::new();
        for function in functions {
            let name = scope.claim(snake(function.item_name()));
            methods.push(self.function(function, name, Form::Added, None, Given::Result, key)?);
        }
        let shadowed = self.shadowed_by(&scope);
        Ok(Protocol {
            class,
            other_names: Vec::new(),
            docs,
            methods,
            shadowed,
        })
    }

    fn function(
        &mut self,
        function: &WitFunction,
        name: PyIdent,
        form: Form,
        own: Option<TypeId>,
        given: Given,
        key: Option<&str>,
    ) -> anyhow::Result<Function> {
        let place = WitName::new(key, &function.name);
        let usage = Use {
            own,
            given: given == Given::Params,
            ..Use::new(&place)
        };
        let (mut scope, skipped) = match form {
            Form::Free => (Scope::default(), 0),
            Form::Added => (Scope::with(["self"]), 0),
            Form::Method => (Scope::with(["self"]), 1),
            Form::Static => (Scope::with(["cls"]), 0),
        };
        let mut params = Vec::new();
        for param in function.params.iter().skip(skipped) {
            let name = scope.claim(snake(&param.name));
            params.push(Param {
                name,
                annotation: self.annotate(&param.ty, usage)?,
            });
        }
        let usage = Use {
            given: given == Given::Result,
            ..usage
        };
        let (result, raises) = self.outcome(function.result.as_ref(), usage)?;
        let docs = docs(&function.docs);
        let import = ImportKey::new(key, &function.name);
        Ok(Function {
            name,
            params,
            result,
            raises,
            docs,
            is_async: function.kind.is_async(),
            import,
        })
    }

    /// A function's `result` is unwrapped: the ok payload is returned, and the error payload is raised.
    fn outcome(
        &mut self,
        result: Option<&Type>,
        usage: Use,
    ) -> anyhow::Result<(Annotation, Option<Annotation>)> {
        let Some(ty) = result else {
            return Ok((Annotation::None, None));
        };
        if let Type::Id(id) = behind(self.resolve(), ty)
            && let TypeDefKind::Result(result) = self.resolve().types[id].kind.clone()
        {
            let ok = self.annotate_option(result.ok.as_ref(), usage)?;
            let usage = Use {
                in_words: true,
                ..usage
            };
            let err = self.annotate_option(result.err.as_ref(), usage)?;
            return Ok((ok, Some(err)));
        }
        Ok((self.annotate(ty, usage)?, None))
    }
}
