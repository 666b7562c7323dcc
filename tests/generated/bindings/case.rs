//! Cases of bindings: WIT and a command line in, a tree of files or an error's text out.
//!
//! `world.wit` or `wit/` is the WIT, and `cmd` (optional) the command line, which ends with `bindings`; paths are relative to the case.

use std::path::PathBuf;

use bindings::bindgen::{Bodies, Indices, PyTree, print};
use bindings::plan::{Naming, plan};
use bindings::world::{WorldRequest, resolve};
use ground::UserError;
use wit_parser::TypeId;

use crate::support::golden::Case;

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

/// The options on the command line.
#[derive(Default)]
struct Options {
    wit_paths: Vec<PathBuf>,
    worlds: Vec<String>,
    intersect: Option<String>,
    features: Vec<String>,
    all_features: bool,
    naming: Naming,
}

pub fn world_module(case: &Case) -> String {
    options(case).naming.world_module
}

/// In bodies that call, each import has the same index, since it does not matter here.
pub fn generate(case: &Case, calls: bool) -> anyhow::Result<PyTree> {
    let options = options(case);
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
    Ok(print(&plan, bodies))
}

fn options(case: &Case) -> Options {
    let usual = if case.has("world.wit") {
        "world.wit"
    } else {
        "wit"
    };
    let mut words = case
        .command(&["-d", usual, "bindings"])
        .expect("`cmd` is text");
    assert_eq!(words.pop().as_deref(), Some("bindings"), "the end of `cmd`");
    let mut words = words.into_iter();
    let mut options = Options::default();
    while let Some(option) = words.next() {
        let mut value = || {
            words
                .next()
                .unwrap_or_else(|| panic!("`{option}` has no value"))
        };
        let naming = &mut options.naming;
        match option.as_str() {
            "-d" => options.wit_paths.push(case.path(&value())),
            "-w" => options.worlds.push(value()),
            "-i" => options.intersect = Some(value()),
            "--features" => options.features.push(value()),
            "--all-features" => options.all_features = true,
            "--full-names" => naming.full_names = true,
            "--world-module" => naming.world_module = value(),
            "--import-interface-name" => naming.import_interface_names.extend([pair(&value())]),
            "--export-interface-name" => naming.export_interface_names.extend([pair(&value())]),
            other => panic!("no test knows the option `{other}`"),
        }
    }
    options
}

/// An error as the program prints it, without the case's own path.
pub fn error_text(case: &Case, error: &anyhow::Error) -> String {
    let mut text = format!("error: {error:#}\n");
    if let Some(error) = error.downcast_ref::<UserError>() {
        if let Some(detail) = error.detail() {
            text += &format!("{}\n", detail.trim_end());
        }
        if let Some(hint) = error.hint() {
            text += &format!("\nhint: {hint}\n");
        }
    }
    text.replace(&format!("{}/", case.directory.display()), "")
}

fn pair(text: &str) -> (String, String) {
    let (wit, python) = text.split_once('=').expect("names are given as WIT=PY");
    (wit.to_owned(), python.to_owned())
}
