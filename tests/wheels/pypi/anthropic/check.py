"""anthropic: messages, tools, streams and errors, answered by a stand-in for the network."""

import asyncio
import json

import anthropic
import httpx2

USAGE = {"input_tokens": 1, "output_tokens": 2}
MESSAGE = {"id": "1", "type": "message", "role": "assistant", "model": "m", "usage": USAGE}
EVENTS = [
    {"type": "message_start", "message": {**MESSAGE, "content": []}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "He"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "llo"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
    {"type": "message_stop"},
]


def answer(request):
    asked = json.loads(request.content)
    if asked["max_tokens"] > 100:
        return httpx2.Response(429, json={"type": "error", "error": {"type": "rate_limit_error", "message": "slowly"}})
    if asked.get("stream"):
        text = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in EVENTS)
        return httpx2.Response(200, text=text, headers={"content-type": "text/event-stream"})
    content = [{"type": "tool_use", "id": "t", "name": asked["tools"][0]["name"], "input": {"city": "Köln"}}]
    return httpx2.Response(200, json={**MESSAGE, "content": content, "stop_reason": "tool_use"})


TRANSPORT = httpx2.MockTransport(answer)
ASKED = {"model": "m", "max_tokens": 16, "messages": [{"role": "user", "content": "hi"}]}
TOOL = {"name": "weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
client = anthropic.Anthropic(api_key="none", max_retries=0, http_client=httpx2.Client(transport=TRANSPORT))


def test_tool():
    message = client.messages.create(**ASKED, tools=[TOOL])
    assert message.content[0].input == {"city": "Köln"} and message.usage.output_tokens == 2


def test_stream():
    with client.messages.stream(**ASKED) as stream:
        assert list(stream.text_stream) == ["He", "llo"]
        assert stream.get_final_message().stop_reason == "end_turn"


def test_asynchronous_stream():
    async def ask():
        http = httpx2.AsyncClient(transport=TRANSPORT)
        async with anthropic.AsyncAnthropic(api_key="none", http_client=http) as client:
            async with client.messages.stream(**ASKED) as stream:
                return await stream.get_final_text()

    assert asyncio.run(ask()) == "Hello"


def test_error():
    try:
        client.messages.create(**{**ASKED, "max_tokens": 101})
    except anthropic.RateLimitError as error:
        assert error.status_code == 429 and "slowly" in error.message
        return
    raise AssertionError("no error")
