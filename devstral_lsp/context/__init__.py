"""Context for the model, beside the text around the cursor.

`SOURCES` lists the context sources in the order of their snippets in the prompt: from the one that
changes least to the one that belongs closest to the cursor. `gather` queries all of them under one
deadline. The completion engine uses `provider.py`.
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


def _lazy_source(module: str, name: str) -> Callable[[], ContextSource]:
    """Return a factory that imports the source's module on its first call."""

    def make() -> ContextSource:
        source: ContextSource = getattr(import_module(f"devstral_lsp.context.{module}"), name)()
        return source

    return make


SOURCES: Mapping[str, Callable[[], ContextSource]] = MappingProxyType(
    {
        "imports": _lazy_source("imported_definitions", "Imports"),
        "similar_code": _lazy_source("similar_code", "SimilarCode"),
        "recent_edits": _lazy_source("recent_edits", "RecentEdits"),
        "git_message": _lazy_source("commit_message", "CommitMessage"),
        "notebook": _lazy_source("notebook", "Notebook"),
    }
)
"""Factories by source name, which is also the name of the switch in the settings."""

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "imports": "defines a name near the cursor",
        "similar_code": "resembles the lines around the cursor",
        "recent_edits": "was edited a short while ago",
        "git_message": "the commit that is being described",
        "notebook": "another cell of the notebook",
    }
)
"""Why the snippets of each source are in the prompt; shown to the user."""

_logger = logging.getLogger(__name__)


def _no_snippets(source: ContextSource) -> Sequence[Snippet]:
    return ()


async def gather(
    query: ContextQuery,
    sources: Sequence[ContextSource],
    deadline_ms: float = 100.0,
    *,
    fallback: Callable[[ContextSource], Sequence[Snippet]] = _no_snippets,
    sleep_s: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> tuple[Snippet, ...]:
    """Query all sources at once; return their snippets in the order of `sources`.

    A source that fails or has not finished after `deadline_ms` is cancelled, and the snippets of
    `fallback` take its place. Snippets with hidden characters are left out, because a model would
    read what a reader cannot see. Raises only CancelledError.
    """
    tasks = [asyncio.ensure_future(_ask(source, query)) for source in sources]
    deadline = asyncio.ensure_future(sleep_s(deadline_ms / 1000.0))
    try:
        while not deadline.done() and (waiting := [each for each in tasks if not each.done()]):
            await asyncio.wait((*waiting, deadline), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (*tasks, deadline):
            task.add_done_callback(_consume_exception)
            task.cancel()
    return tuple(
        snippet
        for source, task in zip(sources, tasks, strict=True)
        for snippet in (task.result() if _succeeded(source, task) else fallback(source))
        if not hides_text(snippet.text)
    )


async def _ask(source: ContextSource, query: ContextQuery) -> Sequence[Snippet]:
    began_s = time.perf_counter()
    found = await source.snippets(query)
    size, took_ms = sum(len(each.text) for each in found), (time.perf_counter() - began_s) * 1000
    told = (source.name, len(found), size, took_ms)
    annotate("%s: %d pieces of %d code points in %.0f ms", *told, stage="context")
    return found


def _succeeded(source: ContextSource, task: asyncio.Future[Sequence[Snippet]]) -> bool:
    if not task.done() or task.cancelled():
        annotate("%s was late: what it said before counts", source.name, stage="context")
        return False
    error = task.exception()
    if error is not None:  # only its type: a message may hold source text
        _logger.debug("context source %s failed: %s", source.name, type(error).__name__)
        annotate("%s failed: %s", source.name, type(error).__name__, stage="context")
    return error is None


def _consume_exception(task: asyncio.Future[Any]) -> None:
    """Retrieve the exception, so that asyncio does not log one that no caller waits for."""
    if not task.cancelled():
        task.exception()
