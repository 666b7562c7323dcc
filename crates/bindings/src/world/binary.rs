//! Checks WIT in binary form before the parser reads it: a few hundred bytes can expand to gigabytes, and types can be
//! nested deeper than any stack.
//!
//! Comes in: the parser's path. Goes out: nothing, or the reason why the parser must not read it.

use std::path::{Path, PathBuf};

use wasmparser::{
    ComponentAlias, ComponentOuterAliasKind, ComponentType, ComponentTypeDeclaration,
    ComponentTypeRef, InstanceTypeDeclaration, Parser, Payload, TypeBounds,
};

use ground::files;

/// The most items of instances and worlds after expansion: each takes the validator microseconds and a kilobyte. All of
/// WASI's worlds together have 20,000.
const MAX_ITEMS: u64 = 200_000;
/// The most levels: a world in a package, and one level more in the older format.
const MAX_NESTING: usize = 8;
/// The most levels of nested types, estimated from the number of bytes for a nested type; these occur in text, too.
const MAX_BRACKETS: usize = 200_000;
/// The most stack that reading one level takes.
const STACK_PER_LEVEL: usize = 4 << 10;

/// Refuses a path with a file that is too costly to read.
pub fn check(path: &Path) -> Result<(), String> {
    for file in binaries(path) {
        let Ok(bytes) = files::read(&file, files::BINARY) else {
            continue; // the parser says so better
        };
        if Parser::is_component(&bytes) {
            check_bytes(&bytes).map_err(|reason| format!("`{}`: {reason}", file.display()))?;
        }
    }
    Ok(())
}

/// The files that the parser would read as binaries.
fn binaries(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let Ok(entries) = fs_err::read_dir(path.join("deps")) else {
        return Vec::new();
    };
    let paths = entries.flatten().map(|entry| entry.path());
    paths
        .filter(|path| path.extension().is_some_and(|found| found == "wasm"))
        .filter(|path| path.is_file())
        .collect()
}

