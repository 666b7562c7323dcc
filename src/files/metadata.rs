//! The metadata of installed packages (`.dist-info`), for `importlib.metadata`: of those whose modules are taken.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use ground::files;

use super::Sources;
use super::walk::{Walk, below};
use crate::project::Root;

/// Takes the metadata directories of the packages that have some of the wanted files.
pub fn take(sources: &Sources<'_>, walk: &mut Walk<'_>, wanted: &[String]) -> Result<()> {
    for root in &sources.path.roots {
        if root.own && !root.holds_installed() {
            continue; // it is taken whole
        }
        let tops: BTreeSet<&str> = wanted
            .iter()
            .filter_map(|path| below(path, &root.guest))
            .map(|rest| rest.split('/').next().unwrap_or(rest))
            .collect();
        for (name, _) in files::entries(&root.host) {
            let is_metadata = name.ends_with(".dist-info") || name.ends_with(".egg-info");
            if is_metadata && is_wanted(sources, root, &name, &tops) {
                walk.take(&format!("{}/{name}", root.guest))?;
            }
        }
    }
    Ok(())
}

fn is_wanted(sources: &Sources<'_>, root: &Root, name: &str, tops: &BTreeSet<&str>) -> bool {
    let read = |file: &str| {
        let file = root.host.join(name).join(file);
        let real = sources.path.grounds.read(root, &file, files::TEXT).ok()?;
        String::from_utf8(real).ok()
    };
    if let Some(record) = read("RECORD") {
        let tops_of_record: BTreeSet<&str> = record
            .lines()
            .map(file_of_record)
            .map(|file| file.split('/').next().unwrap_or(file))
            .filter(|top| !matches!(*top, ".." | "__pycache__") && *top != name)
            .collect();
        // An editable project's modules lie elsewhere on the search path.
        let is_editable = |top: &&str| {
            top.starts_with("__editable__")
                || Path::new(top).extension().is_some_and(|end| end == "pth")
        };
        return tops_of_record.iter().any(|top| tops.contains(top))
            || tops_of_record.iter().all(is_editable);
    }
    match read("top_level.txt") {
        Some(text) => text
            .lines()
            .any(|top| tops.contains(top.trim()) || tops.contains(&*format!("{}.py", top.trim()))),
        None => {
            let project = name.split('-').next().unwrap_or(name).to_lowercase();
            tops.iter().any(|top| top.to_lowercase() == project)
        }
    }
}

/// The path in a line of `RECORD`, which is quoted if it has a comma in it.
fn file_of_record(line: &str) -> &str {
    match line.strip_prefix('"') {
        Some(rest) => rest.split('"').next().unwrap_or(rest),
        None => line.split(',').next().unwrap_or(line),
    }
}
