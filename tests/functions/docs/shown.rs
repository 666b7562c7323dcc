//! Pages show and list the real things: the first component, variables of the environment, keys of the configuration.

use std::collections::BTreeSet;
use std::path::Path;

use super::{entries, root};

/// The README and the tutorial show the example that every test of the tool begins with.
#[test]
fn the_first_component_is_the_example() {
    let app = text("examples/hello/app.py");
    let world: String = text("examples/hello/wit/world.wit")
        .lines()
        .filter(|line| !line.trim_start().starts_with("///"))
        .map(|line| format!("{line}\n"))
        .collect();
    for page in ["README.md", "docs/tutorials/first-component.md"] {
        let page_text = text(page);
        assert_eq!(block(&page_text, "python"), app, "in {page}");
        assert_eq!(block(&page_text, "wit"), world, "in {page}");
    }
}

#[test]
fn the_first_block_of_a_language_is_found() {
    assert_eq!(block("```wit\na\n```\n```wit\nb\n```\n", "wit"), "a\n");
}

#[test]
fn variables_are_listed() {
    let mut variables = BTreeSet::new();
    for folder in ["src", "crates", "guest/src", "spin-host/src", "xtask/src"] {
        variables_in(&root().join(folder), &mut variables);
    }
    assert!(variables.len() >= 4, "only {variables:?}");
    let page = text("docs/reference/environment.md");
    for variable in variables {
        assert!(
            page.contains(&format!("`{variable}`")),
            "{variable} is not listed"
        );
    }
}

/// The keys come from the tool's message about an unknown key.
#[test]
fn keys_of_the_configuration_are_listed() {
    let golden = text("tests/errors/config-unknown-key/expected/stderr");
    let (_, keys) = golden
        .split_once("The keys are: ")
        .expect("it lists the keys");
    let page = text("docs/reference/configuration.md");
    let keys: Vec<&str> = keys.trim().split(", ").collect();
    assert!(keys.len() >= 5, "only {keys:?}");
    for key in keys {
        assert!(
            page.contains(&format!("\n| {key} |")),
            "{key} is not listed"
        );
    }
}

fn text(place: &str) -> String {
    fs_err::read_to_string(root().join(place)).expect("the file is there")
}

/// The first fenced block of this language.
fn block<'a>(page: &'a str, language: &str) -> &'a str {
    let (_, rest) = page
        .split_once(&format!("```{language}\n"))
        .expect("the page has such a block");
    rest.split_once("```").expect("the block ends").0
}

/// Our own variables, wherever the source names them.
fn variables_in(folder: &Path, found: &mut BTreeSet<String>) {
    for path in entries(folder) {
        if path.is_dir() {
            variables_in(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs_err::read_to_string(&path).expect("source is text");
            let names = source.split("\"COMPONENTIZE_PY_").skip(1);
            let names = names.filter_map(|rest| rest.split_once('"'));
            found.extend(names.map(|(name, _)| format!("COMPONENTIZE_PY_{name}")));
        }
    }
}
