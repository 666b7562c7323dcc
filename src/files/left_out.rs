//! The list of modules that were importable while building and are not in the component: `runtime/finder.py` reads it when
//! an import fails.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Sources;
use super::tree::Tree;

pub const PATH: &str = "/python/left-out.txt";
/// The word for modules of the standard library; any other module belongs to a package.
const STDLIB_KIND: &str = "stdlib";
const PACKAGE_KIND: &str = "package";

/// A line for each module: its name, a tab, and the word for its kind.
pub fn text(sources: &Sources<'_>, tree: &Tree) -> String {
    let mut kinds: BTreeMap<String, &str> = BTreeMap::new();
    for name in sources.stdlib {
        kinds.insert(name.clone(), STDLIB_KIND);
    }
    for root in &sources.path.roots {
        for name in root.modules() {
            let is_there = [name.clone(), format!("{name}.py")]
                .iter()
                .any(|entry| tree.get(&format!("{}/{entry}", root.guest)).is_some());
            if !is_there {
                kinds.entry(name).or_insert(PACKAGE_KIND);
            }
        }
    }
    let mut text = String::new();
    for (name, kind) in kinds {
        let _ = writeln!(text, "{name}\t{kind}");
    }
    text
}
