//! WIT that the parser did not accept as it is: text from before 2024 is changed to today's spelling, packages in the
//! text format of WebAssembly are translated, and unrelated files beside the WIT of packages are left out.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Error, Result, anyhow, bail};
use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{PackageId, Resolve, SourceMap, UnresolvedPackageGroup};

use super::binary;
use super::spelling::modernised;
use ground::files;

/// Reads a path again; `None` if the result would be the same.
pub fn push(resolve: &mut Resolve, path: &Path) -> Option<Result<PackageId>> {
    let mut texts = Vec::new();
    let mut differs = false;
    for entry in entries(&path.join("deps")) {
        match encoded(&entry) {
            Some(package) => {
                differs = true;
                if let Err(error) = package.and_then(|package| merge(resolve, package)) {
                    return Some(Err(error));
                }
            }
            None => match Sources::read(&entry) {
                Some(sources) => {
                    differs |= sources.differs;
                    texts.push(sources);
                }
                None => differs |= entry.is_dir(),
            },
        }
    }
    if let Some(package) = encoded(path) {
        return Some(package.and_then(|package| merge(resolve, package)));
    }
    let main = Sources::read(path)?;
    (main.differs || differs).then(|| {
        let texts = texts.into_iter().map(Sources::parse);
        Ok(resolve.push_groups(main.parse()?, texts.collect::<Result<_>>()?)?)
    })
}

/// A package in one of WebAssembly's formats.
fn encoded(path: &Path) -> Option<Result<(Resolve, PackageId)>> {
    let extension = path
        .extension()
        .filter(|_| path.is_file() && !is_hidden(path))?;
    let is_text = match extension.to_str() {
        Some("wat") => true,
        Some("wasm") => false,
        _ => return None,
    };
    let not_a_package = || NotAPackage {
        path: path.to_owned(),
    };
    Some(read_encoded(path, is_text).with_context(not_a_package))
}

/// A file with the extension of WebAssembly that is not a WIT package.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is not a WIT package", path.display())]
pub struct NotAPackage {
    path: PathBuf,
}

fn read_encoded(path: &Path, is_text: bool) -> Result<(Resolve, PackageId)> {
    let bytes = files::read(path, files::BINARY).map_err(|reason| anyhow!("it {reason}"))?;
    let bytes = if is_text {
        wat::parse_bytes(&bytes)?.into_owned()
    } else {
        bytes
    };
    if !wasmparser::Parser::is_component(&bytes) {
        bail!("it is not a component, as WIT packages are");
    }
    binary::check_bytes(&bytes).map_err(Error::msg)?;
    match decode(&bytes)? {
        DecodedWasm::WitPackage(resolve, package) => Ok((resolve, package)),
        DecodedWasm::Component(..) => bail!("it is a component that can be run"),
    }
}

fn merge(resolve: &mut Resolve, (other, package): (Resolve, PackageId)) -> Result<PackageId> {
    let remap = resolve.merge(other)?;
    Ok(remap.packages[package.index()])
}

/// `true` for files that editors and file systems leave beside the files that they write.
fn is_hidden(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.as_encoded_bytes().starts_with(b".")
}

/// The texts of one package.
struct Sources {
    map: SourceMap,
    /// `true` if they differ from the files.
    differs: bool,
}

impl Sources {
    /// A directory of WIT files, or one file.
    fn read(path: &Path) -> Option<Self> {
        let files = if path.is_dir() {
            entries(path)
        } else {
            vec![path.to_owned()]
        };
        let mut sources = Self {
            map: SourceMap::default(),
            differs: false,
        };
        let mut has_any = false;
        for file in files {
            if file.extension() != Some(OsStr::new("wit")) || file.is_dir() {
                continue;
            }
            if is_hidden(&file) {
                sources.differs = true;
                continue;
            }
            let text = files::read_text(&file, files::TEXT).ok()?;
            let new = modernised(&text);
            sources.differs |= new != text;
            sources.map.push(&file, new);
            has_any = true;
        }
        has_any.then_some(sources)
    }

    fn parse(self) -> Result<UnresolvedPackageGroup> {
        // Rendered here: elsewhere its place would be looked up among other texts.
        let parsed = self.map.parse();
        parsed.map_err(|(map, error)| Error::msg(error.render(&map)))
    }
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs_err::read_dir(directory) else {
        return Vec::new();
    };
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
}
