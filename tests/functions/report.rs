//! `--report`: its sizes are those of the file, and asking for it changes nothing in it.

use std::fs;
use std::path::Path;
use std::process::Command;

use componentize_py::{Componentize, Report};
use serde_json::Value;
use wasmparser::{DataKind, Parser, Payload};

const WIT: &str = "package example:hello;

world hello {
  export hello: func(name: string) -> string;
}
";

const APP: &str = "import json

import big
import package
import wit_world


class WitWorld(wit_world.WitWorld):
    def hello(self, name: str) -> str:
        import textwrap

        return textwrap.fill(json.dumps([name, package.__name__, len(big.TABLE)]))
";

/// Takes 200 kB itself, and imports a module that takes 300 kB.
const BIG: &str = "import bigger

TABLE = [bytes(range(1, 201)) * 10 for _ in range(100)]
";

const BIGGER: &str = "TABLE = [bytes(range(1, 201)) * 10 for _ in range(150)]
";

fn write_app(directory: &Path) {
    let package = directory.join("package");
    fs::create_dir_all(&package).unwrap();
    fs::create_dir_all(directory.join("wit")).unwrap();
    for (file, text) in [
        ("wit/world.wit", WIT),
        ("app.py", APP),
        ("big.py", BIG),
        ("bigger.py", BIGGER),
        ("package/__init__.py", ""),
        ("package/later.py", "WORDS = 'some text'\n"),
        ("package/data.txt", "data of a package"),
    ] {
        fs::write(directory.join(file), text).unwrap();
    }
}

