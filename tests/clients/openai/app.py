"""openai: streams, several requests at once, and its own errors."""

import asyncio

import openai
from serving import origin, serving, shown


def settings(**keywords):
    return {"api_key": "none", "base_url": f"{origin()}/v1", "max_retries": 0, **keywords}


def asked(content, **keywords):
    return {"model": "m", "messages": [{"role": "user", "content": content}], **keywords}


def client():
    completions = openai.OpenAI(**settings()).chat.completions
    whole = completions.create(**asked("hi")).choices[0].message.content
    return whole, [event.choices[0].delta.content for event in completions.create(**asked("hi", stream=True))]


async def asynchronous():
    async with openai.AsyncOpenAI(**settings()) as client:
        events = await client.chat.completions.create(**asked("hi", stream=True))
        streamed = [event.choices[0].delta.content async for event in events]
        answers = await asyncio.gather(*(client.chat.completions.create(**asked("together")) for _ in range(5)))
    return streamed, [answer.choices[0].message.content for answer in answers]


async def failures():
    found = []
    secure = origin().replace("http:", "https:")
    for content, keywords in [
        ("too much", {}),
        ("slow", {"timeout": 0.5}),
        ("hi", {"base_url": "http://localhost:1"}),
        ("hi", {"base_url": secure}),
    ]:
        try:
            async with openai.AsyncOpenAI(**settings(**keywords)) as client:
                found.append(await client.chat.completions.create(**asked(content)))
        except openai.OpenAIError as error:
            found.append(shown(error).partition("\n")[0])
    return "\n".join(map(str, found))


IncomingHandler = Handler = serving(client, asynchronous, failures)
