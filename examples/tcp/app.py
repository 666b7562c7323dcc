"""Sends a text to a TCP server and prints the answer: asyncio's streams on wasi:sockets 0.2."""

import asyncio
import sys

from wit_world import exports


async def exchange(host: str, port: int, text: str) -> str:
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(text.encode())
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    return answer.decode()


class Run(exports.Run):
    def run(self) -> None:
        match sys.argv[1:]:
            case [address, text] if ":" in address:
                host, _, port = address.rpartition(":")
            case _:
                sys.exit("usage: tcp.wasm HOST:PORT TEXT")
        try:
            print(asyncio.run(exchange(host.strip("[]"), int(port), text)))
        except OSError as error:
            sys.exit(f"{address}: {error}")
