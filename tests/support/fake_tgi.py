"""A fake of Text Generation Inference: its native stream, and OpenAI's wire beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.support.answers import Answer, failure
from tests.support.fake_openai import CHAT_PATH, FakeOpenAi
from tests.support.fake_server import Received, Script

PATH = "/generate_stream"
_REASONS = {"stop": "eos_token", "length": "length"}


class FakeTgi(FakeOpenAi):
    """The server, with a model of this id."""

    completion_paths = (PATH, CHAT_PATH)

    def __init__(
        self,
        script: Script | Iterable[Answer] = (),
        *,
        key: str | None = None,
        model: str = "bigcode/starcoder2-3b",
    ) -> None:
        super().__init__(script, key=key, card={"id": model, "object": "model"})

    def respond(self, request: Received) -> Answer:
        if request.path == PATH:
            return self._refusal(request.body["parameters"]) or self.say(request)
        return super().respond(request)

    def _refusal(self, parameters: Mapping[str, Any]) -> Answer | None:
        temperature = parameters.get("temperature")
        if temperature is not None and temperature <= 0:
            return _invalid("`temperature` must be strictly positive")
        if len(parameters.get("stop", ())) > 4:
            return _invalid("`stop` supports up to 4 stop sequences")
        return None

    def render(
        self, answer: Answer, request: Received, pieces: Sequence[str]
    ) -> tuple[list[bytes], str]:
        if request.path == PATH:
            return list(_tokens(answer, pieces)), "text/event-stream"
        return super().render(answer, request, pieces)


def _invalid(message: str) -> Answer:
    return failure(422, {"error": f"Input validation error: {message}", "error_type": "validation"})


def _tokens(answer: Answer, pieces: Sequence[str]) -> Iterator[bytes]:
    """One event for each token. Some versions put a space behind "data:", some none."""

    def event(text: str, *, special: bool = False, **more: Any) -> bytes:
        token = {"id": 1, "text": text, "logprob": -0.1, "special": special}
        value = {"index": 1, "token": token, "generated_text": None, "details": None, **more}
        return f"data:{json.dumps(value, ensure_ascii=False)}{answer.line_end * 2}".encode()

    if answer.comment:
        yield f": {answer.comment}{answer.line_end * 2}".encode()
    for piece in pieces:
        yield event(piece)
    if answer.failing is not None:
        yield f"data:{json.dumps(answer.failing)}\n\n".encode()
        return
    if not answer.done:
        return
    usage = answer.usage or {}
    details = {
        "finish_reason": _REASONS.get(answer.finish_reason or ""),
        "generated_tokens": usage.get("completion_tokens"),
        "input_length": usage.get("prompt_tokens"),
    }
    text = "".join(pieces)
    yield event("<|endoftext|>", special=True, generated_text=text, details=details)
