"""FastAPI: models, dependencies, errors, streams and the OpenAPI document, by HTTPX."""

import asyncio
from typing import Annotated

import httpx2
from fastapi import Depends, FastAPI, Header, HTTPException, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

app = FastAPI(title="Check")


class Item(BaseModel):
    name: str
    price: float = Field(gt=0)
    tags: list[str] = []


async def user(x_token: Annotated[str | None, Header()] = None):
    if x_token != "secret":
        raise HTTPException(401, "who are you?")
    return "you"


@app.post("/items", status_code=201)
async def create(item: Item, user: Annotated[str, Depends(user)]) -> dict[str, Item | str]:
    return {"item": item, "by": user}


@app.get("/plain/{number}")
def plain(number: int, q: Annotated[str, Query(max_length=3)] = "-"):
    return {"number": number, "q": q}


@app.get("/stream")
async def stream():
    async def lines():
        for number in range(3):
            yield f"{number}\n"

    return StreamingResponse(lines(), media_type="text/plain")


def ask(method, path, **options):
    async def main():
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://check") as client:
            return await client.request(method, path, **options)

    return asyncio.run(main())


def test_model_and_dependency():
    answer = ask("POST", "/items", json={"name": "é", "price": "2.5"}, headers={"x-token": "secret"})
    assert answer.status_code == 201, answer.text
    assert answer.json() == {"item": {"name": "é", "price": 2.5, "tags": []}, "by": "you"}
    assert ask("POST", "/items", json={"name": "a", "price": 1}).json() == {"detail": "who are you?"}


def test_wrong_input():
    answer = ask("POST", "/items", json={"price": -1}, headers={"x-token": "secret"})
    found = {(tuple(error["loc"]), error["type"]) for error in answer.json()["detail"]}
    assert found == {(("body", "name"), "missing"), (("body", "price"), "greater_than")}, found
    assert ask("GET", "/plain/1?q=long").status_code == 422


def test_function_in_a_thread_and_stream():
    assert ask("GET", "/plain/7?q=b").json() == {"number": 7, "q": "b"}
    assert ask("GET", "/stream").text == "0\n1\n2\n"


def test_document():
    document = ask("GET", "/openapi.json").json()
    assert document["info"]["title"] == "Check" and document["components"]["schemas"]["Item"]["required"] == ["name", "price"]
    assert "swagger-ui" in ask("GET", "/docs").text
