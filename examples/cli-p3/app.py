"""Copies its standard input to its standard output as it arrives, and changes upper and lower case: the streams of
WASI 0.3."""

import asyncio
import sys
from collections.abc import Callable

import wit_world
from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import exit, stdin, stdout

LETTERS: dict[str, Callable[[bytes], bytes]] = {"upper": bytes.upper, "lower": bytes.lower, "swap": bytes.swapcase}


class Run(exports.Run):
    async def run(self) -> None:
        match sys.argv[1:]:
            case [name] if name in LETTERS:
                change = LETTERS[name]
            case _:
                print(f"usage: cli.wasm {'|'.join(LETTERS)}", file=sys.stderr)
                return exit.exit_with_code(2)

        source, read = stdin.read_via_stream()
        sink, changed = wit_world.byte_stream()
        written = stdout.write_via_stream(changed)
        with source, sink:
            while chunk := await source.read(64 * 1024):
                await sink.write_all(change(chunk))

        # Both report their result once their stream is closed.
        for outcome in await asyncio.gather(read.read(), written.read()):
            if isinstance(outcome, Err):
                print(f"stopped: {outcome.value}", file=sys.stderr)
                raise Err(None)
