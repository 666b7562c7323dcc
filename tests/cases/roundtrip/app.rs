//! The app of a component: each export calls the import of the same name through `passing.py`, which checks the values.
//!
//! Names come from the plan; types come from WIT, so that `passing.py` compares the printed types with the intended ones.

mod shapes;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use bindings::plan::python::{self, Item};
use bindings::plan::{Direction, ImportKey, Plan};
use bindings::world::ResolvedWorld;
use shapes::App;
use wit_parser::{Function, IndexMap, WorldItem, WorldKey};

/// A function of the world, in one direction.
pub struct Target {
    /// A result of `Resolve::name_world_key`.
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
    let items: &IndexMap<WorldKey, WorldItem> = if exported {
        &the_world.exports
    } else {
        &the_world.imports
    };
    let mut targets = Vec::new();
    for (key, item) in items {
        match item {
            WorldItem::Function(function) => targets.push(Target {
                interface: None,
                function: function.clone(),
            }),
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

/// The app's modules: `app`, and one for each exported interface with resources.
///
/// Functions whose name starts with `roundtrip-` are the harness's own.
pub fn texts(world: &ResolvedWorld, plan: &Plan) -> Result<BTreeMap<String, String>> {
    let mut app = App {
        world,
        plan,
        imports: imported(plan),
        modules: IndexMap::default(),
        shapes: IndexMap::default(),
        passes: Vec::new(),
    };
    let imports = targets(world, false);
    let exports = targets(world, true);
    let mut texts = BTreeMap::new();
    let mut classes = String::new();
    for module in &plan.modules {
        for item in &module.items {
            let (class, implementation) = match item {
                Item::Protocol(protocol) => (protocol.class.to_string(), None),
                Item::Resource(resource) if resource.direction == Direction::Exported => {
                    let path = dotted(&module.file);
                    (
                        resource.class.to_string(),
                        Some(implementation(plan, world, &path, resource.class.as_str())?),
                    )
                }
                _ => continue,
            };
            let base = format!("{}.{class}", app.module(&module.file));
            let text = match implementation {
                None => {
                    writeln!(classes, "\n\nclass {class}({base}):\n    pass")?;
                    &mut classes
                }
                Some(name) => {
                    let text = texts
                        .entry(name)
                        .or_insert_with(|| "import passing\n".to_owned());
                    writeln!(text, "\n\nclass {class}(passing.Wrapper):\n    pass")?;
                    text
                }
            };
            for method in methods(item) {
                let key = &method.function.import;
                if let Some(name) = key.name.strip_prefix("roundtrip-") {
                    let body = if name == "look" {
                        "passing.look()"
                    } else {
                        "passing.shown"
                    };
                    writeln!(
                        text,
                        "\n    def {}(self):\n        return {body}",
                        method.function.name
                    )?;
                    continue;
                }
                let find = |all: &[Target]| {
                    all.iter().position(|one| {
                        ImportKey::new(one.interface.as_deref(), &one.function.name) == *key
                    })
                };
                let export = &exports[find(&exports).context("a method stands for an export")?];
                let import = &imports[find(&imports)
                    .with_context(|| format!("`{}` is not imported", export.key()))?];
                let (file, owner, name) = app
                    .imports
                    .get(key)
                    .context("every import has a Python function")?
                    .clone();
                let place = app.module(&file);
                let imported = app.signature(
                    &place,
                    owner.as_deref(),
                    &name,
                    method.kind,
                    &import.function,
                )?;
                let (place, owner) = match method.kind {
                    "" => (base.clone(), None),
                    _ => (app.module(&module.file), Some(class.as_str())),
                };
                let name = method.function.name.to_string();
                let exported =
                    app.signature(&place, owner, &name, method.kind, &export.function)?;
                let shared = if imported.1 == exported.1 {
                    "True"
                } else {
                    "False"
                };
                let number = app.passes.len();
                app.passes.push(format!(
                    "passing.Pass({}, {}, {shared})",
                    imported.0, exported.0
                ));
                text.push_str(&body(
                    method.kind,
                    &name,
                    number,
                    export.function.kind.is_async(),
                ));
            }
        }
    }
    texts.insert("app".to_owned(), app.finish(&classes)?);
    Ok(texts)
}

/// A function of a Protocol or of a resource, with its kind in the latter: nothing, or `passing.Function`'s `kind`.
struct Method<'a> {
    function: &'a python::Function,
    kind: &'static str,
}

fn methods(item: &Item) -> Vec<Method<'_>> {
    match item {
        Item::Protocol(protocol) => protocol
            .methods
            .iter()
            .map(|function| Method { function, kind: "" })
            .collect(),
        Item::Resource(resource) => {
            let constructor = resource.constructor.iter().map(|function| Method {
                function,
                kind: "constructor",
            });
            let methods = resource.methods.iter().map(|method| Method {
                function: &method.function,
                kind: if method.is_static { "static" } else { "method" },
            });
            constructor.chain(methods).collect()
        }
        _ => Vec::new(),
    }
}

fn body(kind: &str, name: &str, number: usize, is_async: bool) -> String {
    let function = format!("passing.FUNCTIONS[{number}]");
    let (keyword, call) = match is_async {
        true => ("async def", format!("await {function}.wait")),
        false => ("def", function),
    };
    match kind {
        "" => {
            format!("\n    {keyword} {name}(self, *arguments):\n        return {call}(arguments)\n")
        }
        "method" => format!(
            "\n    {keyword} {name}(self, *arguments):\n        return {call}((self, *arguments))\n"
        ),
        "static" => {
            format!(
                "\n    @passing.classmethod_of_python\n    {keyword} {name}(cls, *arguments):\n        return {call}(arguments)\n"
            )
        }
        _ => format!(
            "\n    def {name}(self, *arguments):\n        super().__init__({number}, arguments)\n"
        ),
    }
}

/// The app's module for an exported resource.
fn implementation(plan: &Plan, world: &ResolvedWorld, module: &str, class: &str) -> Result<String> {
    let resources = world
        .resolve
        .types
        .iter()
        .filter_map(|(id, _)| plan.resource(id));
    let ours = resources.filter(|one| one.module.as_str() == module && one.class.as_str() == class);
    let name = ours.filter_map(|one| one.implementation.as_ref()).next();
    Ok(name
        .with_context(|| format!("`{module}.{class}` has a place in the app"))?
        .to_string())
}

/// All imported functions: the file, the class if it belongs to a resource, and the name in Python.
fn imported(plan: &Plan) -> IndexMap<ImportKey, (String, Option<String>, String)> {
    let mut all = IndexMap::default();
    for module in &plan.modules {
        for item in &module.items {
            match item {
                Item::Function(function) => {
                    let place = (module.file.clone(), None, function.name.to_string());
                    all.insert(function.import.clone(), place);
                }
                Item::Resource(resource) if resource.direction == Direction::Imported => {
                    for Method { function, .. } in methods(item) {
                        let class = Some(resource.class.to_string());
                        all.insert(
                            function.import.clone(),
                            (module.file.clone(), class, function.name.to_string()),
                        );
                    }
                }
                _ => {}
            }
        }
    }
    all
}

fn dotted(file: &str) -> String {
    file.trim_end_matches(".py")
        .trim_end_matches("/__init__")
        .replace('/', ".")
}
