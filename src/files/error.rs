//! Mistakes in the choice of files.

use std::path::PathBuf;

use derive_more::Display;
use ground::wording::about;
use ground::{Kind, Mistake};

/// A mistake in the choice of files.
#[derive(Debug, Display)]
pub enum FilesError {
    #[display("the files with `{}` have {}, and a component holds at most {}", path.display(), about(*size), about(*limit))]
    TooLarge {
        path: PathBuf,
        size: u64,
        limit: u64,
    },
    #[display("`{option} {pattern}` is not a pattern: {reason}")]
    BadPattern {
        option: &'static str,
        pattern: String,
        reason: String,
    },
    #[display("{count} files and directories are more than a component holds")]
    TooMany { count: usize },
}

impl Mistake for FilesError {
    fn kind(&self) -> Kind {
        match self {
            Self::BadPattern { .. } => Kind::Config,
            Self::TooLarge { .. } | Self::TooMany { .. } => Kind::App,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::TooLarge { .. } => {
                "leave such files out with `--exclude PATTERN`, and read them from the host at run time"
                    .to_owned()
            }
            Self::TooMany { .. } => "leave directories out with `--exclude PATTERN`".to_owned(),
            Self::BadPattern { .. } => {
                "write it as in a `.gitignore`: `*.csv`, `data/`, `docs/**/*.png`".to_owned()
            }
        })
    }
}
