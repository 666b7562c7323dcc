//! Wheels that cannot be built, and recipes that cannot be read.

use std::path::PathBuf;

use derive_more::Display;
use ground::{Kind, Mistake};

/// A reason why there is no wheel.
#[derive(Debug, Display)]
pub enum WheelError {
    #[display("there is no directory of recipes `{}`", folder.display())]
    NoRecipes { folder: PathBuf },
    #[display("the recipes cannot be read: {reason}")]
    RecipesUnreadable { reason: String },
    #[display("`{text}` is not the name of a package")]
    NotAName { text: String },
    #[display("`{package}` could not be built for components")]
    Failed {
        package: String,
        reason: String,
        hint: Option<String>,
    },
}

/// The text between an error of the build and its advice.
const HINT: &str = "\n\nhint: ";

impl WheelError {
    pub fn recipes(error: &anyhow::Error) -> Self {
        let (reasons, _) = parts(error);
        Self::RecipesUnreadable {
            reason: reasons.join(": "),
        }
    }

    pub fn failed(package: &str, error: &anyhow::Error) -> Self {
        let (reasons, hint) = parts(error);
        Self::Failed {
            package: package.to_owned(),
            reason: reasons.join("\n"),
            hint,
        }
    }
}

/// The messages of an error of the build, and the first advice in them.
fn parts(error: &anyhow::Error) -> (Vec<String>, Option<String>) {
    let mut hint = None;
    let mut reasons = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string();
        let (reason, advice) = match text.split_once(HINT) {
            Some((reason, advice)) => (reason, Some(advice.to_owned())),
            None => (text.as_str(), None),
        };
        hint = hint.or(advice);
        reasons.push(reason.to_owned());
    }
    (reasons, hint)
}

impl Mistake for WheelError {
    fn kind(&self) -> Kind {
        Kind::Config
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoRecipes { .. } => {
                "name a directory with `NAME/recipe.toml` for each package".to_owned()
            }
            Self::RecipesUnreadable { .. } => "correct the file that is named".to_owned(),
            Self::NotAName { .. } => {
                "write `NAME`, `NAME==VERSION`, or the path of a project such as `./project`"
                    .to_owned()
            }
            Self::Failed { hint: Some(hint), .. } => hint.clone(),
            Self::Failed { .. } => {
                "the package may need a recipe: see \"Native packages\" in the documentation, and `--recipes`"
                    .to_owned()
            }
        })
    }

    fn detail(&self) -> Option<&str> {
        match self {
            Self::Failed { reason, .. } => Some(reason),
            _ => None,
        }
    }
}
