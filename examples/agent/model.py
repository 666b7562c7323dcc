"""A server that speaks OpenAI's protocol, with a model that can say one thing: `python3 model.py ADDRESS`."""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def deltas(messages: list[Any]) -> list[Any]:
    """What the model says next, in parts."""
    if messages[-1]["role"] == "tool":
        return [{"content": part} for part in ("There", " are ", messages[-1]["content"], ".")]
    arguments = json.dumps({"word": "strawberry", "letter": "r"})
    function = {"name": "count_letters", "arguments": arguments}
    return [{"tool_calls": [{"index": 0, "id": "call-1", "type": "function", "function": function}]}]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        for delta in deltas(asked["messages"]):
            choice = {"index": 0, "delta": delta, "finish_reason": None}
            head = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": asked["model"]}
            self.wfile.write(f"data: {json.dumps({**head, 'choices': [choice]})}\n\n".encode())
            time.sleep(0.1)
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""


host, _, port = sys.argv[1].rpartition(":")
server = ThreadingHTTPServer((host, int(port)), Handler)
print(f"Listening on {host}:{server.server_port}", flush=True)
server.serve_forever()
