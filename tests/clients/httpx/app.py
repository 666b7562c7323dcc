"""httpx: its client, and the one for asyncio."""

import asyncio

import httpx

from serving import origin, serving, shown


def failing():
    secure = origin().replace("http:", "https:")
    return [
        ("http://localhost:1/", {}),
        (f"{origin()}/slow", {"timeout": 0.5}),
        (f"{origin()}/broken", {}),
        (f"{origin()}/silent", {}),
        (f"{secure}/hello", {}),
    ]


def client():
    with httpx.Client() as client:
        found = [
            client.get(f"{origin()}/redirect", follow_redirects=True).text,
            client.get(f"{origin()}/gzip").text[:8],
            client.post(f"{origin()}/echo", json={"a": 1}).json(),
            client.post(f"{origin()}/echo", content=iter([b"in ", b"chunks"])).json(),
            len(client.get(f"{origin()}/large").content),
        ]
        with client.stream("GET", f"{origin()}/stream") as response:
            found.append([line for line in response.iter_lines() if line])
        found.append(str(client._transport._pool))
        for url, keywords in failing():
            try:
                found.append(client.get(url, **keywords))
            except Exception as error:
                found.append(shown(error).partition("\n")[0])
    try:
        httpx.get(origin().replace("http:", "https:"), verify=False)
    except httpx.ConnectError as error:
        found.append(error)
    return "\n".join(map(str, found))


async def pieces():
    for piece in (b"in ", b"chunks"):
        await asyncio.sleep(0)
        yield piece


async def asynchronous():
    async with httpx.AsyncClient() as client:
        found = [
            (await client.get(f"{origin()}/redirect", follow_redirects=True)).text,
            (await client.get(f"{origin()}/gzip")).text[:8],
            (await client.post(f"{origin()}/echo", content=pieces())).json(),
            len((await client.get(f"{origin()}/large")).content),
            (await client.put(f"{origin()}/echo", content=b"x" * 3_000_000)).json()[3],
        ]
        async with client.stream("GET", f"{origin()}/stream") as response:
            found.append([line async for line in response.aiter_lines() if line])
        answers = await asyncio.gather(*(client.get(f"{origin()}/together", timeout=60) for _ in range(5)))
        found.append([answer.text for answer in answers])
        found.append(str(client._transport._pool))
        for url, keywords in failing():
            try:
                found.append(await client.get(url, **keywords))
            except Exception as error:
                found.append(type(error).__name__)
    try:
        async with asyncio.timeout(0.5), httpx.AsyncClient() as client:
            await client.get(f"{origin()}/slow")
    except TimeoutError:
        found.append("timed out")
    return "\n".join(map(str, found))


IncomingHandler = Handler = serving(client, asynchronous)
