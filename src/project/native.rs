//! Compiled files on the search path: native extensions, and the libraries that those are linked with.
//!
//! Comes in: the search path. Goes out: [`NativeFile`]s by their names in the guest, and which of them the app may
//! import. Reads only directories and Python text.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use ground::files;

use super::app::imported_names;
use super::emscripten::{self, DIST_INFO};
use super::{Grounds, Project, Root, SearchPath};

/// The suffixes of extensions in the guest's Python, behind the module's name; the longer ones first.
const SUFFIXES: [&str; 4] = [
    ".cpython-314-wasm32-wasi.so",
    emscripten::SUFFIX,
    ".abi3.so",
    ".so",
];
/// The suffixes of libraries on any system.
pub const LIBRARY_SUFFIXES: [&str; 3] = [".so", ".pyd", ".dylib"];

/// A file that the guest's Python may ask `dlopen` for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NativeFile {
    /// The real path: no part of it is a link.
    pub host: PathBuf,
    /// Its path in the guest, which `dlopen` gets.
    pub guest: String,
    /// The user's path.
    pub shown: PathBuf,
    /// The name of the module, if Python may import it.
    pub module: Option<String>,
    /// The first part of its path below the root.
    pub top: String,
    /// `true` if it comes from a wheel for Emscripten.
    pub for_emscripten: bool,
}

impl NativeFile {
    /// Its name for other libraries.
    pub fn name(&self) -> &str {
        self.guest.rsplit('/').next().unwrap_or(&self.guest)
    }

    pub fn directory(&self) -> &str {
        self.guest
            .rsplit_once('/')
            .map_or("", |(directory, _)| directory)
    }
}

/// All such files, those of earlier roots first. With `mentions`, only those of packages that it reaches, which avoids
/// a walk through everything that is installed.
pub fn files(path: &SearchPath, mentions: Option<&Mentions>) -> Vec<NativeFile> {
    let mut files = Vec::new();
    for root in &path.roots {
        let mut walk = Walk {
            root,
            grounds: &path.grounds,
            mentions,
            visited: BTreeSet::new(),
            files: &mut files,
            installed: Vec::new(),
        };
        walk.directory(&root.host, "");
    }
    files
}

struct Walk<'a> {
    root: &'a Root,
    grounds: &'a Grounds,
    mentions: Option<&'a Mentions>,
    /// The targets of links to directories, each once.
    visited: BTreeSet<PathBuf>,
    files: &'a mut Vec<NativeFile>,
    /// Directories in which wheels are installed, on the way to where the walk is.
    installed: Vec<Installed>,
}

/// The root, or a directory below it that holds another one: the app's own may contain that of its packages.
struct Installed {
    directory: PathBuf,
    /// Its path below the root, with `/` at the end.
    below: String,
    /// Files of its wheels for Emscripten, below it.
    emscripten: OnceCell<BTreeSet<String>>,
}

impl Walk<'_> {
    /// A real directory, and its path below the root.
    fn directory(&mut self, directory: &Path, below: &str) {
        let mut entries = files::entries(directory);
        entries.retain(|(name, _)| !name.starts_with('.') && name != "__pycache__");
        // A virtual environment inside a root is not one of the app's packages.
        if entries.iter().any(|(name, _)| name == "pyvenv.cfg") {
            return;
        }
        let above = self.installed.len();
        if entries.iter().any(|(name, _)| name.ends_with(DIST_INFO)) {
            self.installed.push(Installed {
                directory: directory.to_owned(),
                below: format!("{below}/"),
                emscripten: OnceCell::new(),
            });
        }
        for (name, kind) in entries {
            let is_library = name.ends_with(".so");
            if kind.is_file() && !is_library {
                continue;
            }
            if let (Some(mentions), "") = (self.mentions, below)
                && !mentions.tops.contains(top_of(&name))
            {
                continue;
            }
            // The guest does not see the target of a link that is not followed, either.
            let Ok(path) = self.grounds.follow(directory, Path::new(&name)) else {
                continue;
            };
            if kind.is_dir() || (kind.is_symlink() && self.is_new_directory(&path)) {
                self.directory(&path, &format!("{below}/{name}"));
            } else if is_library && path.is_file() {
                self.file(path, below, &name);
            }
        }
        self.installed.truncate(above);
    }

    /// Returns `true` if the target of a link is a directory that has not been visited.
    fn is_new_directory(&mut self, target: &Path) -> bool {
        // A link back up would never end.
        target.is_dir()
            && !self.root.host.starts_with(target)
            && self.visited.insert(target.to_owned())
    }

    fn file(&mut self, host: PathBuf, below: &str, name: &str) {
        let relative = format!("{below}/{name}");
        let top = top_of(&relative[1..]).to_owned();
        let is_recorded = |installed: &Installed| {
            let directory = &installed.directory;
            let recorded = || emscripten::recorded(directory, self.root, self.grounds);
            let recorded = installed.emscripten.get_or_init(recorded);
            let relative = relative.strip_prefix(&installed.below);
            relative.is_some_and(|relative| recorded.contains(relative))
        };
        let for_emscripten = name.ends_with(emscripten::SUFFIX)
            || !name.ends_with(SUFFIXES[0]) && self.installed.iter().any(is_recorded);
        self.files.push(NativeFile {
            host,
            guest: format!("{}{relative}", self.root.guest),
            module: module_of(name).map(|stem| format!("{below}/{stem}")[1..].replace('/', ".")),
            shown: self.root.show(Path::new(&relative[1..])),
            top,
            for_emscripten,
        });
    }
}

