//! The engine: Wasmtime's defaults, the proposals that our worlds need, and a clock that interrupts guests.

use std::time::Duration;

use anyhow::{Context as _, Result};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
    Strategy,
};

/// The time that a guest computes before others get their turn, and the precision of time limits.
const TICK: Duration = Duration::from_millis(10);

/// The stack of unoptimised code, whose frames are larger than those that Wasmtime's default and the interpreter's guard expect.
const LARGE_STACK: usize = 4 << 20;

/// The compiler of a component's code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compiler {
    /// Makes fast code, in seconds.
    #[default]
    Cranelift,
    /// Makes slow code in a fifth of the time. A component that it cannot compile is left to Cranelift: one with exceptions, for example.
    Winch,
}

impl Compiler {
    /// Links with this compiler, or with Cranelift, whose errors count.
    pub(crate) fn link<T>(self, link: impl Fn(Self) -> Result<T>) -> Result<T> {
        match self {
            Self::Cranelift => link(self),
            Self::Winch => link(self).or_else(|_| link(Self::Cranelift)),
        }
    }

    fn configure(self, config: &mut Config) {
        if self == Self::Winch {
            config
                .strategy(Strategy::Winch)
                // Trampolines are Cranelift's.
                .cranelift_opt_level(OptLevel::None)
                .max_wasm_stack(LARGE_STACK)
                // Host functions run on it, too.
                .async_stack_size(LARGE_STACK + (2 << 20));
        }
    }
}

/// The purpose of an engine.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// A program that runs to its end.
    Once,
    /// A program that may be stopped, even while it computes without end. That slows down its code and compilation.
    OnceInterruptible,
    /// This many instances at a time. All can be interrupted, so that each gets its turn.
    Many {
        instances: u32,
        /// `true` if they come from a pool, which components beyond its bounds cannot use.
        pooled: bool,
    },
}

impl Purpose {
    pub fn engine(self, compiler: Compiler, verbose: bool) -> Result<Engine> {
        let mut config = Config::new();
        compiler.configure(&mut config);
        config
            .epoch_interruption(!matches!(self, Self::Once))
            .wasm_component_model_async(true)
            .wasm_component_model_map(true)
            .wasm_component_model_error_context(true)
            .wasm_component_model_fixed_length_lists(true)
            // A traceback of Python says more than frames of wasm, which interest only us.
            .wasm_backtrace_max_frames(if verbose {
                std::num::NonZeroUsize::new(32)
            } else {
                None
            });
        if let Self::Many {
            instances,
            pooled: true,
        } = self
        {
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(instances)));
        }
        Engine::new(&config)
            .map_err(anyhow::Error::from)
            .context("failed to set up Wasmtime")
    }
}

/// A component of ours is a dozen core modules that share one memory and one table. Pages that an instance has written
/// to are cleared instead of unmapped, and only they if Linux can tell which (`benches/serve.md`).
fn pool(instances: u32) -> PoolingAllocationConfig {
    const MODULES: u32 = 64;
    const MEMORIES: u32 = 2;
    const TABLES: u32 = 4;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances.saturating_mul(MODULES))
        .total_memories(instances.saturating_mul(MEMORIES))
        .total_tables(instances.saturating_mul(TABLES))
        .total_stacks(instances.saturating_mul(2))
        .max_core_instance_size(4 << 20)
        .max_component_instance_size(16 << 20)
        .table_elements(100_000)
        .linear_memory_keep_resident(4 << 20)
        .table_keep_resident(1 << 20)
        .pagemap_scan(Enabled::Auto);
    pool
}

/// Lets the engine's clock tick for as long as it lives.
pub struct Ticker {
    stop: std::sync::mpsc::Sender<()>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Ticker {
    pub fn start(engine: &Engine) -> Self {
        let (stop, stopped) = std::sync::mpsc::channel();
        let engine = engine.clone();
        let thread = std::thread::spawn(move || {
            while stopped.recv_timeout(TICK) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                engine.increment_epoch();
            }
        });
        Self {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        let _ = self.stop.send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
