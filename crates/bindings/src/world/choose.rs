//! Chooses the worlds of a build, and their owners: Python packages with WIT, or the user.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use wit_parser::{PackageId, WorldId};

use super::load::{Packaged, Sources};
use super::select::{self, WorldName};
use super::{DEFAULT_WIT, WorldRequest};
use crate::world::WorldError;
use ground::UserError;

/// A world and its owners: indices into the request's `packaged`, `None` for the user.
pub type Chosen = (WorldId, Vec<Option<usize>>);

pub struct Choice {
    pub worlds: Vec<Chosen>,
    pub intersect: Option<WorldId>,
}

/// Reads all WIT and finds the worlds that the request names.
pub fn choose<'a>(request: &'a WorldRequest<'a>) -> Result<(Sources<'a>, Choice), UserError> {
    let mut chooser = Chooser {
        request,
        sources: Sources::read(request)?,
        default: match request.wit_paths {
            [] => Default::Unread,
            _ => Default::Done,
        },
        worlds: Vec::new(),
        deep: HashSet::new(),
    };
    for (module, name) in request.module_worlds {
        chooser.choose_of_module(module, name)?;
    }
    for name in request.worlds {
        let world = chooser.find(name)?;
        chooser.choose(world);
    }
    if request.worlds.is_empty() {
        // Worlds of packages are enough. A world of the user's WIT is added if there is no doubt which.
        if request.module_worlds.is_empty() {
            let world = chooser.only()?;
            chooser.choose(world);
        } else if let Ok(world) = select::only(&chooser.sources.resolve, &chooser.sources.given) {
            chooser.choose(world);
        }
    }
    let intersect = request
        .intersect
        .map(|name| chooser.find(name))
        .transpose()?;
    let choice = Choice {
        worlds: chooser.worlds,
        intersect,
    };
    Ok((chooser.sources, choice))
}

/// The state of the directory that is read when no path is given.
#[derive(PartialEq, Eq)]
enum Default {
    Unread,
    /// It is invalid by itself.
    Faulty,
    /// It has been read, or is not wanted.
    Done,
}

struct Chooser<'a> {
    request: &'a WorldRequest<'a>,
    sources: Sources<'a>,
    default: Default,
    worlds: Vec<Chosen>,
    /// Worlds that were found only in the dependencies of Python packages.
    deep: HashSet<WorldId>,
}

