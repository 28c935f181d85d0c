"""The governor where it is used: completions and refactors of an application, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devstral_lsp.app import App
from devstral_lsp.completion.status import Status, StatusKind
from devstral_lsp.completion.types import TriggerKind
from devstral_lsp.config.merge import SettingsLayer, resolve
from devstral_lsp.config.readers import STATE_VARIABLE
from devstral_lsp.config.setting_spec import Layer
from devstral_lsp.errors import BudgetExceeded
from devstral_lsp.providers.base import ChatRequest, Notice
from tests.support.answers import Answer
from tests.support.editor import PATIENCE_S
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.scripted import request_at
from tests.support.streams import collect


class Governed:
    """An application in front of a fake Mistral."""

    def __init__(self, fake: FakeMistral, folder: Path, **limits: object) -> None:
        self.fake = fake
        self.notices: list[Notice] = []
        self.statuses: list[Status] = []
        self.told = asyncio.Event()
        """Set by a status that tells what is used."""
        values = {
            "fim.provider": "mistral",
            "fim.base_url": fake.url,
            "fim.trusted_hosts": [fake.url],
            "chat.provider": "mistral",
            "chat.base_url": fake.url,
            "chat.trusted_hosts": [fake.url],
            "chat.model": "mistral-small-latest",
            "completion.debounce_ms": 0,
            **{f"limits.{name}": value for name, value in limits.items()},
        }
        environ = {"MISTRAL_API_KEY": KEY, STATE_VARIABLE: str(folder)}
        self.app = App(
            resolve([SettingsLayer(Layer.USER, "user file", values)]),
            notify=self.notices.append,
            status=self._take,
            environ=environ,
        )

    def _take(self, status: Status) -> None:
        self.statuses.append(status)
        if "Used: " in status.message:
            self.told.set()

    async def complete(
        self, marked: str, trigger: TriggerKind = TriggerKind.AUTOMATIC
    ) -> list[str]:
        shown = await self.app.completer.complete(request_at(marked, trigger=trigger))
        return [each.text for each in shown]

    async def chat(self) -> None:
        provider = await self.app.connect_chat()
        question = ChatRequest(messages=[{"role": "user", "content": "Add."}], max_tokens=64)
        await collect(provider.chat(question))

    @property
    def sent(self) -> int:
        return sum(each.path != "/v1/models" for each in self.fake.received)


@asynccontextmanager
async def governed(
    folder: Path, *, headers: dict[str, str] | None = None, **limits: object
) -> AsyncIterator[Governed]:
    async with FakeMistral(lambda _: Answer(text=("answer()",), headers=headers or {})) as fake:
        editor = Governed(fake, folder, **limits)
        try:
            await editor.app.ready()
            yield editor
        finally:
            await editor.app.close()


async def test_by_hand_is_told_why_and_until_when(tmp_path: Path) -> None:
    async with governed(tmp_path, requests_per_minute=1) as editor:
        assert await editor.complete("one = │", TriggerKind.INVOKED)
        assert not await editor.complete("two = │", TriggerKind.INVOKED)
        assert editor.sent == 1
        (notice,) = editor.notices
        assert "1 of 1 requests a minute (limits.requests_per_minute) are used" in notice.message
        assert "Raise limits.requests_per_minute" in notice.message


async def test_automatic_requests_leave_the_rest_to_the_hand(tmp_path: Path) -> None:
    async with governed(tmp_path, requests_per_minute=2) as editor:
        assert await editor.complete("one = │")
        assert not await editor.complete("two = │")
        assert editor.notices == []
        assert editor.statuses[-1].kind is StatusKind.NORMAL
        assert "limits.requests_per_minute" in editor.statuses[-1].message
        await editor.chat()
        assert editor.sent == 2


async def test_refactors_and_completions_have_one_budget(tmp_path: Path) -> None:
    async with governed(tmp_path, requests_per_minute=1) as editor:
        await editor.chat()
        assert not await editor.complete("one = │", TriggerKind.INVOKED)
        with pytest.raises(BudgetExceeded, match="It can be sent at"):
            await editor.chat()
        assert editor.sent == 1


async def test_what_a_reply_tells_counts_from_then_on(tmp_path: Path) -> None:
    headers = {"X-RateLimit-Limit-Req-Minute": "60", "X-RateLimit-Remaining-Req-Minute": "0"}
    async with governed(tmp_path, headers=headers) as editor:
        await editor.chat()
        with pytest.raises(BudgetExceeded, match="60 requests a minute"):
            await editor.chat()
        assert editor.sent == 1


async def test_the_status_tells_of_a_request_once_it_is_over(tmp_path: Path) -> None:
    async with governed(tmp_path, requests_per_minute=9) as editor:
        assert await editor.complete("one = │")
        told = "Used: 1 of 9 requests in the last minute."
        async with asyncio.timeout(PATIENCE_S):
            await editor.told.wait()
        assert editor.statuses[-1] == Status(StatusKind.NORMAL, told)
