//! `cargo xtask wheel`: wheels with native extensions for the guest. Prints the path of each.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::guest_build::with_progress;

const USAGE: &str =
    "usage: cargo xtask wheel (NAME[==VERSION]... | --path DIR | --list) [--out DIR]";

#[derive(Default)]
struct Arguments {
    packages: Vec<String>,
    projects: Vec<PathBuf>,
    list: bool,
    out: Option<PathBuf>,
}

pub fn wheel(root: &Path, arguments: &[String]) -> Result<()> {
    let arguments = parse(arguments)?;
    if arguments.list {
        return list(root);
    }
    let out = arguments.out.unwrap_or_else(|| root.join("target/wheels"));
    fs_err::create_dir_all(&out)?;
    with_progress(|progress| {
        let mut wheels = Vec::new();
        for package in &arguments.packages {
            let wheel = guest::wheels::wheel(root, package, progress)?;
            let target = out.join(wheel.file_name().context("a wheel has a name")?);
            fs_err::copy(&wheel, &target)?;
            wheels.push(target);
        }
        for project in &arguments.projects {
            wheels.push(guest::wheels::wheel_of_folder(
                root, project, &out, progress,
            )?);
        }
        for wheel in wheels {
            println!("{}", wheel.display());
        }
        Ok(())
    })
}

fn parse(arguments: &[String]) -> Result<Arguments> {
    let mut parsed = Arguments::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || {
            let value = rest
                .next()
                .with_context(|| format!("`{argument}` needs a folder\n\n{USAGE}"))?;
            Ok::<_, anyhow::Error>(PathBuf::from(value))
        };
        match argument.as_str() {
            "--list" => parsed.list = true,
            "--out" => parsed.out = Some(value()?),
            "--path" => parsed.projects.push(value()?),
            option if option.starts_with('-') => bail!("unknown option `{option}`\n\n{USAGE}"),
            package => parsed.packages.push(package.to_owned()),
        }
    }
    if !parsed.list && parsed.packages.is_empty() && parsed.projects.is_empty() {
        bail!("no package named\n\n{USAGE}");
    }
    Ok(parsed)
}

fn list(root: &Path) -> Result<()> {
    for recipe in guest::wheels::recipes(root)? {
        let versions: Vec<&str> = recipe
            .releases
            .iter()
            .map(|release| release.version.as_str())
            .collect();
        println!(
            "{:<20} {:<14} {}",
            recipe.name,
            versions.join(", "),
            recipe.licence
        );
    }
    Ok(())
}
