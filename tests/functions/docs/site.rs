//! MkDocs builds the site of `docs/` strictly: every page is in the navigation, and every link leads to a page.

use std::process::Command;

use super::root;
use crate::support;

#[test]
fn the_site_builds() {
    let requirements = fs_err::read_to_string(root().join("docs/requirements.txt"))
        .expect("the requirements are there");
    let requirements: Vec<&str> = requirements
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert!(
        requirements.iter().all(|line| line.contains("==")),
        "a version is not pinned: {requirements:?}"
    );
    let python = support::python_venv(&requirements);
    let site = tempfile::tempdir().expect("there is room");
    let output = Command::new(python)
        .args(["-m", "mkdocs", "build", "--strict", "--site-dir"])
        .arg(site.path())
        .current_dir(root())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("NO_MKDOCS_2_WARNING", "1")
        .output()
        .expect("the venv has a Python");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let page = site.path().join("how-to/run-and-serve/index.html");
    let page = fs_err::read_to_string(page).expect("the page was written");
    assert!(
        page.contains(r#"href="../../repository/benches/serve/""#),
        "links to documents elsewhere lead to their pages"
    );
}
