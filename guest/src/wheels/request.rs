//! The user's request for a wheel, as the command line has it.

use std::str::FromStr;

use anyhow::{Result, ensure};

/// `NAME` or `NAME==VERSION`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub name: String,
    pub version: Option<String>,
}

impl FromStr for Request {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, version) = match text.split_once("==") {
            Some((name, version)) => (name.trim(), Some(version.trim())),
            None => (text.trim(), None),
        };
        let is_part = |text: &str| {
            let mut characters = text.chars();
            characters
                .next()
                .is_some_and(|first| first.is_ascii_alphanumeric())
                && characters.all(|one| one.is_ascii_alphanumeric() || "._-+!".contains(one))
        };
        ensure!(
            is_part(name) && version.is_none_or(is_part),
            "`{text}` is not the name of a package\n\nhint: write `NAME` or `NAME==VERSION`"
        );
        Ok(Self {
            name: name.to_owned(),
            version: version.map(str::to_owned),
        })
    }
}