/// The reader of types calls itself for each nested type, so it gets a stack that is large enough for this file.
pub fn check_bytes(bytes: &[u8]) -> Result<(), String> {
    let brackets = bytes.iter().filter(|byte| matches!(byte, 0x41 | 0x42));
    let levels = brackets.count().min(bytes.len() / 3);
    if levels > MAX_BRACKETS {
        return Err("it is too large for WIT".to_owned());
    }
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new()
            .stack_size((levels + 256) * STACK_PER_LEVEL)
            .spawn_scoped(scope, || Items::default().package(bytes))
            .map_err(|error| format!("it cannot be read: {error}"))?;
        reader
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Counts the items of a package after expansion.
#[derive(Default)]
struct Items {
    /// The number of items of each type, from the outermost scope to the innermost.
    scopes: Vec<Vec<u64>>,
    all: u64,
}

impl Items {
    fn package(mut self, bytes: &[u8]) -> Result<(), String> {
        self.scopes.push(Vec::new());
        for payload in Parser::new(0).parse_all(bytes) {
            // The parser reports broken files.
            let Ok(payload) = payload else {
                return Ok(());
            };
            match payload {
                Payload::Version { .. } | Payload::CustomSection(_) | Payload::End(_) => {}
                Payload::ComponentTypeSection(types) => {
                    for ty in types {
                        let Ok(ty) = ty else {
                            return Ok(());
                        };
                        self.define(&ty)?;
                    }
                }
                Payload::ComponentImportSection(imports) => {
                    for import in imports.into_iter().flatten() {
                        self.item(import.ty)?;
                    }
                }
                Payload::ComponentExportSection(exports) => {
                    for export in exports.into_iter().flatten() {
                        // The exported type is one more type.
                        let size = self.size(0, export.index);
                        self.note(size)?;
                        self.scope().push(size);
                    }
                }
                _ => {
                    return Err("it is a whole component, not a package of WIT".to_owned());
                }
            }
        }
        Ok(())
    }

    fn scope(&mut self) -> &mut Vec<u64> {
        if self.scopes.is_empty() {
            self.scopes.push(Vec::new());
        }
        let innermost = self.scopes.len() - 1;
        &mut self.scopes[innermost]
    }

    /// The items of a type in the scope `outer` levels further out; 0 if it does not exist, which the validator
    /// refuses.
    fn size(&self, outer: u32, index: u32) -> u64 {
        let scope = self.scopes.len().checked_sub(outer as usize + 1);
        let types = scope.and_then(|scope| self.scopes.get(scope));
        let size = types.and_then(|types| types.get(index as usize));
        size.copied().unwrap_or_default()
    }

    fn note(&mut self, items: u64) -> Result<(), String> {
        self.all = self.all.saturating_add(items);
        if self.all > MAX_ITEMS {
            return Err(format!(
                "it spells out to more than {MAX_ITEMS} types and functions"
            ));
        }
        Ok(())
    }

    fn define(&mut self, ty: &ComponentType) -> Result<(), String> {
        let size = match ty {
            ComponentType::Defined(_) | ComponentType::Func(_) | ComponentType::Resource { .. } => {
                1
            }
            ComponentType::Component(declarations) => {
                self.nested(declarations, |items, declaration| match declaration {
                    ComponentTypeDeclaration::CoreType(_) => Ok(0),
                    ComponentTypeDeclaration::Type(ty) => items.define(ty).map(|()| 1),
                    ComponentTypeDeclaration::Alias(alias) => items.alias(alias),
                    ComponentTypeDeclaration::Export { ty, .. } => items.item(*ty),
                    ComponentTypeDeclaration::Import(import) => items.item(import.ty),
                })?
            }
            ComponentType::Instance(declarations) => {
                self.nested(declarations, |items, declaration| match declaration {
                    InstanceTypeDeclaration::CoreType(_) => Ok(0),
                    InstanceTypeDeclaration::Type(ty) => items.define(ty).map(|()| 1),
                    InstanceTypeDeclaration::Alias(alias) => items.alias(alias),
                    InstanceTypeDeclaration::Export { ty, .. } => items.item(*ty),
                })?
            }
        };
        self.note(size)?;
        self.scope().push(size);
        Ok(())
    }

    /// The sum over all declarations of a scope.
    fn nested<T>(
        &mut self,
        declarations: &[T],
        each: impl Fn(&mut Self, &T) -> Result<u64, String>,
    ) -> Result<u64, String> {
        if self.scopes.len() > MAX_NESTING {
            return Err(format!(
                "its types are nested deeper than {MAX_NESTING} levels"
            ));
        }
        self.scopes.push(Vec::new());
        let mut size = 0u64;
        for declaration in declarations {
            size = size.saturating_add(each(self, declaration)?);
        }
        self.scopes.pop();
        Ok(size)
    }

    fn alias(&mut self, alias: &ComponentAlias) -> Result<u64, String> {
        let size = match alias {
            ComponentAlias::Outer {
                kind: ComponentOuterAliasKind::Type,
                count,
                index,
            } => self.size(*count, *index),
            _ => 1,
        };
        self.scope().push(size);
        Ok(1)
    }

    /// The items of an import or an export.
    fn item(&mut self, ty: ComponentTypeRef) -> Result<u64, String> {
        let size = match ty {
            ComponentTypeRef::Instance(index) | ComponentTypeRef::Component(index) => {
                self.size(0, index)
            }
            ComponentTypeRef::Type(bounds) => {
                let size = match bounds {
                    TypeBounds::Eq(index) => self.size(0, index),
                    TypeBounds::SubResource => 1,
                };
                self.scope().push(size);
                size
            }
            ComponentTypeRef::Module(_)
            | ComponentTypeRef::Func(_)
            | ComponentTypeRef::Value(_) => 1,
        };
        self.note(size)?;
        Ok(size.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::check_bytes;

    #[test]
    fn instances_that_double() {
        let mut text =
            String::from("(component (type (instance (export \"a\" (type (sub resource)))))");
        for level in 0..18 {
            text += &format!(
                "(type (instance (alias outer 1 {level} (type)) (export \"a\" (instance (type 0))) (export \"b\" (instance (type 0)))))"
            );
        }
        text += "(import \"a\" (instance (type 18))))";
        let bytes = wat::parse_str(&text).unwrap();
        assert!(bytes.len() < 400, "{}", bytes.len());
        let refused = check_bytes(&bytes).unwrap_err();
        assert!(refused.contains("spells out to more"), "{refused}");
    }

    #[test]
    fn types_nested_without_end() {
        let levels = 150_000;
        let mut section = b"\x01".to_vec();
        section.extend(b"\x42\x01\x01".repeat(levels));
        section.push(0x7f);
        let mut bytes = b"\0asm\x0d\0\x01\0\x07".to_vec();
        let mut length = section.len();
        while length >= 0x80 {
            bytes.push((length & 0x7f) as u8 | 0x80);
            length >>= 7;
        }
        bytes.push(length as u8);
        bytes.extend(section);
        let refused = check_bytes(&bytes).unwrap_err();
        assert!(refused.contains("nested deeper"), "{refused}");
    }

    #[test]
    fn whole_components_are_not_read() {
        let bytes = wat::parse_str("(component (core module))").unwrap();
        assert!(
            check_bytes(&bytes)
                .unwrap_err()
                .contains("a whole component")
        );
    }

    #[test]
    fn all_of_wasi_is_far_below_the_limit() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for directory in ["wit/wasi-0.2", "wit/wasi-0.3"] {
            let mut resolve = wit_parser::Resolve {
                all_features: true,
                ..Default::default()
            };
            let (package, _) = resolve.push_path(root.join(directory)).unwrap();
            let bytes = wit_component::encode(&resolve, package).unwrap();
            assert_eq!(check_bytes(&bytes), Ok(()));
        }
    }
}
