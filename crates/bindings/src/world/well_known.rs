//! Worlds that people name before they have the WIT, and the packages that provide it.

use super::wasi;

/// A hint about the source of the WIT, by the world's name.
pub fn bringer(world: &str) -> Option<String> {
    let package = world.split_once('/').map(|(package, _)| package);
    let namespace = package.and_then(|package| package.split(':').next());
    let bare = world.split('@').next().unwrap_or_default();
    let sdk = |versions: &str| {
        format!(
            "`{bare}` comes with the Spin SDK: `pip install \"spin-sdk{versions}\"` into the virtual environment in use"
        )
    };
    match (namespace, package, bare) {
        (Some("fermyon"), Some("fermyon:spin"), _)
        | (None, None, "spin-http" | "spin-redis" | "spin-all") => Some(sdk("<4")),
        (Some("spin"), Some("spin:up"), _) => Some(sdk(">=4")),
        (Some("wasi"), Some(package), _) => Some(built_in(package)),
        _ => None,
    }
}

/// A hint about a package of WASI, or a version of it, that is not built in.
pub fn built_in(package: &str) -> String {
    let versions: Vec<String> = wasi::versions(package)
        .iter()
        .map(|version| format!("`{version}`"))
        .collect();
    let given = "name a directory that has it with `-d/--wit-path`";
    match versions.as_slice() {
        [] => format!("the WIT of `{package}` is not built in: {given}"),
        versions => format!(
            "built in are {}; for another version, {given}",
            versions.join(" and ")
        ),
    }
}
