//! Mistakes in the app's place, and in the `componentize-py.toml` of packages.

use std::path::PathBuf;

use derive_more::Display;
use ground::wording::listed;
use ground::{Kind, Mistake};

/// A mistake in the app's place or in a package's configuration.
#[derive(Debug, Display)]
pub enum ProjectError {
    #[display("cannot read `{}`", path.display())]
    ConfigUnreadable {
        path: PathBuf,
        /// The TOML parser's own words, with the place.
        reason: String,
    },
    #[display("`{}` has an unknown key `{key}`", path.display())]
    ConfigKeyUnknown {
        path: PathBuf,
        key: String,
        /// All keys, the nearest name first.
        candidates: Vec<String>,
    },
    #[display("`{key}` in `{}` must be {expected}", path.display())]
    ConfigValueWrong {
        path: PathBuf,
        key: String,
        expected: &'static str,
    },
    #[display("`{key}` in `{}` names `{value}`, which is not a directory", path.display())]
    ConfigPathMissing {
        path: PathBuf,
        key: String,
        value: String,
    },
    #[display("`{key}` in `{}` names `{value}`, which lies outside the package", path.display())]
    ConfigPathOutside {
        path: PathBuf,
        key: String,
        value: String,
    },
    #[display("`bindings` in `{}` names `{value}`, which Python cannot import", path.display())]
    ConfigPathNotModule { path: PathBuf, value: String },
    #[display("package `{module}` has two files `componentize-py.toml`")]
    ConfigTwice {
        module: String,
        first: PathBuf,
        second: PathBuf,
    },
    #[display("the app's module and the world module have the same name, `{module}`")]
    AppIsWorldModule { module: String },
    #[display("app `{}` {fault}", path.display())]
    AppFileUnusable {
        path: PathBuf,
        /// The end of the message.
        fault: &'static str,
    },
    #[display("`{name}` does not name a web application")]
    ApplicationUnnamed { name: String },
    #[display("app `{app}` is a module, and no web application")]
    NoApplication { app: String },
    #[display("app module `{app}` not found{}", searched_in(searched))]
    AppNotFound {
        app: String,
        /// The directories of `-p`, as the user typed them.
        searched: Vec<String>,
        /// Existing modules, the nearest name first.
        candidates: Vec<String>,
    },
}

impl Mistake for ProjectError {
    fn kind(&self) -> Kind {
        match self {
            Self::AppNotFound { .. }
            | Self::AppFileUnusable { .. }
            | Self::ApplicationUnnamed { .. }
            | Self::NoApplication { .. } => Kind::App,
            _ => Kind::Config,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::ConfigUnreadable { path, .. } => format!(
                "correct `{}`, or install a package that has a valid one",
                path.display()
            ),
            Self::ConfigKeyUnknown { candidates, .. } => format!(
                "did you mean `{}`? The keys are: {}",
                candidates[0],
                listed(candidates)
            ),
            Self::ConfigValueWrong { key, .. } => format!("correct the value of `{key}`"),
            Self::ConfigPathMissing { .. } => {
                "paths are relative to the file's own directory; create it, or correct the path".to_owned()
            }
            Self::ConfigPathOutside { .. } => {
                "name a directory inside the package: others are not installed with it".to_owned()
            }
            Self::ConfigPathNotModule { .. } => {
                "use letters, digits and underscores in the names of its directories".to_owned()
            }
            Self::ConfigTwice { first, second, .. } => {
                format!("remove `{}` or `{}`", first.display(), second.display())
            }
            Self::AppIsWorldModule { .. } => {
                "rename the app's module, or name another one for the generated code with `--world-module`".to_owned()
            }
            Self::AppFileUnusable { .. } => {
                "name a Python file, a directory with an `__init__.py` or `__main__.py`, or a module such as `app` or `package.module`"
                    .to_owned()
            }
            Self::ApplicationUnnamed { name } => match name.split_once('(') {
                Some((function, _)) if function.contains(':') => {
                    format!("name the function as `{function}`, and say `--factory`")
                }
                _ => "name it as `module:attribute`, such as `main:app`".to_owned(),
            },
            Self::NoApplication { app } => format!(
                "`--interface`, `--factory`, `--lifespan` and `--warm-up` are about web applications: name one, such as `{app}:app`"
            ),
            Self::AppNotFound { candidates, .. } if candidates.is_empty() => {
                "name the directory that holds the app with `-p/--python-path`".to_owned()
            }
            Self::AppNotFound { candidates, .. } => format!(
                "available modules: {}; other directories are searched with `-p/--python-path`",
                listed(candidates)
            ),
        })
    }

    fn detail(&self) -> Option<&str> {
        match self {
            Self::ConfigUnreadable { reason, .. } => Some(reason),
            _ => None,
        }
    }
}

/// " in `a`, `b`", or a statement that there was nowhere to look.
fn searched_in(directories: &[String]) -> String {
    if directories.is_empty() {
        ": none of the directories to search exists".to_owned()
    } else {
        format!(" in {}", listed(directories))
    }
}
