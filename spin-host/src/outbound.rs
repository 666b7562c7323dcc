//! `allowed_outbound_hosts`: the addresses that a component may connect to.
//!
//! An entry is `scheme://host:port`. The scheme is a name or `*`; the host a name, an address, `*` or `*.domain`; the port a
//! number, a range `8000..9000` or `*`, and may be left out if the scheme has a default. `http://self` and `https://self` stand
//! for the application itself. Without an entry nothing is allowed.

use anyhow::{Context as _, Result, bail, ensure};

/// The entries of one component.
#[derive(Debug, Default, Clone)]
pub struct AllowedHosts(Vec<Entry>);

#[derive(Debug, Clone)]
struct Entry {
    /// `None` is any scheme.
    scheme: Option<String>,
    host: Host,
    /// The first and the last port; `None` is any port.
    ports: Option<(u16, u16)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Host {
    Any,
    /// `*.domain`: the end of the name, including the dot.
    Under(String),
    Name(String),
    Itself,
}

impl AllowedHosts {
    pub fn parse(entries: &[String]) -> Result<Self> {
        let entries = entries.iter().map(|entry| {
            parse_entry(entry).with_context(|| {
                format!("`{entry}` in `allowed_outbound_hosts` is not `scheme://host:port`")
            })
        });
        entries.collect::<Result<_>>().map(Self)
    }

    /// Returns `true` if `address` may be connected to; `scheme` is used if it has none.
    pub fn allow(&self, address: &str, scheme: &str) -> bool {
        let (scheme, rest) = address.split_once("://").unwrap_or((scheme, address));
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let authority = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        let Some((host, port)) = split_port(authority) else {
            return false;
        };
        let port = match port {
            Some(port) => port.parse().ok(),
            None => default_port(scheme),
        };
        let Some(port) = port else { return false };
        self.0
            .iter()
            .any(|entry| entry.matches(scheme, &host.to_ascii_lowercase(), port))
    }

    /// Returns `true` if the component may send requests to its own application.
    pub fn allow_self(&self, scheme: &str) -> bool {
        self.0.iter().any(|entry| {
            matches!(entry.host, Host::Itself | Host::Any)
                && entry
                    .scheme
                    .as_deref()
                    .is_none_or(|allowed| allowed == scheme)
        })
    }
}

impl Entry {
    fn matches(&self, scheme: &str, host: &str, port: u16) -> bool {
        let host_matches = match &self.host {
            Host::Any => true,
            Host::Under(suffix) => host.len() > suffix.len() && host.ends_with(suffix.as_str()),
            Host::Name(name) => name == host,
            Host::Itself => false,
        };
        host_matches
            && self
                .scheme
                .as_deref()
                .is_none_or(|allowed| allowed.eq_ignore_ascii_case(scheme))
            && self
                .ports
                .is_none_or(|(first, last)| (first..=last).contains(&port))
    }
}

fn parse_entry(entry: &str) -> Result<Entry> {
    let (scheme, rest) = match entry.split_once("://") {
        Some(parts) => parts,
        None if entry == "self" => ("*", "self"),
        None => bail!("it has no scheme"),
    };
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    ensure!(
        !authority.contains(['/', '?', '#']),
        "a path cannot be allowed on its own, only a host"
    );
    ensure!(
        !authority.contains('@'),
        "a user cannot be allowed on its own, only a host"
    );
    let (host, port) = split_port(authority).context("it has no host")?;
    ensure!(!scheme.is_empty() && !host.is_empty(), "a part is empty");
    let host = match host.to_ascii_lowercase().as_str() {
        "*" => Host::Any,
        "self" => Host::Itself,
        name => match name.strip_prefix('*') {
            Some(suffix) => {
                ensure!(
                    suffix.starts_with('.') && !suffix.contains('*'),
                    "`*` stands for a whole host or a whole first part"
                );
                Host::Under(suffix.to_owned())
            }
            None => {
                ensure!(
                    !name.contains('*'),
                    "`*` stands for a whole host or a whole first part"
                );
                Host::Name(name.to_owned())
            }
        },
    };
    let ports = match port {
        Some("*") => None,
        Some(port) => Some(parse_ports(port)?),
        None if host == Host::Itself || scheme == "*" && host == Host::Any => None,
        None => {
            let port = default_port(scheme)
                .with_context(|| format!("`{scheme}` has no port of its own, so one is needed"))?;
            Some((port, port))
        }
    };
    Ok(Entry {
        scheme: (scheme != "*").then(|| scheme.to_ascii_lowercase()),
        host,
        ports,
    })
}

fn parse_ports(text: &str) -> Result<(u16, u16)> {
    let number = |text: &str| {
        text.parse::<u16>()
            .with_context(|| format!("`{text}` is not a port"))
    };
    let (first, last) = match text.split_once("..") {
        Some((first, end)) => (
            number(first)?,
            number(end)?
                .checked_sub(1)
                .context("the range of ports is empty")?,
        ),
        None => (number(text)?, number(text)?),
    };
    ensure!(first <= last, "the range of ports is empty");
    Ok((first, last))
}

/// Host and port of `host`, `host:port`, `[v6]` or `[v6]:port`.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, rest) = rest.split_once(']')?;
        return match rest {
            "" => Some((address, None)),
            rest => Some((address, Some(rest.strip_prefix(':')?))),
        };
    }
    Some(match authority.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    })
}

fn default_port(scheme: &str) -> Option<u16> {
    Some(match scheme {
        "http" => 80,
        "https" => 443,
        "redis" => 6379,
        "postgres" | "postgresql" => 5432,
        "mysql" => 3306,
        "mqtt" => 1883,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(entry: &str, address: &str) -> bool {
        AllowedHosts::parse(&[entry.to_owned()])
            .unwrap()
            .allow(address, "http")
    }

    #[test]
    fn hosts_ports_and_schemes_are_compared() {
        for (entry, address, expected) in [
            ("https://example.test", "https://example.test/path?q", true),
            ("https://example.test", "https://EXAMPLE.test:443", true),
            ("https://example.test", "http://example.test", false),
            ("https://example.test", "https://example.test:8443", false),
            ("https://example.test", "https://example.test.evil", false),
            ("https://example.test", "https://example.test@evil/", false),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/", true),
            ("http://127.0.0.1:8000..8002", "http://127.0.0.1:8001", true),
            (
                "http://127.0.0.1:8000..8002",
                "http://127.0.0.1:8002",
                false,
            ),
            ("*://127.0.0.1:*", "redis://127.0.0.1:1", true),
            ("*://*:*", "redis://anything", true),
            ("https://*.example.test", "https://a.b.example.test", true),
            ("https://*.example.test", "https://example.test", false),
            ("https://*.example.test", "https://.example.test", false),
            ("redis://[::1]", "redis://[::1]:6379", true),
            ("http://self", "http://self", false),
        ] {
            assert_eq!(allows(entry, address), expected, "{entry} and {address}");
        }
        assert!(!AllowedHosts::default().allow("http://example.test", "http"));
        assert!(
            AllowedHosts::parse(&["http://self".to_owned()])
                .unwrap()
                .allow_self("http")
        );
        assert!(
            !AllowedHosts::parse(&["http://example.test".to_owned()])
                .unwrap()
                .allow_self("http")
        );
    }

    #[test]
    fn what_is_no_entry_is_refused() {
        for entry in [
            "example.test",
            "https://example.test/path",
            "tcp://example.test",
            "https://",
            "http://a*b",
            "http://a:x",
            "http://a:9..9",
        ] {
            assert!(AllowedHosts::parse(&[entry.to_owned()]).is_err(), "{entry}");
        }
    }
}
