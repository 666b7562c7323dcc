//! Holds the sandbox's file system still: what differs between two copies of one directory tree (times,
//! inode numbers, the order of entries, caches) is evened out before the guest sees it. Otherwise it would
//! leave traces in the memory that becomes the component.

use std::collections::BTreeMap;

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::filesystem::WasiFilesystemView as _;
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry,
    DirectoryEntryStream, ErrorCode, HostDescriptor as _, HostDirectoryEntryStream as _,
    MetadataHashValue, OpenFlags, PathFlags,
};

use super::sandbox::Sandbox;
use super::watch::Activity;

/// The interface that is shadowed, in the version that `wasmtime-wasi` defines it.
const TYPES: &str = "wasi:filesystem/types@0.2.12";
/// Bytecode that another interpreter cached next to the sources: the build compiles its own.
const BYTECODE_CACHE: &str = "__pycache__";

/// What the sandbox remembers for it.
pub struct Stillness {
    /// Listings being read: the entries to come, the next one last.
    listings: BTreeMap<u32, Vec<DirectoryEntry>>,
    /// File identities of the host, numbered in the order in which the guest asks.
    identities: BTreeMap<(u64, u64), u64>,
    hidden: Vec<String>,
}

impl Stillness {
    pub fn new(hidden: &[String]) -> Self {
        Self {
            listings: BTreeMap::new(),
            identities: BTreeMap::new(),
            hidden: hidden.to_vec(),
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
/// What a WASI function gives: its own result, inside that of the call.
type Answer<T> = wasmtime::Result<(Result<T, ErrorCode>,)>;

/// Shadows the functions of `wasi:filesystem/types` that tell more than the files' contents.
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
    linker.allow_shadowing(false);
    Ok(())
}

/// Splits an error of WASI's from one that ends the guest.
fn answer<T>(result: FsResult<T>) -> Answer<T> {
    match result {
        Ok(value) => Ok((Ok(value),)),
        Err(error) => Ok((Err(error.downcast()?),)),
    }
}

fn is_cached_bytecode(path: &str) -> bool {
    path.split('/').any(|part| part == BYTECODE_CACHE)
}

/// Whatever the C library asks first when it looks for a file.
fn note_activity(store: &mut Store<'_>, path: &str) {
    let sandbox = store.data_mut();
    // Where memory has run out is what counts, not what came of it.
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
        // How large a directory is depends on the host's file system.
        size: if is_directory { 0 } else { stat.size },
        data_access_timestamp: None,
        data_modification_timestamp: None,
        status_change_timestamp: None,
    }
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
    answer(
        store
            .data_mut()
            .filesystem()
            .stat_at(fd, flags, path)
            .await
            .map(still_stat),
    )
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
    let mut filesystem = store.data_mut().filesystem();
    answer(
        filesystem
            .open_at(fd, path_flags, path, open_flags, flags)
            .await,
    )
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
    let real = sandbox.filesystem().metadata_hash_at(fd, flags, path).await;
    answer(real.map(|real| sandbox.stillness.identity(&real)))
}

/// Opens the host's listing and reads it to the end at once, to hand it out in order of the names.
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
            // A name that is not Unicode: nothing that Python could import, and the rest still counts.
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
