"""What the debug log tells of a keystroke or a refactor: one line, when it is over.

Stages say by `annotate` what only a reader of that line wants to know; where nobody logs, that is
one look at a variable. A line names documents by a number, never by their path, and holds numbers
and words of our own: no source text, prompt or key. It knows neither engine nor endpoint.
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
"""So that nobody can find out a path by trying which one has that number."""

_WORD = re.compile(r"[\w.:/+@ -]{1,80}")


class _Span:
    """One that is being told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.is_over = False


_current_span: ContextVar[_Span | None] = ContextVar("story", default=None)


def annotate(message: str, *values: object) -> None:
    """Add to the story that is told of the task at hand, if any is: `message % values`.

    Whoever gives a value vouches for it being neither text of the user's nor of the model's.
    """
    story = _current_span.get()
    if story is not None and not story.is_over:
        story.notes.append(message % values)


async def run_traced(
    logger: Logger,
    subject: Callable[[], str],
    work: Callable[[], Awaitable[T]],
    came: Callable[[T], str],
) -> T:
    """Do `work`, then log in one line at DEBUG what it was about, what came of it and the notes.

    `came` puts the result into words. Raises what `work` raises.
    """
    story, began_s = _Span(), time.perf_counter()
    token = _current_span.set(story)
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
        story.is_over = True
        ms = (time.perf_counter() - began_s) * 1000
        notes = f" ({'; '.join(story.notes)})" if story.notes else ""
        logger.debug("%s: %s after %.0f ms%s", subject(), outcome, ms, notes)


def traced(
    logger: Logger, subject: Callable[..., str], came: Callable[[T], str]
) -> Callable[[Callable[P, Work[T]]], Callable[P, Work[T]]]:
    """Makes of what does some work the same, of which each call is told in a line at DEBUG.

    `subject` puts into words what it is given. Above that level nothing is touched.
    """

    def telling(do: Callable[P, Work[T]]) -> Callable[P, Work[T]]:
        @wraps(do)
        def telling_do(*args: P.args, **named: P.kwargs) -> Work[T]:
            if not logger.isEnabledFor(logging.DEBUG):
                return do(*args, **named)
            about, work = partial(subject, *args, **named), partial(do, *args, **named)
            return run_traced(logger, about, work, came)

        return telling_do

    return telling


def anonymize_document(uri: str, language: str, length: int) -> str:
    """A document in words: a number that is its own in this process, language, code points."""
    known = uri.encode("utf-8", "surrogatepass")
    number = hashlib.blake2s(known, key=_HASH_KEY, digest_size=3).hexdigest()
    return f"document {number} ({safe_identifier(language)}, {length} code points)"


class ErrorSummary:
    """The kind of an error and what the endpoint sent with it, put into words where they are read.

    Without its sentence, unless it has a `logged`, which is what a log may hold of that.
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
    """A name that somebody else gave, if it can be one: a language's, a model's, an editor's."""
    return name if _WORD.fullmatch(name) else "?"
