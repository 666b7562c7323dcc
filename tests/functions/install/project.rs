//! A project in a temporary directory, and an index of tiny packages that are made here.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fs_err as fs;
use sha2::{Digest as _, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::components::tool;

/// The first bytes of a program of Linux, and of a WebAssembly module.
pub const ELF: &str = "\x7fELF";
pub const WASM: &str = "\0asm\x01\0\0\0";

pub struct Project {
    temporary: tempfile::TempDir,
}

/// A wheel that is made.
pub struct Wheel<'a> {
    pub name: &'a str,
    pub version: &'a str,
    pub tag: &'a str,
    pub requires: &'a [&'a str],
    pub files: &'a [(&'a str, &'a str)],
}

impl Default for Wheel<'_> {
    fn default() -> Self {
        Self {
            name: "",
            version: "1.0",
            tag: "py3-none-any",
            requires: &[],
            files: &[],
        }
    }
}

impl Project {
    pub fn new() -> Self {
        let project = Self {
            temporary: tempfile::tempdir().expect("a temporary directory"),
        };
        fs::create_dir_all(project.at("index")).expect("can be made");
        fs::create_dir_all(project.at("app")).expect("can be made");
        project
    }

    /// A path beside the app and the index.
    pub fn at(&self, path: &str) -> PathBuf {
        self.temporary.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.at("app").join(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("can be made");
        fs::write(path, text).expect("can be written");
    }

    /// Puts a wheel into the index, and returns its hash. A module `NAME.py` that knows the tag is always in it.
    pub fn wheel(&self, wheel: &Wheel<'_>) -> String {
        let Wheel {
            name, version, tag, ..
        } = wheel;
        let path = self.at(&format!("index/{name}-{version}-{tag}.whl"));
        let metadata = format!("{name}-{version}.dist-info");
        let requires = wheel.requires.iter();
        let requires: String = requires
            .map(|one| format!("Requires-Dist: {one}\n"))
            .collect();
        let file = |name: &str, text: String| (name.to_owned(), text);
        let in_metadata = |name: &str, text: String| (format!("{metadata}/{name}"), text);
        let mut files = vec![
            file(
                &format!("{name}.py"),
                format!("VERSION = '{version}'\nTAG = '{tag}'\n"),
            ),
            in_metadata(
                "METADATA",
                format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"),
            ),
            in_metadata(
                "WHEEL",
                format!("Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"),
            ),
            in_metadata(
                "entry_points.txt",
                format!("[console_scripts]\n{name} = {name}:main\n"),
            ),
        ];
        let more = wheel.files.iter();
        files.extend(more.map(|(name, text)| file(name, (*text).to_owned())));
        let record: String = files
            .iter()
            .map(|(name, _)| format!("{name},,\n"))
            .collect();
        files.push(in_metadata("RECORD", record));
        let mut writer = ZipWriter::new(fs::File::create(&path).expect("can be made"));
        for (name, text) in files {
            let options = SimpleFileOptions::default();
            writer.start_file(name, options).expect("can be packed");
            writer.write_all(text.as_bytes()).expect("can be packed");
        }
        writer.finish().expect("can be packed");
        let digest = Sha256::digest(fs::read(&path).expect("it was written"));
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A source distribution whose own build backend makes a wheel with this file in it.
    pub fn source(&self, name: &str, file: &str, content: &str) {
        let folder = self.at(&format!("sources/{name}-1.0"));
        self.backend(&folder, name, file, content);
        let status = Command::new("tar")
            .arg("-czf")
            .arg(self.at(&format!("index/{name}-1.0.tar.gz")))
            .arg("-C")
            .arg(self.at("sources"))
            .arg(format!("{name}-1.0"))
            .status();
        assert!(status.expect("tar starts").success());
    }

    /// A project that needs no build system.
    pub fn backend(&self, folder: &Path, name: &str, file: &str, content: &str) {
        fs::create_dir_all(folder).expect("can be made");
        let write = |name: &str, text: String| {
            fs::write(folder.join(name), text).expect("can be written");
        };
        write(
            "pyproject.toml",
            format!(
                "[project]\nname = '{name}'\nversion = '1.0'\n[build-system]\nrequires = []\n\
                 build-backend = 'backend'\nbackend-path = ['.']\n"
            ),
        );
        write(
            "PKG-INFO",
            format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"),
        );
        let hex: String = content.bytes().map(|byte| format!("{byte:02x}")).collect();
        write(
            "backend.py",
            format!(
                "import zipfile\n\
                 def build_wheel(directory, config_settings=None, metadata_directory=None):\n\
                 \x20   name = '{name}-1.0-py3-none-any.whl'\n\
                 \x20   info = '{name}-1.0.dist-info/'\n\
                 \x20   files = {{\n\
                 \x20       '{file}': bytes.fromhex('{hex}').decode(),\n\
                 \x20       info + 'METADATA': 'Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n',\n\
                 \x20       info + 'WHEEL': 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n',\n\
                 \x20   }}\n\
                 \x20   files[info + 'RECORD'] = ''.join(f'{{file}},,\\n' for file in files)\n\
                 \x20   with zipfile.ZipFile(directory + '/' + name, 'w') as wheel:\n\
                 \x20       for file, text in files.items():\n\
                 \x20           wheel.writestr(file, text)\n\
                 \x20   return name\n"
            ),
        );
    }

    /// `componentize-py`, with no other index than that of the project.
    pub fn tool(&self) -> Command {
        let mut tool = tool();
        tool.current_dir(self.at("app"))
            .env("PIP_NO_INDEX", "1")
            .env("PIP_FIND_LINKS", self.at("index"))
            .env("PIP_CONFIG_FILE", "/dev/null")
            .env("PIP_CACHE_DIR", self.at("cache"))
            .env("UV_CACHE_DIR", self.at("cache-of-uv"))
            .env("UV_NO_CONFIG", "1")
            .env("UV_OFFLINE", "1")
            .env("UV_NO_INDEX", "1")
            .env("UV_FIND_LINKS", self.at("index"));
        tool
    }

    /// Another program with the variables and the directory of `tool`.
    pub fn in_environment_of(&self, tool: &Command, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.at("app"));
        for (name, value) in tool.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    pub fn install(&self, options: &[&str]) -> Output {
        let mut tool = self.tool();
        tool.arg("install").args(options);
        tool.output().expect("the tool starts")
    }

    /// Installs, and returns what was printed.
    pub fn installs(&self, options: &[&str]) -> String {
        self.succeeded(&self.install(options))
    }

    pub fn succeeded(&self, output: &Output) -> String {
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{message}");
        assert_eq!(message, "");
        self.nothing_is_left();
        String::from_utf8(output.stdout.clone()).expect("it is text")
    }

    /// Fails with the user at fault, and returns the message.
    pub fn refuses(&self, options: &[&str]) -> String {
        let output = self.install(options);
        let message = String::from_utf8(output.stderr).expect("it is text");
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
        self.nothing_is_left();
        message
    }

    /// The prepared directory is gone, whether it was used or not.
    fn nothing_is_left(&self) {
        let names = names(&self.at("app"));
        let hidden: Vec<&String> = names.iter().filter(|name| name.starts_with('.')).collect();
        assert!(hidden.is_empty(), "{hidden:?}");
    }

    /// The names in `deps`, but for metadata.
    pub fn deps(&self) -> Vec<String> {
        let mut names = names(&self.at("app/deps"));
        names.retain(|name| !name.ends_with(".dist-info") && !name.starts_with('.'));
        names
    }

    /// The tag of the wheel that a module comes from.
    pub fn tag(&self, module: &str) -> String {
        let text = fs::read_to_string(self.at(&format!("app/deps/{module}.py")));
        let text = text.expect("it is installed");
        let (_, tag) = text.split_once("TAG = '").expect("it knows its tag");
        tag.trim_end().trim_end_matches('\'').to_owned()
    }
}

pub fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("can be listed");
    let names = entries.map(|entry| entry.expect("can be listed").file_name());
    let mut names: Vec<String> = names
        .map(|name| name.into_string().expect("names are text"))
        .collect();
    names.sort();
    names
}
