//! Directory cases of bindings: WIT and options in, a tree of files or an error's text out.
//!
//! `world.wit` or `wit/` is the WIT; `args` has options as the command line takes them (paths are
//! relative to the case), and its own `-d` replaces the default.

use std::path::{Path, PathBuf};

use componentize_py::UserError;
use componentize_py::bindgen::{Bodies, Indices, PyTree, print};
use componentize_py::plan::{Naming, plan};
use componentize_py::world::{WorldRequest, resolve};
use wit_parser::TypeId;

pub struct Case {
    pub directory: PathBuf,
}

struct AnyIndex;

impl Indices for AnyIndex {
    fn import(&self, _interface: Option<&str>, _name: &str) -> Option<usize> {
        Some(0)
    }

    fn stream(&self, _ty: TypeId) -> Option<usize> {
        Some(0)
    }

    fn future(&self, _ty: TypeId) -> Option<usize> {
        Some(0)
    }
}

/// The options of `args`.
#[derive(Default)]
struct Options {
    wit_paths: Vec<PathBuf>,
    worlds: Vec<String>,
    intersect: Option<String>,
    features: Vec<String>,
    all_features: bool,
    naming: Naming,
}

impl Case {
    /// All cases in a directory, sorted by name.
    pub fn all(directory: &Path) -> Vec<Self> {
        let mut cases: Vec<Self> = fs_err::read_dir(directory)
            .expect("the directory of cases is there")
            .map(|entry| Self {
                directory: entry.expect("the entry can be read").path(),
            })
            .filter(|case| case.directory.is_dir())
            .collect();
        cases.sort_by(|one, other| one.directory.cmp(&other.directory));
        cases
    }

    pub fn name(&self) -> String {
        self.directory
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    }

    pub fn world_module(&self) -> String {
        self.options().naming.world_module
    }

    /// With bodies that call, each import has the same index: which one does not matter here.
    pub fn generate(&self, calls: bool) -> anyhow::Result<PyTree> {
        let options = self.options();
        let world = resolve(&WorldRequest {
            wit_paths: &options.wit_paths,
            worlds: &options.worlds,
            intersect: options.intersect.as_deref(),
            features: &options.features,
            all_features: options.all_features,
            ..WorldRequest::default()
        })?;
        let plan = plan(&world, std::slice::from_ref(&options.naming))?;
        let bodies = if calls {
            Bodies::Calls(&AnyIndex)
        } else {
            Bodies::Stubs
        };
        Ok(print(&world, &plan, bodies))
    }

    fn options(&self) -> Options {
        let mut options = Options::default();
        let text = fs_err::read_to_string(self.directory.join("args")).unwrap_or_default();
        let mut words = text.split_whitespace().map(str::to_owned);
        while let Some(option) = words.next() {
            let mut value = || {
                words
                    .next()
                    .unwrap_or_else(|| panic!("`{option}` has no value"))
            };
            match option.as_str() {
                "-d" => options.wit_paths.push(self.directory.join(value())),
                "-w" => options.worlds.push(value()),
                "-i" => options.intersect = Some(value()),
                "--features" => options.features.push(value()),
                "--all-features" => options.all_features = true,
                "--full-names" => options.naming.full_names = true,
                "--world-module" => options.naming.world_module = value(),
                "--import-interface-name" => {
                    options
                        .naming
                        .import_interface_names
                        .extend([pair(&value())]);
                }
                "--export-interface-name" => {
                    options
                        .naming
                        .export_interface_names
                        .extend([pair(&value())]);
                }
                other => panic!("no test knows the option `{other}`"),
            }
        }
        if options.wit_paths.is_empty() {
            let file = self.directory.join("world.wit");
            let directory = self.directory.join("wit");
            options
                .wit_paths
                .push(if file.exists() { file } else { directory });
        }
        options
    }

    /// An error as the program prints it, without the case's own path.
    pub fn error_text(&self, error: &anyhow::Error) -> String {
        let mut text = format!("error: {error:#}\n");
        if let Some(error) = error.downcast_ref::<UserError>() {
            if let Some(detail) = error.detail() {
                text += &format!("{}\n", detail.trim_end());
            }
            if let Some(hint) = error.hint() {
                text += &format!("\nhint: {hint}\n");
            }
        }
        text.replace(&format!("{}/", self.directory.display()), "")
    }
}

fn pair(text: &str) -> (String, String) {
    let (wit, python) = text.split_once('=').expect("names are given as WIT=PY");
    (wit.to_owned(), python.to_owned())
}

/// Writes a tree below a directory.
pub fn write(tree: &PyTree, directory: &Path) -> std::io::Result<()> {
    for (path, text) in &tree.files {
        let path = directory.join(path);
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent)?;
        }
        fs_err::write(path, text)?;
    }
    Ok(())
}
