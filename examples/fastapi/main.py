"""A shop: a FastAPI application like any other."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

app = FastAPI(title="Shop")
prices = {"pen": 1.5, "ink": 4.0}


class Order(BaseModel):
    item: str
    count: Annotated[int, Field(ge=1, le=100)] = 1


def price(order: Order) -> float:
    if order.item not in prices:
        raise HTTPException(404, f"no {order.item} here")
    return prices[order.item] * order.count


@app.post("/orders")
async def create(order: Order, price: Annotated[float, Depends(price)]) -> dict[str, object]:
    return {"item": order.item, "count": order.count, "price": price}


@app.get("/prices")
async def stream() -> StreamingResponse:
    async def lines() -> AsyncIterator[str]:
        for item, price in prices.items():
            yield f"{item} {price}\n"

    return StreamingResponse(lines(), media_type="text/plain")
