"""A fake of llama.cpp's server: its native endpoints, and OpenAI's wire beside them.

Without FIM tokens /infill answers 501. Its native streams end without a mark.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tests.support.answers import Answer, failure
from tests.support.fake_openai import CHAT_PATH, FakeOpenAi
from tests.support.fake_server import Received, Script

NATIVE_PATHS = ("/infill", "/completion")
_STOP_TYPES = {"stop": "eos", "length": "limit"}


class FakeLlamaCpp(FakeOpenAi):
    """The server, with a model of this name. `has_fim`: whether it has FIM tokens."""

    completion_paths = (*NATIVE_PATHS, CHAT_PATH)

    def __init__(
        self,
        script: Script | Iterable[Answer] = (),
        *,
        key: str | None = None,
        file: str = "/models/Codestral-22B-v0.1-Q4_K_M.gguf",
        has_fim: bool = True,
        knows_tokens: bool = True,
        window: int = 2048,
        has_vision: bool = False,
    ) -> None:
        card = {"id": "loaded", "object": "model", "meta": {"n_ctx_train": 32768}}
        super().__init__(script, key=key, card=card, knows_tokens=knows_tokens)
        self._file = file
        self.has_fim = has_fim
        self._window = window
        self._has_vision = has_vision

    def refuse_key(self) -> Answer:
        error = {"message": "Invalid API Key", "type": "authentication_error", "code": 401}
        return failure(401, {"error": error})

    def respond(self, request: Received) -> Answer:
        if request.path == "/props":
            settings = {"n_ctx": self._window}
            facts = {"default_generation_settings": settings, "model_path": self._file}
            modalities = {"vision": self._has_vision, "audio": False}
            return Answer(body={**facts, "modalities": modalities})
        if request.path == "/tokenize":
            count = self._count(request.body["content"]) - 1
            return Answer(body={"tokens": list(range(count))})
        if request.path == "/infill" and not self.has_fim:
            return infill_unsupported()
        return super().respond(request)

    def render(
        self, answer: Answer, request: Received, pieces: Sequence[str]
    ) -> tuple[list[bytes], str]:
        if request.path in NATIVE_PATHS:
            return list(_native(answer, pieces)), "text/event-stream"
        return super().render(answer, request, pieces)


def infill_unsupported() -> Answer:
    missing = " token is missing. ".join(("prefix", "suffix", "middle", ""))
    message = f"Infill is not supported by this model: {missing}"
    return failure(501, {"error": {"code": 501, "message": message, "type": "not_supported_error"}})


def _native(answer: Answer, pieces: Sequence[str]) -> Iterator[bytes]:
    def event(**value: Any) -> bytes:
        data = json.dumps({"index": 0, "tokens": [], **value}, ensure_ascii=False)
        return f"data: {data}{answer.line_end * 2}".encode()

    if answer.comment:
        yield f": {answer.comment}{answer.line_end * 2}".encode()
    for piece in pieces:
        yield event(content=piece, stop=False)
    if answer.failing is not None:
        yield f"data: {json.dumps(answer.failing)}\n\n".encode()
        return
    if not answer.done:
        return
    usage = answer.usage or {}
    yield event(
        content="",
        stop=True,
        stop_type=_STOP_TYPES.get(answer.finish_reason or "", "none"),
        tokens_evaluated=usage.get("prompt_tokens"),
        tokens_predicted=usage.get("completion_tokens"),
        timings={"cache_n": 0},
    )