impl Chooser<'_> {
    fn choose(&mut self, world: WorldId) {
        if self.worlds.iter().all(|(chosen, _)| *chosen != world) {
            let owners = self.owners(world);
            self.worlds.push((world, owners));
        }
    }

    /// The packages whose own WIT has this world, except those with an explicit choice of worlds. A world that the user
    /// has not given and that is only a dependency of packages is theirs, too: code for such a world is written against
    /// either's modules.
    fn owners(&self, world: WorldId) -> Vec<Option<usize>> {
        let resolve = &self.sources.resolve;
        let Some(package) = resolve.worlds[world].package else {
            return vec![None];
        };
        let package = &resolve.packages[package].name;
        let name = &resolve.worlds[world].name;
        let told = |index: usize| {
            let module = &self.request.packaged[index].module;
            let mut named = self.request.module_worlds.iter();
            named.any(|(other, _)| other == module)
        };
        let untold = |has: &dyn Fn(&Packaged) -> bool| -> Vec<Option<usize>> {
            let packaged = self.sources.packaged.iter().enumerate();
            let holders = packaged.filter(|(index, packaged)| has(packaged) && !told(*index));
            holders.map(|(index, _)| Some(index)).collect()
        };
        let owners = untold(&|packaged| packaged.has(package, name));
        if !owners.is_empty() {
            return owners;
        }
        let mut owners = vec![None];
        if self.deep.contains(&world) {
            owners.extend(untold(&|packaged| packaged.depends_on(package, name)));
        }
        owners
    }

    fn choose_of_module(&mut self, module: &str, name: &str) -> Result<(), UserError> {
        let packaged = &self.request.packaged;
        let Some(index) = packaged.iter().position(|one| one.module == module) else {
            let mut candidates: Vec<String> =
                packaged.iter().map(|one| one.module.clone()).collect();
            candidates.sort_by_key(|one| strsim::damerau_levenshtein(one, module));
            return Err(WorldError::ModuleWithoutWit {
                module: module.to_owned(),
                candidates,
            }
            .into());
        };
        let (resolve, package) = match &self.sources.packaged[index].content {
            Ok(content) => content,
            Err(error) => return Err(error.clone().into()),
        };
        let wanted = select::named(resolve, &[*package], name)?;
        let wanted = select::qualified(resolve, wanted);
        self.sources.take_along(index)?;
        let world = self.known(&wanted)?;
        match self.worlds.iter_mut().find(|(chosen, _)| *chosen == world) {
            Some((_, owners)) => owners.push(Some(index)),
            None => self.worlds.push((world, vec![Some(index)])),
        }
        Ok(())
    }

    /// Finds a world by its name: first in the user's packages, then in those of Python packages, then in all their
    /// dependencies.
    fn find(&mut self, name: &str) -> Result<WorldId, UserError> {
        let given = self.sources.given.clone();
        if let Some(world) = self.among(&given, name)? {
            return Ok(world);
        }
        // Packages in site-packages take no world away from the user's own WIT.
        if self.give_default() {
            let given = self.sources.given.clone();
            if let Some(world) = self.among(&given, name)? {
                return Ok(world);
            }
        }
        if let Some(world) = self.find_packaged(name)? {
            return Ok(world);
        }
        self.insist_on_default()?;
        match self.known(name) {
            Err(error) if matches!(error.get(), Some(WorldError::WorldUnknown { .. })) => {}
            known => return known,
        }
        if let Some(world) = self.find_deeper(name)? {
            return Ok(world);
        }
        match self.sources.take_built_in(name)? {
            Some(qualified) => self.known(&qualified),
            None => Err(self.unknown(name)),
        }
    }

    /// Reads the default directory, which is used when no path is given. If it is invalid by itself, it may not be
    /// needed.
    fn give_default(&mut self) -> bool {
        let is_new = self.default == Default::Unread && Path::new(DEFAULT_WIT).exists();
        if is_new {
            let is_given = self.sources.give_alone(Path::new(DEFAULT_WIT)).is_ok();
            self.default = if is_given {
                Default::Done
            } else {
                Default::Faulty
            };
        }
        is_new && self.default == Default::Done
    }

    /// The same when nothing else helps: then it must be valid, possibly together with the WIT of packages.
    fn insist_on_default(&mut self) -> Result<(), UserError> {
        if self.default == Default::Faulty {
            self.default = Default::Done;
            self.sources.give(Path::new(DEFAULT_WIT))?;
        }
        Ok(())
    }

    fn among(&self, packages: &[PackageId], name: &str) -> Result<Option<WorldId>, UserError> {
        let resolve = &self.sources.resolve;
        select::among(resolve, select::worlds_of(resolve, packages), name)
    }

    fn known(&self, name: &str) -> Result<WorldId, UserError> {
        select::named(&self.sources.resolve, &self.sources.given, name)
    }

    fn find_packaged(&mut self, name: &str) -> Result<Option<WorldId>, UserError> {
        let wanted = WorldName::parse(name);
        let mut names = BTreeSet::new();
        let mut holders = Vec::new();
        for (index, packaged) in self.sources.packaged.iter().enumerate() {
            let Ok((resolve, package)) = &packaged.content else {
                continue;
            };
            for world in select::worlds_of(resolve, &[*package]) {
                if wanted.matches(resolve, world) {
                    let qualified = select::qualified(resolve, world);
                    names.insert(qualified.clone());
                    holders.push((index, qualified));
                }
            }
        }
        if names.contains(name) {
            names = BTreeSet::from([name.to_owned()]);
        }
        let names: Vec<String> = names.into_iter().collect();
        match names.as_slice() {
            [] => Ok(None),
            [qualified] => {
                for (index, held) in holders {
                    if held == *qualified {
                        self.sources.take_along(index)?;
                    }
                }
                self.known(qualified).map(Some)
            }
            _ => Err(WorldError::WorldAmbiguous {
                name: name.to_owned(),
                candidates: names,
            }
            .into()),
        }
    }

    /// A world in the dependencies of a Python package's WIT.
    fn find_deeper(&mut self, name: &str) -> Result<Option<WorldId>, UserError> {
        let wanted = WorldName::parse(name);
        let has_it = |packaged: &Packaged| {
            packaged.content.as_ref().is_ok_and(|(resolve, _)| {
                let mut all = select::all(resolve).into_iter();
                all.any(|world| wanted.matches(resolve, world))
            })
        };
        let Some(index) = self.sources.packaged.iter().position(has_it) else {
            return Ok(None);
        };
        self.sources.take_along(index)?;
        let world = self.known(name)?;
        self.deep.insert(world);
        Ok(Some(world))
    }

    /// The error about a world that is nowhere. The fault of one of the packages may be the reason.
    fn unknown(&self, name: &str) -> UserError {
        let resolve = &self.sources.resolve;
        let mut candidates = select::names(resolve, &select::all(resolve));
        let mut broken = None;
        for packaged in &self.sources.packaged {
            match &packaged.content {
                Ok((resolve, package)) => {
                    let worlds = select::worlds_of(resolve, &[*package]);
                    candidates.extend(select::names(resolve, &worlds));
                }
                Err(error) => broken = broken.or_else(|| Some(error.clone())),
            }
        }
        WorldError::WorldUnknown {
            name: name.to_owned(),
            candidates: select::nearest_first(name, candidates.into_iter()),
            fault: broken.map(|broken| Box::new(broken.into())),
        }
        .into()
    }

    /// The only world.
    fn only(&mut self) -> Result<WorldId, UserError> {
        self.give_default();
        self.insist_on_default()?;
        if !self.sources.given.is_empty() {
            return select::only(&self.sources.resolve, &self.sources.given);
        }
        let mut candidates = BTreeSet::new();
        for packaged in &self.sources.packaged {
            if let Ok((resolve, package)) = &packaged.content {
                let worlds = select::worlds_of(resolve, &[*package]);
                candidates.extend(select::names(resolve, &worlds));
            }
        }
        let candidates: Vec<String> = candidates.into_iter().collect();
        match candidates.as_slice() {
            [] => Err(WorldError::WitPathMissing {
                path: DEFAULT_WIT.into(),
            }
            .into()),
            [name] => {
                let name = name.clone();
                self.find(&name)
            }
            _ => Err(WorldError::WorldNotNamed { candidates }.into()),
        }
    }
}
