//! The table of contents: which stages run, in which order, for each of the two commands.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::artifacts::{self, RUNTIME_MODULES, STDLIB_ZIP};
use crate::bindgen::{self, Bodies, PyTree};
use crate::cli::{Bindings, Componentize, WorldSettings};
use crate::emit::{self, Output};
use crate::glue::{ASYNC_LIBRARY, Glue, RUNTIME_LIBRARY};
use crate::link::{self, Library};
use crate::plan::{self, Naming, Plan};
use crate::preinit::{Expectations, Mount, Preinit, sandbox_offers, stub};
use crate::project::{Project, SearchPath};
use crate::symbols::{self, RuntimeSettings};
use crate::ui::Ui;
use crate::world::{self, ResolvedWorld, WorldRequest};

/// Args -> Settings -> Project -> ResolvedWorld -> Plan -> Glue -> PyTree + Symbols -> Linked -> Snapshot -> file
pub fn componentize(settings: &Componentize, ui: &Ui) -> Result<()> {
    let guest = artifacts::unpack(settings.guest.clone());
    let output = Output::prepare(&settings.output)?;
    let mut project = ui.stage("looking for the app", || Project::open(settings, ui))?;
    let intersect = settings.intersect_world.as_deref();
    let (world, plan) = ui.stage("reading the WIT", || resolve(&settings.world, intersect))?;
    let glue = ui.stage("generating the glue", || {
        Glue::new(&world, plan.needs_async())
    })?;
    let tree = ui.stage("generating the bindings", || {
        Ok(with_support(bindgen::print(&world, &plan, Bodies::Calls(&glue))))
    })?;
    let symbols = symbols::collect(&plan, &glue, sandbox_offers)?;
    let seed = fingerprint(&project, &tree)?;
    let guest = ui.stage("waiting for the embedded guest", || guest.finish())?;
    let libraries = libraries(guest.libraries, &glue, plan.needs_async())?;
    let linked = ui.stage("linking", || link::link(libraries))?;

    ui.stage("waiting for site-packages", || {
        project.complete(ui);
        Ok(())
    })?;
    let disk = GuestDisk::new(&guest.stdlib_zip, &tree)?;
    let expectations = Expectations::from_bindings(&tree, &settings.world.world_module);
    let preinit = Preinit {
        component: &linked,
        settings: RuntimeSettings {
            app: settings.app.clone(),
            world_module: settings.world.world_module.clone(),
            search_path: disk.search_path(&project.path),
            hash_seed: u32::from_le_bytes([seed[0], seed[1], seed[2], seed[3]]),
            stub_wasi: settings.stub_wasi,
        },
        symbols,
        mounts: disk.mounts(&project.path),
        hidden_files: output.file_name().into_iter().collect(),
        seed,
        compiler: settings.compiler,
        path: &project.path,
        expectations: &expectations,
    };
    let mut component = preinit.run(ui)?;
    if settings.stub_wasi {
        component = ui.stage("stubbing out WASI", || stub::without_wasi(&component))?;
    }
    let component = ui.stage("adding metadata", || emit::sign(&component))?;
    ui.stage("validating", || emit::validate(&component))?;
    ui.stage("writing", || output.write(&component))?;
    ui.report("Component built successfully");
    Ok(())
}

/// Args -> Settings -> ResolvedWorld -> Plan -> PyTree -> directory
pub fn bindings(settings: &Bindings, ui: &Ui) -> Result<()> {
    let (world, plan) = ui.stage("reading the WIT", || resolve(&settings.world, None))?;
    let tree = ui.stage("generating the bindings", || {
        Ok(with_support(bindgen::print(&world, &plan, Bodies::Stubs)))
    })?;
    ui.stage("writing", || emit::write_tree(&tree, &settings.output_dir))
}

