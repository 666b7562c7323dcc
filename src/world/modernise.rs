//! WIT from before 2024, in which `f32` and `f64` were `float32` and `float64`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use wit_parser::{PackageId, Resolve, SourceMap, UnresolvedPackageGroup};

use crate::files;

/// Reads a directory again, with today's names for the types. None if it does not have the old ones.
pub fn push_dir(resolve: &mut Resolve, path: &Path) -> Option<Result<PackageId>> {
    let main = Sources::read(path)?;
    let mut is_old = main.is_old;
    let mut others = Vec::new();
    for entry in entries(&path.join("deps")) {
        if let Some(sources) = Sources::read(&entry) {
            is_old |= sources.is_old;
            others.push(sources);
        }
    }
    is_old.then(|| {
        let others = others
            .into_iter()
            .map(Sources::parse)
            .collect::<Result<_>>()?;
        Ok(resolve.push_groups(main.parse()?, others)?)
    })
}

/// The texts of one package.
struct Sources {
    map: SourceMap,
    is_old: bool,
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
            is_old: false,
        };
        let mut has_any = false;
        for file in files {
            if file.extension().is_some_and(|extension| extension == "wit") {
                let text = files::read_text(&file, files::TEXT).ok()?;
                let new = with_new_names(&text);
                sources.is_old |= new != text;
                sources.map.push(&file, new);
                has_any = true;
            }
        }
        has_any.then_some(sources)
    }

    fn parse(self) -> Result<UnresolvedPackageGroup> {
        self.map.parse().map_err(|(map, error)| {
            let text = error.render(&map);
            anyhow::Error::from(error).context(text)
        })
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

/// Whole words only: `my-float32` is another name, and `%float32` was never the type.
fn with_new_names(text: &str) -> String {
    let is_word = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '%');
    let mut new = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        new.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|char| !is_word(char)).unwrap_or(rest.len());
        new.push_str(match &rest[..end] {
            "float32" => "f32",
            "float64" => "f64",
            word => word,
        });
        rest = &rest[end..];
    }
    new + rest
}

#[cfg(test)]
mod tests {
    use super::with_new_names;

    #[test]
    fn only_the_types_change() {
        let old = "f: func(a: float32, my-float32: list<float64>) -> float32; // %float32 floats";
        let new = "f: func(a: f32, my-float32: list<f64>) -> f32; // %float32 floats";
        assert_eq!(with_new_names(old), new);
    }
}
