"""httpx: its client, and the one for asyncio."""

import asyncio
import ssl

import httpx

from program import AUTHORITY, port, program

# Made while the component is built, with certifi's authorities.
early = httpx.Client()


def url(name):
    return f"https://localhost:{port(name)}"


def trusting():
    return ssl.create_default_context(cafile=AUTHORITY)


def client():
    with httpx.Client(verify=trusting()) as client:
        answers = [client.get(f"{url('HTTPS')}/a"), client.post(f"{url('HTTPS')}/b", content=b"x" * 500_000)]
        return [answer.text for answer in answers], len(client.get(f"{url('HTTPS')}/large").content)


async def asynchronous():
    async with httpx.AsyncClient(verify=trusting()) as client:
        answers = await asyncio.gather(*(client.get(f"{url('HTTPS')}/{number}", timeout=60) for number in range(5)))
        return [answer.text for answer in answers], len((await client.get(f"{url('HTTPS')}/large")).content)


def refused():
    found = []
    for name, client in (("HTTPS", early), *((name, httpx.Client(verify=trusting())) for name in ("WRONG_NAME", "EXPIRED"))):
        try:
            client.get(url(name))
        except httpx.ConnectError as error:
            found.append(f"{name}: {str(error).partition(' (_ssl.c')[0]}")
    return "\n".join(found)


Run = program(client, asynchronous, refused)
