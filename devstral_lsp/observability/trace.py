"""Traces: what each stage decided about one completion, refactor or task.

A trace is one stream of events with three views: the debug log's line, the answer to "why?"
(`completion/why.py`), and the ledger (`usage/ledger.py`). Stages add events by `annotate`. Without
DEBUG logging and without an observer there is no trace, and that is one look at a variable. An
event holds numbers and words of our own: no source text, prompt, path or key.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial, wraps
from logging import Logger
from typing import Any, ParamSpec, Protocol, TypeVar

from devstral_lsp.errors import ProviderError

P = ParamSpec("P")
T = TypeVar("T")
Work = Coroutine[Any, Any, T]
Fact = str | int | float | bool

MAX_EVENTS = 200
"""Of one trace; a task of many steps has more, of which the first are kept."""

_HASH_KEY = secrets.token_bytes(16)
"""Keeps a path from being found out by hashing candidates."""

_logger = logging.getLogger(__name__)

_WORD = re.compile(r"[\w.:/+@ -]{1,80}")


@dataclass(frozen=True, slots=True)
class Event:
    """What one stage did or decided, `at_ms` after the trace began.

    `words` are for readers, `facts` for the ledger. Of the facts, `verdict` says why nothing is
    shown (VERDICTS).
    """

    stage: str
    words: str
    at_ms: float
    facts: Mapping[str, Fact]


HUNG_UP = "hung up"
"""In the place of a finish reason: perhaps before there was a status."""

VERDICTS = ("empty", "filtered", "error", "refused", "superseded", "off")
"""Why nothing is shown, the weakest first: where several were given, the last in this order is the
reason. A filter's, of the endpoint, of the governor, of a newer request, of the settings."""


class TraceObserver(Protocol):
    """Follows the traces of one application."""

    def ended(self, trace: Trace) -> None:
        """The work is over; its last event is the outcome."""

    def continued(self, trace: Trace, event: Event) -> None:
        """Something came to light after the end, such as what the request cost."""

    def accepted(self, trace: Trace, uri: str, text: str) -> None:
        """The user took `text`, which is in no event."""


