"""Does what its arguments say, with what WASI 0.3 gives it."""

import asyncio
import sys

import wit_world
from componentize_py_async_support import spawn
from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import environment, stdin, stdout
from wit_world.imports import exit as wasi_exit


async def write(text: bytes) -> None:
    writer, reader = wit_world.byte_stream()
    done = stdout.write_via_stream(reader)
    with writer:
        await writer.write_all(text)
    await done.read()


class Run(exports.Run):
    async def run(self) -> None:
        match environment.get_arguments()[1:]:
            case []:
                pass
            case ["arguments", *_]:
                await write(f"{environment.get_arguments()}\n".encode())
            case ["shout"]:
                reader, _ = stdin.read_via_stream()
                while not reader.writer_dropped:
                    await write((await reader.read(1024)).upper())
            case ["exit", code]:
                wasi_exit.exit_with_code(int(code))
            case ["fail"]:
                raise Err(None)
            case ["raise"]:
                raise ValueError("as asked")
            case ["later"]:

                async def later() -> None:
                    await asyncio.sleep(0.1)
                    await write(b"after the return\n")

                spawn(later())
            case ["loop"]:
                while True:
                    pass
            case ["sleep", seconds]:
                await asyncio.sleep(float(seconds))
            case _:
                print("nobody knows", sys.argv)
