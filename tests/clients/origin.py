"""The server that the components of this suite send their requests to. Prints its address, and ends with its standard input."""

import gzip
import http.server
import json
import sys
import threading
import time

stored = {}
together = threading.Barrier(5, timeout=60)


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        """Says nothing."""

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline() not in (b"\r\n", b""):
            pass
        return body

    def say(self, data, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def begin(self, kind):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Content-Type", kind)
        self.end_headers()

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.flush()

    def answer(self):
        path, _, query = self.path.partition("?")
        name = path.strip("/").replace("/", "_").replace("v1_", "").partition("bucket_")
        answer = getattr(self, f"on_{'bucket' if name[1] else name[0]}", self.on_missing)
        answer(self.body(), query)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = answer

    def on_missing(self, body, query):
        self.say(b"not here", 404)

    def on_hello(self, body, query):
        self.say(b"hello")

    def on_echo(self, body, query):
        names = ("content-type", "content-length", "transfer-encoding", "connection", "x-test")
        seen = {name: self.headers[name] for name in names if name in self.headers}
        text = body.decode("latin-1") if len(body) < 100 else len(body)
        self.say(json.dumps([self.command, self.path, seen, text]).encode(), Content_Type="application/json")

    def on_redirect(self, body, query):
        self.say(b"", 302, Location="/hello")

    def on_gzip(self, body, query):
        self.say(gzip.compress(b"squeezed " * 1000), Content_Encoding="gzip")

    def on_nothing(self, body, query):
        self.send_response(204)
        self.end_headers()

    def on_large(self, body, query):
        self.say(b"x" * (4 << 20))

    def on_together(self, body, query):
        """Answers when five requests are here."""
        together.wait()
        self.say(b"together")

    def on_slow(self, body, query):
        time.sleep(60)

    def on_stream(self, body, query):
        self.begin("text/event-stream")
        for number in range(3):
            self.chunk(b"data: %d\n\n" % number)
            time.sleep(0.05)
        self.wfile.write(b"0\r\nX-Sum: 3\r\n\r\n")

    def on_broken(self, body, query):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"only this")
        self.close_connection = True

    def on_silent(self, body, query):
        self.close_connection = True

    # --- APIs -------------------------------------------------------------------------------------------------------

    def on_chat_completions(self, body, query):
        """OpenAI's."""
        asked = json.loads(body)
        content = asked["messages"][-1]["content"]
        if content == "too much":
            error = {"error": {"message": "too much", "type": "rate_limit"}}
            return self.say(json.dumps(error).encode(), 429, Content_Type="application/json")
        if content == "slow":
            time.sleep(60)
        if content == "together":
            together.wait()
        head = {"id": "1", "created": 1, "model": asked["model"]}
        if not asked.get("stream"):
            message = {"role": "assistant", "content": "Hello"}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            whole = {**head, "object": "chat.completion", "choices": [choice]}
            return self.say(json.dumps(whole).encode(), Content_Type="application/json")
        self.begin("text/event-stream")
        for word in ("Hel", "lo"):
            choice = {"index": 0, "delta": {"content": word}, "finish_reason": None}
            part = {**head, "object": "chat.completion.chunk", "choices": [choice]}
            self.chunk(b"data: %b\n\n" % json.dumps(part).encode())
            time.sleep(0.05)
        self.chunk(b"data: [DONE]\n\n")
        self.chunk(b"")

    def on_messages(self, body, query):
        """Anthropic's."""
        usage = {"input_tokens": 1, "output_tokens": 2}
        message = {"id": "1", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": usage}
        events = [
            ("message_start", {"message": {**message, "stop_reason": None, "stop_sequence": None}}),
            ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
            *(("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": word}}) for word in ("Hel", "lo")),
            ("content_block_stop", {"index": 0}),
            ("message_delta", {"delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": usage}),
            ("message_stop", {}),
        ]
        self.begin("text/event-stream")
        for kind, event in events:
            self.chunk(f"event: {kind}\ndata: {json.dumps({'type': kind, **event})}\n\n".encode())
        self.chunk(b"")

    def on_bucket(self, body, query):
        """Amazon's S3."""
        if self.command == "PUT":
            stored[self.path] = body
            self.say(b"", ETag='"1"')
        elif self.path in stored:
            self.say(stored[self.path], ETag='"1"')
        else:
            self.say(b"<Error><Code>NoSuchKey</Code><Message>not here</Message></Error>", 404, Content_Type="application/xml")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """A client that leaves is part of the tests."""


server = Server(("127.0.0.1", 0), Origin)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"Listening on {server.server_port}", flush=True)
sys.stdin.read()
