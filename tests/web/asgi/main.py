"""ASGI 3 without a framework."""

import asyncio
import contextvars
import sys
from typing import Any, Awaitable, Callable, Dict

Message = Dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

current: "contextvars.ContextVar[str]" = contextvars.ContextVar("current", default="unset")
PLAIN = [(b"Content-Type", b"text/plain")]


def log(text: str) -> None:
    print(text, file=sys.stderr)


async def start(send: Send, status: int = 200, headers: Any = PLAIN) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def say(send: Send, text: str) -> None:
    await start(send)
    await send({"type": "http.response.body", "body": text.encode()})


async def part(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})


async def end(send: Send) -> None:
    await send({"type": "http.response.body"})


async def scope(scope: Message, receive: Receive, send: Send) -> None:
    shown = {key: value for key, value in scope.items() if key != "state"}
    await say(send, "\n".join(f"{key} {value!r}" for key, value in sorted(shown.items())))


async def state(scope: Message, receive: Receive, send: Send) -> None:
    scope["state"]["mine"] = "of this request"
    await say(send, f"{sorted(scope['state'])} {scope['state']['shared']}")


async def echo(scope: Message, receive: Receive, send: Send) -> None:
    await start(send)
    while True:
        message = await receive()
        if message["body"]:
            await part(send, message["body"])
        if not message["more_body"]:
            break
    await end(send)


async def count(scope: Message, receive: Receive, send: Send) -> None:
    total = messages = 0
    more = True
    while more:
        message = await receive()
        total, messages, more = total + len(message["body"]), messages + 1, message["more_body"]
    await say(send, f"{total} {messages > 1}")


async def unread(scope: Message, receive: Receive, send: Send) -> None:
    await say(send, "unread")


async def large(scope: Message, receive: Receive, send: Send) -> None:
    await start(send)
    await part(send, bytes(range(97, 123)) * 40_000)
    await end(send)


async def after(scope: Message, receive: Receive, send: Send) -> None:
    """The end of the response is a message, and work goes on after it."""
    waiting = asyncio.create_task(tell(receive))
    await asyncio.sleep(0)
    await say(send, "answered")
    await asyncio.sleep(0.01)
    log((await receive())["type"])
    await waiting
    asyncio.create_task(later())


async def tell(receive: Receive) -> None:
    await receive()
    log(f"waited for {(await receive())['type']}")


async def later() -> None:
    await asyncio.sleep(0.02)
    log("after the application")


async def events(scope: Message, receive: Receive, send: Send) -> None:
    """Never ends; the first event comes at once."""
    await start(send, 200, [(b"content-type", b"text/event-stream")])
    await part(send, b"data: first\n\n")
    await asyncio.sleep(3600)


async def endless(scope: Message, receive: Receive, send: Send) -> None:
    await start(send)
    await part(send, b"begun")
    try:
        while True:
            await part(send, bytes(100_000))
    except OSError as error:
        log(f"{type(error).__name__} {(await receive())['type']}")
        raise RuntimeError("because of that") from error


async def context(scope: Message, receive: Receive, send: Send) -> None:
    before = current.get()
    current.set(scope["query_string"].decode())
    await asyncio.sleep(0)
    inner = await asyncio.create_task(read_context())
    thread = await asyncio.to_thread(current.get)
    await say(send, f"{before} {inner} {thread}")


async def read_context() -> str:
    return current.get()


async def fails(scope: Message, receive: Receive, send: Send) -> None:
    raise RuntimeError("not for the client")


async def fails_late(scope: Message, receive: Receive, send: Send) -> None:
    await start(send)
    await part(send, b"some")
    raise RuntimeError("after the head")


async def fails_after(scope: Message, receive: Receive, send: Send) -> None:
    await say(send, "whole")
    raise RuntimeError("after the response")


async def cancelled(scope: Message, receive: Receive, send: Send) -> None:
    raise asyncio.CancelledError("by itself")


async def nothing(scope: Message, receive: Receive, send: Send) -> None:
    pass


async def only_head(scope: Message, receive: Receive, send: Send) -> None:
    await start(send)


async def without_end(scope: Message, receive: Receive, send: Send) -> None:
    await start(send)
    await part(send, b"part")


async def order(scope: Message, receive: Receive, send: Send) -> None:
    for message in [{"type": "http.response.body", "body": b"x"}, {"type": "websocket.accept"}, {"type": "http.response.trailers"}]:
        try:
            await send(message)
        except RuntimeError as error:
            log(str(error))
    await say(send, "in order")
    try:
        await say(send, "again")
    except RuntimeError as error:
        log(str(error))


async def headers(scope: Message, receive: Receive, send: Send) -> None:
    kept = [(b"X-Two", b"a"), (b"x-two", b"b"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    await start(send, 203, [*PLAIN, *kept, (b"connection", b"close"), (b"transfer-encoding", b"chunked")])
    await end(send)


async def injected(scope: Message, receive: Receive, send: Send) -> None:
    await start(send, 200, [(b"x-split", b"a\r\nx-injected: b")])
    await end(send)


async def short(scope: Message, receive: Receive, send: Send) -> None:
    await start(send, 200, [(b"content-length", b"10")])
    await send({"type": "http.response.body", "body": b"short"})


async def sized(scope: Message, receive: Receive, send: Send) -> None:
    await start(send, 200, [(b"content-length", b"5")])
    await send({"type": "http.response.body", "body": b"sized"})


async def signed(scope: Message, receive: Receive, send: Send) -> None:
    await start(send, 200, [(b"content-length", b"+5")])
    await send({"type": "http.response.body", "body": b"sized"})


async def lengths(scope: Message, receive: Receive, send: Send) -> None:
    await start(send, 200, [(b"content-length", b"50"), (b"content-length", b"5")])
    await send({"type": "http.response.body", "body": b"sized"})


async def none(scope: Message, receive: Receive, send: Send) -> None:
    await start(send, 204, [])
    await end(send)


async def forever(scope: Message, receive: Receive, send: Send) -> None:
    """Waits for what the host does not tell."""
    await receive()
    message = await receive()
    log(message["type"])


async def lifespan(scope: Message, receive: Receive, send: Send) -> None:
    assert (await receive())["type"] == "lifespan.startup"
    current.set("of the lifespan")
    scope["state"]["shared"] = await asyncio.sleep(0.001, "from the startup")
    log("startup")
    await send({"type": "lifespan.startup.complete"})
    assert (await receive())["type"] == "lifespan.shutdown"
    log("shutdown")
    await send({"type": "lifespan.shutdown.complete"})


async def app(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
    else:
        name = scope["path"].split("/")[1].replace("-", "_")
        await globals()[name](scope, receive, send)
