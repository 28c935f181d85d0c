"""Reads error bodies, of which at least five JSON shapes and HTML are in use at Mistral alone.

A body is read for its code, its type, its message and the request's fields that it names, and
trusted in none: a 422 repeats the user's own text as `input`. Pure; it does not decide what an
error means (`failures.py`), and knows no HTTP client.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REQUEST_FIELDS = frozenset(
    {
        *("model", "prompt", "suffix", "messages", "prefix", "stream", "stop", "random_seed"),
        *("max_tokens", "min_tokens", "temperature", "top_p", "prompt_cache_key"),
        *("response_format", "json_schema", "tools", "tool_choice", "prediction"),
        *("seed", "stream_options", "max_completion_tokens", "cache_prompt"),
    }
)
"""The members we send, which a sentence may name; any other word of a body may be the user's."""

_WORD = re.compile(r"[a-z_]+")
_CODE = re.compile(r"\d{3,5}")


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """An error body, read tolerantly. `message` is for deciding, never for showing."""

    message: str = ""
    type: str = ""
    code: str = ""
    fields: tuple[str, ...] = ()
    html: bool = False

    @property
    def safe_code(self) -> str:
        """The code if it is a plain number, as Mistral's are, else ""."""
        return self.code if _CODE.fullmatch(self.code) else ""


def parse_error_body(body: bytes, content_type: str = "") -> ErrorBody:
    """Read an error body of any shape; an empty Complaint if there is nothing to read."""
    if "html" in content_type.lower() or body.lstrip()[:1] == b"<":
        return ErrorBody(html=True)
    return error_from_json(_json(body))


def error_from_json(value: Any) -> ErrorBody:
    """Read an error that was parsed already. Raises nothing, whatever `value` is."""
    if not isinstance(value, dict):
        return ErrorBody()
    inner = value.get("error")
    if isinstance(inner, dict):
        return error_from_json({**inner, "error": None})
    message, details = _message(value, inner)
    return ErrorBody(
        message=message.lower(),
        type=_text(value.get("type") or value.get("error_type")).lower(),
        code=_text(value.get("code")),
        fields=_fields(message, details, value.get("param")),
    )


def _message(value: Mapping[str, Any], inner: Any) -> tuple[str, list[Any]]:
    """The message and the list of a 422's details, wherever this shape keeps them."""
    found = [value.get("message"), value.get("detail"), inner]
    found = [_unwrapped(each) for each in found]
    texts = [each for each in found if isinstance(each, str)]
    details = [item for each in found if isinstance(each, list) for item in each]
    return " ".join(texts), details


def _unwrapped(value: Any) -> Any:
    """A message may be text, an object holding `detail`, or that object again as JSON text."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        parsed = _json(value.encode("utf-8", "replace"))
        value = value if parsed is None else parsed
    return value.get("detail") if isinstance(value, dict) else value


def _fields(message: str, details: list[Any], param: Any) -> tuple[str, ...]:
    named: list[Any] = [param]
    for detail in details:
        where = detail.get("loc") if isinstance(detail, dict) else None
        named += where if isinstance(where, list) else []
    if not details:
        named += _WORD.findall(message.lower())
    # vLLM writes "body.stop".
    words = (name.rpartition(".")[2] for name in named if isinstance(name, str))
    known = (name for name in words if name in REQUEST_FIELDS)
    return tuple(dict.fromkeys(known))


def _text(value: Any) -> str:
    """A code may be a string, an integer or null."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