fn run(directory: &Path, output: &str, options: &[&str]) -> String {
    let environment = directory.parent().unwrap().join("venv");
    fs::create_dir_all(environment.join("lib/python3.14/site-packages")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_componentize-py"))
        .args(["-q", "componentize", "app", "-o", output])
        .args(options)
        .current_dir(directory)
        .env("VIRTUAL_ENV", &environment)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert_eq!(errors, "");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn says_what_is_in_the_file() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path().join("app");
    write_app(&directory);
    let output = temporary.path().join("with.wasm");
    let with = output.to_str().unwrap();
    let text = run(&directory, with, &["--report=json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    let component = fs::read(&output).unwrap();
    adds_up(&report, &component);
    names_modules(&report["python"]);
    lists_files(&report);

    let other = temporary.path().join("without.wasm");
    assert_eq!(run(&directory, other.to_str().unwrap(), &[]), "");
    assert!(
        component == fs::read(other).unwrap(),
        "the report changed the component"
    );
    assert_eq!(run(&directory, with, &["--report=json"]), text);
    shows_tables(&run(&directory, with, &["--report"]), &component);
}

fn adds_up(report: &Value, component: &[u8]) {
    let size = |value: &Value| {
        value
            .as_u64()
            .unwrap_or_else(|| panic!("{value} is no size"))
    };
    let libraries = report["libraries"].as_array().unwrap();
    let sum = |field: &str| libraries.iter().map(|library| size(&library[field])).sum();
    let (code, data): (u64, u64) = (sum("code"), sum("data"));
    let (snapshot, other) = (&report["snapshot"], &report["other"]);
    let others = ["code", "data", "sections", "component"].map(|part| size(&other[part]));
    let memory = size(&snapshot["heap"]) + size(&snapshot["files"]);
    let total = code + data + memory + others.iter().sum::<u64>();
    assert_eq!(total, component.len() as u64);
    assert_eq!(size(&report["total"]), total);

    // The same numbers, from the file alone.
    let (mut in_file, mut stored, mut pages) = (0, 0, 0);
    for payload in Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            Payload::CodeSectionEntry(body) => in_file += body.range().len() as u64,
            Payload::MemorySection(memories) => {
                pages += memories
                    .into_iter()
                    .map(|m| m.unwrap().initial)
                    .sum::<u64>();
            }
            Payload::DataSection(segments) => {
                for segment in segments.into_iter().map(Result::unwrap) {
                    if matches!(segment.kind, DataKind::Active { .. }) {
                        stored += segment.data.len() as u64;
                    }
                }
            }
            _ => {}
        }
    }
    assert_eq!(code + size(&other["code"]), in_file);
    assert_eq!(data + size(&other["data"]), size(&snapshot["static_data"]));
    assert_eq!(size(&snapshot["static_data"]) + memory, stored);
    assert_eq!(size(&snapshot["pages"]), pages);
    assert_eq!(size(&snapshot["memory"]), pages << 16);
    assert!((1..pages).contains(&size(&snapshot["stored_pages"])));

    let python = &libraries[0];
    assert_eq!(python["name"], "libpython3.14.so");
    assert!(size(&python["code"]) > 2_000_000 && size(&python["data"]) > 1_000_000);
    // What a library neither has nor needs is small.
    assert!(size(&other["code"]) < in_file / 20, "{other}");
    // Both tables are on the heap, and nothing of them is zero.
    assert!(size(&snapshot["heap"]) > 2_500_000);
}

fn lists_files(report: &Value) {
    let files = report["files"].as_array().unwrap();
    let find = |path: &str| files.iter().find(|file| file["path"] == path).unwrap();
    let text = find("/0/package/data.txt");
    assert_eq!(
        (text["size"].as_u64(), text["stored"].as_u64()),
        (Some(17), Some(17))
    );
    let code = find("/0/app.py");
    assert_eq!(code["size"].as_u64(), Some(APP.len() as u64));
    assert!(code["stored"].as_u64() < code["size"].as_u64());
    // With the names and the nodes.
    let stored: u64 = files
        .iter()
        .filter_map(|file| file["stored"].as_u64())
        .sum();
    let all = report["snapshot"]["files"].as_u64().unwrap();
    assert!((stored + 1..stored + 2000).contains(&all), "{stored} {all}");
}

fn names_modules(python: &Value) {
    let find = |list: &str, key: &str, name: &str| {
        let items = python[list].as_array().unwrap();
        let found = items.iter().find(|item| item[key] == name);
        found
            .unwrap_or_else(|| panic!("no `{name}` among the {list}"))
            .clone()
    };
    let module = |name: &str| find("modules", "name", name);
    let package = |name: &str| find("packages", "name", name);
    let loaded = |name: &str| module(name)["loaded"].as_i64().unwrap();
    for name in ["json", "json.decoder", "app", "package"] {
        assert!(loaded(name) > 100, "{name}: {}", loaded(name));
        assert_eq!(module(name)["carried"], Value::Null);
    }
    // 2 kB an item, with a head for each.
    assert!(
        (200_000..230_000).contains(&loaded("big")),
        "{}",
        loaded("big")
    );
    assert!(
        (300_000..340_000).contains(&loaded("bigger")),
        "{}",
        loaded("bigger")
    );
    assert!(loaded("app") < 50_000, "{}", loaded("app"));

    for name in ["textwrap", "package.later"] {
        assert_eq!(module(name)["loaded"], Value::Null);
        assert!(module(name)["carried"].as_i64().unwrap() > 50);
    }
    let size = |value: &Value| value.as_i64().unwrap_or_default();
    assert_eq!(package("package")["modules"], 2);

    let sum = |list: &str, field: &str| {
        let items = python[list].as_array().unwrap();
        items.iter().map(|item| size(&item[field])).sum::<i64>()
    };
    let parts = sum("modules", "loaded") + sum("modules", "carried");
    let others = size(&python["start"]) + size(&python["rest"]);
    assert_eq!(parts + others, size(&python["memory"]));
    for field in ["loaded", "carried"] {
        assert_eq!(sum("packages", field), sum("modules", field));
    }
    assert!(size(&python["start"]) > 1_000_000);
    assert!(
        (0..1_000_000).contains(&size(&python["rest"])),
        "{}",
        python["rest"]
    );
    assert!(module("bigger")["name"] == python["modules"][0]["name"]);
}

fn shows_tables(text: &str, component: &[u8]) {
    // Quiet or not, what was asked for is printed.
    let line = |start: &str| {
        let found = text.lines().find(|line| line.starts_with(start));
        found
            .unwrap_or_else(|| panic!("no `{start}` in\n{text}"))
            .to_owned()
    };
    let tenths = (component.len() + 50) / 100;
    let (kb, tenth) = (tenths / 10, tenths % 10);
    let total = format!("{},{:03}.{tenth}", kb / 1000, kb % 1000);
    assert!(line("total").ends_with(&total), "{}", line("total"));
    for start in [
        "libpython3.14.so ",
        "bigger ",
        "json ",
        "stored in the file",
        "... and ",
    ] {
        line(start);
    }
    assert!(text.lines().all(|line| line == line.trim_end()));
}

/// Code that calls WASI is replaced, so the sum is another one.
#[test]
fn adds_up_with_stubs() {
    let temporary = tempfile::tempdir().unwrap();
    let directory = temporary.path().join("app");
    write_app(&directory);
    let output = temporary.path().join("app.wasm");
    let text = run(
        &directory,
        output.to_str().unwrap(),
        &["--stub-wasi", "--report=json"],
    );
    adds_up(
        &serde_json::from_str(&text).unwrap(),
        &fs::read(output).unwrap(),
    );
}

#[test]
fn is_a_value_in_rust() {
    let temporary = tempfile::tempdir().unwrap();
    write_app(temporary.path());
    let output = temporary.path().join("out/app.wasm");
    let report: Report = Componentize::new("app")
        .python_path([temporary.path()])
        .wit_path(temporary.path().join("wit"))
        .output(&output)
        .build()
        .unwrap();
    assert_eq!(report.total, fs::metadata(output).unwrap().len());
    assert_eq!(report.python.modules[0].name, "bigger");
}
