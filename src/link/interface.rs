//! The imports and exports of a shared library, read from its sections without its code.
//!
//! Comes in: a file that may be a library for the guest. Goes out: [`Interface`], or the reason why it is not one.

use std::collections::BTreeSet;

use wasmparser::{Dylink0Subsection, Encoding, KnownCustom, Parser, Payload, SymbolFlags, TypeRef};

/// The symbols of a dylink.0 library.
#[derive(Debug, Default)]
pub struct Interface {
    /// Libraries that it names as needed.
    pub needed: Vec<String>,
    /// Symbols that other libraries must define.
    pub imports: BTreeSet<String>,
    /// Symbols that other libraries may define.
    pub weak: BTreeSet<String>,
    pub exports: BTreeSet<String>,
    /// Imports from the component's host: modules and names.
    pub host: BTreeSet<(String, String)>,
    /// The bytes of memory and slots of the table that it asks for.
    pub memory: u64,
    pub slots: u64,
    /// `true` if it catches C++ exceptions, or has something to destroy when one passes.
    pub catches: bool,
}

/// The reason why a file is not a library for the guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is not WebAssembly. Names the system that it is for, as far as its first bytes tell.
    Foreign(Option<&'static str>),
    Broken(String),
    /// A module that is not a shared library.
    NotShared,
    Component,
    /// It is valid, but not in the form of shared libraries for the guest: the reason begins with a subject.
    Misshapen(String),
    /// It asks for more than any library needs.
    TooLarge(String),
    /// It uses proposals that hosts do not have, or the linker does not support.
    Unsupported(String),
    /// A function of the host's that no world has.
    HostUnknown {
        module: String,
        name: String,
    },
    /// Functions of WASI preview 1 that `adapters/` lacks.
    Preview1(Vec<String>),
    /// Functions of Emscripten's JavaScript.
    Emscripten(Vec<String>),
    /// Functions and variables of the C library that are not the same in Emscripten's and in ours.
    OfEmscriptensLibc(Vec<String>),
    /// Symbols of C++'s standard library that are newer than ours.
    OfEmscriptensLibcxx(Vec<String>),
}

/// The tag of C++ exceptions.
pub const CPP_EXCEPTION: &str = "__cpp_exception";

/// Variables whose addresses the linker provides.
const BOUNDARIES: [&str; 4] = ["__heap_base", "__heap_end", "__stack_high", "__stack_low"];
/// Globals that the linker provides.
pub const BASES: [&str; 3] = ["__stack_pointer", "__memory_base", "__table_base"];

impl Interface {
    pub fn read(wasm: &[u8]) -> Result<Self, Unfit> {
        if !wasm.starts_with(b"\0asm") {
            return Err(Unfit::Foreign(system(wasm)));
        }
        let mut interface = Self::default();
        let mut weak = BTreeSet::new();
        let mut is_shared = false;
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.map_err(broken)? {
                Payload::Version { encoding, .. } if encoding != Encoding::Module => {
                    return Err(Unfit::Component);
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Dylink0(subsections) = section.as_known() {
                        is_shared = true;
                        for subsection in subsections {
                            interface.note(subsection.map_err(broken)?, &mut weak);
                        }
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import.map_err(broken)?;
                        interface.import(import.module, import.name, &import.ty);
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export.map_err(broken)?;
                        interface.exports.insert(export.name.to_owned());
                    }
                }
                // Later sections do not matter here.
                Payload::CodeSectionStart { .. } => break,
                _ => {}
            }
        }
        if !is_shared {
            return Err(Unfit::NotShared);
        }
        let (weak, imports) = std::mem::take(&mut interface.imports)
            .into_iter()
            .partition(|symbol| weak.contains(symbol));
        (interface.weak, interface.imports) = (weak, imports);
        Ok(interface)
    }

    fn note(&mut self, subsection: Dylink0Subsection<'_>, weak: &mut BTreeSet<String>) {
        match subsection {
            Dylink0Subsection::Needed(needed) => {
                self.needed.extend(needed.into_iter().map(str::to_owned));
            }
            Dylink0Subsection::MemInfo(asked) => {
                self.memory = u64::from(asked.memory_size);
                self.slots = u64::from(asked.table_size);
            }
            // A weak symbol may stay undefined.
            Dylink0Subsection::ImportInfo(imports) => weak.extend(
                imports
                    .into_iter()
                    .filter(|import| import.flags.contains(SymbolFlags::BINDING_WEAK))
                    .map(|import| import.field.to_owned()),
            ),
            _ => {}
        }
    }

    fn import(&mut self, module: &str, name: &str, ty: &TypeRef) {
        match (module, ty) {
            // The tags of exceptions belong to the linker, too.
            (_, TypeRef::Tag(_)) => self.catches |= name == CPP_EXCEPTION,
            (_, TypeRef::Memory(_) | TypeRef::Table(_)) => {}
            ("env", TypeRef::Global(_)) if BASES.contains(&name) => {}
            ("GOT.mem", _) if BOUNDARIES.contains(&name) => {}
            ("env" | "GOT.func" | "GOT.mem", _) => {
                self.imports.insert(name.to_owned());
            }
            // A function declared in a `component-type` section.
            _ => {
                self.host.insert((module.to_owned(), name.to_owned()));
            }
        }
    }
}

