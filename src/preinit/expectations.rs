//! The classes that a world asks of the app, read off the generated protocols: for errors that show what to write.

use std::collections::BTreeMap;

use crate::bindgen::PyTree;
use crate::plan::PyPath;

/// A class that the app has to define.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    /// Line that imports the base class.
    pub import: String,
    /// As the class statement names it.
    pub base: String,
    /// `def` lines, without the body, by method.
    pub methods: BTreeMap<String, String>,
}

/// The classes that the world asks of the app, by name.
#[derive(Clone, Debug, Default)]
pub struct Expectations {
    pub classes: BTreeMap<String, Expectation>,
    /// Interfaces that the world would have without `--intersect-world`.
    dropped: Vec<String>,
}

impl Expectations {
    /// Reads them off the generated protocols, which are what the user's editor shows too. `dropped` are the names of the
    /// interfaces that an intersection took away.
    pub fn from_bindings(tree: &PyTree, packages: &[PyPath], dropped: &[String]) -> Self {
        let mut expectations = Self {
            dropped: dropped.to_vec(),
            ..Self::default()
        };
        for package in packages {
            let directory = package.directory();
            if let Some(text) = tree.files.get(&format!("{directory}/__init__.py")) {
                expectations.add_protocols(text, &format!("import {package}"), package.as_str());
            }
            if let Some(text) = tree.files.get(&format!("{directory}/exports/__init__.py")) {
                let import = format!("from {package} import exports");
                expectations.add_protocols(text, &import, "exports");
            }
            // Resources have theirs in the modules of their interfaces.
            let exports = format!("{directory}/exports/");
            for (file, text) in &tree.files {
                let module = file.strip_prefix(&exports);
                let module = module.and_then(|file| file.strip_suffix(".py"));
                if let Some(module) = module.filter(|module| *module != "__init__") {
                    let import = format!("from {package}.exports import {module}");
                    expectations.add_protocols(text, &import, module);
                }
            }
        }
        expectations
    }

    /// The interface that such a module would stand for, had the intersection not taken it away.
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

    fn add_protocols(&mut self, text: &str, import: &str, module: &str) {
        let mut class: Option<&mut Expectation> = None;
        let mut decorator = String::new();
        for line in text.lines() {
            if let Some(name) = line
                .strip_prefix("class ")
                .and_then(|rest| rest.split('(').next())
            {
                class = line.contains("Protocol").then(|| {
                    self.classes.entry(name.to_owned()).or_insert(Expectation {
                        import: import.to_owned(),
                        base: format!("{module}.{name}"),
                        methods: BTreeMap::new(),
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
}
