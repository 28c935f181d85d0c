"""What the fake Mistral server may answer, as values, and the bodies it is made of.

An `Answer` says what goes over the wire and how it ends; `steps` turns it into the bytes of the
body. It knows no sockets (`fake_mistral.py`) and does not judge requests (`mistral_schema.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

USAGE: Mapping[str, Any] = {"prompt_tokens": 21, "completion_tokens": 5, "total_tokens": 26}

End = Literal["clean", "cut", "reset", "hang"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One reply. Without `raw` or `body` it is a completion made of the pieces in `text`.

    `end` is what happens once `after_bytes` of the body are out (None: all of it, without the
    mark that ends an HTTP body): "cut" closes, "reset" sends RST, "hang" says nothing more.
    With `headless` that happens in place of the status line. `failing` is an event that comes
    after the text in place of the stream's end. Times are in milliseconds.
    """

    text: Sequence[str] = ("return a", " + b")
    finish_reason: str | None = "stop"
    usage: Mapping[str, Any] | None = field(default_factory=lambda: USAGE)
    tool_calls: Sequence[Mapping[str, Any]] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    raw: bytes | None = None
    content_type: str = ""
    first_ms: float = 0
    between_ms: float = 0
    split_bytes: int = 0
    line_end: str = "\n"
    comment: str = ""
    done: bool = True
    failing: Any = None
    end: End = "clean"
    after_bytes: int | None = None
    headless: bool = False


def failure(status: int, body: Any, **headers: str) -> Answer:
    """An error with a JSON body. Header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, body=body, headers=named)


def page(status: int, text: str = "<html><body>Web server is down</body></html>") -> Answer:
    """A page of HTML, as proxies and Cloudflare send it."""
    return Answer(status=status, raw=text.encode(), content_type="text/html; charset=UTF-8")


def envelope(message: str, kind: str, code: str | None, status: int = 400) -> dict[str, Any]:
    """The body most of Mistral's errors have."""
    fields: dict[str, Any] = {"object": "error", "message": message, "type": kind}
    return {**fields, "param": None, "code": code, "raw_status_code": status}


def unknown_model(model: str) -> Answer:
    return failure(400, envelope(f"Invalid model: {model}", "invalid_model", "1500"))


def no_fim() -> Answer:
    sentence = "FIM is not enabled for this model"
    return failure(400, envelope(sentence, "invalid_request_invalid_args", "3051"))


def model_card(
    identity: str, *, fim: bool, chat: bool = True, vision: bool = False
) -> dict[str, Any]:
    """One entry of GET /v1/models."""
    abilities = {"completion_chat": chat, "completion_fim": fim, "vision": vision}
    return {
        "id": identity,
        "object": "model",
        "created": 1767094366,
        "owned_by": "mistralai",
        "capabilities": {**abilities, "function_calling": True},
        "name": identity,
        "max_context_length": 256000,
        "aliases": [],
        "deprecation": None,
        "type": "base",
    }


def whole_body(answer: Answer, request: Mapping[str, Any], pieces: Sequence[str]) -> bytes:
    """The JSON of a completion that was not streamed."""
    calls = list(answer.tool_calls) or None
    message = {"role": "assistant", "tool_calls": calls, "content": "".join(pieces)}
    choice = {"index": 0, "finish_reason": answer.finish_reason, "message": message}
    head = _head(request, "chat.completion")
    return _json({**head, "usage": answer.usage or {}, "choices": [choice]}).encode()


def events(answer: Answer, request: Mapping[str, Any], pieces: Sequence[str]) -> Iterator[bytes]:
    """The server-sent events of a streamed completion, one per item."""
    if answer.comment:
        yield f": {answer.comment}{answer.line_end * 2}".encode()
    yield _event(answer, request, {"role": "assistant", "content": ""})
    for piece in pieces:
        yield _event(answer, request, {"content": piece})
    if answer.failing is not None:
        yield f"data: {_json(answer.failing)}{answer.line_end * 2}".encode()
        return
    yield _last_event(answer, request)
    if answer.done:
        yield f"data: [DONE]{answer.line_end * 2}".encode()


def _last_event(answer: Answer, request: Mapping[str, Any]) -> bytes:
    delta: dict[str, Any] = {"content": ""}
    if answer.tool_calls:
        delta["tool_calls"] = list(answer.tool_calls)
    extra = {} if answer.usage is None else {"usage": answer.usage}
    return _event(answer, request, delta, answer.finish_reason, extra)


def _event(
    answer: Answer,
    request: Mapping[str, Any],
    delta: Mapping[str, Any],
    finish_reason: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    chunk = {**_head(request, "chat.completion.chunk"), "choices": [choice], **(extra or {})}
    return f"data: {_json(chunk)}{answer.line_end * 2}".encode()


def _head(request: Mapping[str, Any], kind: str) -> dict[str, Any]:
    identity = "b0c1d2e3f4a5968778695a4b3c2d1e0f"
    return {"id": identity, "object": kind, "created": 1760000000, "model": request["model"]}


def _json(value: Any) -> str:
    """Raw, unescaped text, as Mistral may send it: U+2028 stands in it as itself."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
