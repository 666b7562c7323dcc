//! Web applications, which are named as `module:attribute`: a module of ours makes a handler of each.

use anyhow::Result;
use ground::Mistake as _;

use super::ProjectError;
use crate::settings::{WebInterface, WebSettings};

/// The module of ours. Like all of the runtime's names, it begins with `_componentize_py_`.
pub const ENTRY: &str = "_componentize_py_application";
/// The world of an application if none is given.
pub const WORLD: &str = "wasi:http/proxy";

/// The module and the attribute in `module:attribute`; the attribute is `None` for an app that is a module, or its file.
pub(super) fn split(app: &str) -> Result<(&str, Option<&str>)> {
    let Some((module, attribute)) = app.rsplit_once(':') else {
        return Ok((app, None));
    };
    // The drive of a path on Windows.
    if attribute.starts_with(['/', '\\']) {
        return Ok((app, None));
    }
    let is_name = attribute.split('.').all(bindings::plan::is_identifier);
    if module.is_empty() || !is_name {
        return ProjectError::ApplicationUnnamed {
            name: app.to_owned(),
        }
        .raise();
    }
    Ok((module, Some(attribute)))
}

/// Returns `true` for a well-formed `module:attribute`.
pub fn is_application(app: &str) -> bool {
    split(app).is_ok_and(|(_, attribute)| attribute.is_some())
}

/// The text of [`ENTRY`].
pub fn entry(module: &str, attribute: &str, settings: &WebSettings) -> String {
    let interface = match settings.interface {
        None => "",
        Some(WebInterface::Wsgi) => ", interface=\"wsgi\"",
        Some(WebInterface::Asgi) => ", interface=\"asgi\"",
    };
    let factory = if settings.factory {
        ", factory=True"
    } else {
        ""
    };
    let lifespan = settings
        .lifespan
        .map(|when| format!(", lifespan=\"{}\"", when.name()));
    let lifespan = lifespan.unwrap_or_default();
    let warm_up = match settings.warm_up.as_slice() {
        [] => String::new(),
        // Lists of strings are written alike in JSON and Python.
        paths => format!(", warm_up={}", serde_json::json!(paths)),
    };
    format!(
        "from componentize_py_web import application\n\n\
         IncomingHandler = Handler = application(\"{module}:{attribute}\"{interface}{factory}{lifespan}{warm_up})\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn applications_and_modules() {
        assert_eq!(split("main:app").unwrap(), ("main", Some("app")));
        assert_eq!(
            split("src/main.py:site.app").unwrap(),
            ("src/main.py", Some("site.app"))
        );
        assert_eq!(split("package.main").unwrap(), ("package.main", None));
        assert_eq!(split("C:\\app.py").unwrap(), ("C:\\app.py", None));
        for bad in ["main:", ":app", "main:create()", "main:a b"] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn options_are_arguments() {
        let settings = WebSettings {
            factory: true,
            interface: Some(WebInterface::Asgi),
            warm_up: vec!["/a?b=\"c\"".to_owned()],
            ..WebSettings::default()
        };
        let text = entry("main", "make", &settings);
        let call =
            r#"application("main:make", interface="asgi", factory=True, warm_up=["/a?b=\"c\""])"#;
        assert!(text.ends_with(&format!("{call}\n")), "{text}");
    }
}
