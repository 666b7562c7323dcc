//! The component that answers a path.
//!
//! A route is a path. A segment `:name` stands for any one segment, and `/...` at the end for any rest, also an empty one. If
//! several match, one without the rest wins over one with it, then the longer one.

use anyhow::{Result, bail, ensure};

#[derive(Debug)]
pub struct Route {
    /// The text in the manifest, for the header that tells the component.
    pub text: String,
    segments: Vec<Segment>,
    /// Ends in `/...`.
    open: bool,
}

#[derive(Debug, PartialEq)]
enum Segment {
    Literal(String),
    Parameter(String),
}

/// The parts of a path that a route matched.
#[derive(Debug, PartialEq)]
pub struct Matched {
    /// The part for `/...`, with its slash; may be empty.
    pub rest: String,
    /// The segments for each `:name`.
    pub parameters: Vec<(String, String)>,
}

impl Route {
    pub fn parse(text: &str) -> Result<Self> {
        ensure!(
            text.starts_with('/'),
            "the route `{text}` does not start with `/`"
        );
        let (path, open) = match text.strip_suffix("/...") {
            Some(path) => (path, true),
            None => (text, false),
        };
        let segments = split(path).map(|segment| match segment.strip_prefix(':') {
            _ if segment.contains("...") => bail!("the route `{text}` has `...` before its end"),
            Some("") => bail!("the route `{text}` has a `:` without a name"),
            Some(name) => Ok(Segment::Parameter(name.to_owned())),
            None => Ok(Segment::Literal(segment.to_owned())),
        });
        Ok(Self {
            text: text.to_owned(),
            segments: segments.collect::<Result<_>>()?,
            open,
        })
    }

    pub fn matches(&self, path: &str) -> Option<Matched> {
        let found: Vec<&str> = split(path).collect();
        if found.len() < self.segments.len() || found.len() > self.segments.len() && !self.open {
            return None;
        }
        let mut parameters = Vec::new();
        for (segment, found) in self.segments.iter().zip(&found) {
            match segment {
                Segment::Literal(literal) if literal == found => {}
                Segment::Literal(_) => return None,
                Segment::Parameter(name) => parameters.push((name.clone(), (*found).to_owned())),
            }
        }
        let rest = found[self.segments.len()..]
            .iter()
            .map(|segment| format!("/{segment}"))
            .collect();
        Some(Matched { rest, parameters })
    }

    /// Routes with a higher rank are tried first.
    pub fn rank(&self) -> (bool, usize, usize) {
        let literals = self
            .segments
            .iter()
            .filter(|segment| matches!(segment, Segment::Literal(_)))
            .count();
        (!self.open, self.segments.len(), literals)
    }

    /// The path without `/...`.
    pub fn base(&self) -> &str {
        self.text.strip_suffix("/...").unwrap_or(&self.text)
    }
}

/// The segments between slashes. One slash at the end makes no difference.
fn split(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/').filter(move |_| !path.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(route: &str, path: &str) -> Option<String> {
        Route::parse(route)
            .unwrap()
            .matches(path)
            .map(|matched| matched.rest)
    }

    #[test]
    fn paths_match() {
        assert_eq!(rest("/...", "/"), Some(String::new()));
        assert_eq!(rest("/...", "/a/b"), Some("/a/b".to_owned()));
        assert_eq!(rest("/a/...", "/a"), Some(String::new()));
        assert_eq!(rest("/a/...", "/ab"), None);
        assert_eq!(rest("/a", "/a/"), Some(String::new()));
        assert_eq!(rest("/a", "/a/b"), None);
        let matched = Route::parse("/user/:id/...")
            .unwrap()
            .matches("/user/7/edit")
            .unwrap();
        assert_eq!(matched.parameters, [("id".to_owned(), "7".to_owned())]);
        assert_eq!(matched.rest, "/edit");
    }

    #[test]
    fn the_closer_one_comes_first() {
        let mut routes: Vec<Route> = ["/...", "/a/...", "/a", "/:x"]
            .map(|text| Route::parse(text).unwrap())
            .into();
        routes.sort_by_key(|route| std::cmp::Reverse(route.rank()));
        assert_eq!(
            routes
                .iter()
                .map(|route| route.text.as_str())
                .collect::<Vec<_>>(),
            ["/a", "/:x", "/a/...", "/..."]
        );
    }

    #[test]
    fn what_is_no_route_is_refused() {
        for text in ["a", "/.../a", "/:"] {
            assert!(Route::parse(text).is_err(), "{text}");
        }
    }
}
