//! The options of web applications, and `serve` for those that are not built yet.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::package_args::PackageArgs;
use crate::scratch::Scratch;
use crate::settings::{Componentize, Lifespan, WebInterface, WebSettings};
use ground::ui::Verbosity;

/// The options about an app that is given as `module:attribute`.
#[derive(clap::Args, Debug)]
pub struct WebArgs {
    /// Interface of a web application, `wsgi` or `asgi` [default: what its signature shows]
    #[arg(long, value_enum, hide_possible_values = true)]
    interface: Option<WebInterface>,

    /// The attribute is a function that makes the web application
    #[arg(long)]
    factory: bool,

    /// When an ASGI application's startup and shutdown run: around each `request`, startup alone once in each
    /// `instance` or in the `build`, or neither (`off`) [default: request]
    #[arg(long, value_name = "WHEN", value_enum, hide_possible_values = true)]
    lifespan: Option<Lifespan>,

    /// Path that a web application answers once while it is built, such as `/`; may be repeated
    ///
    /// What it loads and caches for that is then in the component. Neither the environment nor the network is there.
    #[arg(long, value_name = "PATH", value_parser = path)]
    warm_up: Vec<String>,
}

fn path(text: &str) -> Result<String, String> {
    if text.starts_with('/') {
        Ok(text.to_owned())
    } else {
        Err("expected a path, such as `/`".to_owned())
    }
}

impl WebArgs {
    pub fn into_settings(self) -> WebSettings {
        WebSettings {
            interface: self.interface,
            factory: self.factory,
            lifespan: self.lifespan,
            warm_up: self.warm_up,
        }
    }
}

/// A component in a directory of its own, which goes with this value.
pub struct Built {
    pub component: PathBuf,
    _directory: Scratch,
}

/// Builds a web application for `serve`. `None` if the name is that of a component.
pub fn build(
    name: &Path,
    web: WebSettings,
    python_path: Vec<PathBuf>,
    packages: PackageArgs,
    verbosity: Verbosity,
) -> Result<Option<Built>> {
    let text = name.to_string_lossy();
    let is_plain = web == WebSettings::default() && python_path.is_empty();
    if is_plain && (name.exists() || !text.contains(':')) {
        return Ok(None);
    }
    let directory = Scratch::new()?;
    let component = directory.path().join("application.wasm");
    Componentize {
        web,
        python_path: match python_path.as_slice() {
            [] => vec![PathBuf::from(".")],
            _ => python_path,
        },
        site_packages: packages.into_site_packages(),
        output: component.clone(),
        verbosity,
        ..Componentize::new(text)
    }
    .run()?;
    Ok(Some(Built {
        component,
        _directory: directory,
    }))
}
