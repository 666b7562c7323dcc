//! From the settings to the plan: which Python package offers which part of the world, and under which names.

use ground::Mistake as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use heck::ToSnakeCase as _;

use crate::project::{self, Content, Project, SearchPath};
use crate::settings::{Bindings, Componentize, WorldSettings};
use bindings::plan::{self, Direction, Naming, Plan, is_identifier};
use bindings::world::WorldError;
use bindings::world::{self, PackagedWit, Part, ResolvedWorld, WorldRequest};
use ground::UserError;

/// The plan, and the place of each view's modules.
pub struct Views {
    pub world: ResolvedWorld,
    pub plan: Plan,
    pub places: Vec<Place>,
    /// Names of the interfaces that `--intersect-world` has removed.
    pub dropped: Vec<String>,
}

/// The place of a view's modules in the guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// With the generated modules.
    Bindings,
    /// Mounted over a directory of a Python package.
    Package { guest: String },
    /// After everything else: the name comes from the world, and must hide nothing.
    Last,
}

/// The views of a component, including the WIT of Python packages.
pub fn of_project(settings: &Componentize, project: &mut Project) -> Result<Views> {
    for (module, _) in &settings.module_worlds {
        if let Some(fault) = project.take_fault(Some(module)) {
            return Err(fault.into());
        }
    }
    let packaged: Vec<PackagedWit> = project
        .packaged()
        .filter_map(|(package, content)| {
            let directory = content.wit_directory.clone()?;
            Some(PackagedWit {
                module: package.module.clone(),
                wit: directory.host,
                shown: directory.shown,
            })
        })
        .collect();
    let request = WorldRequest {
        intersect: settings.intersect_world.as_deref(),
        packaged: &packaged,
        module_worlds: &settings.module_worlds,
        ..request(&settings.world)
    };
    let resolved = world::resolve(&request);
    let world = resolved
        .map_err(|error| with_fault(error, || project.take_fault(None)))
        .map_err(|error| without_wit(error, &settings.world, &project.path))?;
    let contents: Vec<&Content> = project.packaged().map(|(_, content)| content).collect();
    let mut views: Vec<(Part, Naming, Place)> = world
        .parts
        .iter()
        .map(|part| {
            let content = part.owner.map(|owner| contents[owner]);
            let (naming, place) = of_part(&settings.world, content);
            (part.clone(), naming, place)
        })
        .collect();
    // Modules of a package without a directory for its bindings go to the user's modules.
    unite_same_modules(&mut views);
    views.extend(old_name(&settings.world, &views, |module| {
        project.counts_on(module)
    }));
    finish(world, views)
}

/// The views for editors and type checkers, only of the WIT that is named.
pub fn of_bindings(settings: &Bindings) -> Result<Views> {
    let world = world::resolve(&request(&settings.world))
        .map_err(|error| without_wit(error, &settings.world, &SearchPath::default()))?;
    let naming = || of_part(&settings.world, None).0;
    let mut views: Vec<(Part, Naming, Place)> = world
        .parts
        .iter()
        .map(|part| (part.clone(), naming(), Place::Bindings))
        .collect();
    let files: Vec<PathBuf> = fs_err::read_dir(&settings.output_dir)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    let python = files
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "py"));
    let python: Vec<PathBuf> = python.collect();
    views.extend(old_name(&settings.world, &views, |module| {
        !settings.output_dir.join(format!("{module}.py")).exists()
            && project::imports(python.clone(), module)
    }));
    finish(world, views)
}

fn request(settings: &WorldSettings) -> WorldRequest<'_> {
    WorldRequest {
        wit_paths: &settings.wit_paths,
        worlds: &settings.worlds,
        features: &settings.features,
        all_features: settings.all_features,
        ..WorldRequest::default()
    }
}

/// If a world or WIT was not found, the reason may be a broken package.
fn with_fault(error: anyhow::Error, fault: impl FnOnce() -> Option<UserError>) -> anyhow::Error {
    match world_error(&error) {
        Some(WorldError::WorldUnknown {
            name,
            candidates,
            fault: None,
        }) => WorldError::WorldUnknown {
            name: name.clone(),
            candidates: candidates.clone(),
            fault: fault().map(Box::new),
        }
        .error(),
        Some(WorldError::WitPathMissing { .. }) => fault().map_or(error, Into::into),
        _ => error,
    }
}

