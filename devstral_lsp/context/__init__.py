"""What a model is told beside the text around the cursor.

`SOURCES` are those who know something, in the order in which their snippets stand in a prompt: from
what changes least to what belongs closest to the cursor. `gather` asks them all under one deadline;
`surroundings.py` is what the completion engine talks to.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any

from devstral_lsp.characters import hides_text
from devstral_lsp.context.base import ContextQuery, ContextSource, Snippet
from devstral_lsp.observability.trace import annotate


def _of(module: str, name: str) -> Callable[[], ContextSource]:
    """Makes a source, whose module is loaded only then."""

    def make() -> ContextSource:
        source: ContextSource = getattr(import_module(f"devstral_lsp.context.{module}"), name)()
        return source

    return make


SOURCES: Mapping[str, Callable[[], ContextSource]] = MappingProxyType(
    {
        "imports": _of("imported_definitions", "Imports"),
        "similar_code": _of("similar_code", "SimilarCode"),
        "recent_edits": _of("recent_edits", "RecentEdits"),
        "git_message": _of("commit_message", "CommitMessage"),
        "notebook": _of("notebook", "Notebook"),
    }
)
"""By name, which is also the name of the switch in the settings."""

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "imports": "defines a name near the cursor",
        "similar_code": "resembles the lines around the cursor",
        "recent_edits": "was edited a short while ago",
        "git_message": "the commit that is being described",
        "notebook": "another cell of the notebook",
    }
)
"""What the snippets of each source serve, for the user."""

_logger = logging.getLogger(__name__)


def _nothing(source: ContextSource) -> Sequence[Snippet]:
    return ()


async def gather(
    query: ContextQuery,
    sources: Sequence[ContextSource],
    deadline_ms: float = 100.0,
    *,
    instead: Callable[[ContextSource], Sequence[Snippet]] = _nothing,
    sleep_s: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> tuple[Snippet, ...]:
    """What the sources say, in their order. Raises nothing but CancelledError.

    All are asked at once. One that fails, or is not done after `deadline_ms`, is cancelled and
    counts with what `instead` has for it; the others do not notice. What hides text from a reader
    is left out: a model would read it.
    """
    tasks = [asyncio.ensure_future(_ask(source, query)) for source in sources]
    deadline = asyncio.ensure_future(_sleep(sleep_s, deadline_ms / 1000.0))
    try:
        while not deadline.done() and (waiting := [each for each in tasks if not each.done()]):
            await asyncio.wait((*waiting, deadline), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (*tasks, deadline):
            task.add_done_callback(_hear)
            task.cancel()
    return tuple(
        snippet
        for source, task in zip(sources, tasks, strict=True)
        for snippet in (task.result() if _succeeded(source, task) else instead(source))
        if not hides_text(snippet.text)
    )


async def _ask(source: ContextSource, query: ContextQuery) -> Sequence[Snippet]:
    began_s = time.perf_counter()
    found = await source.snippets(query)
    size, took_ms = sum(len(each.text) for each in found), (time.perf_counter() - began_s) * 1000
    told = (source.name, len(found), size, took_ms)
    annotate("%s: %d pieces of %d code points in %.0f ms", *told, stage="context")
    return found


async def _sleep(sleep_s: Callable[[float], Awaitable[None]], seconds: float) -> None:
    await sleep_s(seconds)


def _succeeded(source: ContextSource, task: asyncio.Future[Sequence[Snippet]]) -> bool:
    if not task.done() or task.cancelled():
        annotate("%s was late: what it said before counts", source.name, stage="context")
        return False
    error = task.exception()
    if error is not None:  # only its type: a message may hold source text
        _logger.debug("context source %s failed: %s", source.name, type(error).__name__)
        annotate("%s failed: %s", source.name, type(error).__name__, stage="context")
    return error is None


def _hear(task: asyncio.Future[Any]) -> None:
    """Take the error of a task that nobody waits for, so that asyncio does not print it."""
    if not task.cancelled():
        task.exception()
