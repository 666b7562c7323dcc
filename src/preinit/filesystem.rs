//! Makes the sandbox's file system deterministic: differences between two copies of one directory tree (times, inode
//! numbers, the order of entries, caches) are removed before the guest sees them. Otherwise they would leave traces in
//! the memory that becomes the component.

use std::collections::BTreeMap;

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime::error::Context as _;
use wasmtime_wasi::filesystem::WasiFilesystemView as _;
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry,
    DirectoryEntryStream, ErrorCode, HostDescriptor as _, HostDirectoryEntryStream as _,
    MetadataHashValue, OpenFlags, PathFlags,
};

use super::outside::{self, Outside};
use super::sandbox::{EPOCH, Mount, Sandbox};
use super::watch::Activity;
use crate::project::Grounds;

/// The shadowed interface, in the version that `wasmtime-wasi` defines.
const TYPES: &str = "wasi:filesystem/types@0.2.12";
const PREOPENS: &str = "wasi:filesystem/preopens@0.2.12";
/// Bytecode that another interpreter cached next to the sources: the build compiles its own.
const BYTECODE_CACHE: &str = "__pycache__";
/// The time of all files: 1980, the first year that ZIP files know.
const BUILD_TIME: Datetime = Datetime {
    seconds: EPOCH.as_secs(),
    nanoseconds: 0,
};

/// The state that the sandbox keeps for it.
pub struct Stillness {
    /// Listings being read: the entries to come, the next one last.
    listings: BTreeMap<u32, Vec<DirectoryEntry>>,
    /// File identities of the host, numbered in the order in which the guest asks.
    identities: BTreeMap<(u64, u64), u64>,
    hidden: Vec<String>,
    mounts: Vec<Mount>,
    pub outside: Outside,
}

impl Stillness {
    pub fn new(mounts: &[Mount], grounds: &Grounds, hidden: &[String]) -> Self {
        Self {
            listings: BTreeMap::new(),
            identities: BTreeMap::new(),
            hidden: hidden.to_vec(),
            mounts: mounts.to_vec(),
            outside: Outside::new(grounds),
        }
    }

    fn identity(&mut self, real: &MetadataHashValue) -> MetadataHashValue {
        let next = self.identities.len() as u64 + 1;
        let number = *self
            .identities
            .entry((real.upper, real.lower))
            .or_insert(next);
        MetadataHashValue {
            upper: 0,
            lower: number,
        }
    }

    fn hides(&self, entry: &DirectoryEntry) -> bool {
        entry.name == BYTECODE_CACHE
            || (entry.type_ == DescriptorType::RegularFile && self.hidden.contains(&entry.name))
    }
}

type Store<'a> = StoreContextMut<'a, Sandbox>;
/// The result of a WASI function: its own result, inside that of the call.
type Answer<T> = wasmtime::Result<(Result<T, ErrorCode>,)>;

/// Shadows the functions of `wasi:filesystem/types` that reveal more than the files' contents.
pub fn hold_still(linker: &mut Linker<Sandbox>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut types = linker.instance(TYPES)?;
    types.func_wrap_async("[method]descriptor.stat", |store, (fd,)| {
        Box::new(stat(store, fd))
    })?;
    types.func_wrap_async("[method]descriptor.stat-at", |store, (fd, flags, path)| {
        Box::new(stat_at(store, fd, flags, path))
    })?;
    types.func_wrap_async("[method]descriptor.open-at", |store, params| {
        Box::new(open_at(store, params))
    })?;
    types.func_wrap_async("[method]descriptor.metadata-hash", |store, (fd,)| {
        Box::new(metadata_hash(store, fd))
    })?;
    types.func_wrap_async(
        "[method]descriptor.metadata-hash-at",
        |store, (fd, flags, path)| Box::new(metadata_hash_at(store, fd, flags, path)),
    )?;
    types.func_wrap_async("[method]descriptor.read-directory", |store, (fd,)| {
        Box::new(read_directory(store, fd))
    })?;
    types.func_wrap_async(
        "[method]directory-entry-stream.read-directory-entry",
        |store, (stream,)| Box::new(read_directory_entry(store, stream)),
    )?;
    linker
        .instance(PREOPENS)?
        .func_wrap("get-directories", |store, ()| get_directories(store))?;
    linker.allow_shadowing(false);
    Ok(())
}

/// Separates an error of WASI from one that ends the guest.
fn answer<T>(result: FsResult<T>) -> Answer<T> {
    match result {
        Ok(value) => Ok((Ok(value),)),
        Err(error) => Ok((Err(error.downcast()?),)),
    }
}

fn is_cached_bytecode(path: &str) -> bool {
    path.split('/').any(|part| part == BYTECODE_CACHE)
}