/// A world was not found because there was no WIT at all.
fn without_wit(error: anyhow::Error, settings: &WorldSettings, path: &SearchPath) -> anyhow::Error {
    let is_without_wit = settings.wit_paths.is_empty() && !Path::new(world::DEFAULT_WIT).exists();
    match world_error(&error) {
        Some(WorldError::WorldUnknown {
            name,
            candidates,
            fault: None,
        }) if candidates.is_empty() && is_without_wit => {
            let searched = path.roots.iter().map(|root| root.shown.display());
            WorldError::WorldWithoutWit {
                name: name.clone(),
                searched: searched.map(|shown| shown.to_string()).collect(),
                // The option for them has no effect beside an environment.
                has_system: path.roots.iter().all(|root| root.own),
            }
            .error()
        }
        _ => error,
    }
}

fn world_error(error: &anyhow::Error) -> Option<&WorldError> {
    error.downcast_ref::<UserError>()?.get()
}

/// Names on the command line take precedence over those of the package.
fn of_part(settings: &WorldSettings, content: Option<&Content>) -> (Naming, Place) {
    let mut naming = Naming {
        world_module: settings.world_module.clone(),
        full_names: settings.full_names,
        import_interface_names: settings.import_interface_names.clone(),
        export_interface_names: settings.export_interface_names.clone(),
        ..Naming::default()
    };
    let Some(content) = content else {
        return (naming, Place::Bindings);
    };
    naming.full_names |= content.config.full_names;
    for (names, own) in [
        (
            &mut naming.import_interface_names,
            &content.config.import_interface_names,
        ),
        (
            &mut naming.export_interface_names,
            &content.config.export_interface_names,
        ),
    ] {
        for (wit, python) in own {
            names.entry(wit.clone()).or_insert_with(|| python.clone());
        }
    }
    let Some(bindings) = &content.bindings else {
        return (naming, Place::Bindings);
    };
    naming.world_module = bindings.module.clone();
    for (direction, package) in [
        (Direction::Imported, "imports"),
        (Direction::Exported, "exports"),
    ] {
        for (module, text) in bindings.shipped(package) {
            naming.known_modules.insert((direction, module));
            naming.known_classes.extend(classes_of(&text));
        }
    }
    let guest = bindings.guest.clone();
    (naming, Place::Package { guest })
}

/// The classes that a module defines.
fn classes_of(text: &str) -> impl Iterator<Item = String> {
    let names = text.lines().filter_map(|line| line.strip_prefix("class "));
    names.filter_map(|rest| rest.split(['(', ':']).next().map(str::to_owned))
}

fn unite_same_modules(views: &mut Vec<(Part, Naming, Place)>) {
    let mut united: Vec<(Part, Naming, Place)> = Vec::new();
    for (part, naming, place) in views.drain(..) {
        match united
            .iter_mut()
            .find(|(_, other, _)| other.world_module == naming.world_module)
        {
            Some((other, others, _)) => {
                other.absorb(part);
                others.full_names |= naming.full_names;
                others
                    .import_interface_names
                    .extend(naming.import_interface_names);
                others
                    .export_interface_names
                    .extend(naming.export_interface_names);
            }
            None => united.push((part, naming, place)),
        }
    }
    *views = united;
}

/// Until early 2024 the generated package was named after the world. Code that still imports it by that name gets the
/// same modules under it.
fn old_name(
    settings: &WorldSettings,
    views: &[(Part, Naming, Place)],
    is_wanted: impl FnOnce(&str) -> bool,
) -> Option<(Part, Naming, Place)> {
    if settings.world_module != WorldSettings::default().world_module {
        return None;
    }
    let (part, naming, _) = views
        .iter()
        .find(|(_, _, place)| *place == Place::Bindings)?;
    let [world] = part.worlds.as_slice() else {
        return None;
    };
    let name = world.to_snake_case();
    if name == naming.world_module || !is_identifier(&name) || !is_wanted(&name) {
        return None;
    }
    let naming = Naming {
        world_module: name,
        old_case_names: true,
        ..naming.clone()
    };
    Some((part.clone(), naming, Place::Last))
}

fn finish(mut world: ResolvedWorld, views: Vec<(Part, Naming, Place)>) -> Result<Views> {
    let mut namings = Vec::new();
    let mut places = Vec::new();
    world.parts.clear();
    for (part, naming, place) in views {
        world.parts.push(part);
        namings.push(naming);
        places.push(place);
    }
    let plan = plan::plan(&world, &namings)?;
    let dropped = std::mem::take(&mut world.dropped);
    Ok(Views {
        world,
        plan,
        places,
        dropped,
    })
}
