//! The clap types. They only describe the command line; `settings.rs` gives it a meaning.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser, Subcommand};

use super::host_args::{RunArgs, ServeArgs, seconds, size};
use super::install_args::InstallArgs;
use super::package_args::PackageArgs;
use super::web_args::WebArgs;
use super::wheel_args::WheelArgs;
use crate::preinit::AppError;
use crate::settings::{
    Bindings, Compiler, Componentize, DEFAULT_TMP_SIZE, FileSettings, Linker, ReportFormat, Stdlib,
    Wasi, WorldSettings,
};
use crate::signals;
use bindings::plan::WORLD_MODULE;
use ground::Mistake as _;
use ground::ui::{Observer, Verbosity};

/// Turns a Python application and a WIT world into a WebAssembly component.
#[derive(Debug, Parser)]
#[command(name = "componentize-py", version, max_term_width = 100)]
pub struct Args {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

/// Options of several subcommands; they come before the subcommand.
#[derive(clap::Args, Debug)]
struct Shared {
    /// WIT file, or directory of WIT files; may be repeated [default: wit]
    #[arg(short = 'd', long, value_name = "PATH")]
    wit_path: Vec<PathBuf>,

    /// World to target; if repeated, the worlds are united
    ///
    /// `name`, `namespace:package/name` or `namespace:package/name@version`. May be left out if there
    /// is only one.
    #[arg(short, long, value_name = "WORLD")]
    world: Vec<String>,

    /// Print only errors
    #[arg(short, long)]
    quiet: bool,

    /// Also print the time of each step, what is searched and left out, and the app's output
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,

    /// Enable the `@unstable` items of these WIT features, separated by commas or spaces; may be repeated
    #[arg(long, value_name = "FEATURES")]
    features: Vec<String>,

    /// Enable every `@unstable` item
    #[arg(long)]
    all_features: bool,

    /// Python name for the module of an imported interface, such as `wasi:http/types@0.2.0=http_types`
    #[arg(long, value_name = "WIT=PYTHON", value_parser = assignment)]
    import_interface_name: Vec<(String, String)>,

    /// Python name for the module of an exported interface
    #[arg(long, value_name = "WIT=PYTHON", value_parser = assignment)]
    export_interface_name: Vec<(String, String)>,

    /// Name of the package for the generated code
    #[arg(long, value_name = "NAME", default_value = WORLD_MODULE)]
    world_module: String,

    /// Name the module of every interface after its package and version too
    #[arg(long)]
    full_names: bool,
}

/// A subcommand with its arguments.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build a component from a Python app and its imports
    Componentize(ComponentizeArgs),
    /// Write the Python bindings of a world, for editors and type checkers
    ///
    /// Their functions raise `NotImplementedError`. `componentize` generates the real ones by itself and
    /// does not read these.
    Bindings {
        /// Directory to write to; it is created, and existing files are overwritten
        #[arg(value_name = "DIRECTORY")]
        output_dir: PathBuf,
    },
    #[expect(missing_docs, reason = "the arguments have the text of the help")]
    Install(InstallArgs),
    #[expect(missing_docs, reason = "the arguments have the text of the help")]
    Wheel(WheelArgs),
    #[expect(missing_docs, reason = "the arguments have the text of the help")]
    Run(RunArgs),
    #[expect(missing_docs, reason = "the arguments have the text of the help")]
    Serve(ServeArgs),
}

#[derive(clap::Args, Debug)]
pub struct ComponentizeArgs {
    /// The app: a Python module such as `app` or `package.module`, the path of a file or package, or a web application
    /// such as `main:app`
    ///
    /// The module's name must differ from that of the world module. A package may have its classes in `__main__.py`. For a WSGI
    /// or ASGI application, the world is `wasi:http/proxy@0.2.12` unless another one is given.
    #[arg(value_name = "APP")]
    app_name: String,

    #[command(flatten)]
    web: WebArgs,

    /// Directory, wheel or ZIP file with the app or modules it imports; may be repeated
    ///
    /// The directory `deps` that `install` has made in one of these is searched after them, and then the site-packages
    /// of the active virtual environment (`VIRTUAL_ENV`), or else those of `pipenv`, of `.venv` (uv), or of the
    /// environment whose `python3` comes first.
    #[arg(short, long, value_name = "DIRECTORY", default_value = ".")]
    python_path: Vec<PathBuf>,

