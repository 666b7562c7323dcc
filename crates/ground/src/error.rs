//! The user's mistakes. Every other failure is an `anyhow::Error` with context: a bug of this tool, or a fault of the
//! machine.
//!
//! A stage has an enum of its own mistakes, in one file with their messages, hints, details and kinds, so that a new
//! mistake changes that file alone. The enums deliberately do not implement `std::error::Error`: `?` and `into` reach
//! `anyhow::Error` only through [`UserError`], so no mistake can be taken for a bug.

use std::any::Any;
use std::error::Error;
use std::fmt;

/// The input with the mistake. Python has a class of exception for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The WIT or the choice of a world.
    Wit,
    /// The app, or a package that it imports.
    App,
    /// A name, an option, or a `componentize-py.toml`.
    Config,
    /// A file that cannot be read or written.
    File,
    /// A component that is run or served, or the settings for that.
    Host,
}

/// A mistake of one stage. `Display` is its message: lower case, literals in backticks, no final period.
pub trait Mistake: fmt::Debug + fmt::Display + Any + Send + Sync {
    /// The input to change.
    fn kind(&self) -> Kind;

    /// The next thing to do, without the leading `hint:`.
    fn hint(&self) -> Option<String>;

    /// Text about it from elsewhere (the guest, a parser), shown unchanged between the causes and the hint.
    fn detail(&self) -> Option<&str> {
        None
    }

    /// The cause, for [`Error::source`].
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        None
    }

    /// Converts the mistake into the error of a function that also fails in other ways.
    fn error(self) -> anyhow::Error
    where
        Self: Sized,
    {
        UserError::from(self).into()
    }

    /// Returns [`Self::error`] as a result.
    fn raise<T>(self) -> anyhow::Result<T>
    where
        Self: Sized,
    {
        Err(self.error())
    }
}

/// A mistake in the input: reported as `error:`, its causes, and `hint:`; exit code 1.
///
/// To find one in an error, use `error.downcast_ref::<UserError>()`.
pub struct UserError(Box<dyn Mistake>);

impl UserError {
    /// The input to change.
    pub fn kind(&self) -> Kind {
        self.0.kind()
    }

    /// The next thing to do.
    pub fn hint(&self) -> Option<String> {
        self.0.hint()
    }

    /// Text about it from the guest or a parser: a traceback, or a place in a file.
    pub fn detail(&self) -> Option<&str> {
        self.0.detail().filter(|detail| !detail.is_empty())
    }

    /// The mistake itself, if it belongs to this stage.
    pub fn get<M: Mistake>(&self) -> Option<&M> {
        let mistake: &dyn Any = &*self.0;
        mistake.downcast_ref()
    }
}

impl<M: Mistake> From<M> for UserError {
    fn from(mistake: M) -> Self {
        Self(Box::new(mistake))
    }
}

impl fmt::Debug for UserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for UserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&*self.0, f)
    }
}

impl Error for UserError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Absent(std::io::Error);

    impl fmt::Display for Absent {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("`x` is absent")
        }
    }

    impl Mistake for Absent {
        fn kind(&self) -> Kind {
            Kind::File
        }

        fn hint(&self) -> Option<String> {
            Some("create it".to_owned())
        }

        fn detail(&self) -> Option<&str> {
            Some("")
        }

        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn mistakes_survive_context() {
        let raised: anyhow::Result<()> = Absent(std::io::Error::other("no disk")).raise();
        let error = raised.unwrap_err();
        assert_eq!(format!("{error:#}"), "`x` is absent: no disk");
        let error = error.context("failed to look");
        let found = error.downcast_ref::<UserError>().unwrap();
        assert_eq!(found.kind(), Kind::File);
        assert_eq!(found.hint().as_deref(), Some("create it"));
        assert_eq!(found.detail(), None);
        assert!(found.get::<Absent>().is_some());
    }
}
