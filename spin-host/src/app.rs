//! From a manifest to an application that can answer: permissions are parsed, components compiled and linked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use compiled_code::Cache;
use wasmtime::component::{Component as Compiled, InstancePre, Linker};
use wasmtime::{Config, Engine, OptLevel, Strategy};
use wasmtime_wasi_http::handler::ProxyPre;
use wasmtime_wasi_http::{p2, p3};

use crate::cache;
use crate::fault::Fault;
use crate::interfaces::{self, inbound::HttpTriggerPre};
use crate::manifest::{Component, FileMount, Manifest, RouteSetting, Source, read_plain};
use crate::names;
use crate::outbound::AllowedHosts;
use crate::routes::Route;
use crate::state::{Grants, State};
use crate::variables::Variables;

/// The compiler of components.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Compiler {
    /// Fast code.
    #[default]
    Cranelift,
    /// Fast compilation, several times slower code.
    Winch,
}

/// Far more than any component takes.
const LARGEST_COMPONENT: u64 = 1 << 30;

/// A component that is ready to be instantiated.
pub struct Loaded {
    pub grants: Arc<Grants>,
    pub trigger: Trigger,
}

/// The way in which a component takes requests, by its exports.
pub enum Trigger {
    /// `wasi:http/incoming-handler@0.2.x` or `wasi:http/handler@0.3.x`.
    WasiHttp(Arc<ProxyPre<State>>),
    /// `fermyon:spin/inbound-http`.
    Records(HttpTriggerPre<State>),
}

/// The application: routes in the order in which they are tried, each with its component.
pub struct Application {
    pub name: String,
    pub engine: Engine,
    pub routes: Vec<(Route, Arc<Loaded>)>,
}

impl Application {
    pub fn load(
        manifest: &Manifest,
        directory: &Path,
        given: &BTreeMap<String, String>,
        compiler: Compiler,
    ) -> Result<Self> {
        let variables = Variables::new(&manifest.variables, given)?;
        let engine = engine(compiler)?;
        let cache = cache::open();
        let mut components = BTreeMap::new();
        let mut routes = Vec::new();
        for trigger in &manifest.trigger.http {
            let RouteSetting::Path(path) = &trigger.route else {
                continue;
            };
            let id = &trigger.component;
            if !components.contains_key(id) {
                let component = &manifest.component[id];
                let loaded = load(
                    &engine,
                    cache.as_ref(),
                    id,
                    component,
                    directory,
                    &variables,
                )
                .with_context(|| format!("component `{id}` cannot be used"))?;
                components.insert(id.clone(), Arc::new(loaded));
            }
            routes.push((Route::parse(path)?, components[id].clone()));
        }
        ensure!(
            !routes.is_empty(),
            "the manifest has no `[[trigger.http]]` with a route"
        );
        routes.sort_by_key(|(route, _)| std::cmp::Reverse(route.rank()));
        Ok(Self {
            name: manifest.application.name.clone(),
            engine,
            routes,
        })
    }
}

fn engine(compiler: Compiler) -> Result<Engine> {
    let mut config = Config::new();
    match compiler {
        Compiler::Cranelift => config.strategy(Strategy::Cranelift),
        // Winch leaves trampolines to Cranelift, which should not spend time on them.
        Compiler::Winch => config
            .strategy(Strategy::Winch)
            .cranelift_opt_level(OptLevel::None),
    };
    config
        // Guests yield to the clock, so that one that never returns can be ended.
        .epoch_interruption(true)
        // Frames of the interpreter say nothing about a Python application.
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .wasm_component_model_async(true)
        .wasm_component_model_more_async_builtins(true)
        .wasm_component_model_async_stackful(true)
        .wasm_component_model_error_context(true);
    Ok(Engine::new(&config)?)
}

