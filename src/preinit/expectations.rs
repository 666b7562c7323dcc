//! The classes and methods that the world requires of the application, as examples for missing ones.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use indexmap::IndexMap;

use bindings::bindgen;
use bindings::plan::Plan;
use bindings::plan::python::Module;

/// A class that the app has to define.
#[derive(Clone, Debug, Default)]
struct Expectation {
    /// Line that imports the base class.
    import: String,
    /// Its name in the class statement.
    base: String,
    /// `def` lines with their decorators, without the body, by method.
    methods: IndexMap<String, String>,
}

/// The classes that the world requires of the app.
#[derive(Clone, Debug, Default)]
pub struct Expectations {
    /// By name, and by the module of an interface that has resources; the module is empty for the app's own classes.
    classes: IndexMap<(String, String), Expectation>,
    /// Exported interfaces with resources, by the modules of their classes.
    interfaces: BTreeMap<String, String>,
    /// Interfaces that the world would have without `--intersect-world`.
    dropped: Vec<String>,
}

impl Expectations {
    /// The protocols of the plan's modules. `dropped` are the names of the interfaces that an intersection took away.
    pub fn of_plan(plan: &Plan, dropped: &[String]) -> Self {
        let mut expectations = Self {
            dropped: dropped.to_vec(),
            ..Self::default()
        };
        for function in plan.exports() {
            if let Some(module) = &function.module {
                let interface = function.name.as_str().split('#').next().unwrap_or_default();
                let known = expectations.interfaces.entry(module.to_string());
                known.or_insert_with(|| interface.to_owned());
            }
        }
        let module = |file: String| plan.modules.iter().find(|module| module.file == file);
        for package in &plan.packages {
            let directory = package.directory();
            if let Some(world) = module(format!("{directory}/__init__.py")) {
                let import = format!("import {package}");
                expectations.add(world, "", &import, package.as_str());
            }
            let exports = format!("{directory}/exports");
            if let Some(exports) = module(format!("{exports}/__init__.py")) {
                let import = format!("from {package} import exports");
                expectations.add(exports, "", &import, "exports");
            }
            let names: Vec<String> = expectations.interfaces.keys().cloned().collect();
            for name in names {
                if let Some(interface) = module(format!("{exports}/{name}.py")) {
                    let import = format!("from {package}.exports import {name}");
                    expectations.add(interface, &name, &import, &name);
                }
            }
        }
        expectations
    }

    /// The exported interface whose resources the module implements.
    pub fn interface(&self, module: &str) -> Option<&str> {
        self.interfaces.get(module).map(String::as_str)
    }

    /// The interface that the module would stand for if the intersection had not removed it.
    pub fn dropped(&self, module: &str) -> Option<String> {
        let (package, name) = module.rsplit_once('.')?;
        let is_interface = package.ends_with(".imports") || package.ends_with(".exports");
        let of_that_name = |interface: &&String| {
            let path = interface.split('@').next().unwrap_or_default();
            let short = path.rsplit('/').next().unwrap_or_default();
            let [full, short] = [path, short].map(|text| text.replace([':', '/', '-'], "_"));
            name == short || name.starts_with(&full)
        };
        self.dropped
            .iter()
            .find(of_that_name)
            .filter(|_| is_interface)
            .cloned()
    }

    /// `home` is the module that the classes belong into, `name` the protocols' own module there after `import`.
    fn add(&mut self, module: &Module, home: &str, import: &str, name: &str) {
        let qualifier = (!home.is_empty()).then_some(name);
        for class in bindgen::required(module, qualifier) {
            let key = (home.to_owned(), class.name.clone());
            let known = self.classes.entry(key).or_insert(Expectation {
                import: import.to_owned(),
                base: format!("{name}.{}", class.name),
                methods: IndexMap::new(),
            });
            known.methods.extend(class.methods);
        }
    }

    /// The lines that define a class.
    pub fn class(&self, module: &str, class: &str) -> String {
        match self.find(module, class) {
            Some(expected) => format!("{}\n\n\n{}", expected.import, expected.lines(class)),
            None => format!("class {class}:\n    ..."),
        }
    }

    /// The lines of a module with the classes of an interface's resources.
    pub fn module(&self, module: &str) -> String {
        let mut text = String::new();
        for ((home, class), expected) in &self.classes {
            if home == module {
                if text.is_empty() {
                    text.push_str(&expected.import);
                }
                let _ = write!(text, "\n\n\n{}", expected.lines(class));
            }
        }
        text
    }

    /// The lines that add a method to a class.
    pub fn method(&self, module: &str, class: &str, method: &str) -> String {
        let signature = self
            .find(module, class)
            .and_then(|expected| expected.methods.get(method).cloned())
            .unwrap_or_else(|| format!("def {method}(self):"));
        format!("class {class}:\n    {signature}\n        ...")
    }

    /// Classes of the app's module are listed under an empty module name.
    fn find(&self, module: &str, class: &str) -> Option<&Expectation> {
        let of = |module: &str| self.classes.get(&(module.to_owned(), class.to_owned()));
        match self.interface(module) {
            Some(_) => of(module).or_else(|| of("")),
            None => of(""),
        }
    }
}

impl Expectation {
    fn lines(&self, class: &str) -> String {
        let mut text = format!("class {class}({}):", self.base);
        for signature in self.methods.values() {
            let _ = write!(text, "\n    {signature}\n        ...");
        }
        if self.methods.is_empty() {
            text.push_str("\n    pass");
        }
        text
    }
}
