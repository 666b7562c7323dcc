import json

from spin_sdk import http, llm
from spin_sdk.http import Request, Response


class IncomingHandler(http.IncomingHandler):
    def handle_request(self, request: Request) -> Response:
        prompt = str(request.body or b"", "utf-8")
        answer = llm.infer("llama2-chat", prompt)
        short = llm.infer_with_options("llama2-chat", prompt, llm.InferencingParams(max_tokens=5))
        embeddings = llm.generate_embeddings("all-minilm-l6-v2", [prompt])
        result = {
            "answer": answer.text,
            "tokens": [answer.usage.prompt_token_count, answer.usage.generated_token_count],
            "short": short.text,
            "dimensions": len(embeddings.embeddings[0]),
        }
        return Response(200, {"content-type": "application/json"}, bytes(json.dumps(result), "utf-8"))