fn resolve(settings: &WorldSettings, intersect: Option<&str>) -> Result<(ResolvedWorld, Plan)> {
    let default = [PathBuf::from("wit")];
    let request = WorldRequest {
        wit_paths: if settings.wit_paths.is_empty() {
            &default
        } else {
            &settings.wit_paths
        },
        worlds: &settings.worlds,
        intersect,
        features: &settings.features,
        all_features: settings.all_features,
    };
    let naming = Naming {
        world_module: settings.world_module.clone(),
        full_names: settings.full_names,
        import_interface_names: settings.import_interface_names.clone(),
        export_interface_names: settings.export_interface_names.clone(),
    };
    let world = world::resolve(&request)?;
    let plan = plan::plan(&world, &naming)?;
    Ok((world, plan))
}

/// The world's package, and the modules beside it that it imports.
fn with_support(mut tree: PyTree) -> PyTree {
    let support = bindgen::support(&tree);
    tree.files.extend(support.files);
    tree
}

/// What tells this app from others, wherever and whenever it is built.
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

/// The order decides whose symbol is taken: the runtime's `cabi_realloc` before the C library's, and both
/// before the glue's, which only passes on.
///
/// Hosts without the asynchronous ABI run what does not need it, so that part of the runtime stays out then.
fn libraries(guest: Vec<Library>, glue: &Glue, needs_async: bool) -> Result<Vec<Library>> {
    let own_functions: Vec<&str> = glue
        .metadata
        .export_funcs
        .iter()
        .filter(|function| function.interface.is_none())
        .map(|function| function.name.as_str())
        .collect();
    let glue = Library {
        name: "componentize-py-glue.so".to_owned(),
        wasm: link::mangle_world_exports(&glue.wasm, &own_functions)?.into(),
        dl_openable: false,
    };
    let (runtime, others): (Vec<_>, Vec<_>) = guest
        .into_iter()
        .filter(|library| needs_async || library.name != ASYNC_LIBRARY)
        .partition(|library| library.name == RUNTIME_LIBRARY);
    Ok(runtime.into_iter().chain(others).chain([glue]).collect())
}

/// The directories of the guest that come from us: the standard library and the bindings.
struct GuestDisk {
    directory: tempfile::TempDir,
}

impl GuestDisk {
    const PYTHON: &str = "python";
    const BINDINGS: &str = "bindings";

    fn new(stdlib_zip: &[u8], bindings: &PyTree) -> Result<Self> {
        let directory = tempfile::tempdir().context("failed to create a temporary directory")?;
        let python = directory.path().join(Self::PYTHON);
        fs_err::create_dir(&python)?;
        fs_err::write(python.join(STDLIB_ZIP), stdlib_zip)?;
        let bindings_directory = directory.path().join(Self::BINDINGS);
        emit::write_tree(bindings, &bindings_directory)?;
        for (name, text) in RUNTIME_MODULES {
            fs_err::write(bindings_directory.join(name), text)?;
        }
        Ok(Self { directory })
    }

    fn mounts(&self, path: &SearchPath) -> Vec<Mount> {
        let ours = [Self::PYTHON, Self::BINDINGS].map(|name| Mount {
            host: self.directory.path().join(name),
            guest: format!("/{name}"),
        });
        let theirs = path.roots.iter().map(|root| Mount {
            host: root.host.clone(),
            guest: root.guest.clone(),
        });
        ours.into_iter().chain(theirs).collect()
    }

    /// `sys.path`: bindings, the user's own directories, the standard library, installed packages.
    fn search_path(&self, path: &SearchPath) -> Vec<String> {
        let roots = |own: bool| {
            let roots = path.roots.iter().filter(move |root| root.own == own);
            roots.map(|root| root.guest.clone())
        };
        std::iter::once(format!("/{}", Self::BINDINGS))
            .chain(roots(true))
            .chain(std::iter::once(format!("/{}/{STDLIB_ZIP}", Self::PYTHON)))
            .chain(roots(false))
            .collect()
    }
}
