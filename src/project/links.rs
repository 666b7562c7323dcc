//! The links of the search path that are followed.
//!
//! The sandbox itself follows a link only inside one root. Package managers and build systems make other links: into
//! their caches, or from one root into another. Those are followed if every step of the way, and its end, lies in an
//! allowed directory. All other links are left out: their author may want to get a file of this machine into the
//! component.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use super::search_path::Root;
use ground::files::{self, Unusable};

/// A place that a package manager or a build system links to from site-packages.
struct Rule {
    /// Alternatives for the place; the first one with all its variables set is used: `$NAME`, `$NAME,` for a list with
    /// commas, `~` for the home directory, `*` for any name.
    places: &'static [&'static str],
    /// The links must lie below this directory, which a checkout cannot contain.
    from: Option<&'static str>,
}

/// These places hold only packages, and only package managers and build systems write there. docs/how-to/search-path.md
/// has the table, too.
const RULES: [Rule; 12] = [
    // uv. `uv pip install --link-mode symlink`: each file is a link to the unpacked wheel.
    Rule {
        places: &[
            "$UV_CACHE_DIR/archive-v*",
            "$XDG_CACHE_HOME/uv/archive-v*",
            "~/.cache/uv/archive-v*",
        ],
        from: None,
    },
    // uv on Windows.
    Rule {
        places: &["$LOCALAPPDATA/uv/cache/archive-v*"],
        from: None,
    },
    // PDM. `pdm config install.cache_method symlink`: each package is a link to its directory in the store.
    Rule {
        places: &["$XDG_CACHE_HOME/pdm/packages", "~/.cache/pdm/packages"],
        from: None,
    },
    // PDM on macOS.
    Rule {
        places: &["~/Library/Caches/pdm/packages"],
        from: None,
    },
    // Conda. Environments on another file system than the packages, which cannot be hard links.
    Rule {
        places: &["$CONDA_PKGS_DIRS,", "~/.conda/pkgs"],
        from: None,
    },
    // Pixi.
    Rule {
        places: &[
            "$RATTLER_CACHE_DIR/pkgs",
            "$XDG_CACHE_HOME/rattler/cache/pkgs",
            "~/.cache/rattler/cache/pkgs",
        ],
        from: None,
    },
    // Nix. All installed files lie in the store, which all users can read and nobody can write to.
    Rule {
        places: &["/nix/store"],
        from: None,
    },
    // Guix.
    Rule {
        places: &["/gnu/store"],
        from: None,
    },
    // Bazel. Runfiles are links to downloaded or built files.
    Rule {
        places: &["$XDG_CACHE_HOME/bazel/_bazel_*", "~/.cache/bazel/_bazel_*"],
        from: None,
    },
    // Bazel on macOS.
    Rule {
        places: &["/private/var/tmp/_bazel_*"],
        from: None,
    },
    // Debian, Fedora and their relatives. Packages of the system also keep data for other programs, in the places where
    // those look for it.
    Rule {
        places: &["/usr/share"],
        from: Some("/usr"),
    },
    // Homebrew.
    Rule {
        places: &["$HOMEBREW_CELLAR", "/opt/homebrew/Cellar"],
        from: Some("/opt/homebrew"),
    },
];

/// Never followed, whatever else is allowed: the kernel's files reveal processes, and devices have no end.
const FORBIDDEN: [&str; 3] = ["/proc", "/sys", "/dev"];
/// The limit of Linux.
const MOST_LINKS: usize = 40;

/// A directory that links may lead into.
#[derive(Clone, Debug)]
struct Ground {
    directory: PathBuf,
    from: Option<PathBuf>,
}

/// The directories that links may lead into.
#[derive(Clone, Debug, Default)]
pub struct Grounds {
    all: Vec<Ground>,
}

/// A link that leads out of the grounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// The path of the link.
    pub link: PathBuf,
    /// The target written in it.
    pub target: PathBuf,
}

/// The reason why a path has no readable file.
#[derive(Clone, Debug)]
pub enum NotThere {
    Missing,
    Stray(Stray),
}

impl Grounds {
    /// The places of package managers, and the directories of `--follow-links`.
    pub fn new(allowed: &[PathBuf]) -> Self {
        let mut grounds = Self::default();
        for rule in &RULES {
            let places = rule.places.iter().find_map(|place| expand(place));
            let places = places.unwrap_or_default();
            for directory in places.iter().flat_map(|place| matching(place)) {
                grounds.add_from(&directory, rule.from.map(PathBuf::from));
            }
        }
        for directory in allowed {
            grounds.add(directory);
        }
        grounds
    }

    /// Allows links into a directory, if it exists.
    pub fn add(&mut self, directory: &Path) {
        self.add_from(directory, None);
    }

    /// The same as [`Grounds::add`], only for links below `from`.
    pub fn add_from(&mut self, directory: &Path, from: Option<PathBuf>) {
        if let Ok(directory) = std::fs::canonicalize(directory) {
            self.all.push(Ground { directory, from });
        }
    }

    /// Returns `true` if the link at `link` may lead to a real path.
    fn hold(&self, link: &Path, real: &Path) -> bool {
        let is_allowed = |ground: &Ground| {
            real.starts_with(&ground.directory)
                && ground
                    .from
                    .as_ref()
                    .is_none_or(|from| link.starts_with(from))
        };
        !is_forbidden(real) && self.all.iter().any(is_allowed)
    }

