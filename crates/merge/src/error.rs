//! Mistakes in the libraries that are merged.

use derive_more::Display;
use ground::{Kind, Mistake, UserError};

/// Libraries that do not fit each other, or that are too large together.
#[derive(Debug, Display)]
pub enum MergeError {
    #[display(
        "the library `{library}` uses `{symbol}` as {expected}, and `{definer}` defines it as {actual}"
    )]
    SymbolTypesDiffer {
        symbol: String,
        library: String,
        /// Signatures in the text format.
        expected: String,
        definer: String,
        actual: String,
    },
    #[display("the component with all that the app has in memory is too large: {} MiB, and hosts take at most {} MiB", size.div_ceil(1 << 20), limit >> 20)]
    ComponentTooLarge { size: usize, limit: usize },
}

impl Mistake for MergeError {
    fn kind(&self) -> Kind {
        Kind::App
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::SymbolTypesDiffer { .. } => {
                "build both against the same headers: a function must be called with its own parameters"
            }
            Self::ComponentTooLarge { .. } => {
                "the app's top level runs while the component is built, and what it has then in memory becomes part of the component; \
                 make large data in functions. For a build without it, `--report` says what takes how much"
            }
        };
        Some(hint.to_owned())
    }
}

/// The largest module in a component that parsers accept, Wasmtime's among them.
const LARGEST_MODULE: usize = 1 << 30;

/// Refuses a module of so many bytes if no host would read it.
pub fn check_size(size: usize) -> Result<(), UserError> {
    match size > LARGEST_MODULE {
        true => Err(MergeError::ComponentTooLarge {
            size,
            limit: LARGEST_MODULE,
        }
        .into()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_have_a_limit() {
        assert!(check_size(LARGEST_MODULE).is_ok());
        let error = check_size(LARGEST_MODULE + 1).unwrap_err();
        assert!(
            error
                .to_string()
                .contains(": 1025 MiB, and hosts take at most 1024 MiB")
        );
    }
}
