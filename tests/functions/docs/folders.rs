//! Each folder has a description, tables of folders are complete, and NOTICE lists the embedded parts.

use std::process::Command;

use super::{entries, root};
use crate::support;

#[test]
fn each_folder_says_what_lives_there() {
    let listed = Command::new("git")
        .current_dir(root())
        .args(["ls-tree", "-d", "--name-only", "HEAD"])
        .output()
        .expect("git can be started");
    assert!(listed.status.success(), "this is a clone: {listed:?}");
    let folders = String::from_utf8(listed.stdout).expect("our names are UTF-8");
    let silent: Vec<&str> = folders
        .lines()
        // NOTICE is about this one.
        .filter(|folder| !folder.starts_with('.') && *folder != "LICENSES")
        .filter(|folder| {
            let folder = root().join(folder);
            !["README.md", "index.md"]
                .map(|name| folder.join(name).exists())
                .contains(&true)
        })
        .collect();
    assert!(silent.is_empty(), "folders without README.md: {silent:?}");
}

#[test]
fn tables_of_folders_are_complete() {
    let programs = ["cases", "functions", "generated"];
    let suites = programs.map(|program| support::files(&root().join("tests").join(program), "rs"));
    let mut suites = suites.concat();
    suites.retain(|path| path.file_stem().is_some_and(|name| name != "main"));
    let crates = entries(&root().join("crates"));
    let crates = crates.into_iter().filter(|path| path.is_dir()).collect();
    for (table, paths) in [
        ("docs/contributing/tests.md", suites),
        ("crates/README.md", crates),
    ] {
        let text = fs_err::read_to_string(root().join(table)).expect("the table is there");
        assert!(paths.len() > 3, "only {} rows for {table}", paths.len());
        for path in paths {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            assert!(
                text.contains(&format!("`{name}`")),
                "{table} lacks `{name}`"
            );
        }
    }
}

#[test]
fn notice_lists_what_is_embedded() {
    let notice = fs_err::read_to_string(root().join("NOTICE")).expect("it is there");
    let sources = fs_err::read_to_string(root().join("python-stdlib/sources.toml"))
        .expect("the pins are there");
    let sources: toml::Table = toml::from_str(&sources).expect("the pins are TOML");
    let mut found = 0;
    for table in ["source", "crate"] {
        for source in sources[table].as_array().expect("tables, one a source") {
            let text = |key: &str| source.get(key).and_then(toml::Value::as_str);
            // A source is listed with its version, a revision with its first digits, and a crate with its contents.
            let name = text("holds").map_or_else(
                || {
                    let version: String = text("version")
                        .unwrap_or_default()
                        .chars()
                        .take(12)
                        .collect();
                    format!("{} {version}", text("name").unwrap_or_default())
                },
                str::to_owned,
            );
            let licence = text("licence").expect("each source has a licence");
            let row = notice
                .lines()
                .find(|line| line.starts_with(&format!("| {name}")));
            let row = row.unwrap_or_else(|| panic!("NOTICE lacks `{name}`"));
            assert!(row.contains(licence), "NOTICE: `{name}` is under {licence}");
            found += 1;
        }
    }
    assert!(found > 5, "only {found} sources");
    for text in entries(&root().join("LICENSES")) {
        let name = text.file_name().unwrap_or_default().to_string_lossy();
        assert!(
            notice.contains(&*name),
            "NOTICE does not say whose `{name}` is"
        );
    }
}
