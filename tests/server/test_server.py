"""One client's session, from within."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from devstral_lsp.completion.types import CompletionRequest
from devstral_lsp.server.server import Server
from tests.support.scripted import request_at


async def test_work_that_is_cancelled_before_it_begins_leaves_nothing_behind() -> None:
    work = asyncio.sleep(0)
    task = Server().create_background_task("test", work)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert inspect.getcoroutinestate(work) == inspect.CORO_CLOSED


class Engine:
    """Says `text`; nothing once it has been replaced, which the first request waits for."""

    def __init__(self, text: str = "", replaced: asyncio.Event | None = None) -> None:
        self._said = [text] if text else []
        self._replaced = replaced

    async def complete(self, _: CompletionRequest) -> list[str]:
        if self._replaced is not None:
            await self._replaced.wait()
        return self._said


async def test_an_older_request_is_not_put_to_a_new_engine_after_a_newer_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, replaced = Server(), asyncio.Event()
    older, app = request_at("x = │\n"), SimpleNamespace(completer=Engine(replaced=replaced))
    newer = replace(older, offset=older.offset - 1)

    async def give() -> Any:
        return app

    monkeypatch.setattr(server, "app", give)
    monkeypatch.setattr(server.session, "snapshot", lambda _: older.snapshot)
    answering = asyncio.ensure_future(server.complete(older))
    await asyncio.sleep(0)
    app.completer = Engine("1")
    assert await server.complete(newer) == ["1"]
    replaced.set()
    assert await answering == []
