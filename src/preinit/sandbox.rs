//! The app's view of this machine while it is imported: its own files, read-only, and nothing else.
//!
//! Clocks, random numbers, directory order and file times are derived from the inputs, so that the same inputs leave
//! the same memory behind.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use sha2::{Digest as _, Sha256};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::clocks::{HostMonotonicClock, HostWallClock};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::random::Deterministic;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use super::filesystem::Stillness;
use super::watch::Activity;
use crate::project::Grounds;
use host::Memory;

/// A host directory and its name in the guest.
#[derive(Clone, Debug)]
pub struct Mount {
    /// The real path: no part of it is a link.
    pub host: PathBuf,
    pub guest: String,
}

/// The state of the store.
pub struct Sandbox {
    wasi: WasiCtx,
    table: ResourceTable,
    output: Output,
    pub(super) stillness: Stillness,
    pub(super) memory: Memory,
    /// The app's current activity.
    pub(super) activity: Activity,
}

impl WasiView for Sandbox {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl Sandbox {
    pub fn new(
        mounts: &[Mount],
        grounds: &Grounds,
        hidden_files: &[String],
        seed: &[u8; 32],
        max_memory: Option<usize>,
    ) -> Result<Self> {
        let output = Output::default();
        let mut builder = WasiCtxBuilder::new();
        builder
            .stdout(output.pipe.clone())
            .stderr(output.pipe.clone())
            .allow_blocking_current_thread(true)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .wall_clock(StillClock::default())
            .monotonic_clock(StillClock::default())
            .secure_random(Deterministic::new(stretch(seed, b"secure")))
            .insecure_random(Deterministic::new(stretch(seed, b"insecure")))
            .insecure_random_seed(u128::from_le_bytes(
                seed[..16].try_into().expect("half of 32 bytes are 16"),
            ));
        Ok(Self {
            wasi: builder.build(),
            table: ResourceTable::new(),
            output,
            stillness: Stillness::new(mounts, grounds, hidden_files),
            memory: Memory::limited(max_memory),
            activity: Activity::default(),
        })
    }

    /// The guest's output, also after the sandbox is gone.
    pub fn output(&self) -> Output {
        self.output.clone()
    }
}

/// stdout and stderr of the guest, in the order they were written.
#[derive(Clone)]
pub struct Output {
    pipe: MemoryOutputPipe,
}

impl Default for Output {
    fn default() -> Self {
        const LIMIT: usize = 64 << 20;
        Self {
            pipe: MemoryOutputPipe::new(LIMIT),
        }
    }
}

impl Output {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.pipe.contents()).into_owned()
    }
}

/// A clock that starts at a fixed point and advances a little with every reading. The same run reads the same times,
/// and a loop that waits for a deadline still ends.
#[derive(Default)]
struct StillClock {
    readings: AtomicU64,
}

const TICK: Duration = Duration::from_micros(10);
/// 1980-01-01, the earliest date that zip files know.
pub(super) const EPOCH: Duration = Duration::from_secs(315_532_800);

impl StillClock {
    fn elapsed(&self) -> Duration {
        let readings = self.readings.fetch_add(1, Ordering::Relaxed);
        Duration::from_nanos(readings.saturating_mul(TICK.as_nanos() as u64))
    }
}

impl HostWallClock for StillClock {
    fn resolution(&self) -> Duration {
        TICK
    }

    fn now(&self) -> Duration {
        EPOCH + self.elapsed()
    }
}

impl HostMonotonicClock for StillClock {
    fn resolution(&self) -> u64 {
        TICK.as_nanos() as u64
    }

    fn now(&self) -> u64 {
        self.elapsed().as_nanos() as u64
    }
}

/// 64 KiB of numbers from a seed, which `Deterministic` repeats.
fn stretch(seed: &[u8; 32], purpose: &[u8]) -> Vec<u8> {
    let block = |index: u32| {
        let digest = Sha256::new()
            .chain_update(seed)
            .chain_update(purpose)
            .chain_update(index.to_le_bytes());
        digest.finalize()
    };
    (0..2048).flat_map(block).collect()
}
