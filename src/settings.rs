//! The settings of a build with every default resolved. They know no stage: `api.rs` runs them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use bindings::plan::WORLD_MODULE;
use ground::ui::Verbosity;

/// The world, and the Python names of its parts.
#[derive(Clone, Debug)]
pub struct WorldSettings {
    /// WIT files or directories; empty for `wit` in the current directory.
    pub wit_paths: Vec<PathBuf>,
    /// Worlds, which are united; empty for the only one.
    pub worlds: Vec<String>,
    /// WIT features whose `@unstable` items are enabled.
    pub features: Vec<String>,
    /// Enable every `@unstable` item.
    pub all_features: bool,
    /// Python package of the generated code, maybe dotted for [`Bindings`].
    pub world_module: String,
    /// Name the module of every interface after its package and version, too.
    pub full_names: bool,
    /// Imported interfaces: WIT id with its version -> Python name.
    pub import_interface_names: BTreeMap<String, String>,
    /// Exported interfaces, in the same way.
    pub export_interface_names: BTreeMap<String, String>,
}

impl Default for WorldSettings {
    fn default() -> Self {
        Self {
            wit_paths: Vec::new(),
            worlds: Vec::new(),
            features: Vec::new(),
            all_features: false,
            world_module: WORLD_MODULE.to_owned(),
            full_names: false,
            import_interface_names: BTreeMap::new(),
            export_interface_names: BTreeMap::new(),
        }
    }
}

/// The directories of installed packages, searched after the Python path.
#[derive(Clone, Debug)]
pub enum SitePackages {
    /// Those of this virtual environment, or else of `pipenv`, of `.venv`, or of the environment of the first `python3`.
    Detect {
        /// The active virtual environment, if there is one.
        virtual_env: Option<PathBuf>,
        /// Where there is none of all these, also those of the system's `python3`.
        system: bool,
    },
    /// These directories.
    Roots(Vec<PathBuf>),
}

/// The compiler for the run that imports the app. It does not affect the component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Compiler {
    /// Compiles in one pass. Components with exceptions are left to Cranelift.
    #[default]
    Winch,
    /// Compiles without optimisation.
    Cranelift,
}

/// The linker that makes a component of libraries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Linker {
    /// Our own linker, which makes one core module.
    #[default]
    Merge,
    /// The linker of `wit-component`, with a core module for each library.
    Component,
}

/// The modules of the standard library in a component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Stdlib {
    /// Those that the app and its packages may import, as far as their code shows.
    #[default]
    Used,
    /// All of them.
    All,
}

/// The files inside the component, besides those of packages that the app can import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSettings {
    /// Patterns of files, as in a `.gitignore`, and names of modules.
    pub include: Vec<String>,
    /// Patterns of files that are left out.
    pub exclude: Vec<String>,
    /// The most bytes of files in memory, in `/tmp`; 0 means that there is no such directory.
    pub tmp_size: u64,
}

impl Default for FileSettings {
    fn default() -> Self {
        Self {
            include: Vec::new(),
            exclude: Vec::new(),
            tmp_size: DEFAULT_TMP_SIZE,
        }
    }
}

/// The default size of `/tmp`: an upload or an archive fits, and a component that fills it still runs under the usual memory limits
/// of hosts.
pub const DEFAULT_TMP_SIZE: u64 = 64 << 20;

/// The imports of WASI that a component has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Wasi {
    /// Those that its code can reach.
    #[default]
    All,
    /// Those that its world lists. Calls of the others get an error.
    World,
    /// None. Calls trap.
    None,
}

/// A value as the command line has it.
pub fn option_value(value: impl clap::ValueEnum) -> String {
    let value = value.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}

/// The format of a report on a component's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ReportFormat {
    /// Tables.
    Text,
    /// One document, with nothing else on stdout.
    Json,
}

/// The interface between a web application and its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum WebInterface {
    /// PEP 3333.
    Wsgi,
    /// ASGI 3.
    Asgi,
}

/// The time when an ASGI application's lifespan begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Lifespan {
    /// Around each request.
    Request,
    /// At an instance's first request; it does not end.
    Instance,
    /// While the component is built; it does not end.
    Build,
    /// Never.
    Off,
}

impl Lifespan {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Lifespan::Request => "request",
            Lifespan::Instance => "instance",
            Lifespan::Build => "build",
            Lifespan::Off => "off",
        }
    }
}

/// Settings for an app that is a web application, named as `module:attribute`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebSettings {
    /// Its interface; `None` for that which its signature shows.
    pub interface: Option<WebInterface>,
    /// The attribute is a function that makes the application.
    pub factory: bool,
    /// When its lifespan runs; `None` for [`Lifespan::Request`].
    pub lifespan: Option<Lifespan>,
    /// Paths that it answers while the component is built, such as `/`.
    pub warm_up: Vec<String>,
}

/// The default time limit for the import of an app. The largest apps that we know take a minute.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(300);

