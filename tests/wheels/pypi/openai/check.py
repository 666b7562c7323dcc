"""openai: answers, parsed models, streams and errors, answered by a stand-in for the network."""

import asyncio
import json

import httpx2
import openai
from pydantic import BaseModel


class Point(BaseModel):
    x: int
    y: int


def chunk(text):
    delta = {"index": 0, "delta": {"content": text}}
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [delta]}


def answer(request):
    if request.url.path.endswith("/embeddings"):
        data = [{"object": "embedding", "index": 0, "embedding": "AACAPwAAAEA="}]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return httpx2.Response(200, json={"object": "list", "model": "m", "data": data, "usage": usage})
    asked = json.loads(request.content)
    if asked["model"] == "none":
        return httpx2.Response(404, json={"error": {"message": "no such model", "code": "model_not_found"}})
    if asked.get("stream"):
        text = "".join(f"data: {json.dumps(chunk(part))}\n\n" for part in ["He", "llo"]) + "data: [DONE]\n\n"
        return httpx2.Response(200, text=text, headers={"content-type": "text/event-stream"})
    message = {"role": "assistant", "content": '{"x": 1, "y": 2}'}
    choices = [{"index": 0, "finish_reason": "stop", "message": message}]
    whole = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": choices}
    return httpx2.Response(200, json=whole)


TRANSPORT = httpx2.MockTransport(answer)
ASKED = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
client = openai.OpenAI(api_key="none", max_retries=0, http_client=httpx2.Client(transport=TRANSPORT))


def test_parsed_model():
    parsed = client.chat.completions.parse(**ASKED, response_format=Point)
    assert parsed.choices[0].message.parsed == Point(x=1, y=2)


def test_stream():
    parts = [event.choices[0].delta.content for event in client.chat.completions.create(**ASKED, stream=True)]
    assert parts == ["He", "llo"]


def test_asynchronous_stream():
    async def ask():
        http = httpx2.AsyncClient(transport=TRANSPORT)
        async with openai.AsyncOpenAI(api_key="none", http_client=http) as client:
            events = await client.chat.completions.create(**ASKED, stream=True)
            return [event.choices[0].delta.content async for event in events]

    assert asyncio.run(ask()) == ["He", "llo"]


def test_embedding():
    assert client.embeddings.create(model="m", input="a").data[0].embedding == [1.0, 2.0]


def test_error():
    try:
        client.chat.completions.create(**{**ASKED, "model": "none"})
    except openai.NotFoundError as error:
        assert error.code == "model_not_found"
        return
    raise AssertionError("no error")
