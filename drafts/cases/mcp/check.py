"""mcp: a server's tools, resources and prompts, asked by a client in the same process; over HTTP; and a client that signs tokens."""

import asyncio
import json

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from mcp import Client, MCPError
from mcp.client.auth.extensions.client_credentials import SignedJWTParameters
from mcp.server import MCPServer
from pydantic import BaseModel

server = MCPServer("notes", instructions="Keeps notes.")


class Sum(BaseModel):
    total: int
    terms: list[int]


@server.tool()
def add(terms: list[int]) -> Sum:
    """Adds numbers."""
    return Sum(total=sum(terms), terms=terms)


@server.tool()
async def wait(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "done"


@server.resource("note://{name}")
def note(name: str) -> str:
    return f"about {name}"


@server.prompt()
def ask(topic: str) -> str:
    return f"Tell me about {topic}."


def run(function):
    async def session():
        async with Client(server) as client:
            return await function(client)

    return asyncio.run(session())


def test_tools():
    async def use(client):
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert tools["add"].description == "Adds numbers."
        assert tools["add"].input_schema["properties"]["terms"]["items"] == {"type": "integer"}
        return await client.call_tool("add", {"terms": [1, 2, 39]})

    result = run(use)
    assert not result.is_error and result.structured_content == {"total": 42, "terms": [1, 2, 39]}
    assert json.loads(result.content[0].text)["total"] == 42


def test_wrong_arguments():
    result = run(lambda client: client.call_tool("add", {"terms": ["x"]}))
    assert result.is_error and "valid integer" in result.content[0].text


def test_tools_that_wait():
    async def use(client):
        return await asyncio.gather(*(client.call_tool("wait", {"seconds": 0.01}) for _ in range(3)))

    assert [result.content[0].text for result in run(use)] == ["done"] * 3


def test_resources_and_prompts():
    async def use(client):
        content = (await client.read_resource("note://tea")).contents[0].text
        prompt = (await client.get_prompt("ask", {"topic": "tea"})).messages[0].content.text
        try:
            await client.read_resource("nothing://x")
        except MCPError as error:
            return content, prompt, error.message

    assert run(use) == ("about tea", "Tell me about tea.", "Unknown resource: nothing://x")


def test_signed_tokens():
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    signer = SignedJWTParameters(issuer="me", subject="me", signing_key=pem, signing_algorithm="ES256", lifetime_seconds=60)
    token = asyncio.run(signer.create_assertion_provider()("https://auth.example"))
    claims = jwt.decode(token, key.public_key(), algorithms=["ES256"], audience="https://auth.example")
    assert claims["sub"] == "me" and claims["exp"] - claims["iat"] == 60


def test_over_http():
    async def session():
        app = server.streamable_http_app(stateless_http=True, json_response=True)
        transport = httpx2.ASGITransport(app=app)
        async with server.session_manager.run(), httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "add", "arguments": {"terms": [2, 3]}}}
            return await client.post("/mcp", json=asked, headers={"accept": "application/json, text/event-stream"})

    answer = asyncio.run(session())
    assert answer.status_code == 200 and answer.json()["result"]["structuredContent"]["total"] == 5, answer.text
