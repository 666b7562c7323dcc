"""FastAPI with the guest's wheel of pydantic-core: the application is made while building, and a driver of ASGI asks it later."""

import asyncio
import json
from typing import Any, Dict, List, MutableMapping

from attempts import attempts
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, Field

application = FastAPI(title="Items", version="1.0")


class Item(BaseModel):
    name: str
    price: float = Field(gt=0)
    tags: List[str] = []


async def page(size: int = 10) -> int:
    return size


@application.get("/items/{number}")
async def read(number: int, q: str = "none", size: int = Depends(page)) -> Dict[str, Any]:
    if number == 404:
        raise HTTPException(404, "no such item")
    return {"number": number, "q": q, "size": size}


@application.post("/items", status_code=201)
async def create(item: Item) -> Item:
    return item.model_copy(update={"name": item.name.title()})


@application.get("/feed")
async def feed() -> Any:
    from fastapi.responses import StreamingResponse

    async def lines() -> Any:
        for number in range(3):
            await asyncio.sleep(0)
            yield f"line {number}\n"

    return StreamingResponse(lines(), media_type="text/plain")


def ask(method: str, target: str, body: bytes = b"") -> Any:
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 50000),
        "server": ("localhost", 80),
    }
    sent: List[MutableMapping[str, Any]] = []
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> MutableMapping[str, Any]:
        if messages:
            return messages.pop()
        await asyncio.Future()  # the client stays
        raise AssertionError("nobody sets it")

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(application(scope, receive, send))
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]).decode()


def fetched() -> Any:
    return ask("GET", "/items/7?q=caf%C3%A9&size=3")


def created() -> Any:
    return ask("POST", "/items", json.dumps({"name": "pen", "price": 1.5, "tags": ["a"]}).encode())


def refused() -> Any:
    status, body = ask("POST", "/items", b'{"name": 1, "price": -1}')
    return status, [(error["loc"], error["type"]) for error in json.loads(body)["detail"]]


def missing() -> Any:
    return ask("GET", "/items/404"), ask("GET", "/nowhere"), ask("DELETE", "/items")[0]


def streamed() -> Any:
    return ask("GET", "/feed")


def described() -> Any:
    status, body = ask("GET", "/openapi.json")
    schema = json.loads(body)
    return status, schema["openapi"], sorted(schema["paths"]), schema["components"]["schemas"]["Item"]["required"]


def documented() -> Any:
    status, body = ask("GET", "/docs")
    return status, "<title>Items - Swagger UI</title>" in body


def later() -> Any:
    from fastapi.encoders import jsonable_encoder
    from fastapi.security import OAuth2PasswordBearer

    return OAuth2PasswordBearer(tokenUrl="token").scheme_name, jsonable_encoder(Item(name="x", price=2))


WitWorld = attempts(fetched, created, refused, missing, streamed, described, documented, later)
