//! A failed build for Python: which class of exception it is, and the texts for it.

use std::any::Any;

use componentize_py::Kind;
use ground::ui::{self, Explained};
use pyo3::IntoPyObject;

/// A tuple in Python: `(kind, message, detail, hint)`. `componentize_py._errors` has a class for each kind.
#[derive(IntoPyObject)]
pub struct Failure(&'static str, String, Option<String>, Option<String>);

impl Failure {
    pub fn from_error(error: &anyhow::Error) -> Self {
        if let Some(error) = error.downcast_ref::<clap::Error>() {
            let text = error.render().to_string();
            return Self("usage", foreign_text::lines(&text).into_owned(), None, None);
        }
        let explained = Explained::new(error);
        let kind = match explained.kind {
            Some(kind) => name(kind),
            None if explained.exit_code == ui::BUG => "internal",
            None => "file",
        };
        let mut message = explained.message;
        for cause in &explained.causes {
            message += &format!(": {}", cause.trim_end());
        }
        Self(kind, message, explained.detail, explained.hint)
    }

    pub fn from_panic(panic: &(dyn Any + Send)) -> Self {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        let text = format!("panic: {}", foreign_text::lines(text));
        Self("internal", text, None, None)
    }
}

/// The name of the class of exception in `componentize_py._errors`.
fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Wit => "wit",
        Kind::App => "app",
        Kind::Config => "config",
        Kind::File => "file",
        // In Python, `run` and `serve` are only commands; the same holds for kinds that may be added.
        _ => "user",
    }
}
