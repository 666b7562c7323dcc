//! Links between documents lead to existing files and headings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{documents, root};

#[test]
fn links_lead_somewhere() {
    let documents = documents();
    let headings: BTreeMap<&Path, BTreeSet<String>> = documents
        .iter()
        .map(|document| (document.place.as_path(), headings(&document.text)))
        .collect();
    let mut broken = Vec::new();
    let mut found = 0;
    for document in &documents {
        for link in links(&document.text) {
            found += 1;
            if let Some(fault) = fault(&document.place, &link, &headings) {
                broken.push(format!("{}: {link}: {fault}", document.place.display()));
            }
        }
    }
    assert!(found > 150, "only {found} links: are they still found?");
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
}

#[test]
fn broken_links_are_found() {
    let headings = BTreeMap::from([(Path::new("docs/index.md"), headings("# `run` and *serve*"))]);
    let fault = |link| fault(Path::new("docs/index.md"), link, &headings);
    assert_eq!(fault("#run-and-serve"), None);
    assert_eq!(fault("../README.md"), None);
    assert_eq!(fault("../docs/index.md#serve"), Some("no such heading"));
    assert_eq!(fault("nowhere.md"), Some("no such file"));
    assert_eq!(
        fault("../../elsewhere.md"),
        Some("it leads out of the repository")
    );
    assert_eq!(fault("/README.md"), Some("it leads out of the repository"));
    assert_eq!(links("`[a](b)` [c](d)\n```\n[e](f)\n```\n"), ["d"]);
}

/// The fault of a link of the document at `place`.
fn fault(
    place: &Path,
    link: &str,
    headings: &BTreeMap<&Path, BTreeSet<String>>,
) -> Option<&'static str> {
    if link.contains("://") {
        return None;
    }
    let (path, heading) = match link.split_once('#') {
        Some((path, heading)) => (path, Some(heading)),
        None => (link, None),
    };
    let target = match path {
        "" => Some(place.to_owned()),
        path => resolved(place, Path::new(path)),
    };
    let Some(target) = target else {
        return Some("it leads out of the repository");
    };
    if !path.is_empty() && !root().join(&target).exists() {
        return Some("no such file");
    }
    let is_there = |heading| {
        headings
            .get(target.as_path())
            .is_some_and(|found| found.contains(heading))
    };
    heading
        .is_some_and(|heading| !is_there(heading))
        .then_some("no such heading")
}

/// The target of a relative path in the repository.
fn resolved(place: &Path, path: &Path) -> Option<PathBuf> {
    let mut target = place.parent()?.to_owned();
    for component in path.components() {
        match component {
            Component::Normal(name) => target.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !target.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(target)
}

fn links(text: &str) -> Vec<String> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                Some(dest_url.into_string())
            }
            _ => None,
        })
        .collect()
}

/// The names of the headings in viewers of Markdown, and in the site.
fn headings(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                names.extend(heading.take().map(|heading| name(&heading)));
            }
            _ => {}
        }
    }
    names
}

fn name(heading: &str) -> String {
    let heading = heading.trim().to_lowercase();
    heading
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}
