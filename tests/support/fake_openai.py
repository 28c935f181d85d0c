"""A fake of what speaks OpenAI's wire: text completions, chat, the list of models, /tokenize.

Made from recorded and documented bodies of vLLM, DeepSeek, OpenRouter, Vercel, LM Studio and
LiteLLM. What it does with `suffix` and with control tokens is what its tests are about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from tests.support.answers import Answer, failure
from tests.support.fake_server import FakeServer, Received, Script

TEXT_PATHS = ("/v1/completions", "/beta/completions")
CHAT_PATH = "/v1/chat/completions"

Suffix = Literal["read", "ignored", "refused"]

_CONTROL = re.compile(r"<\|\w+\|>|\[(?:PREFIX|SUFFIX|MIDDLE)\]")
_WORD = re.compile(r'exactly "(\w+)"')


class FakeOpenAi(FakeServer):
    """The server. Its model is `model`; `knows_tokens` is whether it reads control strings.

    With `tokens` /tokenize answers by that function, else it is not there. `counts=False` leaves
    usage out, as some gateways do.
    """

    completion_paths: tuple[str, ...] = (*TEXT_PATHS, CHAT_PATH)

    def __init__(
        self,
        script: Script | Iterable[Answer] = (),
        *,
        key: str | None = None,
        card: Mapping[str, Any] | None = None,
        suffix: Suffix = "ignored",
        tokenizer: Mapping[str, Sequence[int]] | None = None,
        knows_tokens: bool = True,
        counts: bool = True,
        clever: bool = False,
    ) -> None:
        super().__init__(script, key=key)
        self._card = card or {"id": "qwen2.5-coder-7b", "object": "model"}
        self._suffix = suffix
        self._tokenizer = tokenizer
        self._knows_tokens = knows_tokens
        self._counts = counts
        self._clever = clever

    def refuse_key(self) -> Answer:
        error = {"message": "Incorrect API key", "type": "invalid_request_error", "code": None}
        return failure(401, {"error": {**error, "param": None}})

    def respond(self, request: Received) -> Answer:
        if request.path == "/v1/models":
            card = {"object": "model", "created": 1, "owned_by": "fake", **self._card}
            return Answer(body={"object": "list", "data": [card]})
        if request.path == "/tokenize" and self._tokenizer is not None:
            return self._tokenize(request.body["prompt"])
        if request.path not in self.completion_paths:
            return failure(404, {"detail": "Not Found"})
        if "suffix" in request.body and self._suffix == "refused":
            return suffix_refused()
        return self.say(request) if request.body.get("stream") else self._probe(request.body)

    def render(
        self, answer: Answer, request: Received, pieces: Sequence[str]
    ) -> tuple[list[bytes], str]:
        chatting = request.path == CHAT_PATH
        return list(_events(answer, request.body, pieces, chatting)), "text/event-stream"

    def _probe(self, body: Mapping[str, Any]) -> Answer:
        """A completion that is not streamed, which only our questions about the server are."""
        word = _WORD.search(body.get("suffix", ""))
        seen = self._suffix == "read"
        text = word[1] if word and seen and self._clever else "x"
        tokens = self._count(body["prompt"] + (body.get("suffix", "") if seen else ""))
        whole = text_completion(body["model"], text)
        if self._counts:
            counts = {"prompt_tokens": tokens, "completion_tokens": 1, "total_tokens": tokens + 1}
            whole["usage"] = counts
        return Answer(body=whole)

    def _count(self, text: str) -> int:
        """A mark at the start, a token for each control string it knows, one for four letters."""
        controls = _CONTROL.findall(text) if self._knows_tokens else []
        rest = len(text) - sum(map(len, controls))
        return 1 + len(controls) + -(-rest // 4)

    def _tokenize(self, prompt: str) -> Answer:
        assert self._tokenizer is not None
        ids = self._tokenizer.get(prompt)
        if ids is None:
            ids = range(1000, 1000 + self._count(prompt) - 1)
        return Answer(body={"count": len(ids), "max_model_len": 2000, "tokens": list(ids)})


def suffix_refused() -> Answer:
    message = "suffix is only supported for models with FIM completion rendering"
    kind = {"type": "BadRequestError", "param": "suffix", "code": 400}
    return failure(400, {"error": {"message": message, **kind}})


def text_completion(model: str, text: str) -> dict[str, Any]:
    """The JSON of a text completion that was not streamed."""
    choice = {"index": 0, "text": text, "finish_reason": "stop", "logprobs": None}
    head = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": model}
    return {**head, "choices": [choice]}


def _events(
    answer: Answer, body: Mapping[str, Any], pieces: Sequence[str], chatting: bool
) -> Iterator[bytes]:
    def event(value: Any) -> bytes:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return f"data: {text}{answer.line_end * 2}".encode()

    if answer.comment:
        yield f": {answer.comment}{answer.line_end * 2}".encode()
    if chatting:
        # llama.cpp and others open with a null.
        yield event(_chunk(body, {"delta": {"role": "assistant", "content": None}}))
    for piece in pieces:
        yield event(_chunk(body, {"delta": {"content": piece}} if chatting else {"text": piece}))
    if answer.failing is not None:
        yield event(answer.failing)
        return
    last: dict[str, Any] = {"text": ""}
    if chatting:
        calls = {"tool_calls": list(answer.tool_calls)} if answer.tool_calls else {}
        last = {"delta": calls}
    yield event(_chunk(body, {**last, "finish_reason": answer.finish_reason}))
    if answer.usage is not None and body.get("stream_options"):
        yield event({**_head(body), "choices": [], "usage": answer.usage})
    if answer.done:
        yield event("[DONE]")


def _chunk(body: Mapping[str, Any], choice: Mapping[str, Any]) -> dict[str, Any]:
    return {**_head(body), "choices": [{"index": 0, "finish_reason": None, **choice}]}


def _head(body: Mapping[str, Any]) -> dict[str, Any]:
    kind = "chat.completion.chunk" if "messages" in body else "text_completion"
    return {"id": "cmpl-1", "object": kind, "created": 1, "model": body.get("model", "")}