/// The first part of a path, without the suffix of a file.
fn top_of(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap_or_default()
}

impl Project {
    /// Modules that the app may import, according to the text of its modules and of all modules that they name: names
    /// of top-level modules, and of anything in their import statements; and which of the `codecs`, in quotation marks, it names.
    pub fn may_import(&self, codecs: &HashSet<&str>) -> Mentions {
        let mut mentions = Mentions::default();
        let first = self.app.split('.').next().unwrap_or(&self.app);
        let mut open = vec![first.to_owned()];
        while let Some(top) = open.pop() {
            // A relative import stays in its package.
            if top.is_empty() || !mentions.tops.insert(top.clone()) {
                continue;
            }
            for root in &self.path.roots {
                for file in root
                    .python_files(&top, &self.path.grounds)
                    .unwrap_or_default()
                {
                    let Ok(text) = self.path.grounds.read_text(root, &file) else {
                        continue;
                    };
                    for name in imported_names(&text) {
                        mentions.names.insert(name.to_owned());
                        let end = name.find('.').unwrap_or(name.len());
                        open.push(name[..end].to_owned());
                    }
                    mentions.words.extend(words_of_imports(&text));
                    mentions.quoted.extend(quoted_among(codecs, &text));
                    mentions.run_code |= RUNNING.iter().any(|name| text.contains(name));
                }
            }
        }
        mentions
    }
}

/// The imports in Python text.
#[derive(Default)]
pub struct Mentions {
    tops: BTreeSet<String>,
    words: BTreeSet<String>,
    /// Full names in import statements: `a.b` in `from a.b import c`.
    names: BTreeSet<String>,
    /// Names of codecs, in quotation marks.
    quoted: BTreeSet<String>,
    run_code: bool,
}

/// Functions that run code or import modules by computed names.
const RUNNING: [&str; 4] = ["exec(", "eval(", "__import__(", "import_module("];

impl Mentions {
    /// Returns `true` if the file belongs to a package that may be imported.
    pub fn reach(&self, file: &NativeFile) -> bool {
        self.tops.contains(&file.top)
    }

    /// Returns `true` if the text has this name of a codec, which is in quotation marks.
    pub fn quote(&self, codec: &str) -> bool {
        self.quoted.contains(codec)
    }

    /// Returns `true` if the text calls a function that runs code.
    pub fn run_code(&self) -> bool {
        self.run_code
    }

    /// Returns `true` if an import statement may mean the module: `import a.b`, `from a.b import c`, `from a import b`.
    pub fn may_mean(&self, module: &str) -> bool {
        let (package, last) = module.rsplit_once('.').unwrap_or_default();
        self.names.contains(module) || self.names.contains(package) && self.words.contains(last)
    }

    /// Returns `true` if an import statement has its name. Modules for a package's own tests are also named in it, but
    /// hardly ever imported.
    pub fn name(&self, file: &NativeFile) -> bool {
        let stem = file
            .module
            .as_ref()
            .and_then(|name| name.rsplit('.').next());
        stem.is_some_and(|stem| !stem.contains("test") && self.words.contains(stem))
    }
}

/// All words of import statements, including those in parentheses over several lines.
fn words_of_imports(text: &str) -> impl Iterator<Item = String> {
    let mut in_parentheses = false;
    let mut words = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim_start();
        let begins = trimmed.starts_with("import ") || trimmed.starts_with("from ");
        if begins || in_parentheses {
            let is_word = |c: char| c == '_' || c.is_alphanumeric();
            let all = trimmed
                .split(|c| !is_word(c))
                .filter(|word| !word.is_empty());
            words.extend(all.map(str::to_owned));
            in_parentheses = !line.contains(')') && (in_parentheses || line.contains('('));
        }
    }
    words.into_iter()
}

