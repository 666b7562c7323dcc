"""aiohttp, in plain Python."""

import asyncio

import aiohttp

from serving import origin, serving, shown


async def pieces():
    for piece in (b"in ", b"chunks"):
        yield piece


async def text(session, path, **keywords):
    async with session.get(path, **keywords) as response:
        return await response.text()


async def session():
    async with aiohttp.ClientSession(origin()) as session:
        found = [await text(session, "/redirect"), (await text(session, "/gzip"))[:8], len(await text(session, "/large"))]
        for body in ({"json": {"a": 1}}, {"data": pieces()}):
            async with session.post("/echo", **body) as response:
                found.append((response.status, response.reason, await response.json()))
        async with session.get("/stream") as response:
            found.append([line async for line in response.content if line.strip()])
        found.append(await asyncio.gather(*(text(session, "/together") for _ in range(5))))
    return "\n".join(map(str, found))


async def failures():
    secure = origin().replace("http:", "https:")
    found = []
    async with aiohttp.ClientSession() as session:
        for url, keywords in [
            ("http://localhost:1/", {}),
            (f"{origin()}/slow", {"timeout": aiohttp.ClientTimeout(total=0.5)}),
            (f"{origin()}/broken", {}),
            (f"{origin()}/silent", {}),
            (f"{secure}/hello", {}),
            (f"{secure}/hello", {"ssl": False}),
        ]:
            try:
                found.append(await text(session, url, **keywords))
            except Exception as error:
                found.append(shown(error).partition("\n")[0])
    return "\n".join(found)


IncomingHandler = Handler = serving(session, failures)
