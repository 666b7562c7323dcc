//! Resident memory of this process with instances of one component, all called once and kept.

use std::path::Path;

use anyhow::{Context as _, Result};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::instance::{Instance, linker};
use crate::print_bytes;

const INSTANCES: usize = 1_000;

/// Compiles in advance, so that the compiler's memory is not counted.
pub fn precompile(component: &Path, compiled: &Path) -> Result<()> {
    let bytes = Engine::default().precompile_component(&fs_err::read(component)?)?;
    Ok(fs_err::write(compiled, bytes)?)
}

pub fn measure(path: &Path) -> Result<()> {
    let engine = Engine::default();
    // SAFETY: the file was written by `precompile` of this program, with the same configuration, and nobody changes it meanwhile.
    let component = unsafe { Component::deserialize_file(&engine, path)? };
    let pre = linker(&engine)?.instantiate_pre(&component)?;
    let mut instances = Vec::with_capacity(INSTANCES);
    let mut resident = vec![Resident::now()?];
    for count in [1, INSTANCES] {
        while instances.len() < count {
            let mut instance = Instance::new(&pre)?;
            instance.hello("World")?;
            instances.push(instance);
        }
        resident.push(Resident::now()?);
    }
    for (kind, of) in Resident::KINDS {
        let [none, one, all] = [0, 1, 2].map(|index| of(&resident[index]));
        print_bytes(path, &format!("{kind}, no instance"), none);
        print_bytes(
            path,
            &format!("{kind}, the first instance"),
            one.saturating_sub(none),
        );
        let others = all.saturating_sub(one) / (INSTANCES as u64 - 1);
        print_bytes(path, &format!("{kind}, each of the others"), others);
        print_bytes(path, &format!("{kind}, {INSTANCES} instances"), all);
    }
    Ok(())
}

/// Sizes in bytes.
struct Resident {
    /// All pages of the process, shared or not.
    all: u64,
    /// For shared pages only this process's share.
    proportional: u64,
    /// Pages that no other process has.
    private: u64,
}

type Part = fn(&Resident) -> u64;

impl Resident {
    const KINDS: [(&str, Part); 3] = [
        ("resident", |resident| resident.all),
        ("proportional", |resident| resident.proportional),
        ("private", |resident| resident.private),
    ];

    /// Reads the sizes from Linux.
    fn now() -> Result<Self> {
        let text = fs_err::read_to_string("/proc/self/smaps_rollup")?;
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next());
            let kibibytes: u64 = number
                .and_then(|number| number.parse().ok())
                .with_context(|| format!("the system does not tell `{name}`"))?;
            Ok::<_, anyhow::Error>(kibibytes * 1024)
        };
        Ok(Self {
            all: field("Rss:")?,
            proportional: field("Pss:")?,
            private: field("Private_Clean:")? + field("Private_Dirty:")?,
        })
    }
}