    /// Returns `true` if the way to a file may cross a link here: on the ground itself, or on the way to it, for
    /// example if a home directory or `/tmp` is a link.
    fn may_cross(&self, first: &Path, step: &Path) -> bool {
        if self.hold(first, step) {
            return true;
        }
        let leads_to_ground = |real: PathBuf| {
            let holds_ground = |ground: &Ground| ground.directory.starts_with(&real);
            self.all.iter().any(holds_ground)
        };
        !is_forbidden(step) && std::fs::canonicalize(step).is_ok_and(leads_to_ground)
    }

    /// The real path of `below`, a path below a real directory.
    pub fn follow(&self, directory: &Path, below: &Path) -> Result<PathBuf, NotThere> {
        let mut real = directory.to_owned();
        let mut rest = parts(below);
        let mut first: Option<Stray> = None;
        let mut followed = 0;
        while let Some(part) = rest.pop() {
            match part {
                Part::Root(root) => real = root,
                Part::Up => {
                    real.pop();
                }
                Part::Name(name) => {
                    real.push(name);
                    let metadata = std::fs::symlink_metadata(&real);
                    if !metadata.map_err(|_| NotThere::Missing)?.is_symlink() {
                        continue;
                    }
                    let target = std::fs::read_link(&real).map_err(|_| NotThere::Missing)?;
                    let first = first.get_or_insert_with(|| Stray {
                        link: real.clone(),
                        target: target.clone(),
                    });
                    if !self.may_cross(&first.link, &real) {
                        return Err(NotThere::Stray(first.clone()));
                    }
                    followed += 1;
                    if followed > MOST_LINKS {
                        return Err(NotThere::Missing);
                    }
                    real.pop();
                    rest.extend(parts(&target));
                }
            }
        }
        match first {
            Some(stray) if !self.hold(&stray.link, &real) => Err(NotThere::Stray(stray)),
            _ => Ok(real),
        }
    }

    /// The content of a file below a root, if links to it may be followed.
    pub fn read(&self, root: &Root, file: &Path, limit: u64) -> Result<Vec<u8>, Unusable> {
        files::read_real(&self.real(root, file)?, limit)
    }

    /// The same as [`Grounds::read`], for Python and TOML.
    pub fn read_text(&self, root: &Root, file: &Path) -> Result<String, Unusable> {
        files::read_real_text(&self.real(root, file)?, files::TEXT)
    }

    /// The real path of a directory below a root, if links to it may be followed.
    pub fn directory(&self, root: &Root, directory: &Path) -> Option<PathBuf> {
        self.real(root, directory).ok().filter(|real| real.is_dir())
    }

    fn real(&self, root: &Root, file: &Path) -> Result<PathBuf, Unusable> {
        let below = file.strip_prefix(&root.host).unwrap_or(file);
        self.follow(&root.host, below)
            .map_err(|reason| match reason {
                NotThere::Missing => Unusable::Unreadable("it does not exist".to_owned()),
                NotThere::Stray(stray) => Unusable::Stray {
                    target: stray.target,
                },
            })
    }
}

/// A part of a path that continues from a real directory.
enum Part {
    Root(PathBuf),
    Up,
    Name(OsString),
}

/// The last one first.
fn parts(path: &Path) -> Vec<Part> {
    let mut root = PathBuf::new();
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::Prefix(_) | Component::RootDir => root.push(component),
            Component::CurDir => {}
            Component::ParentDir => parts.push(Part::Up),
            Component::Normal(name) => parts.push(Part::Name(name.to_owned())),
        }
    }
    parts.reverse();
    if !root.as_os_str().is_empty() {
        parts.push(Part::Root(root));
    }
    parts
}

fn is_forbidden(path: &Path) -> bool {
    FORBIDDEN
        .iter()
        .any(|forbidden| path.starts_with(forbidden))
}

/// The places for one with variables; `None` if a variable is not set.
fn expand(place: &str) -> Option<Vec<PathBuf>> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(name) = place
        .strip_prefix('$')
        .and_then(|rest| rest.strip_suffix(','))
    {
        let list = set(name)?.into_string().ok()?;
        let places = list.split(',').map(str::trim);
        return Some(
            places
                .filter(|place| !place.is_empty())
                .map(PathBuf::from)
                .collect(),
        );
    }
    let mut path = PathBuf::new();
    for part in Path::new(place).components() {
        let text = part.as_os_str().to_str()?;
        let variable = match text {
            "~" => Some("HOME"),
            _ => text.strip_prefix('$'),
        };
        match variable {
            Some(name) => path.push(set(name)?),
            None => path.push(part),
        }
    }
    Some(vec![path])
}

/// The directories for a place, whose last part may end in `*`.
fn matching(place: &Path) -> Vec<PathBuf> {
    let name = place.file_name().and_then(|name| name.to_str());
    let Some(prefix) = name.and_then(|name| name.strip_suffix('*')) else {
        return vec![place.to_owned()];
    };
    let entries = place
        .parent()
        .and_then(|parent| std::fs::read_dir(parent).ok());
    let names = entries.into_iter().flatten().flatten();
    names
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .collect()
}
