//! Checks on documents: tests and files that they name exist, generated pages match the tool, each folder has a description,
//! and the site builds.

mod folders;
mod generated;
mod links;
mod named_tests;
mod packages;
mod shown;
mod site;

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A Markdown file: its path in the repository, and its text.
struct Document {
    place: PathBuf,
    text: String,
}

/// All Markdown files for people, in the repository's order. Those below `tests` are data of cases.
fn documents() -> Vec<Document> {
    let mut places = markdown(Path::new(""));
    for folder in folders(Path::new("")) {
        places.extend(readme(&folder));
        if folder == Path::new("docs") {
            places.extend(folders(&folder).iter().flat_map(|folder| markdown(folder)));
        }
    }
    for folder in ["benches", "docs"] {
        places.extend(markdown(Path::new(folder)));
    }
    for folder in ["crates", "examples"] {
        places.extend(
            folders(Path::new(folder))
                .iter()
                .filter_map(|folder| readme(folder)),
        );
    }
    places.sort();
    places.dedup();
    let read = |place: PathBuf| Document {
        text: fs_err::read_to_string(root().join(&place)).expect("the document is text"),
        place,
    };
    places.into_iter().map(read).collect()
}

fn markdown(folder: &Path) -> Vec<PathBuf> {
    let found = crate::support::files(&root().join(folder), "md");
    found
        .iter()
        .filter_map(|path| folder.join(path.file_name()?).into())
        .collect()
}

fn readme(folder: &Path) -> Option<PathBuf> {
    Some(folder.join("README.md")).filter(|readme| root().join(readme).is_file())
}

/// The folders of the repository inside one.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = entries(&root().join(folder))
        .into_iter()
        .filter(|path| path.is_dir())
        .filter_map(|path| Some(folder.join(path.file_name()?)))
        .filter(|path| path != Path::new("target") && path != Path::new("tests"))
        .filter(|path| !path.to_string_lossy().starts_with('.'))
        .collect();
    found.sort();
    found
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(directory).into_iter().flatten();
    entries.flatten().map(|entry| entry.path()).collect()
}
