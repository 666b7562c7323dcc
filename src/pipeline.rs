//! The table of contents: the stages of each of the two commands, in order.

mod disk;
mod snapshot;
mod views;

use anyhow::Result;
use ground::Mistake as _;
use sha2::{Digest as _, Sha256};

use crate::artifacts;
use crate::contract::RuntimeSettings;
use crate::emit::OutputError;
use crate::emit::{self, Output};
use crate::files::Patterns;
use crate::link;
use crate::preinit::stub::{self, Listed};
use crate::preinit::{Expectations, Limits, sandbox_offers};
use crate::project::{Project, web};
use crate::report::Report;
use crate::scratch::Scratch;
use crate::settings::{Bindings, Componentize, ReportFormat, Stdlib, Wasi};
use crate::symbols;
use bindings::bindgen::{self, Bodies, PyTree};
use disk::GuestDisk;
use glue::Glue;
use ground::ui::Ui;
use merge::Library;
use snapshot::{Build, Built};
use views::Views;

/// Writes the component's file, and the report on it if the settings ask for one.
pub fn componentize(settings: &Componentize, ui: &Ui) -> Result<()> {
    let output = Output::prepare(&settings.output)?;
    if output.is_stdout() && settings.report.is_some() {
        return OutputError::SharedWithReport.raise();
    }
    let built = build(settings, &output, settings.report.is_some(), ui)?;
    match settings.report {
        None if output.is_stdout() => {}
        None => ui.report(SUCCESS),
        Some(ReportFormat::Text) => {
            ui.report(SUCCESS);
            ui.data(&format!("\n{}", built.report()?.text()));
        }
        // Nothing else, so that a reader need not look for its start.
        Some(ReportFormat::Json) => ui.data(&format!("{}\n", built.report()?.json()?)),
    }
    Ok(())
}

/// Writes the component's file, and returns the report as a value.
pub fn report(settings: &Componentize, ui: &Ui) -> Result<Report> {
    let output = Output::prepare(&settings.output)?;
    build(settings, &output, true, ui)?.report()
}

const SUCCESS: &str = "Component built successfully";

/// Args -> Settings -> Project -> ResolvedWorld -> Plan -> Glue -> PyTree + Symbols -> Linked -> Snapshot -> file
fn build(settings: &Componentize, output: &Output, measure: bool, ui: &Ui) -> Result<Built> {
    let settings = &with_default_world(settings);
    let patterns = Patterns::new(&settings.files)?;
    let guest = artifacts::unpack(settings.guest.clone());
    let scratch = Scratch::new()?;
    let mut project = ui.stage("looking for the app", || {
        Project::open(settings, &scratch, ui).map_err(|error| scratch.explain(error))
    })?;
    ui.stage("waiting for site-packages", || {
        project.complete(&scratch, ui);
        Ok(())
    })?;
    let views = ui.stage("reading the WIT", || {
        views::of_project(settings, &mut project)
    })?;
    let (world, plan) = (&views.world, &views.plan);
    let glue = ui.stage("generating the glue", || {
        Glue::new(world, plan.needs_async())
    })?;
    let mut tree = ui.stage("generating the bindings", || {
        Ok(with_support(
            bindgen::print(plan, Bodies::Calls(&glue)),
            &views,
        ))
    })?;
    let entry = project.application.as_ref().map(|attribute| {
        let text = web::entry(&project.app, attribute, &settings.web);
        tree.files.insert(format!("{}.py", web::ENTRY), text);
        web::ENTRY.to_owned()
    });
    let symbols = symbols::collect(plan, &glue, sandbox_offers)?;
    let seed = fingerprint(&project, &tree)?;
    let guest = ui.stage("waiting for the embedded guest", || guest.finish())?;

    let listed = Listed::of_world(&world.resolve, world.world);
    let has_sockets = listed.has("wasi:sockets/");
    let disk = GuestDisk::new(&scratch, &guest, &tree, &views);
    let disk = disk.map_err(|error| scratch.explain(error))?;
    let build = Build {
        ui,
        project: &project,
        settings: RuntimeSettings {
            app: entry.unwrap_or_else(|| project.app.clone()),
            search_path: disk.search_path(&project.path),
            hash_seed: u32::from_le_bytes([seed[0], seed[1], seed[2], seed[3]]),
            stub_wasi: settings.wasi == Wasi::None,
            measure: false,
            native_imports: Vec::new(),
            native_modules: Vec::new(),
            installed_paths: project.path.installed(),
            whole_stdlib: settings.stdlib == Stdlib::All,
            included_modules: patterns.modules(),
            strip_docstrings: settings.strip_docstrings,
        },
        symbols,
        mounts: disk.mounts(&project.path),
        files: &settings.files,
        patterns: &patterns,
        hidden_files: output.file_name().into_iter().collect(),
        seed,
        limits: Limits {
            timeout: settings.timeout,
            max_memory: settings.max_memory,
        },
        compiler: settings.compiler,
        linker: settings.linker,
        keep_names: settings.keep_names,
        is_async: plan.needs_async(),
        has_sockets,
        carries_http: listed.has("wasi:http/outgoing-handler") && !has_sockets,
        expectations: Expectations::of_plan(plan, &views.dropped),
        measure,
    };
    let mut built = build.run(&guest, glue_library(&glue)?)?;
    built.component = match settings.wasi {
        Wasi::All => ui.stage("leaving out WASI", || {
            stub::trimmed(built.component, &listed)
        })?,
        Wasi::World => ui.stage("stubbing out WASI", || {
            stub::within_world(&built.component, &listed)
        })?,
        Wasi::None => ui.stage("stubbing out WASI", || stub::without_wasi(&built.component))?,
    };
    built.component = ui.stage("adding metadata", || emit::sign(&built.component))?;
    ui.stage("validating", || emit::validate(&built.component))?;
    ui.stage("writing", || Ok(output.write(&built.component)?))?;
    Ok(built)
}