    #[command(flatten)]
    packages: PackageArgs,

    /// Directory that links on the Python path may lead into; may be repeated
    ///
    /// Links may also lead into directories of the Python path and into the caches of package managers. Other
    /// links are left out, since their targets would get into the component.
    #[arg(long, value_name = "DIRECTORY")]
    follow_links: Vec<PathBuf>,

    /// World for a Python module that brings its own WIT (`componentize-py.toml`); may be repeated
    ///
    /// List a module after the modules it depends on.
    #[arg(short, long, value_name = "MODULE=WORLD", value_parser = assignment)]
    module_worlds: Vec<(String, String)>,

    /// Keep only the imports and exports that this world has too
    ///
    /// Use it for a target that offers less than the given worlds. The app fails where it uses more.
    #[arg(short, long, value_name = "WORLD")]
    intersect_world: Option<String>,

    /// Also take these files or this module along; may be repeated
    ///
    /// A pattern as in a `.gitignore`, for files on the Python path, or the name of a module that the app imports in
    /// a way that its code does not show.
    #[arg(long, value_name = "PATTERN")]
    include: Vec<String>,

    /// Leave these files out, a pattern as in a `.gitignore`; may be repeated
    ///
    /// A component has all files below the app's directory and those of the packages that it can import, except hidden
    /// ones, environments, native code and keys.
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,

    /// Modules of the standard library in the component: those that are `used`, or `all`
    #[arg(
        long,
        value_name = "MODULES",
        value_enum,
        hide_possible_values = true,
        default_value = "used"
    )]
    stdlib: Stdlib,

    /// Leave out the docstrings of imported modules
    ///
    /// They are there while the app is imported: frameworks can make descriptions and help of them. Then `__doc__` is
    /// `None`.
    #[arg(long)]
    strip_docstrings: bool,

    /// Limit of the files that the app writes to `/tmp`, in memory, where the host has no such directory; 0 for none
    /// [default: 64MiB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    tmp_size: Option<usize>,

    /// File to write; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = "index.wasm")]
    output: PathBuf,

    /// WASI imports to keep: those that code can reach (`all`), those that the world lists (`world`), or
    /// `none` [default: all]
    ///
    /// With `world`, calls of the others get an error, such as `OSError`; with `none` they trap. Without
    /// `wasi:random`, random numbers can be predicted: do not do without it where they must be secret.
    #[arg(long, value_name = "IMPORTS", value_enum)]
    wasi: Option<Wasi>,

    /// The same as `--wasi none`
    #[arg(short, long)]
    stub_wasi: bool,

    /// Print what makes up the component's size: libraries, memory, Python modules [formats: text,
    /// json]
    ///
    /// The app is imported once more for this. With `json`, sizes are in bytes, and nothing else is on
    /// standard output.
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        hide_possible_values = true,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "text"
    )]
    report: Option<ReportFormat>,

    /// Time limit for the import of the app; 0 disables it
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds)]
    timeout: Duration,

    /// Memory limit for the import of the app, such as `512MiB`; beyond it Python raises `MemoryError`.
    /// The component can keep at most 1GiB of that memory [default: 4GiB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_memory: Option<usize>,

    /// Compiler for the run that imports the app, for measuring
    #[arg(
        long,
        hide = true,
        value_name = "COMPILER",
        value_enum,
        default_value_t
    )]
    preinit_compiler: Compiler,

    /// Linker of the libraries, for comparison
    #[arg(
        long,
        hide = true,
        value_name = "LINKER",
        value_enum,
        default_value_t,
        env = "COMPONENTIZE_PY_LINKER"
    )]
    linker: Linker,

    /// Keep the names of native functions, for profilers and backtraces
    #[arg(long)]
    keep_names: bool,

    /// Guest to use in place of the embedded one: a directory that `cargo xtask guest` has built
    #[arg(
        long,
        hide = true,
        value_name = "DIRECTORY",
        env = "COMPONENTIZE_PY_GUEST"
    )]
    guest: Option<PathBuf>,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((key, value)) if !key.is_empty() && !value.is_empty() => {
            Ok((key.to_owned(), value.to_owned()))
        }
        _ => Err("expected two names with `=` between them".to_owned()),
    }
}

