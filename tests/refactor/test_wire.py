"""Refactors over a real socket: what the endpoint refuses, what is hung up, who is asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devstral_lsp.app import App
from devstral_lsp.config.merge import SettingsLayer, resolve
from devstral_lsp.config.setting_spec import Layer
from devstral_lsp.edits.line_edits import apply_edits
from devstral_lsp.errors import DevstralError, RateLimited
from devstral_lsp.refactor.types import (
    ActionOffer,
    RefactorRefused,
    RefactorResult,
    RefactorSelection,
)
from devstral_lsp.text import Snapshot, Span, Text
from tests.support.answers import Answer, envelope, failure
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.fake_server import Received

CODE = "def total(items):\n    return sum([item.price for item in items])\n"
NEW = "def total(items):\n    return sum(item.price for item in items)"
GOOD = Answer(text=(json.dumps({"code": NEW, "imports": []}),))
BROKEN = Answer(text=(json.dumps({"code": NEW.replace("items)", "items", 1), "imports": []}),))
TAGGED = Answer(text=(f"<new_code>\n{NEW}\n", "</new_code>"))
MODELS = {"mistral-medium-latest": False}
INVALID = "invalid_request_invalid_args"
PATIENCE_S = 5.0

Script = Callable[[Received], Answer]


@asynccontextmanager
async def running(fake: FakeMistral, folder: Path, *, key: str = KEY) -> AsyncIterator[App]:
    values = {"chat.base_url": fake.url, "fim.provider": "local", "local.enabled": False}
    resolved = resolve([SettingsLayer(Layer.USER, "user file", values)])
    environ = {"MISTRAL_API_KEY": key, "XDG_CACHE_HOME": str(folder / "cache")}
    app = App(resolved, environ=environ)
    try:
        app.set_workspace_folders([folder])
        yield app
    finally:
        await app.close()


def opened(app: App, folder: Path) -> tuple[ActionOffer, Snapshot]:
    """A document, and what is offered for all of it."""
    snapshot = Snapshot((folder / "a.py").as_uri(), 1, "python", Text.of(CODE))
    app.changed(snapshot)
    offers = app.refactorer.offers(RefactorSelection(snapshot, Span(0, len(CODE) - 1)))
    return next(offer for offer in offers if offer.action == "simplify"), snapshot


async def refactored(app: App, folder: Path) -> str:
    """The document's text as a refactor would have it."""
    outcome = await app.refactorer.run(*opened(app, folder))
    return _applied(outcome)


def _applied(outcome: RefactorResult) -> str:
    (change,) = outcome.changes
    return str(apply_edits(change.before, change.edits))


async def test_the_fault_of_an_answer_is_told_and_the_next_one_taken(tmp_path: Path) -> None:
    async with (
        FakeMistral([BROKEN, GOOD], models=MODELS) as fake,
        running(fake, tmp_path) as app,
    ):
        assert await refactored(app, tmp_path) == f"{NEW}\n"
    first, second = (each.body for each in fake.completions)
    assert [each["role"] for each in first["messages"]] == ["system", "user"]
    roles = ["system", "user", "assistant", "user"]
    assert [each["role"] for each in second["messages"]] == roles
    assert first["response_format"]["type"] == "json_schema"
    assert json.loads(first["prediction"]["content"])["code"] == CODE.rstrip("\n")
    assert first["model"] == "mistral-medium-latest"


def without(name: str, good: Answer) -> Script:
    """An endpoint that refuses requests with this member."""

    def script(request: Received) -> Answer:
        if name in request.body:
            detail = [{"type": "extra_forbidden", "loc": ["body", name], "input": CODE}]
            return failure(422, {"detail": detail})
        return good

    return script


async def test_a_refused_prediction_is_left_out_for_good(tmp_path: Path) -> None:
    async with (
        FakeMistral(without("prediction", GOOD), models=MODELS) as fake,
        running(fake, tmp_path) as app,
    ):
        for _ in range(2):
            assert await refactored(app, tmp_path) == f"{NEW}\n"
    assert ["prediction" in each.body for each in fake.completions] == [True, False, False]


@pytest.mark.parametrize("status", [400, 422])
async def test_a_refused_schema_is_left_out_for_good(tmp_path: Path, status: int) -> None:
    def script(request: Received) -> Answer:
        if "response_format" not in request.body:
            return TAGGED
        if status == 422:
            return without("response_format", TAGGED)(request)
        message = "response_format of type json_schema is not supported by this model"
        return failure(400, envelope(message, INVALID, "3051"))

    async with FakeMistral(script, models=MODELS) as fake, running(fake, tmp_path) as app:
        for _ in range(2):
            assert await refactored(app, tmp_path) == f"{NEW}\n"
    assert ["response_format" in each.body for each in fake.completions] == [True, False, False]


async def test_cancelling_closes_the_connection(tmp_path: Path) -> None:
    slow = Answer(text=('{"code": "', "x" * 1000), end="hang", after_bytes=700)
    async with FakeMistral([slow], models=MODELS) as fake, running(fake, tmp_path) as app:
        heard = asyncio.Event()
        offer, snapshot = opened(app, tmp_path)
        run = app.refactorer.run(
            offer, snapshot, report=lambda told: heard.set() if told.tokens else None
        )
        task = asyncio.create_task(run)
        await asyncio.wait_for(heard.wait(), PATIENCE_S)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(fake.completions[0].hung_up.wait(), PATIENCE_S)


async def test_new_settings_hang_up_and_say_so(tmp_path: Path) -> None:
    async with (
        FakeMistral([Answer(headless=True, end="hang")], models=MODELS) as fake,
        running(fake, tmp_path) as app,
    ):
        task = asyncio.create_task(app.refactorer.run(*opened(app, tmp_path)))
        request = await asyncio.wait_for(fake.arrival(), PATIENCE_S)
        app.configure(resolve([SettingsLayer(Layer.USER, "user file", {"local.enabled": False})]))
        with pytest.raises(RefactorRefused, match="settings were changed"):
            await task
        await asyncio.wait_for(request.hung_up.wait(), PATIENCE_S)


async def test_failures_of_the_endpoint_are_told_without_the_code(tmp_path: Path) -> None:
    refusal = failure(429, {"message": CODE}, retry_after="60")
    async with (
        FakeMistral(lambda _: refusal, models=MODELS) as fake,
        running(fake, tmp_path) as app,
    ):
        with pytest.raises(RateLimited) as raised:
            await refactored(app, tmp_path)
    assert "total" not in str(raised.value)


async def test_without_a_key_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    app = App(resolve([]), environ={"XDG_CACHE_HOME": str(tmp_path)})
    try:
        with pytest.raises(DevstralError, match="MISTRAL_API_KEY"):
            await refactored(app, tmp_path)
    finally:
        await app.close()


async def test_five_at_once_share_one_provider(tmp_path: Path) -> None:
    async with FakeMistral(lambda _: GOOD, models=MODELS) as fake, running(fake, tmp_path) as app:
        texts = await asyncio.gather(*(refactored(app, tmp_path) for _ in range(5)))
        assert texts == [f"{NEW}\n"] * 5
        assert await app.connect_chat() is await app.connect_chat()
    assert len(fake.completions) == 5
