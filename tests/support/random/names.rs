//! Names for WIT items: ordinary ones, and all that have a meaning in Python or in the generated code.

use std::collections::BTreeSet;

use super::rng::Rng;

/// Python keywords, soft keywords and builtins; what generated code imports; WIT keywords; attributes of Python's
/// own classes.
const NASTY: &[&str] = &[
    "false",
    "none",
    "true",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
    "match",
    "case",
    "type",
    "print",
    "int",
    "str",
    "bytes",
    "float",
    "bool",
    "list",
    "dict",
    "tuple",
    "set",
    "object",
    "property",
    "classmethod",
    "staticmethod",
    "super",
    "len",
    "range",
    "id",
    "hash",
    "result",
    "ok",
    "err",
    "some",
    "option",
    "optional",
    "union",
    "protocol",
    "self",
    "cls",
    "callable",
    "any",
    "generic",
    "type-var",
    "enum",
    "flag",
    "flags",
    "dataclass",
    "dataclasses",
    "abstractmethod",
    "abc",
    "typing",
    "types",
    "builtins",
    "annotations",
    "value",
    "name",
    "args",
    "exports",
    "imports",
    "wit-world",
    "record",
    "variant",
    "resource",
    "func",
    "use",
    "world",
    "interface",
    "package",
    "static",
    "constructor",
    "own",
    "borrow",
    "stream",
    "future",
    "char",
    "string",
    "u8",
    "s64",
    "f32",
    "map",
    "base-exception",
    "exception",
    "not-implemented-error",
    "traceback-type",
    "values",
    "items",
    "keys",
    "index",
    "base-exception",
    "exception",
    "not-implemented-error",
    "traceback-type",
    "values",
    "items",
    "keys",
    "index",
    "count",
    "auto",
    "runtime",
    "componentize-py-types",
    "componentize-py-runtime",
    "handle",
    "add-note",
    "x",
    "copy",
    "get",
    "new",
    "drop",
    "clear",
    "sys",
    "os",
    "include",
    "error-context",
    "post-init",
    "init",
    "enter",
    "exit",
    "list-of",
    "dict-of",
    "import-interface",
    "i-r",
    "option-u8",
    "field",
    "fields",
    "final",
    "class-var",
    "mro",
];

const WORDS: &[&str] = &[
    "alpha", "beta", "gamma", "delta", "point", "size", "colour", "head", "tail", "left", "right",
    "node", "a1", "b2", "x9y", "q", "URL", "ID", "H2O",
];

/// The names taken in one WIT namespace, where case does not tell names apart.
#[derive(Clone, Debug, Default)]
pub struct Taken(BTreeSet<String>);

impl Taken {
    /// A name that nothing else has here. It is written with `%` in front, so that WIT keywords are names too.
    pub fn name(&mut self, rng: &mut Rng) -> String {
        loop {
            let name = if rng.percent(55) {
                (*rng.pick(NASTY)).to_owned()
            } else {
                ordinary(rng)
            };
            let name = if self.0.contains(&name.to_lowercase()) {
                format!("{name}-n{}", rng.bits() % 1000)
            } else {
                name
            };
            if self.take(&name) {
                return name;
            }
        }
    }

    /// A name without a meaning in Python.
    pub fn plain(&mut self, rng: &mut Rng) -> String {
        loop {
            let name = ordinary(rng);
            if self.take(&name) {
                return name;
            }
        }
    }

    /// Returns `true` if it was free.
    pub fn take(&mut self, name: &str) -> bool {
        self.0.insert(name.to_lowercase())
    }
}

fn ordinary(rng: &mut Rng) -> String {
    let words: Vec<&str> = (0..rng.between(1, 3)).map(|_| *rng.pick(WORDS)).collect();
    words.join("-")
}

const DOCS: &[&str] = &[
    "Plain words.",
    "Ends with a quote: \"",
    "Three quotes: \"\"\" and '''.",
    "A backslash \\ and \\n and \\N{x} and \\u12.",
    "Ends with a backslash \\",
    "# not a comment, `code`, {braces}, %percent",
    "    indented",
    "Über 🐍",
    "",
];

pub fn docs(rng: &mut Rng) -> Vec<&'static str> {
    let lines = if rng.percent(12) {
        rng.between(1, 3)
    } else {
        0
    };
    (0..lines).map(|_| *rng.pick(DOCS)).collect()
}
