//! Mistakes in what a project asks for, and packages that cannot be installed for components.

use std::path::PathBuf;

use derive_more::Display;
use ground::wording::listed;
use ground::{Kind, Mistake};

use crate::artifacts;
use crate::project::declared::normal;

/// A reason why dependencies are not installed. The directory stays as it was.
#[derive(Debug, Display)]
pub enum InstallError {
    #[display("there is no project `{}`", place.display())]
    ProjectMissing { place: PathBuf },
    #[display("there is no file `{}`", file.display())]
    FileMissing { file: PathBuf },
    #[display("`{}` declares no dependencies", place.display())]
    NothingDeclared { place: PathBuf },
    #[display("cannot parse `{}`", file.display())]
    Unparsable {
        file: PathBuf,
        /// The TOML parser's own words, with the place.
        reason: String,
    },
    #[display("only the build system of `{}` knows its dependencies: they are `dynamic`", file.display())]
    Dynamic { file: PathBuf },
    #[display("`{}` has no table `project`", file.display())]
    NoProjectTable { file: PathBuf },
    #[display("`{}` has no {kind} `{name}`", file.display())]
    Unknown {
        kind: &'static str,
        name: String,
        file: PathBuf,
        candidates: Vec<String>,
    },
    #[display("`{}` has no extras and no dependency groups", file.display())]
    NoExtras { file: PathBuf },
    #[display("the lock file `{}` cannot be combined with other files", file.display())]
    LockNotAlone { file: PathBuf },
    #[display("the lock file `{}` {reason}", file.display())]
    LockUnusable {
        file: PathBuf,
        /// The end of the message.
        reason: String,
    },
    #[display("`uv.lock` does not fit the project any more")]
    LockStale,
    #[display("`uv.lock` needs uv")]
    UvLock,
    #[display("{} in `[tool.uv.sources]` {} uv", listed(names), if names.len() == 1 { "needs" } else { "need" })]
    UvSources { names: Vec<String> },
    #[display("there is no `uv`")]
    NoUv,
    #[display("there is neither a Python with pip nor uv")]
    NoPip,
    #[display("{version} cannot install for components")]
    PipUnfit { version: String },
    #[display("`{}` has content that was not installed by `componentize-py`", target.display())]
    TargetTaken { target: PathBuf },
    #[display("package `{package}` has no wheel for components{}", found(*source, platforms))]
    NoWheel {
        /// Its name, perhaps with its version.
        package: String,
        /// It could be built from its source.
        source: bool,
        /// Systems that it has wheels for.
        platforms: Vec<String>,
    },
    #[display("package `{package}` has compiled code for this machine, `{}`", file.display())]
    NotPure { package: String, file: PathBuf },
    #[display("the packages do not have the hashes that are required")]
    HashesDiffer { detail: String },
    #[display("a requirement cannot be read")]
    RequirementUnreadable { detail: String },
    #[display("no versions of the packages fit together")]
    Unresolvable { detail: String },
    #[display("a package could not be built from its source")]
    BuildFailed { detail: String },
    #[display("{program} failed")]
    Failed {
        program: &'static str,
        detail: String,
    },
}

