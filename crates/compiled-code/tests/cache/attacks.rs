//! Entries that this user's process has not written, and directories that others can change.

use std::fs::{File, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::ensure;
use super::place::{ENGINE, FOREIGN, Place, component, foreign};

const UNAUTHENTIC: &str = "is damaged, or was written by somebody else";

pub fn kept() -> Result<()> {
    let place = Place::with_entry()?;
    for _ in 0..3 {
        place.uses()?;
    }
    let mode = |path: &Path| Ok::<_, anyhow::Error>(path.metadata()?.permissions().mode() & 0o777);
    ensure(mode(&place.cache)? == 0o700, "the directory is the user's")?;
    ensure(mode(&place.entry()?)? == 0o600, "so is the entry")
}

/// Working code, followed by various data in place of the right hash.
pub fn forged() -> Result<()> {
    let place = Place::with_entry()?;
    let stranger = Place::new()?;
    let entry = place.entry()?;
    let code = foreign()?;
    let with = |tail: &[u8]| [&code[..], tail].concat();
    // An entry that somebody with another key has kept for his component, and for ours.
    let cache = std::sync::Arc::new(compiled_code::Cache::open(
        &stranger.cache,
        &stranger.secrets,
    )?);
    let theirs = wasmtime::component::Component::new(&ENGINE, component(FOREIGN))?;
    let name = component(super::place::OURS);
    cache.entry(&ENGINE, name.as_bytes()).write(&theirs)?;
    let by_another_key = std::fs::read(stranger.entry()?)?;
    ensure(
        entry.file_name() == stranger.entry()?.file_name(),
        "names say what was compiled, and do not depend on the key",
    )?;
    for (what, bytes) in [
        ("nothing", with(&[])),
        ("zeros", with(&[0; 32])),
        ("a hash without a key", with(blake3::hash(&code).as_bytes())),
        ("another key's hash", by_another_key),
    ] {
        std::fs::write(&entry, bytes)?;
        place
            .refuses(UNAUTHENTIC)
            .map_err(|error| error.context(what))?;
        place.uses()?;
    }
    // An entry of ours for another component.
    let cache = std::sync::Arc::new(compiled_code::Cache::open(&place.cache, &place.secrets)?);
    let other = cache.entry(&ENGINE, component(FOREIGN).as_bytes());
    other.write(&theirs)?;
    for file in std::fs::read_dir(&place.cache)? {
        let file = file?.path();
        if file != entry {
            std::fs::rename(file, &entry)?;
        }
    }
    place.refuses(UNAUTHENTIC)
}

pub fn damaged() -> Result<()> {
    let place = Place::with_entry()?;
    let entry = place.entry()?;
    let whole = std::fs::read(&entry)?;
    let length = whole.len();
    for kept in [0, 1, 31, 32, 33, length / 2, length - 32, length - 1] {
        std::fs::write(&entry, &whole[..kept])?;
        place.refuses(UNAUTHENTIC)?;
        ensure(std::fs::read(&entry)? == whole, "it has been replaced")?;
    }
    std::fs::write(&entry, [&whole[..], &[0]].concat())?;
    place.refuses(UNAUTHENTIC)?;
    // One bit in each part of the file, and each bit of the hash.
    let places = (0..length - 32).step_by(length / 64);
    for place_of_bit in places.chain(length - 32..length) {
        let mut bytes = whole.clone();
        bytes[place_of_bit] ^= 1 << (place_of_bit % 8);
        std::fs::write(&entry, bytes)?;
        place.refuses(UNAUTHENTIC)?;
    }
    place.uses()
}

pub fn other_kinds_of_files() -> Result<()> {
    let place = Place::with_entry()?;
    let entry = place.entry()?;
    let elsewhere = place.path().join("elsewhere");
    std::fs::rename(&entry, &elsewhere)?;
    let began = Instant::now();

    symlink(&elsewhere, &entry)?;
    place.refuses("is not a plain file")?;
    ensure(elsewhere.exists(), "what a link leads to is left alone")?;
    // The entry has been replaced by a file.
    place.uses()?;

    std::fs::remove_file(&entry)?;
    fifo(&entry)?;
    place.refuses("is not a plain file")?;
    place.uses()?;

    std::fs::remove_file(&entry)?;
    let socket = std::os::unix::net::UnixListener::bind(&entry)?;
    place.refuses("is not a plain file")?;
    drop(socket);

    std::fs::remove_file(&entry)?;
    let sparse = File::create(&entry)?;
    sparse.set_len(1 << 40)?;
    sparse.set_permissions(Permissions::from_mode(0o600))?;
    place.refuses("is too large")?;

    std::fs::remove_file(&entry)?;
    std::fs::create_dir(&entry)?;
    place.refuses("is not a plain file")?;
    let took = began.elapsed();
    ensure(took < Duration::from_secs(60), format!("it took {took:?}"))
}

fn fifo(path: &Path) -> Result<()> {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    Ok(mknodat(
        CWD,
        path,
        FileType::Fifo,
        Mode::RUSR | Mode::WUSR,
        0,
    )?)
}

pub fn modes() -> Result<()> {
    let place = Place::with_entry()?;
    let set = |path: &Path, mode| std::fs::set_permissions(path, Permissions::from_mode(mode));
    let shared = "others than its owner may write to";
    let entry = place.entry()?;
    for mode in [0o602, 0o620, 0o666] {
        set(&entry, mode)?;
        place.refuses(shared)?;
        place.uses()?;
    }
    // The directories above, up to the one that holds them all.
    let parent = place.cache.parent().expect("it is not the root");
    for (directory, mode, fine) in [
        (&*place.cache, 0o702, false),
        (&*place.cache, 0o1777, false),
        (&*place.cache, 0o755, true),
        (parent, 0o777, false),
        (parent, 0o757, false),
        // Like `/tmp`.
        (parent, 0o1777, true),
        (place.path(), 0o777, false),
        (place.path(), 0o1777, true),
        (&*place.secrets, 0o703, false),
        (&*place.secrets, 0o1777, false),
    ] {
        let before = directory.metadata()?.permissions();
        set(directory, mode)?;
        let loaded = if fine {
            place.uses()
        } else {
            place.refuses(shared)
        };
        loaded.map_err(|error| error.context(format!("{} {mode:o}", directory.display())))?;
        std::fs::set_permissions(directory, before)?;
    }
    Ok(())
}

pub fn links_on_the_way() -> Result<()> {
    let mut place = Place::with_entry()?;
    let real = place.path().canonicalize()?;
    let link = |name: &str, target: &Path| {
        let link = real.join(name);
        symlink(target, &link).map(|()| link)
    };
    // The user's own links are followed, absolute ones and others.
    let absolute = link("absolute", &real.join("cache"))?;
    let relative = link("relative", Path::new("./absolute/../cache"))?;
    for way in [&absolute, &relative] {
        place.cache = way.join("compiled");
        place.uses()?;
    }
    let last = link("last", Path::new("relative/compiled"))?;
    place.cache = last;
    place.uses()?;
    // If a link leads through a directory that others may change, everything behind it is theirs.
    let open = real.join("open");
    std::fs::create_dir(&open)?;
    symlink(real.join("cache"), open.join("back"))?;
    std::fs::set_permissions(&open, Permissions::from_mode(0o777))?;
    place.cache = link("through", &open.join("back"))?.join("compiled");
    place.refuses("others than its owner may write to")?;

    let circle = link("circle", Path::new("circle"))?;
    place.cache = circle.join("compiled");
    place.refuses("leads through too many links")?;
    let file = real.join("file");
    std::fs::write(&file, "")?;
    place.cache = file.join("compiled");
    place.refuses("is not a directory")?;
    ensure(
        !real.join("open/compiled").exists(),
        "nothing was made there",
    )
}