class Observed(Protocol):
    """What has an observer of the traces of its work."""

    observer: TraceObserver | None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a trace is about. `uri` and `line` (from 1, 0 for none) stay in memory."""

    words: str
    uri: str = ""
    line: int = 0
    facts: Mapping[str, Fact] | None = None


class Trace:
    """One traced call. `request` is what was last asked of a model, kept in memory alone."""

    __slots__ = (
        *("events", "id", "is_over", "observer", "request", "started_s", "subject"),
        "_began_s",
    )

    def __init__(self, observer: TraceObserver | None) -> None:
        self.id = random.getrandbits(62)
        self.started_s = time.time()
        self.subject = Subject("")
        self.events: list[Event] = []
        self.is_over = False
        self.observer = observer
        self.request: object = None
        self._began_s = time.perf_counter()

    def add(self, message: str, *values: object, stage: str = "note", **facts: Fact) -> None:
        """Add `message % values`, with its facts; the observer hears what comes after the end.

        Callers pass no text of the user's or the model's.
        """
        words = message % values if values else message
        event = Event(stage, words, self.elapsed_ms, facts)
        if len(self.events) < MAX_EVENTS or stage == "outcome":
            self.events.append(event)
        if self.is_over and self.observer is not None:
            _tell(lambda observer: observer.continued(self, event), self.observer)

    def add_request(
        self,
        provider: str,
        tokens: tuple[int, int, int],
        finish: str,
        took_ms: float,
        *,
        error: ProviderError | None = None,
        is_counted: bool,
        is_prefetch: bool = False,
    ) -> None:
        """Add what a request took, unless it was not sent. `tokens` are those of the prompt, those
        of them that were cached, and those of the answer; an estimate unless `is_counted`."""
        if error is not None and not error.was_sent:
            return
        status, told = 200, finish if finish == HUNG_UP else f"HTTP 200, {finish}"
        if error is not None:
            status, finish = error.status or 0, "error"
            told = f"HTTP {status}, {finish}" if status else finish
            tokens = tokens if is_counted else (0, 0, 0)
        about = "" if is_counted or error is not None else "about "
        self.add(
            *("%s%d tokens in (%d cached), %d out; %s after %.0f ms", about),
            *(*tokens, told, took_ms),
            stage="usage",
            provider=provider,
            status=status,
            finish=finish,
            prompt_tokens=tokens[0],
            cached_tokens=tokens[1],
            completion_tokens=tokens[2],
            is_counted=is_counted,
            is_prefetch=is_prefetch,
            took_ms=took_ms,
        )

    def accepted(self, uri: str, text: str) -> None:
        """Hand what the user took to the observer."""
        if self.observer is not None:
            _tell(lambda observer: observer.accepted(self, uri, text), self.observer)

    @property
    def elapsed_ms(self) -> float:
        return (time.perf_counter() - self._began_s) * 1000

    @property
    def outcome(self) -> Event:
        """The event that ended the work."""
        return next(each for each in reversed(self.events) if each.stage == "outcome")

    @property
    def reason(self) -> Event | None:
        """The event that says why nothing is shown, if one does."""
        given = [each for each in self.events if each.facts.get("verdict") in VERDICTS]
        return max(given, key=lambda each: VERDICTS.index(str(each.facts["verdict"])), default=None)


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace | None:
    """The trace of the current task, which may be over."""
    return _current.get()


def annotate(message: str, *values: object, stage: str = "note", **facts: Fact) -> None:
    """Add `message % values` and the facts to the current task's trace, unless it is over.

    Callers pass no text of the user's or the model's.
    """
    trace = _current.get()
    if trace is not None and not trace.is_over:
        trace.add(message, *values, stage=stage, **facts)


async def run_traced(
    logger: Logger,
    subject: Callable[[], Subject],
    work: Callable[[], Awaitable[T]],
    came: Callable[[T], tuple[str, Mapping[str, Fact]]],
    observer: TraceObserver | None = None,
) -> T:
    """Await `work`, then hand its trace to `observer`, and log it as one line at DEBUG.

    `came` describes the result, in words and facts. Raises what `work` raises.
    """
    trace = Trace(observer)
    token = _current.set(trace)
    words: str = "failed"
    facts: Mapping[str, Fact] = {"result": "failed"}
    try:
        result = await work()
        words, facts = came(result)
        return result
    except asyncio.CancelledError:
        words, facts = "given up", {"result": "cancelled"}
        raise
    except Exception as error:
        summary = str(ErrorSummary(error))
        words, facts = f"failed: {summary}", {"result": "failed", "error": type(error).__name__}
        raise
    finally:
        _current.reset(token)
        trace.subject = subject()
        if logger.isEnabledFor(logging.DEBUG):
            notes = "; ".join(each.words for each in trace.events)
            notes = f" ({notes})" if notes else ""
            took_ms = trace.elapsed_ms
            logger.debug("%s: %s after %.0f ms%s", trace.subject.words, words, took_ms, notes)
        trace.add(words, stage="outcome", **facts)
        trace.is_over = True
        if observer is not None:
            _tell(lambda observer: observer.ended(trace), observer)


def _tell(word: Callable[[TraceObserver], None], observer: TraceObserver) -> None:
    """Tell an observer. Its failure is a line in the log, and no failure of what it observes."""
    try:
        word(observer)
    except Exception as error:  # noqa: BLE001
        _logger.error("a trace was not recorded: %s", type(error).__name__)


def traced(
    logger: Logger,
    subject: Callable[..., Subject],
    came: Callable[[T], tuple[str, Mapping[str, Fact]]],
    observed: Callable[..., Observed] = lambda first, *_, **__: first,
) -> Callable[[Callable[P, Work[T]]], Callable[P, Work[T]]]:
    """Decorator: trace each call of the wrapped coroutine function.

    `subject` and `observed` get the arguments, `came` the result. Without an observer, neither
    `subject` nor `came` is called above DEBUG.
    """

    def decorate(do: Callable[P, Work[T]]) -> Callable[P, Work[T]]:
        @wraps(do)
        def traced_call(*args: P.args, **named: P.kwargs) -> Work[T]:
            watching = observed(*args, **named).observer
            if watching is None and not logger.isEnabledFor(logging.DEBUG):
                return do(*args, **named)
            about, work = partial(subject, *args, **named), partial(do, *args, **named)
            return run_traced(logger, about, work, came, watching)

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
