import asyncio

from spin_sdk import http, key_value, util, variables
from spin_sdk.http import Request, Response, send


class HttpHandler(http.Handler):
    async def handle_request(self, request: Request) -> Response:
        match request.uri:
            case "/visits":
                body = await visits()
            case "/facts":
                body = await facts()
            case _:
                body = "Hello from the Python SDK!"
        return Response(200, {"content-type": "text/plain"}, bytes(body, "utf-8"))


async def visits() -> str:
    """Counts the requests to this path."""
    with await key_value.open_default() as store:
        count = int(await store.get("visits") or b"0") + 1
        await store.set("visits", str(count).encode())
        keys = await util.collect(await store.get_keys())
    return f"visit {count}, keys {keys}"


async def facts() -> str:
    """Three requests at once."""
    url = await variables.get("host") + "/animals/json"
    responses = await asyncio.gather(*(send(Request("GET", url, {}, None)) for _ in range(3)))
    return "\n".join(str(response.body, "utf-8") for response in responses)
