//! The order of the modules: a stage imports only from those before it. The compiler keeps the order between crates; inside a crate
//! these tests read the imports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::support::golden::root;

/// The stages of the tool, in the order of `docs/explanation/stages.md`.
const TOOL: [&str; 17] = [
    "settings",
    "contract",
    "scratch",
    "signals",
    "symbols",
    "project",
    "artifacts",
    "wheel",
    "install",
    "link",
    "preinit",
    "files",
    "report",
    "emit",
    "pipeline",
    "api",
    "cli",
];

/// The steps from WIT to Python.
const BINDINGS: [&str; 3] = ["world", "plan", "bindgen"];

/// The imports of each module of a crate from the others.
type Imports = BTreeMap<String, BTreeSet<String>>;

#[test]
fn stages_import_from_stages_before_them() {
    for (source, order) in [("src", &TOOL[..]), ("crates/bindings/src", &BINDINGS)] {
        let imports = imports(&root().join(source));
        let place = |module: &str| {
            let place = order.iter().position(|one| *one == module);
            place.unwrap_or_else(|| panic!("{source}: give `{module}` a place in the order"))
        };
        assert_eq!(
            imports.len(),
            order.len(),
            "{source}: the modules are found"
        );
        for (module, imported) in &imports {
            for other in imported {
                assert!(
                    place(other) < place(module),
                    "{source}: `{module}` imports `{other}`, which comes after it"
                );
            }
        }
        for module in order {
            let exists = root().join(source).join(module).is_dir()
                || root().join(source).join(format!("{module}.rs")).is_file();
            assert!(exists, "{source}: there is no `{module}`");
        }
    }
}

/// Files in one folder may refer to each other; a folder is a module that others enter only through its root.
#[test]
fn folders_are_not_in_cycles() {
    let mut crates = vec!["src".into(), "guest/src".into(), "xtask/src".into()];
    crates.extend(["spin-host/src".into(), "python/src".into()]);
    for entry in fs_err::read_dir(root().join("crates")).unwrap() {
        crates.push(entry.unwrap().path().join("src"));
    }
    crates.retain(|source: &PathBuf| root().join(source).is_dir());
    assert!(crates.len() > 10, "the crates are found");
    for source in crates {
        let source = root().join(source);
        let imports = imports(&source);
        for module in imports.keys() {
            let through_others = reached(&imports, module);
            assert!(
                !source.join(module).is_dir() || !through_others.contains(module),
                "{}: `{module}` imports itself by way of others: {:?}",
                source.display(),
                imports[module]
            );
        }
    }
}

#[test]
fn imports_are_found() {
    let text = "use crate::link::{self, Own};\n// crate::not\nuse crate::{ui, files::read};\nfn f() { crate::emit::sign() }\nuse crate::{\n  host::Run as R,\n  Run,\n};\nuse crate::{a::{b, c}, d};";
    let found: BTreeSet<String> = names(text).collect();
    let expected = ["link", "ui", "files", "emit", "host", "Run", "a", "d"];
    assert_eq!(found, expected.map(str::to_owned).into());
}

/// All direct and indirect imports of a module.
fn reached(imports: &Imports, module: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![module.to_owned()];
    while let Some(module) = open.pop() {
        for other in imports.get(&module).into_iter().flatten() {
            if reached.insert(other.clone()) {
                open.push(other.clone());
            }
        }
    }
    reached
}

fn imports(source: &Path) -> Imports {
    let mut imports = Imports::new();
    let homes = homes(source);
    for file in files(source) {
        let below = file.strip_prefix(source).unwrap();
        let first = below.components().next().unwrap().as_os_str();
        let module = first.to_string_lossy().trim_end_matches(".rs").to_owned();
        if ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        let text = fs_err::read_to_string(&file).unwrap();
        // Tests may import everything.
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        // The parent of a module's own file is the crate's root.
        let is_own = below.components().count() == 1
            || below.ends_with("mod.rs") && below.components().count() == 2;
        let code = match is_own {
            true => code.replace("super::", "crate::"),
            false => code.to_owned(),
        };
        let imported = names(&code).filter_map(|name| {
            let is_module =
                source.join(&name).is_dir() || source.join(format!("{name}.rs")).is_file();
            match homes.get(&name) {
                Some(home) => Some(home.clone()),
                None => is_module.then_some(name),
            }
        });
        let imported: Vec<String> = imported.filter(|other| *other != module).collect();
        imports.entry(module).or_default().extend(imported);
    }
    imports
}

/// The modules whose names the crate's root re-exports, by these names.
fn homes(source: &Path) -> BTreeMap<String, String> {
    let text = fs_err::read_to_string(source.join("lib.rs")).unwrap_or_default();
    let uses = text.split(';').filter_map(|statement| {
        let statement = statement.trim().trim_start_matches("pub(crate) ");
        let path = statement.trim_start_matches("pub ").strip_prefix("use ")?;
        Some(path.trim_start_matches("crate::"))
    });
    let mut homes = BTreeMap::new();
    for path in uses {
        if let Some((module, names)) = path.split_once("::") {
            for name in words(names) {
                homes.insert(name.to_owned(), module.to_owned());
            }
        }
    }
    homes
}

/// The names that follow `crate::`.
fn names(code: &str) -> impl Iterator<Item = String> {
    let lines = code.lines();
    let lines = lines.filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join(" ");
    let heads = |rest: &str| match rest.strip_prefix('{') {
        Some(group) => {
            let paths = paths(group);
            let heads = paths.iter().filter_map(|path| words(path).next());
            heads.map(str::to_owned).collect::<Vec<_>>()
        }
        None => words(rest).take(1).map(str::to_owned).collect(),
    };
    let found: Vec<String> = code.split("crate::").skip(1).flat_map(heads).collect();
    found.into_iter()
}

/// The paths in a group, up to its closing brace; commas in inner groups separate nothing here.
fn paths(group: &str) -> Vec<&str> {
    let (mut paths, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, char) in group.char_indices() {
        match char {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' => {
                paths.push(&group[start..at]);
                break;
            }
            ',' if depth == 0 => {
                paths.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    paths
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    text.split(move |char| !is_part(char))
        .filter(|word| !word.is_empty())
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
