//! The last stage: sign, validate, write.
//!
//! Comes in: the finished component, or printed Python. Goes out: files ([`Output`] writes the component's).

mod error;
mod output;

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use wasm_metadata::AddMetadata;
use wasmparser::{FuncToValidate, FunctionBody, Parser, ValidPayload, Validator, WasmFeatures};

use crate::scratch::{self, Registered, without_path};
use bindings::bindgen::PyTree;

pub use error::OutputError;
use error::unwritable;
pub use output::Output;

/// Adds this tool to the component's metadata.
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

/// Checks the component as a host would before compiling it. Functions are checked on all cores.
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

/// Writes printed Python files below a directory, which is created; existing files are overwritten.
pub fn write_tree(tree: &PyTree, directory: &Path) -> Result<()> {
    std::fs::create_dir_all(directory).map_err(|source| unwritable(directory, source))?;
    for (name, text) in &tree.files {
        let file = directory.join(name);
        if let Some(parent) = file.parent() {
            fs_err::create_dir_all(parent)?;
        }
        fs_err::write(&file, text)?;
    }
    Ok(())
}

/// The same as [`write_tree`], for a directory of the user's: each file is replaced as a whole. A link to a file is
/// replaced by the file, and a link to a directory is refused, so that nothing is written elsewhere. The directory
/// itself may be a link.
pub fn replace_tree(tree: &PyTree, directory: &Path) -> Result<()> {
    std::fs::create_dir_all(directory).map_err(|source| unwritable(directory, source))?;
    for name in tree.files.keys() {
        let mut parent = directory.to_owned();
        for part in Path::new(name).parent().into_iter().flatten() {
            parent.push(part);
            if parent.is_symlink() {
                let source = std::io::Error::other("it is a link");
                return Err(unwritable(&parent, source).into());
            }
            if !parent.is_dir() {
                std::fs::create_dir(&parent).map_err(|source| unwritable(&parent, source))?;
            }
        }
    }
    for (name, text) in &tree.files {
        let file = directory.join(name);
        replace_file(&file, text).map_err(|source| unwritable(&file, without_path(&source)))?;
    }
    Ok(())
}

fn replace_file(file: &Path, text: &str) -> std::io::Result<()> {
    let directory = file.parent().unwrap_or(Path::new("."));
    let mut temporary = scratch::file_in(directory)?;
    let _registered = Registered::new(temporary.path());
    temporary.write_all(text.as_bytes())?;
    temporary.persist(file)?;
    Ok(())
}