/// Called for the request that the C library makes first when it looks for a file.
fn note_activity(store: &mut Store<'_>, path: &str) {
    let sandbox = store.data_mut();
    // The activity during which memory ran out matters, not later ones.
    if let Some(activity) = Activity::read(path)
        && sandbox.memory.exhausted().is_none()
    {
        sandbox.activity = activity;
    }
}

fn still_stat(stat: DescriptorStat) -> DescriptorStat {
    let is_directory = stat.type_ == DescriptorType::Directory;
    DescriptorStat {
        type_: stat.type_,
        link_count: 1,
        // The size of a directory depends on the host's file system.
        size: if is_directory { 0 } else { stat.size },
        // The same as at run time (`python-stdlib/libc`).
        data_access_timestamp: Some(BUILD_TIME),
        data_modification_timestamp: Some(BUILD_TIME),
        status_change_timestamp: Some(BUILD_TIME),
    }
}

/// Open directories with their names in the guest.
type Directories = Vec<(Resource<Descriptor>, String)>;

/// The sandbox's directories.
fn get_directories(mut store: Store<'_>) -> wasmtime::Result<(Directories,)> {
    let sandbox = store.data_mut();
    let mut directories = Vec::new();
    for mount in sandbox.stillness.mounts.clone() {
        let descriptor = outside::descriptor(&mount.host)
            .with_context(|| format!("failed to open `{}`", mount.host.display()))?;
        let descriptor = sandbox.filesystem().table.push(descriptor)?;
        let outside = &mut sandbox.stillness.outside;
        outside.note(descriptor.rep(), mount.host, mount.guest.clone());
        directories.push((descriptor, mount.guest));
    }
    Ok((directories,))
}

fn is_special(kind: DescriptorType) -> bool {
    match kind {
        DescriptorType::RegularFile | DescriptorType::Directory | DescriptorType::SymbolicLink => {
            false
        }
        DescriptorType::Unknown
        | DescriptorType::BlockDevice
        | DescriptorType::CharacterDevice
        | DescriptorType::Fifo
        | DescriptorType::Socket => true,
    }
}

/// A second reference to a descriptor, for one more call.
fn again(descriptor: &Resource<Descriptor>) -> Resource<Descriptor> {
    Resource::new_borrow(descriptor.rep())
}

async fn stat(mut store: Store<'_>, fd: Resource<Descriptor>) -> Answer<DescriptorStat> {
    answer(store.data_mut().filesystem().stat(fd).await.map(still_stat))
}

async fn stat_at(
    mut store: Store<'_>,
    fd: Resource<Descriptor>,
    flags: PathFlags,
    path: String,
) -> Answer<DescriptorStat> {
    note_activity(&mut store, &path);
    if is_cached_bytecode(&path) {
        return Ok((Err(ErrorCode::NoEntry),));
    }
    let sandbox = store.data_mut();
    let mut filesystem = sandbox.filesystem();
    let found = answer(filesystem.stat_at(again(&fd), flags, path.clone()).await)?;
    let found = match found {
        (Err(ErrorCode::NotPermitted),) if flags.contains(PathFlags::SYMLINK_FOLLOW) => {
            let Some(opened) = outside::open(sandbox, fd.rep(), &path)? else {
                return Ok(found);
            };
            let mut filesystem = sandbox.filesystem();
            let found = answer(filesystem.stat(again(&opened)).await)?;
            filesystem.table.delete(opened)?;
            found
        }
        (Err(ErrorCode::NotPermitted),) => {
            let Some((parent, name)) = outside::open_parent(sandbox, fd.rep(), &path)? else {
                return Ok(found);
            };
            let mut filesystem = sandbox.filesystem();
            let found = filesystem.stat_at(again(&parent), flags, name.to_owned());
            let found = answer(found.await)?;
            filesystem.table.delete(parent)?;
            found
        }
        found => found,
    };
    if let (Ok(stat),) = &found
        && is_special(stat.type_)
    {
        sandbox.stillness.outside.note_special(fd.rep(), &path);
    }
    Ok((found.0.map(still_stat),))
}

