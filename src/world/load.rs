//! Reads WIT paths into one `Resolve`: paths in, the resolve and each path's main package out.

use std::path::Path;

use wit_parser::{PackageId, Resolve};

use super::WorldRequest;
use crate::error::UserError;

pub struct Loaded {
    pub resolve: Resolve,
    /// The main package of each path, in order; a package given twice is listed once.
    pub packages: Vec<PackageId>,
}

pub fn load(request: &WorldRequest) -> anyhow::Result<Loaded> {
    let mut loaded = Loaded {
        resolve: empty(request),
        packages: Vec::new(),
    };
    for path in request.wit_paths {
        if !path.exists() {
            return Err(UserError::WitPathMissing { path: path.clone() }.into());
        }
        let package = add(&mut loaded.resolve, path, request)?;
        if !loaded.packages.contains(&package) {
            loaded.packages.push(package);
        }
    }
    Ok(loaded)
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
    resolve
}

/// Adds what lies at `path` to `resolve` and returns its main package.
///
/// A path that stands on its own is parsed by itself and merged, so that two paths may bring the
/// same packages along. One that needs the packages of earlier paths is parsed on top of them.
fn add(resolve: &mut Resolve, path: &Path, request: &WorldRequest) -> Result<PackageId, UserError> {
    let mut alone = empty(request);
    if let Ok((package, _)) = alone.push_path(path) {
        let remap = resolve
            .merge(alone)
            .map_err(|error| UserError::WitConflict {
                path: path.to_owned(),
                reason: format!("{error:#}"),
            })?;
        return Ok(remap.packages[package.index()]);
    }
    // A failed push leaves the resolve half filled; the build ends with this error then.
    resolve
        .push_path(path)
        .map(|(package, _)| package)
        .map_err(|error| UserError::WitUnparsable {
            path: path.to_owned(),
            reason: resolve.render_error(&error).trim_end().to_owned(),
        })
}
