//! Reads WIT paths into one `Resolve`: paths in, the resolve and each path's main package out.

use std::path::{Path, PathBuf};

use wit_parser::{PackageId, PackageName, Resolve};

use super::chains::{self, TooLong};
use super::modernise::{self, NotAPackage};
use super::wasi::{RELEASES, Release};
use super::{PackagedWit, WorldRequest, binary, inputs, parser, select};
use crate::world::WorldError;
use ground::UserError;

/// All WIT of a build.
pub struct Sources<'a> {
    request: &'a WorldRequest<'a>,
    pub resolve: Resolve,
    /// The main package of each path of the user's, in order; a package given twice is listed once.
    pub given: Vec<PackageId>,
    /// The WIT of Python packages, each parsed separately: a broken one does not affect the others.
    pub packaged: Vec<Packaged<'a>>,
}

pub struct Packaged<'a> {
    pub source: &'a PackagedWit,
    /// With its main package, or the reason why there is none.
    pub content: Result<(Resolve, PackageId), Unparsable>,
}

/// Invalid WIT, in the parser's own words; or WIT that must not be traversed.
#[derive(Clone)]
pub enum Unparsable {
    Refused { path: PathBuf, reason: String },
    TooCostly { path: PathBuf, reason: String },
    TooLong(TooLong),
}

impl From<Unparsable> for UserError {
    fn from(unparsable: Unparsable) -> Self {
        let mistake = match unparsable {
            Unparsable::Refused { path, reason } => WorldError::WitUnparsable { path, reason },
            Unparsable::TooCostly { path, reason } => WorldError::WitTooCostly { path, reason },
            Unparsable::TooLong(TooLong::Type(place)) => WorldError::TypeChainTooLong {
                place,
                limit: chains::MAX_STEPS,
            },
            Unparsable::TooLong(TooLong::Interface(place)) => WorldError::InterfaceChainTooLong {
                place,
                limit: chains::MAX_STEPS,
            },
        };
        mistake.into()
    }
}

impl Packaged<'_> {
    /// Returns `true` if its main package has this name, and such a world.
    pub fn has(&self, name: &PackageName, world: &str) -> bool {
        self.content.as_ref().is_ok_and(|(resolve, package)| {
            let package = &resolve.packages[*package];
            package.name == *name && package.worlds.contains_key(world)
        })
    }

    /// Returns `true` if a package in it has this name, and such a world.
    pub fn depends_on(&self, name: &PackageName, world: &str) -> bool {
        self.content.as_ref().is_ok_and(|(resolve, _)| {
            let package = resolve.package_names.get(name);
            package.is_some_and(|id| resolve.packages[*id].worlds.contains_key(world))
        })
    }
}

impl<'a> Sources<'a> {
    /// Reads the user's paths, and the WIT of Python packages.
    pub fn read(request: &'a WorldRequest<'a>) -> Result<Self, UserError> {
        let packaged = request.packaged.iter().map(|source| Packaged {
            source,
            content: packaged(&source.wit, request).map_err(|reason| reason.shown(source)),
        });
        let mut sources = Self {
            request,
            resolve: empty(request),
            given: Vec::new(),
            packaged: packaged.collect(),
        };
        for path in request.wit_paths {
            sources.give(path)?;
        }
        Ok(sources)
    }

    /// Adds a path of the user's.
    ///
    /// A self-contained path is parsed by itself and merged, so that two paths may contain the same packages. A path
    /// that needs the packages of earlier paths, or of Python packages, is parsed on top of them.
    pub fn give(&mut self, path: &Path) -> Result<(), UserError> {
        if !path.exists() {
            return Err(WorldError::WitPathMissing {
                path: path.to_owned(),
            }
            .into());
        }
        inputs::check(path)?;
        let package = match alone(path, self.request) {
            Ok((resolve, package)) => self.merge(path, resolve, package)?,
            Err(Unparsable::Refused { .. }) => self.on_top(path)?,
            Err(hopeless) => return Err(hopeless.into()),
        };
        self.note(package);
        Ok(())
    }

    /// Adds a self-contained path of the user's.
    pub fn give_alone(&mut self, path: &Path) -> Result<(), UserError> {
        inputs::check(path)?;
        let (resolve, package) = alone(path, self.request)?;
        let package = self.merge(path, resolve, package)?;
        self.note(package);
        Ok(())
    }

    fn note(&mut self, package: PackageId) {
        if !self.given.contains(&package) {
            self.given.push(package);
        }
    }

