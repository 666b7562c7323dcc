"""A FastAPI application: nothing in it is for components."""

import sys
from contextlib import asynccontextmanager
from typing import Annotated, Any, AsyncIterator, Dict, Iterator, List, Optional

from fastapi import APIRouter, BackgroundTasks, Cookie, Depends, FastAPI, File, Form, Header, HTTPException, Query, Request, UploadFile
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from pydantic import BaseModel, Field, field_validator


def log(text: str) -> None:
    print(text, file=sys.stderr)


class Item(BaseModel):
    name: str = Field(min_length=2)
    price: float = Field(gt=0)
    tags: List[str] = []

    @field_validator("name")
    @classmethod
    def no_spaces(cls, name: str) -> str:
        if " " in name:
            raise ValueError("no spaces")
        return name


class Stored(Item):
    number: int


class OutOfStock(Exception):
    pass


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.items = {1: Stored(number=1, name="pen", price=1.5)}
    yield
    log("closed")


app = FastAPI(title="Shop", version="1.0", lifespan=lifespan)
app.add_middleware(CORSMiddleware, allow_origins=["https://example.com"])
router = APIRouter(prefix="/items", tags=["items"])
basic = HTTPBasic()


async def size(size: Annotated[int, Query(ge=1, le=100)] = 10) -> int:
    return size


def session() -> Iterator[str]:
    log("session begins")
    yield "a session"
    log("session ends")


def user(credentials: Annotated[HTTPBasicCredentials, Depends(basic)]) -> str:
    if credentials.password != "correct":
        raise HTTPException(401, "wrong password", {"WWW-Authenticate": "Basic"})
    return credentials.username


@router.get("/{number}")
async def read(request: Request, number: int, size: Annotated[int, Depends(size)], q: Optional[str] = None) -> Dict[str, Any]:
    items = request.app.state.items
    if number not in items:
        raise HTTPException(404, f"no item {number}")
    return {"item": items[number], "size": size, "q": q}


@router.post("/", status_code=201)
async def create(item: Item) -> Stored:
    return Stored(number=2, **item.model_dump())


app.include_router(router)


@app.get("/")
def index() -> Dict[str, str]:
    """Not `async`: it runs in a thread."""
    return {"hello": "world"}


@app.get("/session")
def with_session(session: Annotated[str, Depends(session)]) -> str:
    log("endpoint")
    return session


@app.get("/me")
async def me(user: Annotated[str, Depends(user)], x_token: Annotated[str, Header()] = "none", seen: Annotated[str, Cookie()] = "no") -> Any:
    return [user, x_token, seen]


@app.post("/upload")
async def upload(file: UploadFile, note: Annotated[str, Form()]) -> Dict[str, Any]:
    return {"name": file.filename, "type": file.content_type, "size": len(await file.read()), "note": note}


@app.post("/bytes")
def take(data: Annotated[bytes, File()]) -> int:
    return len(data)


@app.get("/stream")
async def stream() -> StreamingResponse:
    async def lines() -> AsyncIterator[str]:
        for number in range(3):
            yield f"line {number}\n"

    return StreamingResponse(lines(), media_type="text/plain")


@app.get("/sync-stream")
async def sync_stream() -> StreamingResponse:
    return StreamingResponse(iter(["one,", "two"]), media_type="text/plain")


@app.post("/later", response_class=PlainTextResponse)
async def later(tasks: BackgroundTasks) -> str:
    tasks.add_task(log, "in a thread, later")
    return "accepted"


@app.get("/gone")
async def gone() -> None:
    raise OutOfStock("pens")


@app.exception_handler(OutOfStock)
async def out_of_stock(request: Request, error: OutOfStock) -> JSONResponse:
    return JSONResponse({"out of": str(error)}, 409)


@app.get("/fails")
async def fails() -> None:
    raise RuntimeError("not for the client")


@app.get("/wrong")
async def wrong() -> Item:
    return {"name": "x"}  # type: ignore[return-value]