/// The names of codecs in Python text, written in any way that Python knows: `"Shift-JIS"` is `"shift_jis"`.
fn quoted_among(codecs: &HashSet<&str>, text: &str) -> BTreeSet<String> {
    const LONGEST: usize = 20;
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_name = |part: &&str| (2..LONGEST).contains(&part.len()) && part.bytes().all(is_part);
    let parts = text.split(['"', '\'', '\n']).filter(is_name);
    let names = parts.map(|part| format!("\"{}\"", part.to_lowercase().replace('-', "_")));
    names.filter(|name| codecs.contains(&**name)).collect()
}

/// The module's name in the file name of an extension for the guest's Python.
fn module_of(name: &str) -> Option<&str> {
    let stem = SUFFIXES
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))?;
    (!stem.is_empty() && !stem.contains('.')).then_some(stem)
}

impl Root {
    /// A compiled file of `module` whose name the guest's Python does not look for, and the system that it was built
    /// for.
    pub fn foreign_extension(&self, module: &str) -> Option<(PathBuf, String)> {
        let relative: PathBuf = module.split('.').collect();
        let stem = relative.file_name()?.to_str()?.to_owned();
        let directory = self.host.join(relative.parent()?);
        let mut found: Vec<(PathBuf, String)> = fs_err::read_dir(directory)
            .ok()?
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let tag = name.strip_prefix(&stem)?.strip_prefix('.')?;
                let is_library = LIBRARY_SUFFIXES.iter().any(|end| name.ends_with(end));
                (is_library && module_of(&name).is_none()).then(|| (entry.path(), built_for(tag)))
            })
            .collect();
        found.sort();
        let (file, target) = found.into_iter().next()?;
        Some((self.show(file.strip_prefix(&self.host).ok()?), target))
    }
}

/// The meaning of the tag in a file's name: `cpython-313-wasm32-wasi.so`, `cp314-win_amd64.pyd`.
fn built_for(tag: &str) -> String {
    let version = tag
        .strip_prefix("cpython-")
        .and_then(|rest| rest.split(['-', '.']).next())
        .and_then(|digits| digits.split_at_checked(1))
        .filter(|(major, minor)| (*major, *minor) != ("3", "14"))
        .map(|(major, minor)| format!("CPython {major}.{minor}"));
    let system = [
        ("emscripten", "Emscripten"),
        ("linux", "Linux"),
        ("darwin", "macOS"),
        ("win", "Windows"),
        ("pyd", "Windows"),
        ("dylib", "macOS"),
    ]
    .iter()
    .find(|(part, _)| tag.contains(part))
    .map(|(_, system)| (*system).to_owned());
    let known: Vec<String> = version.into_iter().chain(system).collect();
    if known.is_empty() {
        "another platform".to_owned()
    } else {
        known.join(" on ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_import_statements() {
        let text = "import a.b, c as d\nx = (1)\nfrom . import (\n    e,\n    f)\ny = g\n";
        let words = Vec::from_iter(words_of_imports(text));
        assert_eq!(
            words,
            [
                "import", "a", "b", "c", "as", "d", "from", "import", "e", "f"
            ]
        );
    }

    #[test]
    fn codecs_in_text() {
        let codecs = HashSet::from(["\"shift_jis\"", "\"gbk\"", "\"big5\""]);
        let text = "x = {'Shift-JIS': 1, \"GBK\": 2}\n# big5\n";
        let found = Vec::from_iter(quoted_among(&codecs, text));
        assert_eq!(found, ["\"gbk\"", "\"shift_jis\""]);
    }

    #[test]
    fn tags_in_names_of_files() {
        for name in [
            "_x.cpython-314-wasm32-wasi.so",
            "_x.cpython-314-wasm32-emscripten.so",
            "_x.abi3.so",
            "_x.so",
        ] {
            assert_eq!(module_of(name), Some("_x"));
        }
        assert_eq!(module_of("_x.cpython-313-wasm32-wasi.so"), None);
        assert_eq!(module_of("_x.cpython-313-wasm32-emscripten.so"), None);
        for (tag, target) in [
            ("cpython-313-wasm32-wasi.so", "CPython 3.13"),
            ("cpython-314-x86_64-linux-gnu.so", "Linux"),
            (
                "cpython-313-wasm32-emscripten.so",
                "CPython 3.13 on Emscripten",
            ),
            ("cp314-win_amd64.pyd", "Windows"),
            ("cpython-312-darwin.so", "CPython 3.12 on macOS"),
            ("wasm.so", "another platform"),
        ] {
            assert_eq!(built_for(tag), target, "{tag}");
        }
    }
}