impl Args {
    /// Runs the command. The observer may end a build.
    pub fn run(self, observer: Option<Arc<dyn Observer>>) -> Result<()> {
        let verbosity = match (self.shared.quiet, self.shared.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        };
        let is_build = matches!(
            self.command,
            Command::Componentize(_) | Command::Bindings { .. }
        );
        if let (false, Some(option)) = (is_build, self.shared.of_the_build()) {
            let text = format!(
                "`{option}` is about building components: `install`, `wheel`, `run` and `serve` do not take it"
            );
            Self::command()
                .error(ErrorKind::ArgumentConflict, text)
                .exit();
        }
        let builds = is_build || matches!(self.command, Command::Install(_) | Command::Wheel(_));
        // An observer belongs to another program, which handles its own signals.
        if builds && observer.is_none() {
            signals::clean_up_on_signals();
        }
        let world = self.shared.into_settings();
        match self.command {
            Command::Componentize(args) => {
                args.into_settings(world, verbosity)?.run_observed(observer)
            }
            Command::Bindings { output_dir } => Bindings {
                world,
                output_dir,
                verbosity,
            }
            .run_observed(observer),
            Command::Install(args) => args.into_settings(verbosity).run(),
            Command::Wheel(args) => args.run(verbosity),
            Command::Run(args) => args.run(verbosity),
            Command::Serve(args) => args.run(verbosity),
        }
    }
}

impl Shared {
    /// A given option that has no effect on commands that build nothing.
    fn of_the_build(&self) -> Option<&'static str> {
        let given = [
            (!self.wit_path.is_empty(), "--wit-path"),
            (!self.world.is_empty(), "--world"),
            (!self.features.is_empty(), "--features"),
            (self.all_features, "--all-features"),
            (
                !self.import_interface_name.is_empty(),
                "--import-interface-name",
            ),
            (
                !self.export_interface_name.is_empty(),
                "--export-interface-name",
            ),
            (
                self.world_module != WorldSettings::default().world_module,
                "--world-module",
            ),
            (self.full_names, "--full-names"),
        ];
        given
            .iter()
            .find_map(|(is_given, option)| is_given.then_some(*option))
    }

    fn into_settings(self) -> WorldSettings {
        let features = self
            .features
            .iter()
            .flat_map(|list| list.split([',', ' ']))
            .filter(|feature| !feature.is_empty())
            .map(str::to_owned)
            .collect();
        WorldSettings {
            wit_paths: self.wit_path,
            worlds: self.world,
            features,
            all_features: self.all_features,
            world_module: self.world_module,
            full_names: self.full_names,
            import_interface_names: self.import_interface_name.into_iter().collect(),
            export_interface_names: self.export_interface_name.into_iter().collect(),
        }
    }
}

impl ComponentizeArgs {
    /// `--stub-wasi` is the older name of `--wasi none`.
    fn wasi(&self) -> Result<Wasi> {
        match (self.stub_wasi, self.wasi) {
            (false, wasi) => Ok(wasi.unwrap_or_default()),
            (true, None | Some(Wasi::None)) => Ok(Wasi::None),
            (true, Some(wasi @ (Wasi::All | Wasi::World))) => AppError::WasiTwice { wasi }.raise(),
        }
    }

    fn into_settings(self, world: WorldSettings, verbosity: Verbosity) -> Result<Componentize> {
        Ok(Componentize {
            wasi: self.wasi()?,
            world,
            app: self.app_name,
            web: self.web.into_settings(),
            python_path: self.python_path,
            site_packages: self.packages.into_site_packages(),
            follow_links: self.follow_links,
            module_worlds: self.module_worlds,
            intersect_world: self.intersect_world,
            files: FileSettings {
                include: self.include,
                exclude: self.exclude,
                tmp_size: self.tmp_size.map_or(DEFAULT_TMP_SIZE, |size| size as u64),
            },
            stdlib: self.stdlib,
            strip_docstrings: self.strip_docstrings,
            output: self.output,
            report: self.report,
            timeout: Some(self.timeout).filter(|limit| !limit.is_zero()),
            max_memory: self.max_memory,
            compiler: self.preinit_compiler,
            linker: self.linker,
            keep_names: self.keep_names,
            guest: self.guest,
            verbosity,
        })
    }
}
