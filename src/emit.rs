//! The end of the line: say who made it, validate, write it in one go.
//!
//! Comes in: the finished component. Goes out: a file that is whole, or, if anything fails, no change at all.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use wasm_metadata::AddMetadata;
use wasmparser::{FuncToValidate, FunctionBody, Parser, ValidPayload, Validator, WasmFeatures};

use crate::bindgen::PyTree;
use crate::error::UserError;

/// Adds who processed it to the component's metadata.
pub fn sign(component: &[u8]) -> Result<Vec<u8>> {
    let mut metadata = AddMetadata::default();
    metadata.language = vec![("Python".to_owned(), "3.14".to_owned())];
    metadata.processed_by = vec![(
        env!("CARGO_PKG_NAME").to_owned(),
        env!("CARGO_PKG_VERSION").to_owned(),
    )];
    metadata
        .to_wasm(component)
        .context("failed to add metadata to the component")
}

/// Checks the component as a host would before it compiles it. Functions are checked on all cores.
pub fn validate(component: &[u8]) -> Result<()> {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let mut functions = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload.context("the component cannot be parsed")?;
        if let ValidPayload::Func(function, body) = validator
            .payload(&payload)
            .context("the component is not valid")?
        {
            functions.push((function, body));
        }
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = functions.len().div_ceil(threads).max(1);
    let mut shares = Vec::new();
    while !functions.is_empty() {
        shares.push(functions.split_off(functions.len().saturating_sub(share)));
    }
    std::thread::scope(|scope| {
        let checks: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(move || validate_functions(share)))
            .collect();
        checks.into_iter().try_for_each(|check| {
            check
                .join()
                .map_err(|_| anyhow!("validation panicked"))?
                .context("the component is not valid")
        })
    })
}

type Function<'a> = (
    FuncToValidate<wasmparser::ValidatorResources>,
    FunctionBody<'a>,
);

fn validate_functions(functions: Vec<Function<'_>>) -> Result<()> {
    let mut allocations = wasmparser::FuncValidatorAllocations::default();
    for (function, body) in functions {
        let mut validator = function.into_validator(allocations);
        validator.validate(&body)?;
        allocations = validator.into_allocations();
    }
    Ok(())
}

/// A file to write at the end.
pub struct Output<'a> {
    path: &'a Path,
}

impl<'a> Output<'a> {
    /// Finds out now, before the long work, whether the file can be written.
    pub fn prepare(path: &'a Path) -> Result<Self> {
        let output = Self { path };
        output.probe().map_err(|source| output.unwritable(source))?;
        Ok(output)
    }

    /// The last part of the path.
    pub fn file_name(&self) -> Option<String> {
        Some(self.path.file_name()?.to_string_lossy().into_owned())
    }

    /// Creates the directories above, writes a temporary file next to the target, and renames it.
    pub fn write(&self, component: &[u8]) -> Result<()> {
        self.replace(component)
            .map_err(|source| self.unwritable(source).into())
    }

    fn unwritable(&self, source: std::io::Error) -> UserError {
        UserError::OutputUnwritable {
            path: self.path.to_owned(),
            source,
        }
    }

    fn directory(&self) -> PathBuf {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        }
    }

    fn probe(&self) -> std::io::Result<()> {
        if self.path.is_dir() {
            return Err(std::io::Error::other("it is a directory"));
        }
        let directory = self.directory();
        let nearest = directory
            .ancestors()
            .map(|ancestor| {
                if ancestor.as_os_str().is_empty() {
                    Path::new(".")
                } else {
                    ancestor
                }
            })
            .find(|ancestor| ancestor.exists())
            .unwrap_or(Path::new("."));
        if !nearest.is_dir() {
            let text = format!("`{}` is not a directory", nearest.display());
            return Err(std::io::Error::other(text));
        }
        // Only trying tells; the probe is gone before the app's directory is read.
        tempfile::tempfile_in(nearest)
            .map(drop)
            .map_err(without_path)
    }

    fn replace(&self, component: &[u8]) -> std::io::Result<()> {
        let directory = self.directory();
        std::fs::create_dir_all(&directory)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".componentize-py-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // As any program would create it, less the user's mask.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let mut file = builder.tempfile_in(&directory).map_err(without_path)?;
        file.write_all(component).map_err(without_path)?;
        file.persist(self.path)
            .map_err(|error| without_path(error.error))?;
        Ok(())
    }
}

/// The system's reason alone: the temporary file's name would only confuse.
fn without_path(error: std::io::Error) -> std::io::Error {
    match error.raw_os_error() {
        Some(code) => std::io::Error::from_raw_os_error(code),
        None => std::io::Error::from(error.kind()),
    }
}

/// Writes printed Python files below a directory, which is created; what is there is overwritten.
pub fn write_tree(tree: &PyTree, directory: &Path) -> Result<()> {
    let refused = |source| UserError::OutputUnwritable {
        path: directory.to_owned(),
        source,
    };
    std::fs::create_dir_all(directory).map_err(refused)?;
    for (name, text) in &tree.files {
        let file = directory.join(name);
        if let Some(parent) = file.parent() {
            fs_err::create_dir_all(parent)?;
        }
        fs_err::write(&file, text)?;
    }
    Ok(())
}
