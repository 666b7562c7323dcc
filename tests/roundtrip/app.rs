//! The app of a component: each export calls the import of the same name through `passing.py`, which checks what it sees.
//!
//! Names come from the plan; types come from WIT, so that `passing.py` compares what was printed with what was asked for.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use componentize_py::plan::python::Item;
use componentize_py::plan::{ImportKey, Plan, PyPath};
use componentize_py::world::ResolvedWorld;
use wit_parser::{Function, IndexMap, Type, TypeDefKind, TypeId, WorldItem, WorldKey};

use super::values::behind;

/// A function of the world, in one direction.
pub struct Target {
    /// As `Resolve::name_world_key` gives it.
    pub interface: Option<String>,
    pub function: Function,
}

impl Target {
    pub fn key(&self) -> String {
        match &self.interface {
            Some(interface) => format!("{interface}#{}", self.function.name),
            None => self.function.name.clone(),
        }
    }
}

/// All functions that the world exports, or imports.
pub fn targets(world: &ResolvedWorld, exported: bool) -> Vec<Target> {
    let resolve = &world.resolve;
    let the_world = &resolve.worlds[world.world];
    let items: &IndexMap<WorldKey, WorldItem> = if exported { &the_world.exports } else { &the_world.imports };
    let mut targets = Vec::new();
    for (key, item) in items {
        match item {
            WorldItem::Function(function) => targets.push(Target { interface: None, function: function.clone() }),
            WorldItem::Interface { id, .. } => {
                let interface = Some(resolve.name_world_key(key));
                let functions = resolve.interfaces[*id].functions.values();
                targets.extend(functions.map(|function| Target {
                    interface: interface.clone(),
                    function: function.clone(),
                }));
            }
            WorldItem::Type { .. } => {}
        }
    }
    targets
}

/// The text of `app.py`. Functions whose name starts with `roundtrip-` are the harness's own.
pub fn text(world: &ResolvedWorld, plan: &Plan) -> Result<String> {
    let mut app = App {
        world,
        plan,
        modules: IndexMap::default(),
        shapes: IndexMap::default(),
    };
    let imports = targets(world, false);
    let exports = targets(world, true);
    let mut classes = String::new();
    let mut passes = String::new();
    let mut count = 0;
    for module in &plan.modules {
        for item in &module.items {
            let Item::Protocol(protocol) = item else { continue };
            let base = app.module(&module.file);
            writeln!(classes, "\n\nclass {0}({base}.{0}):", protocol.class)?;
            writeln!(classes, "    pass")?;
            for method in &protocol.methods {
                let find = |all: &'_ [Target]| {
                    all.iter().position(|one| ImportKey::new(one.interface.as_deref(), &one.function.name) == method.import)
                };
                if method.import.name.starts_with("roundtrip-") {
                    let name = method.import.name.trim_start_matches("roundtrip-");
                    let body = if name == "look" { "_p.look()" } else { "_p.shown" };
                    writeln!(classes, "\n    def {}(self):\n        return {body}", method.name)?;
                    continue;
                }
                let export = &exports[find(&exports).context("a method stands for an export")?];
                let import = &imports[find(&imports).with_context(|| format!("`{}` is not imported", export.key()))?];
                let imported = app.signature(&app.imported(&method.import)?, &import.function)?;
                let method_path = format!("{base}.{}.{}", protocol.class, method.name);
                let exported = app.signature(&method_path, &export.function)?;
                let shared = imported.1 == exported.1;
                writeln!(passes, "_f{count} = _p.Pass({}, {}, {})", imported.0, exported.0, python_bool(shared))?;
                writeln!(classes, "\n    def {}(self, *arguments):\n        return _f{count}(arguments)", method.name)?;
                count += 1;
            }
        }
    }
    app.finish(&passes, &classes)
}

fn python_bool(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

struct App<'a> {
    world: &'a ResolvedWorld,
    plan: &'a Plan,
    /// Dotted paths and what they are called.
    modules: IndexMap<String, String>,
    /// Constructors and what their results are called: equal types share one.
    shapes: IndexMap<String, String>,
}