    fn on_top(&mut self, path: &Path) -> Result<PackageId, UserError> {
        for index in 0..self.packaged.len() {
            // A broken package, or one that contradicts another, may not be what this path needs.
            let _ = self.take_along(index);
        }
        let mut refused = None;
        for built_in in [&[][..], &RELEASES[..1], &RELEASES[1..], &RELEASES] {
            let Ok(below) = self.with_built_in(built_in) else {
                continue; // the user's WIT has another form of one of these packages
            };
            match on_top_of(below, path) {
                Ok((resolve, package)) => {
                    self.resolve = resolve;
                    return Ok(package);
                }
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        Err(refused.expect("the first try has failed").into())
    }

    /// A copy of the resolve with built-in packages.
    fn with_built_in(&self, releases: &[Release]) -> anyhow::Result<Resolve> {
        let mut resolve = self.resolve.clone();
        for release in releases {
            resolve.merge(built_in(release, self.request))?;
        }
        Ok(resolve)
    }

    /// Adds the built-in packages that have a world of this name, if any. Returns the world's whole name.
    pub fn take_built_in(&mut self, name: &str) -> Result<Option<String>, UserError> {
        for release in &RELEASES {
            let resolve = built_in(release, self.request);
            let Some(world) = release.world(&resolve, name) else {
                continue;
            };
            let qualified = select::qualified(&resolve, world);
            let package = resolve.worlds[world].package;
            let package = package.expect("a world of WASI is in a package");
            self.merge(Path::new(&release.name()), resolve, package)?;
            return Ok(Some(qualified));
        }
        Ok(None)
    }

    /// Adds the WIT of a Python package; returns its main package.
    pub fn take_along(&mut self, index: usize) -> Result<PackageId, UserError> {
        let packaged = &self.packaged[index];
        let shown = packaged.source.shown.clone();
        let (resolve, package) = packaged.content.clone()?;
        self.merge(&shown, resolve, package)
    }

    fn merge(
        &mut self,
        path: &Path,
        resolve: Resolve,
        package: PackageId,
    ) -> Result<PackageId, UserError> {
        let remap = self
            .resolve
            .merge(resolve)
            .map_err(|error| WorldError::WitConflict {
                path: path.to_owned(),
                reason: format!("{error:#}"),
            })?;
        Ok(remap.packages[package.index()])
    }
}

fn empty(request: &WorldRequest) -> Resolve {
    let mut resolve = Resolve {
        all_features: request.all_features,
        ..Resolve::default()
    };
    for feature in request
        .features
        .iter()
        .flat_map(|list| list.split([',', ' ']))
    {
        if !feature.is_empty() {
            resolve.features.insert(feature.to_owned());
        }
    }
    super::spare::reserve(&mut resolve);
    resolve
}

fn built_in(release: &Release, request: &WorldRequest) -> Resolve {
    let mut resolve = empty(request);
    release.add_to(&mut resolve);
    resolve
}

fn on_top_of(below: Resolve, path: &Path) -> Result<(Resolve, PackageId), Unparsable> {
    if let Some(Ok(modernised)) = push_modernised(below.clone(), path) {
        return walkable(modernised);
    }
    walkable(push(below, path).map_err(|refused| refused.told(path))?)
}

/// The WIT of a Python package. Its fault is reported only if it is needed.
fn packaged(path: &Path, request: &WorldRequest) -> Result<(Resolve, PackageId), Unparsable> {
    inputs::check(path).map_err(|error| Unparsable::Refused {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    alone(path, request)
}

fn alone(path: &Path, request: &WorldRequest) -> Result<(Resolve, PackageId), Unparsable> {
    let checked = binary::check(path).and_then(|()| parser::check(path));
    checked.map_err(|reason| Unparsable::TooCostly {
        path: path.to_owned(),
        reason,
    })?;
    let refused = match push(empty(request), path) {
        Ok(pushed) => return walkable(pushed),
        Err(refused) => refused,
    };
    match push_modernised(empty(request), path) {
        Some(Ok(modernised)) => walkable(modernised),
        Some(Err(again)) if again.error.is::<NotAPackage>() => Err(again.told(path)),
        // Places refer to the text in the file.
        Some(Err(_)) | None => Err(refused.told(path)),
    }
}

/// A resolve to which a path has been added, and the path's main package.
type Pushed = (Resolve, PackageId);

/// Why that failed, with the incomplete resolve, which has the text that the reason shows.
struct NotPushed {
    resolve: Box<Resolve>,
    error: anyhow::Error,
}

impl NotPushed {
    fn new(resolve: Resolve, error: anyhow::Error) -> Self {
        let resolve = Box::new(resolve);
        Self { resolve, error }
    }

    fn told(self, path: &Path) -> Unparsable {
        Unparsable::new(path, &self.resolve, &self.error)
    }
}

fn push(mut resolve: Resolve, path: &Path) -> Result<Pushed, NotPushed> {
    match parser::run(path, || resolve.push_path(path)) {
        Ok((package, _)) => Ok((resolve, package)),
        Err(error) => Err(NotPushed::new(resolve, error)),
    }
}

/// The same for WIT that the parser does not accept as it is.
fn push_modernised(mut resolve: Resolve, path: &Path) -> Option<Result<Pushed, NotPushed>> {
    let pushed = parser::run(path, || Ok(modernise::push(&mut resolve, path)));
    Some(match pushed.unwrap_or_else(|error| Some(Err(error)))? {
        Ok(package) => Ok((resolve, package)),
        Err(error) => Err(NotPushed::new(resolve, error)),
    })
}

/// From here on, recursive functions traverse types and interfaces.
fn walkable(pushed: Pushed) -> Result<Pushed, Unparsable> {
    match chains::too_long(&pushed.0) {
        Some(too_long) => Err(Unparsable::TooLong(too_long)),
        None => Ok(pushed),
    }
}

impl Unparsable {
    /// The same with names that the user knows.
    fn shown(self, source: &PackagedWit) -> Self {
        let (wit, shown) = (
            source.wit.display().to_string(),
            source.shown.display().to_string(),
        );
        let by_name = |reason: String| reason.replace(&wit, &shown);
        match self {
            Self::Refused { reason, .. } => Self::Refused {
                path: source.shown.clone(),
                reason: by_name(reason),
            },
            Self::TooCostly { reason, .. } => Self::TooCostly {
                path: source.shown.clone(),
                reason: by_name(reason),
            },
            too_long @ Self::TooLong(_) => too_long,
        }
    }

    fn new(path: &Path, resolve: &Resolve, error: &anyhow::Error) -> Self {
        Self::Refused {
            path: PathBuf::from(path),
            reason: resolve.render_error(error).trim_end().to_owned(),
        }
    }
}
