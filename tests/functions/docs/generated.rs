//! Generated pages: the command line from `--help`, the errors from the goldens in `tests/errors`. `BLESS=1` writes them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use super::root;
use crate::support::golden::{Case, check_file};

#[test]
fn the_command_line_is_that_of_help() {
    let main = help(&[]);
    let (_, commands) = main.split_once("Commands:\n").expect("there are commands");
    let commands = commands
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help");
    let mut page = String::from(
        "# Command line\n\n\
         Generated from `--help` by `BLESS=1 cargo xtask test docs`. [Everyday options](../how-to/everyday-options.md) explains the most\n\
         important ones.\n",
    );
    let mut section = |title: &str, help: &str| {
        write!(page, "\n## {title}\n\n```text\n{}\n```\n", help.trim_end()).expect("a text");
    };
    section("componentize-py", &main);
    let mut found = 0;
    for command in commands {
        section(command, &help(&[command]));
        found += 1;
    }
    assert!(found >= 4, "only {found} commands");
    compare(
        "docs/reference/command-line.md",
        &page,
        "the_command_line_is_that_of_help",
    );
}

#[test]
fn the_errors_are_those_of_the_goldens() {
    let mut errors = BTreeMap::new();
    for case in Case::all("errors") {
        let Ok(golden) = fs_err::read_to_string(case.path("expected/stderr")) else {
            continue;
        };
        // Two cases may have the same words.
        errors.entry(words(&golden)).or_insert(case.name());
    }
    assert!(errors.len() > 80, "only {} errors", errors.len());
    let mut page = String::from(
        "# Errors\n\n\
         These are the messages with their causes and hints, in alphabetical order. Names in backticks come from the inputs of a test. The traceback of Python, which\n\
         stands between a message and its hint, is left out. Each heading is a directory in `tests/errors`, which has the inputs\n\
         (`cargo xtask test errors/NAME`).\n\n\
         The exit code is 1 for a mistake in the input, 2 for a wrong command line, and 101 for a bug of this tool: please report it.\n\n\
         Generated from these tests by `BLESS=1 cargo xtask test docs`.\n",
    );
    for (words, name) in &errors {
        write!(page, "\n## `{name}`\n\n```text\n{words}\n```\n").expect("a text");
    }
    compare(
        "docs/reference/errors.md",
        &page,
        "the_errors_are_those_of_the_goldens",
    );
}

/// The message with its causes, and the hint, from the tool's output.
fn words(golden: &str) -> String {
    let message = golden
        .lines()
        .skip_while(|line| !line.starts_with("error: "))
        .take_while(|line| !line.is_empty());
    let hint = golden
        .lines()
        .skip_while(|line| !line.starts_with("hint: "));
    let mut words = message.collect::<Vec<_>>().join("\n");
    let hint = hint.collect::<Vec<_>>().join("\n");
    if !hint.is_empty() {
        words = format!("{words}\n\n{hint}");
    }
    words.trim_end().to_owned()
}

fn help(command: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_componentize-py"))
        .args(command)
        .arg("--help")
        .env_remove("COLUMNS")
        .output()
        .expect("the program runs");
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).expect("help is text");
    // No spaces at the ends of lines in Markdown.
    let lines = help.lines().map(str::trim_end);
    lines.map(|line| format!("{line}\n")).collect()
}

pub fn compare(place: &str, page: &str, test: &str) {
    if let Err(error) = check_file(&root().join(place), page, &format!("docs/{test}")) {
        panic!("{error}");
    }
}