fn load(
    engine: &Engine,
    cache: Option<&Arc<Cache>>,
    id: &str,
    component: &Component,
    directory: &Path,
    variables: &Variables,
) -> Result<Loaded> {
    let component_name = || id.to_owned();
    let Source::File(source) = &component.source else {
        let component = component_name();
        return Err(Fault::SourceRemote { component }.into());
    };
    let path = directory.join(source);
    if !path.exists() {
        let component = component_name();
        return Err(Fault::NotBuilt { component, path }.into());
    }
    let bytes = read_plain(&path, LARGEST_COMPONENT)?;
    let bytes = names::release(&bytes)
        .with_context(|| format!("`{}` is not a component", path.display()))?;
    let compiled = cache::compile(cache, engine, &bytes)
        .with_context(|| format!("`{}` is not a component", path.display()))?;
    let mut linker = Linker::new(engine);
    interfaces::link(&compiled, &mut linker)?;
    Ok(Loaded {
        grants: Arc::new(grants(id, component, directory, variables)?),
        trigger: trigger(&compiled, linker.instantiate_pre(&compiled)?)?,
    })
}

fn trigger(compiled: &Compiled, pre: InstancePre<State>) -> Result<Trigger> {
    let component_type = compiled.component_type();
    let exports: Vec<&str> = component_type
        .exports(compiled.engine())
        .map(|(name, _)| name)
        .collect();
    let has = |prefix: &str| exports.iter().any(|name| name.starts_with(prefix));
    Ok(if has("wasi:http/handler@0.3.") {
        Trigger::WasiHttp(Arc::new(ProxyPre::P3(p3::bindings::ServicePre::new(pre)?)))
    } else if has("wasi:http/incoming-handler@0.2.") {
        Trigger::WasiHttp(Arc::new(ProxyPre::P2(p2::bindings::ProxyPre::new(pre)?)))
    } else if has("fermyon:spin/inbound-http") {
        Trigger::Records(HttpTriggerPre::new(pre)?)
    } else {
        bail!(
            "it exports nothing that answers HTTP requests, only: {}",
            exports.join(", ")
        );
    })
}

fn grants(
    id: &str,
    component: &Component,
    directory: &Path,
    variables: &Variables,
) -> Result<Grants> {
    let resolve_all = |templates: &BTreeMap<String, String>| -> Result<BTreeMap<String, String>> {
        templates
            .iter()
            .map(|(name, value)| Ok((name.clone(), variables.resolve(value)?)))
            .collect()
    };
    let hosts: Vec<String> = component
        .allowed_outbound_hosts
        .iter()
        .map(|entry| variables.resolve(entry))
        .collect::<Result<_>>()?;
    for database in &component.sqlite_databases {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        ensure!(
            !database.is_empty() && database.bytes().all(plain),
            "`{database}` in `sqlite_databases` is not made of letters, digits, `-` and `_`"
        );
    }
    Ok(Grants {
        component: id.to_owned(),
        variables: resolve_all(&component.variables)?,
        environment: component.environment.clone().into_iter().collect(),
        hosts: AllowedHosts::parse(&hosts)?,
        key_value_stores: component.key_value_stores.iter().cloned().collect(),
        sqlite_databases: component.sqlite_databases.iter().cloned().collect(),
        ai_models: component.ai_models.iter().cloned().collect(),
        files: component
            .files
            .iter()
            .map(|mount| directory_of(mount, directory))
            .collect::<Result<_>>()?,
    })
}

/// A directory of the application's. No dots, links or absolute path lead to another one. WASI does not follow links in it that
/// lead out of it.
fn directory_of(mount: &FileMount, directory: &Path) -> Result<(PathBuf, String)> {
    match mount {
        FileMount::Directory {
            source,
            destination,
        } => {
            let source_path = source.clone();
            let Ok(path) = fs_err::canonicalize(directory.join(source)) else {
                return Err(Fault::NotADirectory { source_path }.into());
            };
            if !path.starts_with(directory) {
                return Err(Fault::FilesOutside { source_path, path }.into());
            }
            if !path.is_dir() {
                return Err(Fault::NotADirectory { source_path }.into());
            }
            Ok((path, destination.clone()))
        }
        FileMount::Pattern(pattern) => Err(Fault::FilesPattern {
            pattern: pattern.clone(),
        }
        .into()),
    }
}
