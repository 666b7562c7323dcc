"""Sends a text to a TCP server and prints the answer: wasi:sockets 0.3, where a socket sends and receives streams."""

import asyncio
import sys

import wit_world
from componentize_py_async_support.streams import ByteStreamReader, ByteStreamWriter
from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import ip_name_lookup
from wit_world.imports.wasi_sockets_types import (
    IpAddress,
    IpAddress_Ipv4,
    IpAddress_Ipv6,
    IpAddressFamily,
    IpSocketAddress_Ipv4,
    IpSocketAddress_Ipv6,
    Ipv4SocketAddress,
    Ipv6SocketAddress,
    TcpSocket,
)


class Run(exports.Run):
    async def run(self) -> None:
        match sys.argv[1:]:
            case [address, text] if ":" in address:
                host, _, port = address.rpartition(":")
            case _:
                sys.exit("usage: tcp.wasm HOST:PORT TEXT")
        try:
            async with asyncio.timeout(10):
                print(await exchange(host.strip("[]"), int(port), text))
        except Err as error:
            # An `ErrorCode` of the sockets or of the name lookup.
            sys.exit(f"{address}: {type(error.value).__name__.removeprefix('ErrorCode_')}")


async def exchange(host: str, port: int, text: str) -> str:
    with await connect(host, port) as socket:
        sink, sent = wit_world.byte_stream()
        answer, received = socket.receive()
        # Both at the same time: the answer may begin before the end of the question.
        outcome, _, data = await asyncio.gather(socket.send(sent).read(), write(sink, text.encode()), read(answer))
        for result in (outcome, await received.read()):
            if isinstance(result, Err):
                raise result
    return data.decode()


async def write(sink: ByteStreamWriter, data: bytes) -> None:
    with sink:
        await sink.write_all(data)


async def read(stream: ByteStreamReader) -> bytes:
    data = bytearray()
    with stream:
        while chunk := await stream.read(4096):
            data += chunk
    return bytes(data)


async def connect(host: str, port: int) -> TcpSocket:
    """Tries the addresses of `host` one after the other."""
    *others, last = await ip_name_lookup.resolve_addresses(host)
    for address in others:
        try:
            return await connect_to(address, port)
        except Err:
            pass
    return await connect_to(last, port)


async def connect_to(address: IpAddress, port: int) -> TcpSocket:
    match address:
        case IpAddress_Ipv4(parts):
            socket = TcpSocket.create(IpAddressFamily.IPV4)
            await socket.connect(IpSocketAddress_Ipv4(Ipv4SocketAddress(port, parts)))
        case IpAddress_Ipv6(groups):
            socket = TcpSocket.create(IpAddressFamily.IPV6)
            await socket.connect(IpSocketAddress_Ipv6(Ipv6SocketAddress(port, 0, groups, 0)))
    return socket
