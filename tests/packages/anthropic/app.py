"""anthropic with the guest's wheels of pydantic-core and jiter: requests are built in full and answered by the application itself."""

import json
from typing import Any, List

import httpx2
from anthropic import Anthropic
from attempts import attempts

ANSWER = {
    "id": "1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [{"type": "text", "text": "Hi"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 1, "output_tokens": 2},
}
seen: List[httpx2.Request] = []


def answer(request: httpx2.Request) -> httpx2.Response:
    seen.append(request)
    return httpx2.Response(429 if b"too much" in request.content else 200, json=ANSWER)


client = Anthropic(
    api_key="made while building",
    base_url="http://localhost:1",
    max_retries=0,
    http_client=httpx2.Client(transport=httpx2.MockTransport(answer)),
)
# As most applications have it; no host of the tests lets it reach anything.
unreachable = Anthropic(api_key="none", base_url="http://localhost:1", max_retries=0)


def ask(client: Any, content: str) -> Any:
    return client.messages.create(model="m", max_tokens=16, messages=[{"role": "user", "content": content}])


def asked() -> Any:
    message = ask(client, "Hello")
    request = seen.pop()
    sent = request.method, str(request.url), request.headers["authorization"], json.loads(request.content)
    return sent, message.content[0].text, message.usage.output_tokens


def refused() -> Any:
    from anthropic import RateLimitError

    try:
        ask(client, "too much")
    except RateLimitError as error:
        return error.status_code, error.message[:15]


def fresh() -> Any:
    from anthropic import AsyncAnthropic

    other = AsyncAnthropic(api_key="made when running", http_client=httpx2.AsyncClient())
    return str(other.base_url), other.messages.__class__.__name__, other.auth_headers


def streamed() -> Any:
    from anthropic._streaming import SSEDecoder

    lines = iter([b"event: ping\n", b'data: {"type": "ping"}\n', b"\n"])
    return [(event.event, event.json()) for event in SSEDecoder().iter_bytes(lines)]


def unsent() -> Any:
    from anthropic import APIConnectionError

    try:
        ask(unreachable, "Hello")
    except APIConnectionError as error:
        return error.message, type(error.__cause__).__name__


def partial() -> Any:
    from jiter import from_json

    return from_json(b'{"city": "Par', partial_mode="trailing-strings")


def tool() -> Any:
    from anthropic import beta_tool

    @beta_tool
    def add(left: int, right: int) -> str:
        """Adds two numbers.

        Args:
            left: the first
            right: the second
        """
        return str(left + right)

    return add.name, add.description, add.input_schema, add.call({"left": 1, "right": 2})


WitWorld = attempts(asked, refused, fresh, streamed, unsent, partial, tool)
