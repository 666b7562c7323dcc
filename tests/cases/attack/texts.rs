//! Texts: WIT, `componentize-py.toml`, `spin.toml`.

use std::panic::catch_unwind;
use std::path::Path;

use anyhow::Result;
use spin_host::manifest::Manifest;

use super::campaign::Campaign;
use crate::random::bytes;
use crate::random::generate::{Features, package};
use crate::random::mutate::mutate;
use crate::random::rng::Rng;
use crate::support::components::tool;

const FEATURES: Features = Features {
    maps: true,
    fixed_lists: true,
    resources: true,
    asynchronous: true,
    streams: true,
    plain_streams: false,
};

/// Random worlds with tokens changed, and every third time with bytes changed.
pub fn wit(campaign: &mut Campaign) -> Result<()> {
    while let Some(mut rng) = campaign.next() {
        let seed = rng.bits();
        let base = package(&mut Rng::new(seed), "test:attack", "attack", FEATURES).text();
        let text = if rng.percent(33) {
            bytes::mutate(&mut rng, base.as_bytes(), SIGNS)
        } else {
            mutate(&mut rng, &base, std::slice::from_ref(&base)).into_bytes()
        };
        campaign.run(
            tool().args(["-d", "world.wit", "bindings", "out"]),
            &[("world.wit", &text)],
        )?;
    }
    Ok(())
}

/// Characters that texts do not contain, but that may do harm in some places.
const SIGNS: &[&[u8]] = &[
    b"\x1b[2J",
    b"\x1b]0;title\x07",
    b"\0",
    b"\r",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    "\u{202e}".as_bytes(),
    "\u{2028}".as_bytes(),
    b"((((((((((((((((",
    b"[[[[[[[[[[[[[[[[",
    b"{{{{{{{{{{{{{{{{",
    b"\"",
    b"'''",
    b"..",
    b"/",
    b"/proc/self/environ",
    b"\\",
];

const CONFIG: &str = r#"
bindings = "bindings"
wit_directory = "wit"
full_names = true

[import_interface_names]
"test:sdk/store@1.2.3" = "store"

[export_interface_names]
"test:sdk/handler" = "handler"
"#;

const WORLD: &str = "package test:sdk;\n\ninterface store {\n  get: func(key: string) -> string;\n}\n\nworld thing {\n  import store;\n  \
                     export run: func();\n}\n";

/// A package's configuration. The world does not exist, so that nothing is built and only reading is tested.
pub fn toml(campaign: &mut Campaign) -> Result<()> {
    while let Some(mut rng) = campaign.next() {
        let text = if rng.percent(50) {
            bytes::mutate(&mut rng, CONFIG.as_bytes(), SIGNS)
        } else {
            mutate(&mut rng, CONFIG, &[CONFIG.to_owned(), WORLD.to_owned()]).into_bytes()
        };
        campaign.run(
            campaign.isolated().args([
                "-w",
                "test:sdk/absent",
                "componentize",
                "-m",
                "sdk=test:sdk/thing",
                "app",
            ]),
            &[
                ("app.py", b"import sdk\n"),
                ("sdk/__init__.py", b""),
                ("sdk/componentize-py.toml", &text),
                ("sdk/wit/world.wit", WORLD.as_bytes()),
            ],
        )?;
    }
    Ok(())
}

/// `spin.toml` of the test's own applications, read in this process.
pub fn spin_toml(campaign: &mut Campaign) -> Result<()> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let base = fs_err::read_to_string(tests.join("spin/apps/limits/spin.toml"))?;
    let directory = campaign.place("manifest");
    fs_err::create_dir(&directory)?;
    let file = directory.join("spin.toml");
    while let Some(mut rng) = campaign.next() {
        let text = if rng.percent(50) {
            bytes::mutate(&mut rng, base.as_bytes(), SIGNS)
        } else {
            mutate(&mut rng, &base, std::slice::from_ref(&base)).into_bytes()
        };
        fs_err::write(&file, &text)?;
        match catch_unwind(|| Manifest::read(&file).is_ok()) {
            Ok(true) => campaign.accept(),
            Ok(false) => {}
            Err(_) => campaign.fault("reading it panicked", &[("spin.toml", &text)])?,
        }
    }
    Ok(())
}
