//! Names: the newtypes, the case conversions, and scopes that keep names apart.

use std::collections::BTreeSet;
use std::fmt;

use heck::{ToShoutySnakeCase as _, ToSnakeCase as _, ToUpperCamelCase as _};

/// One Python identifier, never a keyword.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PyIdent(String);

/// A dotted Python module path, such as `wit_world.imports.types`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PyPath(String);

/// A WIT item in the form for messages: `ns:pkg/interface@1.0.0#item`, or `item` in the world itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WitName(String);

/// Words that cannot be Python identifiers. Soft keywords (`match`, `type`, `case`, `_`) can.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

impl PyIdent {
    /// `name`, with a trailing `_` if it is a keyword.
    pub fn escaped(name: String) -> Self {
        if KEYWORDS.contains(&name.as_str()) {
            Self(name + "_")
        } else {
            Self(name)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PyPath {
    /// `None` if a part is not an identifier.
    pub fn parse(text: &str) -> Option<Self> {
        text.split('.')
            .all(is_identifier)
            .then(|| Self(text.to_owned()))
    }

    pub fn join(&self, name: &str) -> Self {
        Self(format!("{}.{name}", self.0))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The package that contains the module, empty if there is none, and its own name.
    pub fn split(&self) -> (String, PyIdent) {
        let (package, name) = self.0.rsplit_once('.').unwrap_or(("", &self.0));
        (package.to_owned(), PyIdent(name.to_owned()))
    }

    /// The path of this package's directory, with `/`.
    pub fn directory(&self) -> String {
        self.0.replace('.', "/")
    }
}

impl WitName {
    /// `function` may be a canonical name such as `[method]thing.get`.
    pub fn new(interface: Option<&str>, item: &str) -> Self {
        let item = match item.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some(("constructor", resource)) => format!("{resource}.constructor"),
            Some((_, item)) => item.to_owned(),
            None => item.to_owned(),
        };
        match interface {
            Some(interface) => Self(format!("{interface}#{item}")),
            None => Self(item),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! display {
    ($($name:ident)*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )*};
}
display!(PyIdent PyPath WitName);

/// Returns `true` if `name` can be a Python identifier (of ASCII characters, like WIT names).
pub fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && chars.all(|char| char.is_ascii_alphanumeric() || char == '_')
        && !KEYWORDS.contains(&name)
}

/// The form for functions, methods, parameters, fields and modules.
pub fn snake(wit: &str) -> String {
    wit.to_snake_case()
}

/// The form for classes.
pub fn camel(wit: &str) -> String {
    wit.to_upper_camel_case()
}

/// The form for members of enums and flags.
pub fn shouty(wit: &str) -> String {
    wit.to_shouty_snake_case()
}

/// The names taken in one namespace: a module, a class, or a parameter list.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    taken: BTreeSet<String>,
}

impl Scope {
    pub fn with<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            taken: names.into_iter().map(str::to_owned).collect(),
        }
    }

    /// Takes `wanted`, or the first free name with more underscores at its end.
    pub fn claim(&mut self, wanted: String) -> PyIdent {
        let mut name = PyIdent::escaped(wanted);
        while !self.taken.insert(name.0.clone()) {
            name.0.push('_');
        }
        name
    }

    pub fn contains(&self, name: &str) -> bool {
        self.taken.contains(name)
    }
}
