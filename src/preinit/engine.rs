//! The engine for a run that lasts milliseconds, chosen for the speed of its compiler.

use anyhow::{Context as _, Result};
use wasmtime::{Config, Engine, OptLevel, RegallocAlgorithm, Strategy};

use crate::settings::Compiler;

/// Enough for any recursion in the app's import: unoptimised frames are larger than those that a host's own limit
/// assumes, and the interpreter has its own guard.
const WASM_STACK: usize = 64 << 20;
/// The fiber also holds the frames of host functions.
const FIBER_STACK: usize = WASM_STACK + (2 << 20);

/// With `interrupt`, the app's code can be ended from outside (`watch.rs`).
pub fn new(compiler: Compiler, interrupt: bool) -> Result<Engine> {
    let mut config = Config::new();
    config
        .strategy(match compiler {
            Compiler::Winch => Strategy::Winch,
            Compiler::Cranelift => Strategy::Cranelift,
        })
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(FIBER_STACK)
        // Winch leaves trampolines to Cranelift, and there is one for each exported function.
        .cranelift_opt_level(OptLevel::None)
        .cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass)
        // Backtraces show the library in which a trap happened. Names of functions are enough.
        .wasm_backtrace_max_frames(std::num::NonZeroUsize::new(32))
        .epoch_interruption(interrupt)
        .generate_address_map(false)
        .native_unwind_info(false)
        // Everything that a world may use and wit-component can encode.
        .wasm_component_model_async(true)
        .wasm_component_model_more_async_builtins(true)
        .wasm_component_model_async_stackful(true)
        .wasm_component_model_error_context(true)
        .wasm_component_model_fixed_length_lists(true)
        .wasm_component_model_map(true);
    Engine::new(&config)
        .map_err(anyhow::Error::from)
        .context("failed to set up the engine that imports the app")
}
