"""Reads error replies: bodies, of which Mistral alone has five JSON shapes and HTML, and headers.

A body is read for its codes, its messages and the request's members that it names, wherever its
shape keeps them; a gateway puts the reply of the endpoint behind it inside its own, often as text.
None of it is trusted or shown: a 422 repeats the user's own text as `input`. Headers, and else a
message, tell how long to wait.
Mistral has used several families of header names and documents others than it sends, so all are
read and none is required. `headers` must ignore case, like those of an HTTP client.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

REQUEST_FIELDS = frozenset(
    {
        *("model", "prompt", "suffix", "messages", "prefix", "stream", "stop", "random_seed"),
        *("max_tokens", "min_tokens", "temperature", "top_p", "prompt_cache_key"),
        *("response_format", "json_schema", "tools", "tool_choice", "prediction"),
        *("seed", "stream_options", "max_completion_tokens", "cache_prompt", "logprobs", "n_probs"),
        *("continue_final_message", "add_generation_prompt"),
    }
)
"""The members we send. Our messages may name these; any other word of a body may be the user's."""

_WORD = re.compile(r"[a-z_]+")
_CODE = re.compile(r"\d{3,5}")
_CLOUDFLARE = re.compile(r"error code: \d{3,5}")
_OUTSIDE_CODE = re.compile(r"[^a-z0-9]+")
_WAIT = re.compile(
    r"(?:again|retry|replenished) (?:in|after) (\d{1,6}(?:\.\d{1,3})?) ?(ms|mil|s|m|h)"
)
_UNITS_S: Mapping[str, float] = {"ms": 0.001, "mil": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

_LIMIT = re.compile(
    r"\d >=? ?(?:n_ctx: ?)?([\d,]{3,10})|with ([\d,]{3,10}) maximum context"
    r"|(?:less than|<=) (\d{3,8})"
    r"|(?:(?:context|model|prompt|input|sequence|token)s?[ _](?:window|length|size|limit)|allowed)"
    r"[^\d.(]{0,30}\(?([\d,]{3,10})"
)
MIN_LIMIT_TOKENS, MAX_LIMIT_TOKENS = 256, 10_000_000
"""A context outside of these is a number that means something else."""

_TEXTS = ("message", "msg", "detail", "error", "title", "error_description", "raw", "faultstring")
_CODES = ("code", "type", "error_type", "status", "name", "reason", "error_code", "limit_source")
_WITHIN = ("error", "errors", "detail", "details", "metadata", "innererror", "param", "fault")
"""Members whose text tells what happened, those that name it, and those that hold more of both."""
MAX_DEPTH, MAX_MESSAGE = 5, 4_000
"""Levels of a body that are read, and code points of all its messages together."""

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
    """An error body, read tolerantly. `message` is for classification and never shown.

    `code` and `type` are those of the innermost `error`; `codes` are all that the body names, of
    their letters and digits alone, so that `DeploymentNotFound` is "deploymentnotfound".
    """

    message: str = ""
    type: str = ""
    code: str = ""
    codes: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    wait_s: float | None = None
    """Seconds to wait, as a message says; None if none does."""
    limit_tokens: int | None = None
    """The number of tokens that a message gives as the most; None if none does."""
    html: bool = False

    @property
    def safe_code(self) -> str:
        """The code if it is a plain number, as Mistral's are, else ""."""
        return self.code if _CODE.fullmatch(self.code) else ""


def parse_error_body(body: bytes, content_type: str = "") -> ErrorBody:
    """Read an error body of any shape; an empty ErrorBody if there is nothing to read."""
    if "html" in content_type.lower() or body.lstrip()[:1] == b"<":
        return ErrorBody(html=True)
    value = _json(body)
    if value is not None:
        return error_from_json(value)
    text = body[:MAX_MESSAGE].decode("utf-8", "replace").strip()
    # Cloudflare's page, for a client that takes no HTML.
    return ErrorBody(html=True) if _CLOUDFLARE.fullmatch(text) else error_from_json({"error": text})


def error_from_json(value: Any) -> ErrorBody:
    """Read an error that was parsed already. Raises nothing, whatever `value` is."""
    parts = list(_parts(value, MAX_DEPTH))
    if not parts:
        return ErrorBody()
    message = " ".join(text for part in parts for text in _texts(part))[:MAX_MESSAGE].lower()
    named = [_text(part.get(name)) for part in parts for name in _CODES]
    own = next((part for part in parts if "code" in part or "type" in part), parts[0])
    return ErrorBody(
        message=message,
        type=_text(own.get("type") or own.get("error_type")).lower(),
        code=_text(own.get("code")),
        codes=tuple(dict.fromkeys(_OUTSIDE_CODE.sub("", each.lower()) for each in named if each)),
        fields=_fields(message, parts),
        wait_s=_wait_s(message, parts),
        limit_tokens=_limit_tokens(message, parts),
    )


def _parts(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """The objects of a body that may say something, the inner ones first."""
    value = _embedded(value) or value
    if depth and isinstance(value, list):
        for each in value[:8]:
            yield from _parts(each, depth - 1)
    if depth and isinstance(value, dict):
        for name in (*_WITHIN, "message", "raw"):
            yield from _parts(value.get(name), depth - 1)
        yield value


def _texts(part: Mapping[str, Any]) -> Iterator[str]:
    """The messages of one object, but not of a 422's detail, which may repeat the user's text."""
    for name in _TEXTS if "loc" not in part else ():
        text = part.get(name)
        if isinstance(text, str) and not _embedded(text):
            yield text


def _embedded(value: Any) -> Any:
    """The JSON object that a text is; None if it is none."""
    is_object = isinstance(value, str) and value.lstrip().startswith("{")
    return _json(value.encode("utf-8", "replace")) if is_object else None


def _fields(message: str, parts: list[Mapping[str, Any]]) -> tuple[str, ...]:
    named: list[Any] = [part.get("param") for part in parts]
    located = [part["loc"] for part in parts if isinstance(part.get("loc"), list)]
    for where in located:
        named += where
    if not located:
        named += _WORD.findall(message)
    # vLLM writes "body.stop".
    words = (name.rpartition(".")[2] for name in named if isinstance(name, str))
    known = (name for name in words if name in REQUEST_FIELDS)
    return tuple(dict.fromkeys(known))


def _wait_s(message: str, parts: list[Mapping[str, Any]]) -> float | None:
    for part in parts:
        estimate = part.get("estimated_time")  # Hugging Face, while a model is loaded
        if isinstance(estimate, int | float) and math.isfinite(estimate):
            return _bounded(float(estimate))
    found = _WAIT.search(message)
    return None if found is None else _bounded(float(found[1]) * _UNITS_S[found[2]])


def _limit_tokens(message: str, parts: list[Mapping[str, Any]]) -> int | None:
    """What a message about length names as the limit: llama.cpp has a member for it."""
    limit = next((part["n_ctx"] for part in parts if isinstance(part.get("n_ctx"), int)), 0)
    if not limit and (found := _LIMIT.search(message)) is not None:
        limit = int(next(filter(None, found.groups())).replace(",", ""))
    return limit if MIN_LIMIT_TOKENS <= limit <= MAX_LIMIT_TOKENS else None


def _text(value: Any) -> str:
    """A code may be a string, an integer or null."""
    return str(value)[:80] if isinstance(value, str | int) and not isinstance(value, bool) else ""


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
