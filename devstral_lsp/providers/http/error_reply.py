"""Reads error replies: bodies, of which Mistral alone has five JSON shapes and HTML, and headers.

A body is read for its code, its type, its message and the request's members that it names. None of
it is trusted or shown: a 422 repeats the user's own text as `input`. Headers tell how long to wait.
Mistral has used several families of header names and documents others than it sends, so all are
read and none is required. `headers` must ignore case, like those of an HTTP client.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

REQUEST_FIELDS = frozenset(
    {
        *("model", "prompt", "suffix", "messages", "prefix", "stream", "stop", "random_seed"),
        *("max_tokens", "min_tokens", "temperature", "top_p", "prompt_cache_key"),
        *("response_format", "json_schema", "tools", "tool_choice", "prediction"),
        *("seed", "stream_options", "max_completion_tokens", "cache_prompt"),
    }
)
"""The members we send. Our messages may name these; any other word of a body may be the user's."""

_WORD = re.compile(r"[a-z_]+")
_CODE = re.compile(r"\d{3,5}")

MAX_WAIT_S = 24 * 60 * 60.0
"""The longest wait that a header can cause; a wrong clock can turn a date into years."""

_LIMITS = (
    "x-ratelimit-limit-req-minute",
    "x-ratelimit-limit-tokens-minute",
    "x-ratelimit-limit-tokens-month",
    "ratelimitbysize-limit",
    "x-ratelimitbysize-limit-minute",
    "x-ratelimitbysize-limit-month",
)
_MONTH_LEFT = ("x-ratelimit-remaining-tokens-month", "x-ratelimitbysize-remaining-month")


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """An error body, read tolerantly. `message` is for classification and never shown."""

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
    """Read an error body of any shape; an empty ErrorBody if there is nothing to read."""
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


def retry_after_s(headers: Mapping[str, str], now_s: float | None = None) -> float | None:
    """Seconds to wait before the next request, as the endpoint asks; None if it does not.

    Read as Mistral's SDK does: `retry-after-ms`, then `Retry-After` in seconds or as a date; then
    the one reset header that Mistral was seen to send. `now_s` is Unix time.
    """
    if (after_ms := _number(headers.get("retry-after-ms"))) is not None:
        return _bounded(after_ms / 1000)
    after = headers.get("retry-after")
    if (seconds := _number(after)) is not None:
        return _bounded(seconds)
    if (moment_s := _date_s(after)) is not None:
        return _bounded(moment_s - (time.time() if now_s is None else now_s))
    reset_s = _number(headers.get("ratelimitbysize-reset"))
    return None if reset_s is None else _bounded(reset_s)


def limit_is_zero(headers: Mapping[str, str]) -> bool:
    """Whether a limit itself is zero, so that waiting does not help."""
    return any(_number(headers.get(name)) == 0 for name in _LIMITS)


def monthly_quota_exhausted(headers: Mapping[str, str]) -> bool:
    """Whether the month's tokens are used up."""
    return any(_number(headers.get(name)) == 0 for name in _MONTH_LEFT)


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _date_s(value: str | None) -> float | None:
    try:
        return parsedate_to_datetime(value or "").timestamp()
    except (ValueError, OverflowError):
        return None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), MAX_WAIT_S)
