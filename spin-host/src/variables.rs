//! Variables: the application's values, and the templates `{{ name }}` in a component's settings.
//!
//! A value comes from the first of these that exists: `--variable NAME=VALUE`, the environment (`SPIN_VARIABLE_NAME`), the
//! default in the manifest.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};

use crate::manifest::Variable;

/// The values of an application's variables. A required variable without a value is an error only when it is used.
pub struct Variables(BTreeMap<String, Option<String>>);

impl Variables {
    pub fn new(
        declared: &BTreeMap<String, Variable>,
        given: &BTreeMap<String, String>,
    ) -> Result<Self> {
        for name in given.keys() {
            if !declared.contains_key(name) {
                bail!("`--variable {name}=…` is given, and the manifest declares no such variable");
            }
        }
        let values = declared.iter().map(|(name, variable)| {
            if !is_name(name) {
                bail!("`{name}` is not a valid variable name: use lower-case letters, digits and single underscores");
            }
            if variable.default.is_none() && !variable.required {
                bail!("the variable `{name}` has neither a default nor `required = true`");
            }
            let value = given
                .get(name)
                .cloned()
                .or_else(|| std::env::var(format!("SPIN_VARIABLE_{}", name.to_uppercase())).ok())
                .or_else(|| variable.default.clone());
            Ok((name.clone(), value))
        });
        values.collect::<Result<_>>().map(Self)
    }

    /// Replaces each `{{ name }}` by its value.
    pub fn resolve(&self, template: &str) -> Result<String> {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after
                .split_once("}}")
                .with_context(|| format!("`{template}` has `{{{{` without `}}}}`"))?;
            let name = name.trim();
            let value = self.0.get(name).with_context(|| {
                format!(
                    "`{template}` uses the variable `{name}`, which `[variables]` does not have"
                )
            })?;
            let value = value.as_ref().with_context(|| {
                format!(
                    "the variable `{name}` is required and has no value: set `SPIN_VARIABLE_{}` or give `--variable {name}=…`",
                    name.to_uppercase()
                )
            })?;
            text += before;
            text += value;
            rest = after;
        }
        Ok(text + rest)
    }
}

/// Returns `true` if Spin accepts the name for a variable.
pub fn is_name(name: &str) -> bool {
    name.split('_').all(|part| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    }) && name.starts_with(|first: char| first.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(given: &[(&str, &str)]) -> Result<Variables> {
        let declared =
            toml::from_str("host = { default = \"example.test\" }\nsecret = { required = true }")
                .unwrap();
        Variables::new(
            &declared,
            &given
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn templates_are_filled_in() {
        let plain = variables(&[]).unwrap();
        assert_eq!(
            plain.resolve("https://{{ host }}:{{host}}/").unwrap(),
            "https://example.test:example.test/"
        );
        let given = variables(&[("host", "other.test"), ("secret", "s")]).unwrap();
        assert_eq!(
            given.resolve("{{ host }} {{ secret }}").unwrap(),
            "other.test s"
        );
    }

    #[test]
    fn what_has_no_value_is_named() {
        let plain = variables(&[]).unwrap();
        for (template, expected) in [
            ("{{ secret }}", "SPIN_VARIABLE_SECRET"),
            ("{{ port }}", "`port`"),
            ("{{ host", "without"),
        ] {
            assert!(format!("{:#}", plain.resolve(template).unwrap_err()).contains(expected));
        }
        assert!(variables(&[("unknown", "")]).is_err());
    }

    #[test]
    fn names_are_those_of_spin() {
        assert!(is_name("a") && is_name("a_1_b"));
        assert!(
            !is_name("")
                && !is_name("A")
                && !is_name("a__b")
                && !is_name("a_")
                && !is_name("1a")
                && !is_name("a-b")
        );
    }
}