async fn open_at(
    mut store: Store<'_>,
    (fd, path_flags, path, open_flags, flags): (
        Resource<Descriptor>,
        PathFlags,
        String,
        OpenFlags,
        DescriptorFlags,
    ),
) -> Answer<Resource<Descriptor>> {
    if is_cached_bytecode(&path) {
        return Ok((Err(ErrorCode::NoEntry),));
    }
    let sandbox = store.data_mut();
    let mut filesystem = sandbox.filesystem();
    let stat = filesystem.stat_at(again(&fd), path_flags, path.clone());
    if let (Ok(stat),) = answer(stat.await)?
        && is_special(stat.type_)
    {
        sandbox.stillness.outside.note_special(fd.rep(), &path);
        return Ok((Err(ErrorCode::NotPermitted),));
    }
    let mut filesystem = sandbox.filesystem();
    let opened = filesystem.open_at(again(&fd), path_flags, path.clone(), open_flags, flags);
    let opened = match answer(opened.await)? {
        (Ok(opened),) => opened,
        (Err(ErrorCode::NotPermitted),)
            if path_flags.contains(PathFlags::SYMLINK_FOLLOW)
                && !open_flags.contains(OpenFlags::CREATE)
                && !open_flags.contains(OpenFlags::TRUNCATE)
                && !flags.contains(DescriptorFlags::WRITE) =>
        {
            match outside::open(sandbox, fd.rep(), &path)? {
                Some(opened) => opened,
                None => return Ok((Err(ErrorCode::NotPermitted),)),
            }
        }
        refused => return Ok(refused),
    };
    let descriptor = sandbox.filesystem().table.get(&opened)?;
    let is_directory = matches!(descriptor, Descriptor::Dir(_));
    if open_flags.contains(OpenFlags::DIRECTORY) && !is_directory {
        sandbox.filesystem().table.delete(opened)?;
        return Ok((Err(ErrorCode::NotDirectory),));
    }
    let outside = &mut sandbox.stillness.outside;
    outside.note_below(fd.rep(), &path, opened.rep(), is_directory);
    Ok((Ok(opened),))
}

async fn metadata_hash(
    mut store: Store<'_>,
    fd: Resource<Descriptor>,
) -> Answer<MetadataHashValue> {
    let sandbox = store.data_mut();
    let real = sandbox.filesystem().metadata_hash(fd).await;
    answer(real.map(|real| sandbox.stillness.identity(&real)))
}

async fn metadata_hash_at(
    mut store: Store<'_>,
    fd: Resource<Descriptor>,
    flags: PathFlags,
    path: String,
) -> Answer<MetadataHashValue> {
    note_activity(&mut store, &path);
    let sandbox = store.data_mut();
    // wasi-libc does not say that `stat` wants to follow links. The target of a link is the better identity: walks use
    // it to know where they have been.
    let follow = PathFlags::SYMLINK_FOLLOW;
    let mut filesystem = sandbox.filesystem();
    let real = filesystem.metadata_hash_at(again(&fd), follow, path.clone());
    if let (Ok(real),) = answer(real.await)? {
        return Ok((Ok(sandbox.stillness.identity(&real)),));
    }
    if let Some(opened) = outside::open_quietly(sandbox, fd.rep(), &path)? {
        let mut filesystem = sandbox.filesystem();
        let real = answer(filesystem.metadata_hash(again(&opened)).await)?;
        filesystem.table.delete(opened)?;
        return Ok((real.0.map(|real| sandbox.stillness.identity(&real)),));
    }
    let mut filesystem = sandbox.filesystem();
    let real = filesystem.metadata_hash_at(again(&fd), flags, path.clone());
    let real = match answer(real.await)? {
        (Err(ErrorCode::NotPermitted),) => {
            let Some((parent, name)) = outside::open_parent(sandbox, fd.rep(), &path)? else {
                return Ok((Err(ErrorCode::NotPermitted),));
            };
            let mut filesystem = sandbox.filesystem();
            let real = filesystem.metadata_hash_at(again(&parent), flags, name.to_owned());
            let real = answer(real.await)?;
            filesystem.table.delete(parent)?;
            real
        }
        real => real,
    };
    Ok((real.0.map(|real| sandbox.stillness.identity(&real)),))
}

/// Reads the host's listing to the end at once, to return it in order of the names.
async fn read_directory(
    mut store: Store<'_>,
    fd: Resource<Descriptor>,
) -> Answer<Resource<DirectoryEntryStream>> {
    let sandbox = store.data_mut();
    let stream = match answer(sandbox.filesystem().read_directory(fd).await)? {
        (Ok(stream),) => stream,
        refused => return Ok(refused),
    };
    let mut entries = Vec::new();
    loop {
        let borrowed = Resource::new_borrow(stream.rep());
        match answer(sandbox.filesystem().read_directory_entry(borrowed).await)? {
            (Ok(Some(entry)),) => entries.push(entry),
            (Ok(None),) => break,
            // The name is not Unicode, so Python could not import it; the other entries are still listed.
            (Err(_),) => {}
        }
    }
    entries.retain(|entry| !sandbox.stillness.hides(entry));
    entries.sort_by(|a, b| b.name.cmp(&a.name));
    sandbox.stillness.listings.insert(stream.rep(), entries);
    Ok((Ok(stream),))
}

async fn read_directory_entry(
    mut store: Store<'_>,
    stream: Resource<DirectoryEntryStream>,
) -> Answer<Option<DirectoryEntry>> {
    let listings = &mut store.data_mut().stillness.listings;
    let next = listings.get_mut(&stream.rep()).and_then(Vec::pop);
    Ok((Ok(next),))
}