/// Builds a component from a Python app and a world.
///
/// ```no_run
/// componentize_py::Componentize::new("app")
///     .wit_path("wit")
///     .world("hello")
///     .output("app.wasm")
///     .run()?;
/// # Ok::<(), anyhow::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Componentize {
    /// The world, and the Python names of its parts.
    pub world: WorldSettings,
    /// The app's module, or the path of its file or package; with `:` and an attribute behind it, a web application.
    pub app: String,
    /// How the app is served, if it is a web application.
    pub web: WebSettings,
    /// Directories, wheels and ZIP files that hold the app and modules that it imports.
    pub python_path: Vec<PathBuf>,
    /// The directories of installed packages.
    pub site_packages: SitePackages,
    /// Directories that links on the search path may lead into, in addition to each other and the caches of package
    /// managers.
    pub follow_links: Vec<PathBuf>,
    /// Python module -> the world to use from its WIT, in topological order.
    pub module_worlds: Vec<(String, String)>,
    /// A world that limits the component: only what it has, too, is kept.
    pub intersect_world: Option<String>,
    /// The files inside the component.
    pub files: FileSettings,
    /// The modules of the standard library in it.
    pub stdlib: Stdlib,
    /// Leave out the docstrings of imported modules.
    pub strip_docstrings: bool,
    /// The file to write; `-` is standard output.
    pub output: PathBuf,
    /// The imports of WASI that are kept.
    pub wasi: Wasi,
    /// Print what makes up the component's size, even if nothing else is printed.
    pub report: Option<ReportFormat>,
    /// Time limit for the import of the app; `None` means no limit.
    pub timeout: Option<Duration>,
    /// Bytes that the app may have in memory while it is imported; `None` is the most that a component can have.
    pub max_memory: Option<usize>,
    /// The compiler for the run that imports the app.
    pub compiler: Compiler,
    /// The linker that makes a component of the libraries.
    pub linker: Linker,
    /// Keep the names of functions in the component, for profilers and backtraces.
    pub keep_names: bool,
    /// A directory with a guest to use in place of the embedded one, for working on the guest itself.
    pub guest: Option<PathBuf>,
    /// How much is printed to standard error.
    pub verbosity: Verbosity,
}

impl Componentize {
    /// Settings for the app's module in the current directory. Nothing is detected and nothing printed.
    pub fn new(app: impl Into<String>) -> Self {
        Self {
            world: WorldSettings::default(),
            app: app.into(),
            web: WebSettings::default(),
            python_path: vec![PathBuf::from(".")],
            site_packages: SitePackages::Roots(Vec::new()),
            follow_links: Vec::new(),
            module_worlds: Vec::new(),
            intersect_world: None,
            files: FileSettings::default(),
            stdlib: Stdlib::default(),
            strip_docstrings: false,
            output: PathBuf::from("index.wasm"),
            wasi: Wasi::default(),
            report: None,
            timeout: Some(DEFAULT_TIMEOUT),
            max_memory: None,
            compiler: Compiler::default(),
            linker: Linker::default(),
            keep_names: false,
            guest: None,
            verbosity: Verbosity::Quiet,
        }
    }

    /// Adds a WIT file or directory.
    pub fn wit_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.world.wit_paths.push(path.into());
        self
    }

    /// Adds a world.
    pub fn world(mut self, name: impl Into<String>) -> Self {
        self.world.worlds.push(name.into());
        self
    }

    /// Replaces the directories that hold the app and its modules.
    pub fn python_path(mut self, roots: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        self.python_path = roots.into_iter().map(Into::into).collect();
        self
    }

    /// Replaces the time limit for the import of the app, 5 minutes; zero means no limit.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit).filter(|limit| !limit.is_zero());
        self
    }

    /// Limits the bytes that the app may have in memory while it is imported.
    pub fn max_memory(mut self, limit: usize) -> Self {
        self.max_memory = Some(limit);
        self
    }

    /// Allows links on the search path to lead into a directory.
    pub fn follow_links(mut self, directory: impl Into<PathBuf>) -> Self {
        self.follow_links.push(directory.into());
        self
    }

    /// Takes files along that match a pattern, or the module of this name.
    pub fn include(mut self, pattern: impl Into<String>) -> Self {
        self.files.include.push(pattern.into());
        self
    }

    /// Leaves files out that match a pattern.
    pub fn exclude(mut self, pattern: impl Into<String>) -> Self {
        self.files.exclude.push(pattern.into());
        self
    }

    /// The file to write; its directory is created. `-` is standard output.
    pub fn output(mut self, path: impl Into<PathBuf>) -> Self {
        self.output = path.into();
        self
    }

    /// The imports of WASI that are kept.
    pub fn wasi(mut self, wasi: Wasi) -> Self {
        self.wasi = wasi;
        self
    }
}

/// Writes the Python bindings of a world, with functions that raise `NotImplementedError`.
#[derive(Clone, Debug)]
pub struct Bindings {
    /// The world, and the Python names of its parts.
    pub world: WorldSettings,
    /// The directory to write to.
    pub output_dir: PathBuf,
    /// How much is printed to standard error.
    pub verbosity: Verbosity,
}

impl Bindings {
    /// Settings that write to this directory.
    pub fn new(output_dir: impl Into<PathBuf>) -> Self {
        Self {
            world: WorldSettings::default(),
            output_dir: output_dir.into(),
            verbosity: Verbosity::Quiet,
        }
    }

    /// Adds a WIT file or directory.
    pub fn wit_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.world.wit_paths.push(path.into());
        self
    }

    /// Adds a world.
    pub fn world(mut self, name: impl Into<String>) -> Self {
        self.world.worlds.push(name.into());
        self
    }
}
