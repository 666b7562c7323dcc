//! The modules, types and functions that an app names, as Python that builds them for `passing.py`.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use bindings::plan::python::Item;
use bindings::plan::{ImportKey, Plan};
use bindings::world::ResolvedWorld;
use wit_parser::{Function, Handle as WitHandle, IndexMap, Type, TypeDefKind, TypeId};

use super::dotted;
use crate::roundtrip::values::behind;

pub struct App<'a> {
    pub world: &'a ResolvedWorld,
    pub plan: &'a Plan,
    /// Dotted paths and their aliases.
    pub modules: IndexMap<String, String>,
    /// Constructors and the names of their results: equal types share one.
    pub shapes: IndexMap<String, String>,
    pub imports: IndexMap<ImportKey, (String, Option<String>, String)>,
    pub passes: Vec<String>,
}

impl App<'_> {
    pub fn finish(self, classes: &str) -> Result<String> {
        let mut out = String::from("from importlib import import_module\nimport passing\n\n");
        for (path, name) in &self.modules {
            writeln!(out, "{name} = import_module(\"{path}\")")?;
        }
        for (constructor, name) in &self.shapes {
            writeln!(out, "{name} = {constructor}")?;
        }
        for pass in &self.passes {
            writeln!(out, "passing.FUNCTIONS.append({pass})")?;
        }
        Ok(out + classes)
    }

    /// The alias of the module in `file`, or with that dotted path.
    pub fn module(&mut self, file: &str) -> String {
        let next = format!("_m{}", self.modules.len());
        self.modules.entry(dotted(file)).or_insert(next).clone()
    }

    /// The function with its types, and the types alone. `module` is the alias of the module.
    pub fn signature(
        &mut self,
        module: &str,
        owner: Option<&str>,
        name: &str,
        kind: &str,
        function: &Function,
    ) -> Result<(String, String)> {
        let mut params = String::new();
        for param in &function.params {
            params += &self.shape(&param.ty)?;
            params += ", ";
        }
        let types = format!("({params}), {}", self.optional(function.result.as_ref())?);
        let text = match (owner, kind) {
            (None, _) => format!("passing.Function({module}.{name}, {types})"),
            (Some(class), "constructor") => {
                format!("passing.Function({module}.{class}, {types}, \"{kind}\", {module}.{class})")
            }
            (Some(class), _) => {
                format!(
                    "passing.Function({module}.{class}.{name}, {types}, \"{kind}\", {module}.{class})"
                )
            }
        };
        Ok((text, types))
    }

    fn optional(&mut self, ty: Option<&Type>) -> Result<String> {
        ty.map_or(Ok("None".to_owned()), |ty| self.shape(ty))
    }

    fn shape(&mut self, ty: &Type) -> Result<String> {
        let plain = match behind(&self.world.resolve, ty) {
            Type::Bool => "BOOL",
            Type::U8 => "U8",
            Type::U16 => "U16",
            Type::U32 => "U32",
            Type::U64 => "U64",
            Type::S8 => "S8",
            Type::S16 => "S16",
            Type::S32 => "S32",
            Type::S64 => "S64",
            Type::F32 => "F32",
            Type::F64 => "F64",
            Type::Char => "CHAR",
            Type::String => "STRING",
            Type::ErrorContext => bail!("error contexts are not passed here"),
            Type::Id(id) => return self.definition(id),
        };
        Ok(format!("passing.{plain}"))
    }

    fn definition(&mut self, id: TypeId) -> Result<String> {
        let constructor = match self.world.resolve.types[id].kind.clone() {
            TypeDefKind::Record(record) => {
                let (module, class, names) = self.class(id)?;
                let items = self.all(record.fields.iter().map(|field| Some(field.ty)))?;
                let names = names
                    .iter()
                    .map(|name| format!("\"{name}\", "))
                    .collect::<String>();
                format!("passing.Record({module}.{class}, ({names}), ({items}))")
            }
            TypeDefKind::Variant(variant) => {
                let (module, class, names) = self.class(id)?;
                let items = self.all(variant.cases.iter().map(|case| case.ty))?;
                let cases = names
                    .iter()
                    .map(|name| format!("{module}.{name}, "))
                    .collect::<String>();
                format!("passing.Variant({module}.{class}, ({cases}), ({items}))")
            }
            TypeDefKind::Enum(_) => self.members(id, "#")?,
            TypeDefKind::Flags(_) => self.members(id, "&")?,
            TypeDefKind::Tuple(tuple) => format!(
                "passing.Tuple({})",
                self.all(tuple.types.into_iter().map(Some))?
            ),
            TypeDefKind::Option(some) => format!("passing.Option({})", self.shape(&some)?),
            TypeDefKind::Result(result) => {
                format!(
                    "passing.Result({})",
                    self.all([result.ok, result.err].into_iter())?
                )
            }
            TypeDefKind::List(item) => match behind(&self.world.resolve, &item) {
                Type::U8 | Type::S8 => "passing.Bytes()".to_owned(),
                _ => format!("passing.List({})", self.shape(&item)?),
            },
            TypeDefKind::FixedLengthList(item, length) => {
                match behind(&self.world.resolve, &item) {
                    Type::U8 | Type::S8 => format!("passing.Bytes({length})"),
                    _ => format!("passing.List({}, {length})", self.shape(&item)?),
                }
            }
            TypeDefKind::Map(key, value) => format!(
                "passing.Map({})",
                self.all([Some(key), Some(value)].into_iter())?
            ),
            TypeDefKind::Handle(handle) => {
                let (id, owned) = match handle {
                    WitHandle::Own(id) => (id, "True"),
                    WitHandle::Borrow(id) => (id, "False"),
                };
                let Type::Id(id) = behind(&self.world.resolve, &Type::Id(id)) else {
                    bail!("not a resource")
                };
                let resource = self
                    .plan
                    .resource(id)
                    .context("every resource has a class")?
                    .clone();
                let annotated = format!(
                    "{}.{}",
                    self.module(resource.module.as_str()),
                    resource.class
                );
                let class = match &resource.implementation {
                    Some(module) => format!("{}.{}", self.module(module.as_str()), resource.class),
                    None => annotated.clone(),
                };
                format!("passing.Handle({class}, {annotated}, {owned})")
            }
            TypeDefKind::Stream(item) => self.channel(id, "Stream", item)?,
            TypeDefKind::Future(item) => self.channel(id, "Future", item)?,
            TypeDefKind::Type(target) => return self.shape(&target),
            other => bail!("{other:?} is not passed here"),
        };
        let next = format!("_t{}", self.shapes.len());
        Ok(self.shapes.entry(constructor).or_insert(next).clone())
    }

    /// Adds the function that makes another one.
    fn channel(&mut self, id: TypeId, kind: &str, item: Option<Type>) -> Result<String> {
        let plan = self.plan;
        let items = plan
            .modules
            .iter()
            .flat_map(|module| module.items.iter().map(move |item| (module, item)));
        let mut makers = items.filter_map(|(module, item)| match item {
            Item::Channel(channel) if channel.types.contains(&id) => {
                Some((&module.file, &channel.name))
            }
            _ => None,
        });
        let (file, name) = makers
            .next()
            .context("every stream and future can be made")?;
        let maker = format!("{}.{name}", self.module(file));
        Ok(format!(
            "passing.{kind}({}, {maker})",
            self.optional(item.as_ref())?
        ))
    }

    fn members(&mut self, id: TypeId, sign: &str) -> Result<String> {
        let (module, class, names) = self.class(id)?;
        let names = names
            .iter()
            .map(|name| format!("\"{name}\", "))
            .collect::<String>();
        Ok(format!(
            "passing.Members({module}.{class}, ({names}), \"{sign}\")"
        ))
    }

    fn all(&mut self, types: impl Iterator<Item = Option<Type>>) -> Result<String> {
        let mut text = String::new();
        for ty in types {
            text += &self.optional(ty.as_ref())?;
            text += ", ";
        }
        Ok(text)
    }

    fn class(&mut self, id: TypeId) -> Result<(String, String, Vec<String>)> {
        let names = self
            .plan
            .class(id)
            .with_context(|| format!("no class for {:?}", self.world.resolve.types[id]))?;
        let (path, class) = (names.module.clone(), names.class.to_string());
        let members = names.members.iter().map(|name| name.to_string()).collect();
        Ok((self.module(path.as_str()), class, members))
    }
}
