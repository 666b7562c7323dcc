//! The requirements in a `pyproject.toml` (PEP 621), with those of extras and dependency groups (PEP 735).
//!
//! They are taken from the file, since pip would build the project to learn them.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use ground::Mistake as _;

use super::Install;
use super::error::InstallError;
use crate::project::declared::{dynamic, name_in, normal, strings};

/// The tables of a `pyproject.toml`.
pub struct Tables<'a> {
    file: &'a Path,
    name: Option<String>,
    dependencies: Vec<String>,
    extras: Option<&'a toml::Table>,
    groups: Option<&'a toml::Table>,
}

impl<'a> Tables<'a> {
    pub fn new(file: &'a Path, table: &'a toml::Table) -> Result<Self> {
        let project = table.get("project");
        let in_project = |key: &str| project.and_then(|project| project.get(key));
        let groups = table.get("dependency-groups");
        let file_shown = file.to_owned();
        if dynamic(table) {
            return InstallError::Dynamic { file: file_shown }.raise();
        }
        if project.is_none() && groups.is_none() {
            return InstallError::NoProjectTable { file: file_shown }.raise();
        }
        Ok(Self {
            file,
            name: in_project("name").and_then(|name| name.as_str().map(normal)),
            dependencies: strings(in_project("dependencies")),
            extras: in_project("optional-dependencies").and_then(toml::Value::as_table),
            groups: groups.and_then(toml::Value::as_table),
        })
    }

    /// The dependencies with those of the chosen extras and groups.
    pub fn chosen(&self, settings: &Install) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        let mut seen = BTreeSet::new();
        self.add(self.dependencies.clone(), &mut seen, &mut lines)?;
        for extra in &settings.extras {
            self.extra(extra, &mut seen, &mut lines)?;
        }
        for group in &settings.groups {
            self.group(group, &mut seen, &mut lines)?;
        }
        Ok(lines)
    }

    /// Adds requirements. One on the project itself stands for its extras.
    fn add(
        &self,
        requirements: Vec<String>,
        seen: &mut BTreeSet<String>,
        lines: &mut Vec<String>,
    ) -> Result<()> {
        for requirement in requirements {
            let name = name_in(&requirement).map(normal);
            if name.is_none() || name != self.name {
                lines.push(requirement);
                continue;
            }
            let brackets = requirement.split_once('[');
            let extras = brackets.and_then(|(_, rest)| rest.split_once(']'));
            for extra in extras.map_or("", |(extras, _)| extras).split(',') {
                if !extra.trim().is_empty() {
                    self.extra(extra.trim(), seen, lines)?;
                }
            }
        }
        Ok(())
    }

    fn extra(
        &self,
        name: &str,
        seen: &mut BTreeSet<String>,
        lines: &mut Vec<String>,
    ) -> Result<()> {
        let requirements = strings(Some(self.entry("extra", name, self.extras)?));
        match seen.insert(format!("extra {}", normal(name))) {
            true => self.add(requirements, seen, lines),
            false => Ok(()),
        }
    }

    fn group(
        &self,
        name: &str,
        seen: &mut BTreeSet<String>,
        lines: &mut Vec<String>,
    ) -> Result<()> {
        let entry = self.entry("dependency group", name, self.groups)?;
        if !seen.insert(format!("group {}", normal(name))) {
            return Ok(());
        }
        self.add(strings(Some(entry)), seen, lines)?;
        for item in entry.as_array().into_iter().flatten() {
            if let Some(other) = item.get("include-group").and_then(toml::Value::as_str) {
                self.group(other, seen, lines)?;
            }
        }
        Ok(())
    }

    fn entry(
        &self,
        kind: &'static str,
        name: &str,
        table: Option<&'a toml::Table>,
    ) -> Result<&'a toml::Value> {
        let entries = || table.into_iter().flatten();
        match entries().find(|(key, _)| normal(key) == normal(name)) {
            Some((_, value)) => Ok(value),
            None => {
                let mut candidates: Vec<String> = entries().map(|(key, _)| key.clone()).collect();
                candidates.sort_by_key(|key| strsim::damerau_levenshtein(key, name));
                InstallError::Unknown {
                    kind,
                    name: name.to_owned(),
                    file: self.file.to_owned(),
                    candidates,
                }
                .raise()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROJECT: &str = "
        [project]
        name = 'My.App'
        dependencies = ['flask>=3', 'colorama; sys_platform == \"win32\"']
        [project.optional-dependencies]
        db = ['sqlalchemy']
        all = ['my-app[db, web]']
        web = ['jinja2']
        [dependency-groups]
        base = ['idna']
        test = [{ include-group = 'base' }, 'pytest']
    ";

    fn chosen(extras: &[&str], groups: &[&str]) -> Result<Vec<String>> {
        let table: toml::Table = PROJECT.parse().unwrap();
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let settings = Install {
            extras: own(extras),
            groups: own(groups),
            ..Install::new(".")
        };
        Tables::new(Path::new("pyproject.toml"), &table)?.chosen(&settings)
    }

    #[test]
    fn extras_and_groups_are_added() {
        let base = ["flask>=3", "colorama; sys_platform == \"win32\""];
        assert_eq!(chosen(&[], &[]).unwrap(), base);
        let all = chosen(&["ALL"], &[]).unwrap();
        assert_eq!(all[2..], ["sqlalchemy", "jinja2"]);
        let test = chosen(&[], &["test", "base"]).unwrap();
        assert_eq!(test[2..], ["pytest", "idna"]);
        let error = chosen(&[], &["tset"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`pyproject.toml` has no dependency group `tset`"
        );
    }
}
