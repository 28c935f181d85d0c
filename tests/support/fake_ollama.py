"""A fake Ollama: /api/generate, /api/chat, /api/show, /api/tags, in JSON lines.

Like the real one it refuses `suffix` for a model that cannot insert, and only loads the model when
the prompt is empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.support.answers import Answer, failure
from tests.support.fake_server import FakeServer, Received, Script


class FakeOllama(FakeServer):
    """The server. Its one model is `model`, which can do what `abilities` names."""

    completion_paths = ("/api/generate", "/api/chat")

    def __init__(
        self,
        script: Script | Iterable[Answer] = (),
        *,
        key: str | None = None,
        model: str = "qwen2.5-coder:7b",
        abilities: Sequence[str] = ("completion", "insert"),
        parameters: str = "",
    ) -> None:
        super().__init__(script, key=key)
        self._model = model
        self._abilities = abilities
        self._parameters = parameters

    def refuse_key(self) -> Answer:
        return failure(401, {"error": "unauthorized"})

    def respond(self, request: Received) -> Answer:
        if request.path == "/api/tags":
            return Answer(body={"models": [{"name": self._model, "model": self._model}]})
        if request.path not in ("/api/show", *self.completion_paths):
            return Answer(status=404, raw=b"404 page not found", content_type="text/plain")
        if request.body["model"] != self._model:
            name = request.body["model"]
            return failure(404, {"error": f'model "{name}" not found, try pulling it first'})
        if request.path == "/api/show":
            told = {"capabilities": list(self._abilities), "parameters": self._parameters}
            return Answer(body=told)
        return self._refusal(request.body) or self.say(request)

    def _refusal(self, body: Mapping[str, Any]) -> Answer | None:
        if body.get("suffix") and "insert" not in self._abilities:
            return failure(400, {"error": f"{self._model} does not support insert"})
        if body.get("prompt") == "":
            return Answer(body={"model": self._model, "done": True, "done_reason": "load"})
        return None

    def render(
        self, answer: Answer, request: Received, pieces: Sequence[str]
    ) -> tuple[list[bytes], str]:
        chatting = request.path == "/api/chat"
        return list(_lines(answer, pieces, chatting)), "application/x-ndjson"


def _lines(answer: Answer, pieces: Sequence[str], chatting: bool) -> Iterator[bytes]:
    def line(text: str, **more: Any) -> bytes:
        message = {"role": "assistant", "content": text}
        said: dict[str, Any] = {"message": message} if chatting else {"response": text}
        value = {"model": "m", "created_at": "t", **said, **more}
        return (json.dumps(value, ensure_ascii=False) + answer.line_end).encode()

    for piece in pieces:
        yield line(piece, done=False)
    if answer.failing is not None:
        yield (json.dumps(answer.failing) + answer.line_end).encode()
        return
    if not answer.done:
        return
    usage = answer.usage or {}
    counts = {
        "prompt_eval_count": usage.get("prompt_tokens"),
        "eval_count": usage.get("completion_tokens"),
    }
    yield line("", done=True, done_reason=answer.finish_reason, **counts)
