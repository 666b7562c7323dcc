//! The memory of Python, by module and by package.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::contract::{MeasuredItem, MeasuredKind};

/// Memory that the interpreter has allocated after the app's import; the parts add up to `memory`. The snapshot
/// differs: it leaves out zeros, and includes allocations of other libraries and freed memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Python {
    /// All that the interpreter has allocated.
    pub memory: i64,
    /// The interpreter and the runtime, before the app is imported.
    pub start: i64,
    /// Memory that belongs to no module: instances, caches, memory freed later.
    pub rest: i64,
    /// Top-level packages and modules, largest first.
    pub packages: Vec<Package>,
    /// Modules, largest first.
    pub modules: Vec<Module>,
}

/// The sum over a package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The number of its modules here.
    pub modules: u64,
    /// The sum of [`Module::loaded`].
    pub loaded: i64,
    /// The sum of [`Module::carried`].
    pub carried: i64,
}

/// A module, loaded or taken along for a later import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Module {
    /// Its full name.
    pub name: String,
    /// The memory that loading it took, without the modules that it imported; `None` if it is not loaded.
    pub loaded: Option<i64>,
    /// The size of its compressed code, if it is taken along for a later import; 0 for a native extension.
    pub carried: Option<i64>,
}

impl Python {
    pub(super) fn new(measured: Vec<MeasuredItem>) -> Self {
        let mut python = Self::default();
        let mut packages: BTreeMap<String, Package> = BTreeMap::new();
        let mut modules: BTreeMap<String, Module> = BTreeMap::new();
        for item in measured {
            python.memory += item.bytes;
            match item.kind {
                MeasuredKind::Start => python.start += item.bytes,
                MeasuredKind::Rest => python.rest += item.bytes,
                MeasuredKind::Loaded => {
                    modules.entry(item.name).or_default().loaded = Some(item.bytes);
                    packages.entry(item.package).or_default().loaded += item.bytes;
                }
                MeasuredKind::Carried => {
                    modules.entry(item.name).or_default().carried = Some(item.bytes);
                    packages.entry(item.package).or_default().carried += item.bytes;
                }
            }
        }
        for name in modules.keys() {
            let top = name.split('.').next().unwrap_or(name);
            packages.entry(top.to_owned()).or_default().modules += 1;
        }
        // Sorting is stable: rows of the same size stay in the order of names.
        python.packages = named(packages, |package, name| package.name = name);
        python.packages.sort_by_key(|package| -package.size());
        python.modules = named(modules, |module, name| module.name = name);
        python.modules.sort_by_key(|module| -module.size());
        python
    }
}

impl Package {
    fn size(&self) -> i64 {
        self.loaded + self.carried
    }
}

impl Module {
    fn size(&self) -> i64 {
        self.loaded.unwrap_or_default() + self.carried.unwrap_or_default()
    }
}

fn named<T>(items: BTreeMap<String, T>, set: impl Fn(&mut T, String)) -> Vec<T> {
    let items = items.into_iter().map(|(name, mut item)| {
        set(&mut item, name);
        item
    });
    items.collect()
}
