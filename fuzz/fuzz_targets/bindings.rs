//! WIT -> plan -> glue -> bindings never panics, and every refusal is a user's mistake.
//!
//! The first byte says what the rest is: plain text, decisions of the generator of random worlds, or both: a random
//! world with changed tokens. Corpus for the first kind: the `world.wit` files in `tests/` with a zero byte in front.

#![no_main]

#[path = "../../tests/support/random/mod.rs"]
mod random;

use ground::UserError;
use bindings::bindgen::{self, Bodies};
use glue::Glue;
use bindings::plan::{Naming, plan};
use bindings::world::{WorldRequest, resolve};
use libfuzzer_sys::{Corpus, fuzz_target};
use random::generate::{Features, package};
use random::mutate::mutate;
use random::rng::Rng;

const ALL: Features = Features {
    maps: true,
    fixed_lists: true,
    resources: true,
    asynchronous: true,
    streams: true,
    plain_streams: false,
};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let Some((kind, rest)) = bytes.split_first() else {
        return Corpus::Reject;
    };
    let mut rng = Rng::from_bytes(rest);
    let mut random = || package(&mut rng, "test:fuzz", "fuzz", ALL).text();
    let text = match kind % 3 {
        0 => match std::str::from_utf8(rest) {
            Ok(text) => text.to_owned(),
            Err(_) => return Corpus::Reject,
        },
        1 => random(),
        _ => {
            let (base, other) = (random(), random());
            mutate(&mut rng, &base, &[other])
        }
    };
    match steps(&text) {
        Ok(()) => Corpus::Keep,
        Err(error) if error.is::<UserError>() => Corpus::Keep,
        Err(error) => panic!("not a user's error: {error:?}\n{text}"),
    }
});

fn steps(text: &str) -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("world.wit");
    fs_err::write(&path, text)?;
    let world = resolve(&WorldRequest {
        wit_paths: &[path],
        all_features: true,
        ..WorldRequest::default()
    })?;
    let plan = plan(&world, &Naming::default())?;
    bindgen::print(&plan, Bodies::Stubs);
    let glue = Glue::new(&world, plan.needs_async())?;
    bindgen::print(&plan, Bodies::Calls(&glue));
    Ok(())
}
