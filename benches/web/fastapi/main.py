"""A greeting by FastAPI with a pydantic model, for `cargo xtask bench web`."""

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Greeting(BaseModel):
    text: str


@app.get("/")
async def greet() -> Greeting:
    return Greeting(text="Hello, World!")
