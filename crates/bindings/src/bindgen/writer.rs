//! The only code that knows indentation, and the spelling of helpers and annotations.

use std::collections::BTreeSet;

use super::docstring;
use crate::plan::python::{Annotation, Helper, PyLibrary, Shadowed};

pub struct Writer {
    text: String,
    indent: usize,
    /// Helpers to qualify: those of the class bodies that surround the current line.
    shadowed: Vec<Shadowed>,
    used: BTreeSet<(Helper, Spelling)>,
    calls_runtime: bool,
    /// Libraries whose functions are called.
    called: BTreeSet<PyLibrary>,
    /// For text of another module: the name of this one there, and its classes that go by their plain names there, too.
    away: Option<(String, Vec<String>)>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spelling {
    Plain,
    Qualified,
}

impl Writer {
    pub fn new(shadowed: Shadowed) -> Self {
        Self {
            text: String::new(),
            indent: 0,
            shadowed: vec![shadowed],
            used: BTreeSet::new(),
            calls_runtime: false,
            called: BTreeSet::new(),
            away: None,
        }
    }

    /// Spells the module's own classes as another module does that has imported it under this name, except for those in `plain`.
    pub fn away(mut self, name: &str, plain: Vec<String>) -> Self {
        self.away = Some((name.to_owned(), plain));
        self
    }

    pub fn finish(self) -> String {
        self.text
    }

    pub fn line(&mut self, text: &str) {
        if !text.is_empty() {
            self.text.extend(std::iter::repeat_n("    ", self.indent));
            self.text.push_str(text);
        }
        self.text.push('\n');
    }

    /// Two empty lines, as before every top-level definition.
    pub fn gap(&mut self) {
        self.text.push_str("\n\n");
    }

    /// An empty line, unless this is the first thing in a block.
    pub fn separate(&mut self) {
        if !self.text.ends_with(":\n") {
            self.text.push('\n');
        }
    }

    /// Indents the output of `inside` by one level more.
    pub fn indented(&mut self, inside: impl FnOnce(&mut Self)) {
        self.indent += 1;
        inside(self);
        self.indent -= 1;
    }

    /// The same as `indented`, in a class body that shadows these helpers.
    pub fn class_body(&mut self, shadowed: &Shadowed, inside: impl FnOnce(&mut Self)) {
        self.shadowed.push(shadowed.clone());
        self.indented(inside);
        self.shadowed.pop();
    }

    pub fn docs(&mut self, docs: Option<&str>) {
        if let Some(docs) = docs {
            for line in docstring::lines(docs) {
                self.line(&line);
            }
        }
    }

    pub fn runtime(&mut self) -> &'static str {
        self.calls_runtime = true;
        "_runtime"
    }

    /// The alias of a library from which more than helpers is used.
    pub fn library(&mut self, library: PyLibrary) -> &'static str {
        self.called.insert(library);
        library.alias()
    }

    pub fn helper(&mut self, helper: Helper) -> String {
        let shadowed = self
            .shadowed
            .last()
            .is_some_and(|shadowed| shadowed.contains(&helper));
        if shadowed {
            self.used.insert((helper, Spelling::Qualified));
            format!("{}.{}", helper.library().alias(), helper.name())
        } else {
            self.used.insert((helper, Spelling::Plain));
            helper.name().to_owned()
        }
    }

    pub fn annotation(&mut self, annotation: &Annotation) -> String {
        match annotation {
            Annotation::None => "None".to_owned(),
            Annotation::Plain(helper) => self.helper(*helper),
            Annotation::Of(helper, items) => {
                let helper = self.helper(*helper);
                let items: Vec<String> = items.iter().map(|item| self.annotation(item)).collect();
                format!("{helper}[{}]", items.join(", "))
            }
            Annotation::Class(name) => match &name.qualifier {
                Some(qualifier) => format!("{qualifier}.{}", name.class),
                None => match &self.away {
                    Some((module, plain)) if !plain.contains(&name.class.to_string()) => {
                        format!("{module}.{}", name.class)
                    }
                    _ => name.class.to_string(),
                },
            },
        }
    }

    pub fn uses_plainly(&self, helper: Helper) -> bool {
        self.used.contains(&(helper, Spelling::Plain))
    }

    pub fn uses_qualified(&self, library: PyLibrary) -> bool {
        self.called.contains(&library)
            || self.used.iter().any(|(helper, spelling)| {
                helper.library() == library && *spelling == Spelling::Qualified
            })
    }

    pub fn calls_runtime(&self) -> bool {
        self.calls_runtime
    }
}

/// The annotation for readers of documentation: classes with their modules.
pub fn in_words(annotation: &Annotation) -> String {
    match annotation {
        Annotation::None => "None".to_owned(),
        // A type in WIT can have this name, too.
        Annotation::Plain(helper @ Helper::ErrorContext) => {
            format!("{}.{}", helper.library().module(), helper.name())
        }
        Annotation::Plain(helper) => helper.name().to_owned(),
        Annotation::Of(helper, items) => {
            let items: Vec<String> = items.iter().map(in_words).collect();
            format!("{}[{}]", helper.name(), items.join(", "))
        }
        Annotation::Class(name) => format!("{}.{}", name.module, name.class),
    }
}
