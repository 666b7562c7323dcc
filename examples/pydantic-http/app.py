"""Validates orders with pydantic: `POST /orders` returns the order as it was understood, or says what is wrong with
it."""

import asyncio
from datetime import date
from decimal import Decimal
from typing import Annotated

from componentize_py_types import Ok
from poll_loop import PollLoop, Sink, Stream
from pydantic import BaseModel, Field, ValidationError, computed_field
from wit_world import exports
from wit_world.imports.types import (
    Fields,
    IncomingRequest,
    Method_Post,
    OutgoingResponse,
    ResponseOutparam,
)


class Item(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=40)]
    price: Annotated[Decimal, Field(gt=0, decimal_places=2)]
    count: Annotated[int, Field(ge=1)] = 1


class Order(BaseModel):
    customer: Annotated[str, Field(pattern=r"^[a-z]+$")]
    due: date
    items: Annotated[list[Item], Field(min_length=1)]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def total(self) -> Decimal:
        return sum((item.price * item.count for item in self.items), Decimal())


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        asyncio.run(answer(request, response_out), loop_factory=PollLoop)


async def answer(request: IncomingRequest, response_out: ResponseOutparam) -> None:
    if not (isinstance(request.method(), Method_Post) and request.path_with_query() == "/orders"):
        await respond(response_out, 404, '{"error": "POST an order to /orders"}')
        return
    stream = Stream(request.consume())
    body = bytearray()
    while (chunk := await stream.next()) is not None:
        body += chunk
    try:
        order = Order.model_validate_json(bytes(body))
    except ValidationError as error:
        await respond(response_out, 422, error.json(include_url=False, include_context=False))
        return
    await respond(response_out, 200, order.model_dump_json())


async def respond(response_out: ResponseOutparam, status: int, text: str) -> None:
    response = OutgoingResponse(Fields.from_list([("content-type", b"application/json")]))
    response.set_status_code(status)
    sink = Sink(response.body())
    ResponseOutparam.set(response_out, Ok(response))
    await sink.send(f"{text}\n".encode())
    sink.close()
