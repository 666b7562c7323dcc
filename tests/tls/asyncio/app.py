"""asyncio's streams, transports and servers over TLS."""

import asyncio
import ssl

from program import AUTHORITY, port, program, shown


def context():
    return ssl.create_default_context(cafile=AUTHORITY)


async def streams():
    reader, writer = await asyncio.open_connection("localhost", port("ECHO"), ssl=context())
    writer.write(b"hello\n")
    found = [await reader.readline(), writer.get_extra_info("cipher")[1]]
    writer.write(b"x" * 3_000_000 + b"\n")
    found.append(len(await read_line(reader)))
    writer.close()
    await writer.wait_closed()
    return found


async def read_line(reader):
    line = b""
    while not line.endswith(b"\n"):
        line += await reader.read(1 << 16)
    return line


async def several():
    async def one(number):
        reader, writer = await asyncio.open_connection("localhost", port("ECHO"), ssl=context())
        writer.write(b"%d\n" % number)
        line = await reader.readline()
        writer.close()
        return line

    return await asyncio.gather(*map(one, range(5)))


async def start_tls():
    reader, writer = await asyncio.open_connection("localhost", port("STARTTLS"))
    writer.write(b"STARTTLS\n")
    found = [await reader.readline()]
    await writer.start_tls(context(), server_hostname="localhost")
    writer.write(b"secret\n")
    found.append(await reader.readline())
    writer.close()
    return found


async def refused():
    found = []
    for name, trusting in (
        ("WRONG_NAME", context()),
        ("UNKNOWN", context()),
        ("EXPIRED", context()),
        ("ECHO", True),
        ("PLAIN", context()),
    ):
        try:
            await asyncio.open_connection("localhost", port(name), ssl=trusting, ssl_handshake_timeout=60)
        except Exception as error:
            found.append(shown(error))
    return "\n".join(found)


async def server():
    """The component is the server and the client."""

    async def answer(reader, writer):
        writer.write((await reader.readline()).upper())
        writer.close()

    secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    secure.load_cert_chain("/certificates/server.pem")
    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=secure) as listening:
        address = listening.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(*address, ssl=context(), server_hostname="localhost")
        writer.write(b"ping\n")
        found = await reader.read()
        writer.close()
    return found


async def too_slow():
    try:
        async with asyncio.timeout(0.5):
            reader, writer = await asyncio.open_connection("localhost", port("ECHO"), ssl=context())
            await reader.readline()
    except TimeoutError:
        return "timed out"


Run = program(streams, several, start_tls, refused, server, too_slow)