impl Mistake for InstallError {
    fn kind(&self) -> Kind {
        Kind::Config
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::ProjectMissing { .. } => {
                "name the directory of the project, or a file with requirements by `-r`; packages are named in that file"
                    .to_owned()
            }
            Self::FileMissing { .. } => "correct its path".to_owned(),
            Self::NothingDeclared { .. } => {
                "name the dependencies in a `requirements.txt` or `pyproject.toml` there, or name the file with `-r`"
                    .to_owned()
            }
            Self::Unparsable { .. } => "correct the file at the place shown".to_owned(),
            Self::Dynamic { .. } | Self::NoProjectTable { .. } => {
                "export them with the tool that manages the project, and name the file with `-r requirements.txt`"
                    .to_owned()
            }
            Self::Unknown {
                kind, candidates, ..
            } if candidates.is_empty() => format!("it has no {kind} at all"),
            Self::Unknown { candidates, .. } => format!("there are: {}", listed(candidates)),
            Self::NoExtras { .. } => {
                "`--extra` and `--group` are about a `pyproject.toml`, or a lock made of one".to_owned()
            }
            Self::LockNotAlone { .. } => {
                "name only the lock file: it has all packages, in versions that fit together".to_owned()
            }
            Self::LockUnusable { .. } => "make the lock file again".to_owned(),
            Self::LockStale => "write it again with `uv lock`".to_owned(),
            Self::UvLock | Self::UvSources { .. } | Self::NoUv => {
                "install uv, for example with `pip install uv`, or name a file without it by `-r`".to_owned()
            }
            Self::NoPip => "install Python with pip, or uv".to_owned(),
            Self::PipUnfit { .. } => {
                "use pip 23 to 26, for example in a virtual environment, or install uv".to_owned()
            }
            Self::TargetTaken { .. } => {
                "it would be replaced: move it away, or name another directory with `-t/--target`".to_owned()
            }
            Self::NoWheel {
                source: false,
                platforms,
                ..
            } if platforms.is_empty() => {
                "check its name, and whether pip asks the right index".to_owned()
            }
            Self::NoWheel {
                package, source, ..
            } => no_wheel(package, *source),
            Self::NotPure { package, .. } => {
                format!("it is not pure Python; {}", recipe(package))
            }
            Self::HashesDiffer { .. } => {
                "correct the hashes if the packages are those that you expect".to_owned()
            }
            Self::RequirementUnreadable { .. } => {
                "write it as `NAME`, `NAME==VERSION` or `NAME>=VERSION`".to_owned()
            }
            Self::Unresolvable { .. } => {
                "correct the names, or allow more versions of them".to_owned()
            }
            Self::BuildFailed { .. } => {
                "packages without a recipe are built without a compiler: try `componentize-py wheel` and `--find-links wheels`, ask for a \
                 version that has a wheel, or do without the package"
                    .to_owned()
            }
            Self::Failed { .. } => "correct what the message above names".to_owned(),
        })
    }

    fn detail(&self) -> Option<&str> {
        match self {
            Self::Unparsable { reason, .. } => Some(reason),
            Self::HashesDiffer { detail }
            | Self::RequirementUnreadable { detail }
            | Self::Unresolvable { detail }
            | Self::BuildFailed { detail }
            | Self::Failed { detail, .. } => Some(detail),
            _ => None,
        }
    }
}

/// The end of the message about a package without a wheel for components.
fn found(source: bool, platforms: &[String]) -> String {
    match (platforms.is_empty(), source) {
        (true, true) => ", only its source".to_owned(),
        (true, false) => ": no index has a version of it that fits".to_owned(),
        (false, _) => format!(", only for {}", platforms.join(", ")),
    }
}

fn no_wheel(package: &str, source: bool) -> String {
    let name = package.split(' ').next().unwrap_or(package);
    match source {
        true if has_recipe(name) => format!(
            "`--build` builds it on this machine; `componentize-py wheel {name}` does so once for all, and `--find-links wheels` finds it"
        ),
        true => "`--build` builds it on this machine, which works if it is pure Python or can do without its compiled parts; else \
                 do without it"
            .to_owned(),
        false => recipe(name),
    }
}

/// Recipes that cannot be read are none.
fn has_recipe(package: &str) -> bool {
    let name = normal(package);
    let recipes = artifacts::recipes().unwrap_or_default();
    recipes.iter().any(|recipe| normal(&recipe.name) == name)
}

/// The advice about a package with native code.
fn recipe(package: &str) -> String {
    match has_recipe(package) {
        true => format!(
            "`componentize-py wheel {package}` builds a wheel for components, which `--find-links wheels` then finds"
        ),
        false => {
            "ask for a version that has a wheel for any system, WASI or Emscripten, try `componentize-py wheel`, or do without it"
                .to_owned()
        }
    }
}
