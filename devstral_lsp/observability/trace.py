"""Debug tracing: logs one line per completion or refactor, with outcome, duration and annotations.

Stages add details by `annotate`; without DEBUG logging that is one look at a variable. A line names
a document by a number, never by its path, and holds numbers and words of our own: no source text,
prompt or key.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from functools import partial, wraps
from logging import Logger
from typing import Any, ParamSpec, TypeVar

from devstral_lsp.errors import ProviderError

P = ParamSpec("P")
T = TypeVar("T")
Work = Coroutine[Any, Any, T]

_HASH_KEY = secrets.token_bytes(16)
"""Keeps a path from being found out by hashing candidates."""

_WORD = re.compile(r"[\w.:/+@ -]{1,80}")


class _Span:
    """One traced call: the annotations so far, and whether it has ended."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.is_over = False


_current_span: ContextVar[_Span | None] = ContextVar("span", default=None)


def annotate(message: str, *values: object) -> None:
    """Add `message % values` to the current task's span, if it has one.

    Callers pass no text of the user's or the model's.
    """
    span = _current_span.get()
    if span is not None and not span.is_over:
        span.notes.append(message % values)


async def run_traced(
    logger: Logger,
    subject: Callable[[], str],
    work: Callable[[], Awaitable[T]],
    came: Callable[[T], str],
) -> T:
    """Await `work`, then log one line at DEBUG: subject, outcome, duration and annotations.

    `came` describes the result. Raises what `work` raises.
    """
    span, began_s = _Span(), time.perf_counter()
    token = _current_span.set(span)
    outcome = "failed"
    try:
        result = await work()
        outcome = came(result)
        return result
    except asyncio.CancelledError:
        outcome = "given up"
        raise
    except Exception as error:
        outcome = f"failed: {ErrorSummary(error)}"
        raise
    finally:
        _current_span.reset(token)
        span.is_over = True
        ms = (time.perf_counter() - began_s) * 1000
        notes = f" ({'; '.join(span.notes)})" if span.notes else ""
        logger.debug("%s: %s after %.0f ms%s", subject(), outcome, ms, notes)


def traced(
    logger: Logger, subject: Callable[..., str], came: Callable[[T], str]
) -> Callable[[Callable[P, Work[T]]], Callable[P, Work[T]]]:
    """Decorator: log one DEBUG line per call of the wrapped coroutine function.

    `subject` describes the arguments, `came` the result. Above that level neither is called.
    """

    def decorate(do: Callable[P, Work[T]]) -> Callable[P, Work[T]]:
        @wraps(do)
        def traced_call(*args: P.args, **named: P.kwargs) -> Work[T]:
            if not logger.isEnabledFor(logging.DEBUG):
                return do(*args, **named)
            about, work = partial(subject, *args, **named), partial(do, *args, **named)
            return run_traced(logger, about, work, came)

        return traced_call

    return decorate


def anonymize_document(uri: str, language: str, length: int) -> str:
    """A document for a log line: a number unique in this process, language, length."""
    known = uri.encode("utf-8", "surrogatepass")
    number = hashlib.blake2s(known, key=_HASH_KEY, digest_size=3).hexdigest()
    return f"document {number} ({safe_identifier(language)}, {length} code points)"


class ErrorSummary:
    """An error for a log line: its class, HTTP status and request id, formatted only when logged.

    Its sentence is left out; an error's `logged` holds the part that may be logged.
    """

    def __init__(self, error: BaseException | None) -> None:
        self._error = error

    def __str__(self) -> str:
        error = self._error
        words = [type(error).__name__, *filter(None, (getattr(error, "logged", ""),))]
        if isinstance(error, ProviderError) and error.status is not None:
            words.append(f"status {error.status}")
        if isinstance(error, ProviderError) and error.request_id:
            words.append(f"request {error.request_id}")
        return ", ".join(words)


def safe_identifier(name: str) -> str:
    """A foreign name, of a language, a model or an editor; "?" if it could be anything else."""
    return name if _WORD.fullmatch(name) else "?"
