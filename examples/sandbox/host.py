"""Runs each argument, which is Python code, in an instance of its own, with limits for time and memory.

    python3 host.py '1 + 1' 'while True: pass'
"""

import sys
import threading

from wasmtime import Config, Engine, Store, WasmtimeError
from wasmtime.component import Component, Linker, Variant

SECONDS = 2.0
MEMORY = 64 * 1024 * 1024


def main() -> None:
    config = Config()
    # Running code checks the epoch again and again, and traps after its deadline.
    config.epoch_interruption = True
    # Compiled code is kept in the user's cache directory.
    config.cache = True
    engine = Engine(config)
    component = Component.from_file(engine, "sandbox.wasm")
    for code in sys.argv[1:]:
        print(run(engine, component, code))


def run(engine: Engine, component: Component, code: str) -> str:
    store = Store(engine)
    store.set_limits(memory_size=MEMORY)
    store.set_epoch_deadline(1)
    # It imports nothing, so it needs nothing from the linker.
    function = Linker(engine).instantiate(store, component).get_func(store, "run")
    assert function is not None
    alarm = threading.Timer(SECONDS, engine.increment_epoch)
    alarm.start()
    try:
        result = function(store, code)
    except WasmtimeError as error:
        # This instance is unusable now; the next code gets another one.
        if "wasm trap: interrupt" in str(error):
            return f"stopped: it ran for {SECONDS:g} seconds"
        return "stopped: a trap, as for anything outside of the sandbox"
    finally:
        alarm.cancel()
    assert isinstance(result, Variant)
    return str(result.payload)


if __name__ == "__main__":
    main()
