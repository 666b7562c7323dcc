//! Worlds that people name before they have the WIT, and the packages that provide it.

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
        (Some("wasi"), ..) => Some(format!(
            "`{bare}` is part of WASI, whose WIT is not built in: name a directory that has it with `-d/--wit-path`"
        )),
        _ => None,
    }
}