fn broken(error: wasmparser::BinaryReaderError) -> Unfit {
    Unfit::Broken(error.to_string())
}

/// The system that a file which is not WebAssembly was compiled for.
pub fn system(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x7f, b'E', b'L', b'F', ..] => Some("Linux (ELF)"),
        [0xcf, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => Some("macOS (Mach-O)"),
        [b'M', b'Z', ..] => Some("Windows (PE)"),
        _ => None,
    }
}

/// Names that stand alone between zero bytes in a library's data, and look like those of Python modules. The modules
/// that its C code may import are among them.
pub fn names_in_data(wasm: &[u8]) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for payload in Parser::new(0).parse_all(wasm).flatten() {
        let Payload::DataSection(section) = payload else {
            continue;
        };
        for data in section.into_iter().flatten() {
            let texts = data.data.split(|byte| *byte == 0);
            names.extend(
                texts
                    .filter_map(|text| std::str::from_utf8(text).ok())
                    .filter(|text| is_module_name(text)),
            );
        }
    }
    names
}

fn is_module_name(text: &str) -> bool {
    text.len() > 1
        && text.split('.').all(|part| {
            part.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic())
                && part.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(text: &str) -> Vec<u8> {
        let mut module = wat::parse_str(text).unwrap();
        let mut dylink = wasm_encoder::Module::new();
        dylink.section(&wasm_encoder::CustomSection {
            name: "dylink.0".into(),
            // Needed: `libx.so`.
            data: (&[2, 9, 1, 7, b'l', b'i', b'b', b'x', b'.', b's', b'o'][..]).into(),
        });
        module.splice(8..8, dylink.finish().split_off(8));
        module
    }

    #[test]
    fn needed_libraries_and_symbols() {
        let wasm = library(
            r#"(module (import "env" "memory" (memory 1)) (import "env" "f" (func)) (import "GOT.mem" "d" (global (mut i32)))
                (import "env" "__cpp_exception" (tag (param i32))) (func (export "PyInit_x")))"#,
        );
        let interface = Interface::read(&wasm).unwrap();
        assert_eq!(interface.needed, ["libx.so"]);
        assert_eq!(Vec::from_iter(&interface.imports), ["d", "f"]);
        assert_eq!(Vec::from_iter(&interface.exports), ["PyInit_x"]);
    }

    #[test]
    fn what_is_no_library_for_the_guest() {
        let read = |bytes: &[u8]| Interface::read(bytes).unwrap_err();
        assert_eq!(
            read(b"\x7fELF\x02\x01"),
            Unfit::Foreign(Some("Linux (ELF)"))
        );
        assert_eq!(read(&wat::parse_str("(module)").unwrap()), Unfit::NotShared);
        assert_eq!(
            read(&wat::parse_str("(component)").unwrap()),
            Unfit::Component
        );
        assert!(matches!(read(b"\0asm\x01\0\0\0\xff"), Unfit::Broken(_)));
    }

    #[test]
    fn names_of_modules_stand_alone() {
        let wasm = wat::parse_str(
            r#"(module (memory 1) (data (i32.const 0) "datetime\00a b\00numpy._core.x\00%s.y\00"))"#,
        )
        .unwrap();
        assert_eq!(
            Vec::from_iter(names_in_data(&wasm)),
            ["datetime", "numpy._core.x"]
        );
    }
}
