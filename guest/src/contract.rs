//! The layout that `wit/init.wit` prescribes for the runtime's C code, as assertions that the compiler checks.
//!
//! Comes in: that file. Goes out: the assertions, to be placed after an `#include` of `runtime/symbols.h`. A record
//! `class-symbol` is the struct `class_symbol_t`, and an enum's case `failure-kind.exception` is the constant
//! `FAILURE_EXCEPTION`. If one of them is missing there, or has another place than in the canonical ABI, the code does not
//! compile.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use wit_parser::{Function, Resolve, SizeAlign, Type, TypeDefKind};

pub fn assertions(wit: &Path) -> Result<String> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(wit)?;
    let interface = resolve.packages[package].interfaces.get("init");
    let interface = &resolve.interfaces[*interface.context("there is no interface `init`")?];
    let mut sizes = SizeAlign::default();
    sizes.fill(&resolve);

    let mut text = String::new();
    for (name, id) in &interface.types {
        match &resolve.types[*id].kind {
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter();
                let fields: Vec<(&str, Type)> =
                    fields.map(|field| (&*field.name, field.ty)).collect();
                assert_struct(&mut text, &sizes, name, &fields);
            }
            TypeDefKind::Enum(cases) => {
                let cases = cases.cases.iter().map(|case| case.name.as_str());
                assert_constants(&mut text, name, cases);
            }
            _ => {}
        }
    }
    let init = interface.functions.get("init").context("no `init`")?;
    assert_function(&mut text, &resolve, &sizes, init)?;
    Ok(text)
}

fn assert_struct(text: &mut String, sizes: &SizeAlign, name: &str, fields: &[(&str, Type)]) {
    let name = snake(name);
    let types = fields.iter().map(|(_, ty)| ty);
    let size = sizes.record(types.clone()).size.size_wasm32();
    let _ = writeln!(
        text,
        "_Static_assert(sizeof({name}_t) == {size}, \"size of {name}_t\");"
    );
    let offsets = sizes.field_offsets(types);
    for ((field, ty), (offset, _)) in fields.iter().zip(offsets) {
        assert_field(text, &name, &snake(field), offset.size_wasm32());
        let size = sizes.size(ty).size_wasm32();
        let field = snake(field);
        let _ = writeln!(
            text,
            "_Static_assert(sizeof(((const {name}_t *)0)->{field}) == {size}, \"size of {name}_t.{field}\");"
        );
    }
}

fn assert_field(text: &mut String, name: &str, field: &str, offset: usize) {
    let _ = writeln!(
        text,
        "_Static_assert(offsetof({name}_t, {field}) == {offset}, \"place of {name}_t.{field}\");"
    );
}

fn assert_constants<'a>(text: &mut String, name: &str, cases: impl Iterator<Item = &'a str>) {
    let prefix = name.split('-').next().unwrap_or_default();
    for (value, case) in cases.enumerate() {
        let constant = snake(&format!("{prefix}-{case}")).to_uppercase();
        let _ = writeln!(
            text,
            "_Static_assert((int){constant} == {value}, \"value of {constant}\");"
        );
    }
}

/// The parameters, which are too many to be passed separately, and the result.
fn assert_function(
    text: &mut String,
    resolve: &Resolve,
    sizes: &SizeAlign,
    function: &Function,
) -> Result<()> {
    let params = function.params.iter();
    let params: Vec<(&str, Type)> = params.map(|param| (&*param.name, param.ty)).collect();
    assert_struct(text, sizes, "init-parameters", &params);
    let Some(Type::Id(id)) = function.result else {
        anyhow::bail!("`init` gives no type of a name");
    };
    let TypeDefKind::Result(result) = &resolve.types[id].kind else {
        anyhow::bail!("`init` gives no result");
    };
    let payloads = [result.ok.as_ref(), result.err.as_ref()];
    let offset = sizes.payload_offset(wit_parser::Int::U8, payloads);
    assert_field(text, "init_result", "failure", offset.size_wasm32());
    Ok(())
}

fn snake(name: &str) -> String {
    name.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Python has the values in the form `A, B = range(2)`.
    #[test]
    fn python_has_the_same_constants() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut resolve = Resolve::default();
        resolve.push_path(root.join("wit/init.wit")).unwrap();
        let homes = [
            ("failure-kind", "boot.py"),
            ("export-kind", "boot.py"),
            ("measured-kind", "measure.py"),
        ];
        let mut found = 0;
        for (_, ty) in resolve.types.iter() {
            let TypeDefKind::Enum(cases) = &ty.kind else {
                continue;
            };
            let name = ty.name.as_deref().unwrap();
            let (_, file) = homes.iter().find(|(of, _)| *of == name).expect(name);
            let text = fs_err::read_to_string(root.join("runtime").join(file)).unwrap();
            let text: String = text.split_whitespace().collect();
            let names = cases.cases.iter().map(|case| snake(&case.name));
            let names = names.collect::<Vec<_>>().join(",").to_uppercase();
            let values = format!("=range({})", cases.cases.len());
            assert!(
                text.contains(&format!("{names}{values}"))
                    || text.contains(&format!("({names},){values}")),
                "{file} has other values for {name}"
            );
            found += 1;
        }
        assert_eq!(found, homes.len());
    }
}
