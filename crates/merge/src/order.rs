//! The order in which libraries are initialised: each after those it depends on.

use super::parse::Parsed;
use super::symbols::{GlobalTarget, Id, Resolution, Target};

/// The live libraries, dependencies first. In a cycle the earlier library comes last, because it asked first.
pub fn initialisation(
    libraries: &[Parsed<'_>],
    symbols: &Resolution<'_>,
    live: &[bool],
) -> Vec<usize> {
    let mut walk = Walk {
        libraries,
        symbols,
        seen: live.iter().map(|live| !live).collect(),
        order: Vec::new(),
    };
    for library in 0..libraries.len() {
        walk.visit(library);
    }
    walk.order
}

struct Walk<'l, 'a> {
    libraries: &'l [Parsed<'a>],
    symbols: &'l Resolution<'a>,
    seen: Vec<bool>,
    order: Vec<usize>,
}

impl Walk<'_, '_> {
    fn visit(&mut self, library: usize) {
        if std::mem::replace(&mut self.seen[library], true) {
            return;
        }
        for dependency in self.dependencies(library) {
            self.visit(dependency);
        }
        self.order.push(library);
    }

    /// The libraries that one names as needed, then those that define its symbols.
    fn dependencies(&self, library: usize) -> Vec<usize> {
        let needed = self.libraries[library].needed.iter();
        let needed = needed.filter_map(|name| self.libraries.iter().position(|l| l.name == *name));
        let functions = self.symbols.functions[library].iter().copied();
        let globals = self.symbols.globals[library].iter();
        let used =
            functions
                .filter_map(definer)
                .chain(globals.filter_map(|global| match *global {
                    GlobalTarget::Variable(id) | GlobalTarget::Own(id) => Some(id.library),
                    GlobalTarget::Slot(target) => definer(target),
                    _ => None,
                }));
        let mut dependencies: Vec<usize> = Vec::new();
        for dependency in needed.chain(used) {
            if dependency != library && !dependencies.contains(&dependency) {
                dependencies.push(dependency);
            }
        }
        dependencies
    }
}

fn definer(target: Target) -> Option<usize> {
    match target {
        Target::Defined(Id { library, .. }) => Some(library),
        Target::Host(_) | Target::Missing(_) => None,
    }
}
