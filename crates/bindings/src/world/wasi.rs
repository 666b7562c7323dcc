//! The WIT of WASI that is built in: its worlds and interfaces need no files of the user's.

use wit_parser::{Resolve, WorldId};

use super::select::{self, WorldName};

/// The packages of one version.
pub struct Release {
    version: &'static str,
    /// The name of each after `wasi:` and its WIT, those that others use first.
    packages: &'static [(&'static str, &'static str)],
}

macro_rules! wit {
    ($file:literal) => {
        include_str!(concat!("../../../../wit/", $file))
    };
}

/// The one that is meant without a version comes first.
pub const RELEASES: [Release; 2] = [
    Release {
        version: "0.2.12",
        packages: &[
            ("io", wit!("wasi-0.2/deps/io.wit")),
            ("clocks", wit!("wasi-0.2/deps/clocks.wit")),
            ("random", wit!("wasi-0.2/deps/random.wit")),
            ("filesystem", wit!("wasi-0.2/deps/filesystem.wit")),
            ("sockets", wit!("wasi-0.2/deps/sockets.wit")),
            ("cli", wit!("wasi-0.2/deps/cli.wit")),
            ("http", wit!("wasi-0.2/http.wit")),
        ],
    },
    Release {
        version: "0.3.0",
        packages: &[
            ("clocks", wit!("wasi-0.3/deps/clocks.wit")),
            ("random", wit!("wasi-0.3/deps/random.wit")),
            ("filesystem", wit!("wasi-0.3/deps/filesystem.wit")),
            ("sockets", wit!("wasi-0.3/deps/sockets.wit")),
            ("cli", wit!("wasi-0.3/deps/cli.wit")),
            ("http", wit!("wasi-0.3/http.wit")),
        ],
    },
];

impl Release {
    /// The name of all its packages together, for messages.
    pub fn name(&self) -> String {
        format!("wasi@{}", self.version)
    }

    /// Adds all its packages to those that are there.
    pub fn add_to(&self, resolve: &mut Resolve) {
        for (package, wit) in self.packages {
            let name = format!("wasi:{package}@{}", self.version);
            resolve.push_str(&name, wit).expect("WASI is valid WIT");
        }
    }

    /// A world of its packages by its whole name; the version may be left out.
    pub fn world(&self, resolve: &Resolve, name: &str) -> Option<WorldId> {
        let name = WorldName::parse(name);
        let mut worlds = select::all(resolve).into_iter();
        worlds.find(|world| name.is_whole() && name.matches(resolve, *world))
    }
}

/// `wasi:http@0.2.12` and the like, for each built-in version of a package; none if the package is not built in.
pub fn versions(package: &str) -> Vec<String> {
    let Some(name) = package.strip_prefix("wasi:") else {
        return Vec::new();
    };
    let releases = RELEASES.iter();
    let having = releases.filter(|release| release.packages.iter().any(|(one, _)| *one == name));
    having
        .map(|release| format!("{package}@{}", release.version))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_in_the_text() {
        for release in &RELEASES {
            for (package, wit) in release.packages {
                let first = format!("package wasi:{package}@{};", release.version);
                assert!(wit.lines().any(|line| line == first), "{first}");
            }
        }
    }

    #[test]
    fn all_releases_fit_into_one_resolve() {
        let mut resolve = Resolve::default();
        for release in &RELEASES {
            release.add_to(&mut resolve);
        }
        let proxy = RELEASES[0].world(&resolve, "wasi:http/proxy");
        assert_eq!(
            proxy
                .map(|world| select::qualified(&resolve, world))
                .as_deref(),
            Some("wasi:http/proxy@0.2.12")
        );
        assert!(RELEASES[0].world(&resolve, "proxy").is_none());
    }
}
