//! The classes and methods that the world requires of the application, as examples for missing ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use indexmap::IndexMap;

use bindings::bindgen::PyTree;
use bindings::plan::Plan;

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
    /// Reads them from the generated protocols, which the user's editor shows too. `dropped` are the names of the
    /// interfaces that an intersection has removed.
    pub fn from_bindings(tree: &PyTree, plan: &Plan, dropped: &[String]) -> Self {
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
        for package in &plan.packages {
            let directory = package.directory();
            if let Some(text) = tree.files.get(&format!("{directory}/__init__.py")) {
                expectations.add_protocols(
                    text,
                    "",
                    &format!("import {package}"),
                    package.as_str(),
                );
            }
            let exports = format!("{directory}/exports");
            if let Some(text) = tree.files.get(&format!("{exports}/__init__.py")) {
                let import = format!("from {package} import exports");
                expectations.add_protocols(text, "", &import, "exports");
            }
            let modules: Vec<String> = expectations.interfaces.keys().cloned().collect();
            for module in modules {
                if let Some(text) = tree.files.get(&format!("{exports}/{module}.py")) {
                    let import = format!("from {package}.exports import {module}");
                    expectations.add_protocols(text, &module, &import, &module);
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

    /// `home` is the module for the classes; `module` is the name of the protocols' own module after the import.
    fn add_protocols(&mut self, text: &str, home: &str, import: &str, module: &str) {
        let values = values(text);
        let mut class: Option<&mut Expectation> = None;
        let mut decorator = String::new();
        for line in text.lines() {
            if let Some(name) = line
                .strip_prefix("class ")
                .and_then(|rest| rest.split('(').next())
            {
                class = line.contains("Protocol").then(|| {
                    let key = (home.to_owned(), name.to_owned());
                    self.classes.entry(key).or_insert(Expectation {
                        import: import.to_owned(),
                        base: format!("{module}.{name}"),
                        methods: IndexMap::new(),
                    })
                });
            } else if line.starts_with(|c: char| !c.is_whitespace()) {
                class = None;
            } else if let Some(class) = &mut class
                && let Some(signature) = line.strip_prefix("    ")
                && let Some(rest) = signature
                    .strip_prefix("async ")
                    .unwrap_or(signature)
                    .strip_prefix("def ")
                && let Some(name) = rest.split('(').next()
            {
                let signature = match home {
                    "" => signature.to_owned(),
                    _ => qualified(signature, module, &values),
                };
                let signature = format!("{decorator}{signature}");
                class.methods.insert(name.to_owned(), signature);
            }
            decorator = match line.trim() {
                "@classmethod" | "@staticmethod" => format!("{}\n    ", line.trim()),
                "@abstractmethod" => decorator,
                _ => String::new(),
            };
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

/// The names that a module defines, other than protocols.
fn values(text: &str) -> BTreeSet<&str> {
    let classes = text.lines().filter(|line| !line.contains("Protocol"));
    let classes = classes.filter_map(|line| line.strip_prefix("class "));
    let aliases = text.lines().filter_map(|line| {
        let (name, _) = line.split_once(" = ")?;
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            .then_some(name)
    });
    classes
        .filter_map(|rest| rest.split([':', '(']).next())
        .chain(aliases)
        .collect()
}

/// A signature as it is written in another module, which has imported the one that defines these names.
fn qualified(signature: &str, module: &str, names: &BTreeSet<&str>) -> String {
    let is_word = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.');
    let mut text = String::new();
    let mut rest = signature;
    while let Some(start) = rest.find(is_word) {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|char| !is_word(char)).unwrap_or(rest.len());
        if names.contains(&rest[..end]) {
            let _ = write!(text, "{module}.");
        }
        text.push_str(&rest[..end]);
        rest = &rest[end..];
    }
    text + rest
}
