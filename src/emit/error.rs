//! Mistakes in the destination of the result.

use std::error::Error;
use std::path::{Path, PathBuf};

use derive_more::Display;
use ground::{Kind, Mistake, UserError};

/// A place that cannot be written to.
#[derive(Debug, Display)]
pub enum OutputError {
    #[display("cannot write `{}`", path.display())]
    Unwritable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[display("the component is binary, and standard output is a terminal")]
    Terminal,
    #[display("the component and the report cannot both go to standard output")]
    SharedWithReport,
}

impl Mistake for OutputError {
    fn kind(&self) -> Kind {
        Kind::File
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Unwritable { .. } => "choose a place that can be written to",
            Self::Terminal => "name a file with `-o/--output`, or send the output to a program",
            Self::SharedWithReport => "name a file with `-o/--output`",
        };
        Some(hint.to_owned())
    }

    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unwritable { source, .. } => Some(source),
            Self::Terminal | Self::SharedWithReport => None,
        }
    }
}

pub fn unwritable(path: &Path, source: std::io::Error) -> UserError {
    OutputError::Unwritable {
        path: path.to_owned(),
        source,
    }
    .into()
}
