//! The parts of this machine that a component may see.

use std::path::PathBuf;
use std::str::FromStr;

/// A directory that the component sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    /// Its path on this machine.
    pub host: PathBuf,
    /// Its path in the component.
    pub guest: String,
    /// Allow no changes in it.
    pub read_only: bool,
}

impl FromStr for Directory {
    type Err = String;

    /// `HOST[::GUEST][:ro]`
    fn from_str(text: &str) -> Result<Self, String> {
        let (path, read_only) = match text.strip_suffix(":ro") {
            Some(path) => (path, true),
            None => (text, false),
        };
        let (host, guest) = path.split_once("::").unwrap_or((path, path));
        if host.is_empty() || guest.is_empty() {
            return Err(
                "expected `HOST`, `HOST::GUEST`, or one of these with `:ro` behind it".to_owned(),
            );
        }
        Ok(Self {
            host: PathBuf::from(host),
            guest: guest.to_owned(),
            read_only,
        })
    }
}

/// The parts of this machine that a component may see; none by default.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    /// The directories that it sees.
    pub directories: Vec<Directory>,
    /// Names and values of its environment variables.
    pub environment: Vec<(String, String)>,
    /// Allow sockets and the lookup of names.
    pub network: bool,
    /// Allow HTTP requests.
    pub outgoing_http: bool,
}

#[cfg(test)]
mod tests {
    use super::Directory;

    fn parsed(text: &str) -> Option<(String, String, bool)> {
        let directory: Directory = text.parse().ok()?;
        Some((
            directory.host.display().to_string(),
            directory.guest,
            directory.read_only,
        ))
    }

    #[test]
    fn directories() {
        let expected = |host: &str, guest: &str, read_only| {
            Some((host.to_owned(), guest.to_owned(), read_only))
        };
        assert_eq!(parsed("data"), expected("data", "data", false));
        assert_eq!(parsed("data::/d"), expected("data", "/d", false));
        assert_eq!(parsed("data::/d:ro"), expected("data", "/d", true));
        assert_eq!(
            parsed("C:\\data:ro"),
            expected("C:\\data", "C:\\data", true)
        );
        assert_eq!(parsed("::/d"), None);
        assert_eq!(parsed("data::"), None);
        assert_eq!(parsed(":ro"), None);
    }
}