/// Args -> Settings -> ResolvedWorld -> Plan -> PyTree -> directory
pub fn bindings(settings: &Bindings, ui: &Ui) -> Result<()> {
    let views = ui.stage("reading the WIT", || views::of_bindings(settings))?;
    let tree = ui.stage("generating the bindings", || {
        Ok(with_support(
            bindgen::print(&views.plan, Bodies::Stubs),
            &views,
        ))
    })?;
    ui.stage("writing", || {
        emit::replace_tree(&tree, &settings.output_dir)
    })
}

/// A web application needs no world of the user's.
fn with_default_world(settings: &Componentize) -> Componentize {
    let mut settings = settings.clone();
    let world = &mut settings.world;
    let is_given = !world.worlds.is_empty() || !settings.module_worlds.is_empty();
    if !is_given && world.wit_paths.is_empty() && web::is_application(&settings.app) {
        world.worlds.push(web::WORLD.to_owned());
    }
    settings
}

/// The world's package, and the modules beside it that it imports.
fn with_support(mut tree: PyTree, views: &Views) -> PyTree {
    let serves_http = views
        .world
        .exports("wasi:http", &["incoming-handler", "handler"]);
    let support = bindgen::support(&tree, serves_http);
    tree.files.extend(support.files);
    tree
}

/// A hash that tells this app from others, wherever and whenever it is built.
fn fingerprint(project: &Project, tree: &PyTree) -> Result<[u8; 32]> {
    let mut digest = Sha256::new();
    for (path, text) in &tree.files {
        digest.update(path.as_bytes());
        digest.update([0]);
        digest.update(text.as_bytes());
        digest.update([0]);
    }
    project.digest_app(&mut digest)?;
    Ok(digest.finalize().into())
}

fn glue_library(glue: &Glue) -> Result<Library> {
    let own_functions: Vec<&str> = glue
        .metadata
        .export_funcs
        .iter()
        .filter(|function| function.interface.is_none())
        .map(|function| function.name.as_str())
        .collect();
    Ok(Library {
        name: "componentize-py-glue.so".to_owned(),
        wasm: link::mangle_world_exports(&glue.wasm, &own_functions)?.into(),
        is_foreign: false,
        dl_openable: false,
    })
}
