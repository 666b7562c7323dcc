"""An agent: `POST /` with a question answers with what the model says, word by word, and runs the tools that it asks for."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from componentize_py_types import Ok
from openai import AsyncOpenAI
from poll_loop import PollLoop, Sink, Stream
from wit_world import exports
from wit_world.imports.types import Fields, IncomingRequest, OutgoingResponse, ResponseOutparam

TOOLS: list[Any] = [
    {
        "type": "function",
        "function": {
            "name": "count_letters",
            "description": "How often a letter is in a word",
            "parameters": {
                "type": "object",
                "properties": {"word": {"type": "string"}, "letter": {"type": "string"}},
                "required": ["word", "letter"],
            },
        },
    }
]


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        asyncio.run(answer(request, response_out), loop_factory=PollLoop)


async def answer(request: IncomingRequest, response_out: ResponseOutparam) -> None:
    stream, question = Stream(request.consume()), b""
    while (chunk := await stream.next()) is not None:
        question += chunk
    response = OutgoingResponse(Fields.from_list([("content-type", b"text/plain")]))
    body = response.body()
    ResponseOutparam.set(response_out, Ok(response))
    sink = Sink(body)
    async for text in said(question.decode()):
        await sink.send(text.encode())
    sink.close()


async def said(question: str) -> AsyncIterator[str]:
    """The model's words. OPENAI_BASE_URL and OPENAI_API_KEY say which server has the model."""
    messages: list[Any] = [{"role": "user", "content": question}]
    async with AsyncOpenAI() as client:
        while messages[-1]["role"] != "assistant":
            calls: list[Any] = []
            events = await client.chat.completions.create(model="small", messages=messages, tools=TOOLS, stream=True)
            async for event in events:
                delta = event.choices[0].delta
                calls += [call.model_dump(exclude_none=True) for call in delta.tool_calls or []]
                if delta.content:
                    yield delta.content
            messages.append({"role": "assistant", "tool_calls": calls} if calls else {"role": "assistant"})
            for call in calls:
                arguments = json.loads(call["function"]["arguments"])
                yield f"[{call['function']['name']}: {arguments}]\n"
                result = count_letters(**arguments)
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": str(result)})
    yield "\n"


def count_letters(word: str, letter: str) -> int:
    return word.count(letter)
