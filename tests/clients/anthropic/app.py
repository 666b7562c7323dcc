"""anthropic: streamed messages, with and without asyncio."""

import anthropic
from serving import origin, serving, shown


def settings(**keywords):
    return {"api_key": "none", "base_url": origin(), "max_retries": 0, **keywords}


ASKED = {"model": "m", "max_tokens": 16, "messages": [{"role": "user", "content": "hi"}]}


def client():
    with anthropic.Anthropic(**settings()).messages.stream(**ASKED) as stream:
        return list(stream.text_stream)


async def asynchronous():
    async with anthropic.AsyncAnthropic(**settings()) as client, client.messages.stream(**ASKED) as stream:
        return [text async for text in stream.text_stream]


async def failures():
    try:
        async with anthropic.AsyncAnthropic(**settings(base_url="http://localhost:1")) as client:
            return await client.messages.create(**ASKED)
    except anthropic.AnthropicError as error:
        return shown(error).partition("\n")[0]


IncomingHandler = Handler = serving(client, asynchronous, failures)