impl App<'_> {
    fn finish(self, passes: &str, classes: &str) -> Result<String> {
        let mut out = String::from("from importlib import import_module\nimport passing as _p\n\n");
        for (path, name) in &self.modules {
            writeln!(out, "{name} = import_module(\"{path}\")")?;
        }
        for (constructor, name) in &self.shapes {
            writeln!(out, "{name} = {constructor}")?;
        }
        out += passes;
        out += classes;
        Ok(out)
    }

    /// What the module in `file`, or with that dotted path, is called.
    fn module(&mut self, file: &str) -> String {
        let path = file.trim_end_matches(".py").trim_end_matches("/__init__").replace('/', ".");
        let next = format!("_m{}", self.modules.len());
        self.modules.entry(path).or_insert(next).clone()
    }

    /// The module's file and the function's name, joined later.
    fn imported(&self, key: &ImportKey) -> Result<String> {
        for module in &self.plan.modules {
            for item in &module.items {
                if let Item::Function(function) = item
                    && function.import == *key
                {
                    return Ok(format!("{}:{}", module.file, function.name));
                }
            }
        }
        anyhow::bail!("no Python function imports {key:?}")
    }

    /// The function with its types, and the types alone.
    fn signature(&mut self, path: &str, function: &Function) -> Result<(String, String)> {
        let path = match path.split_once(':') {
            Some((file, name)) => format!("{}.{name}", self.module(file)),
            None => path.to_owned(),
        };
        let mut params = String::new();
        for param in &function.params {
            params += &self.shape(&param.ty)?;
            params += ", ";
        }
        let result = self.optional(function.result.as_ref())?;
        let types = format!("({params}), {result}");
        Ok((format!("_p.Function({path}, {types})"), types))
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
            Type::ErrorContext => anyhow::bail!("error contexts are not passed here"),
            Type::Id(id) => return self.definition(id),
        };
        Ok(format!("_p.{plain}"))
    }

    fn definition(&mut self, id: TypeId) -> Result<String> {
        let constructor = match self.world.resolve.types[id].kind.clone() {
            TypeDefKind::Record(record) => {
                let (module, class, names) = self.class(id)?;
                let items = self.all(record.fields.iter().map(|field| Some(field.ty)))?;
                let names = names.iter().map(|name| format!("\"{name}\", ")).collect::<String>();
                format!("_p.Record({module}.{class}, ({names}), ({items}))")
            }
            TypeDefKind::Variant(variant) => {
                let (module, class, names) = self.class(id)?;
                let items = self.all(variant.cases.iter().map(|case| case.ty))?;
                let cases = names.iter().map(|name| format!("{module}.{name}, ")).collect::<String>();
                format!("_p.Variant({module}.{class}, ({cases}), ({items}))")
            }
            TypeDefKind::Enum(_) => self.members(id, "#")?,
            TypeDefKind::Flags(_) => self.members(id, "&")?,
            TypeDefKind::Tuple(tuple) => format!("_p.Tuple({})", self.all(tuple.types.into_iter().map(Some))?),
            TypeDefKind::Option(some) => format!("_p.Option({})", self.shape(&some)?),
            TypeDefKind::Result(result) => {
                format!("_p.Result({})", self.all([result.ok, result.err].into_iter())?)
            }
            TypeDefKind::List(item) => match behind(&self.world.resolve, &item) {
                Type::U8 | Type::S8 => "_p.Bytes()".to_owned(),
                _ => format!("_p.List({})", self.shape(&item)?),
            },
            TypeDefKind::FixedLengthList(item, length) => match behind(&self.world.resolve, &item) {
                Type::U8 | Type::S8 => format!("_p.Bytes({length})"),
                _ => format!("_p.List({}, {length})", self.shape(&item)?),
            },
            TypeDefKind::Map(key, value) => format!("_p.Map({})", self.all([Some(key), Some(value)].into_iter())?),
            TypeDefKind::Type(target) => return self.shape(&target),
            other => anyhow::bail!("{other:?} is not passed here"),
        };
        let next = format!("_t{}", self.shapes.len());
        Ok(self.shapes.entry(constructor).or_insert(next).clone())
    }

    fn members(&mut self, id: TypeId, sign: &str) -> Result<String> {
        let (module, class, names) = self.class(id)?;
        let names = names.iter().map(|name| format!("\"{name}\", ")).collect::<String>();
        Ok(format!("_p.Members({module}.{class}, ({names}), \"{sign}\")"))
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
        let names = self.plan.class(id).with_context(|| format!("no class for {:?}", self.world.resolve.types[id]))?;
        let (path, class): (PyPath, String) = (names.module.clone(), names.class.to_string());
        let members = names.members.iter().map(|name| name.to_string()).collect();
        Ok((self.module(path.as_str()), class, members))
    }
}
