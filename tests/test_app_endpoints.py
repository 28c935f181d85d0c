"""The application in front of its endpoints: who answers, who is kept, who is closed when."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from devstral_lsp.app import App
from devstral_lsp.completion.editor_extension import EditorExtension
from devstral_lsp.completion.status import Status, StatusKind
from devstral_lsp.config.merge import ResolvedSettings, SettingsLayer, resolve
from devstral_lsp.config.setting_spec import Layer
from devstral_lsp.errors import Unauthorized
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import ChatRequest, Endpoint, FimProvider, Notice, Secret
from devstral_lsp.providers.fim.strategy_cache import StrategyCache
from devstral_lsp.refactor.types import RefactorRefused
from tests.support.answers import Answer, failure
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.scripted import ScriptedProvider, request_at
from tests.support.streams import text_of

ENVIRON = {"MISTRAL_API_KEY": KEY, "CODESTRAL_API_KEY": KEY}
PATIENCE_S = 5


def settings(**values: object) -> ResolvedSettings:
    values = {name.replace("__", "."): value for name, value in values.items()}
    values = {"completion.debounce_ms": 0, "local.enabled": False, **values}
    return resolve([SettingsLayer(Layer.USER, "user", values)])


class Session:
    """An application, and what it tells."""

    def __init__(self, resolved: ResolvedSettings) -> None:
        self.notices: list[Notice] = []
        self.told: list[Status] = []
        self.app = App(
            resolved, notify=self.notices.append, status=self.told.append, environ=ENVIRON
        )

    async def shown(self, name: str = "x") -> tuple[str, str] | None:
        found = await self.app.completer.complete(request_at(f"{name} = │\n"))
        return (found[0].text, found[0].provider) if found else None


@asynccontextmanager
async def session(resolved: ResolvedSettings) -> AsyncIterator[Session]:
    made = Session(resolved)
    try:
        await made.app.ready()
        yield made
    finally:
        await made.app.close()


def says(text: str) -> Answer:
    return Answer(text=[f"{text}()\n"])


async def test_the_fallback_answers_the_same_keystroke_and_the_status_says_so() -> None:
    busy = failure(429, {"message": "Requests rate limit exceeded"}, retry_after="60")
    async with (
        FakeMistral(lambda _: busy) as first,
        FakeMistral(lambda _: says("second")) as second,
    ):
        rows = [{"provider": "mistral", "base_url": second.url}]
        resolved = settings(fim__provider="codestral", fim__base_url=first.url, fim__fallbacks=rows)
        async with session(resolved) as made:
            for name in "xyz":
                assert await made.shown(name) == ("second()", "mistral")
            assert made.told[-1].kind is StatusKind.WARNING
            assert made.told[-1].message.endswith("Meanwhile mistral answers.")
            assert len({notice.topic for notice in made.notices}) == 1
    assert (len(first.completions), len(second.completions)) == (1, 3)


async def test_replicas_answer_for_each_other() -> None:
    async with FakeMistral() as first, FakeMistral(lambda _: says("second")) as second:
        await first.stop()
        resolved = settings(
            fim__provider="mistral", fim__base_url=first.url, fim__replicas=[second.url]
        )
        async with session(resolved) as made:
            assert await made.shown() == ("second()", "mistral")
            assert made.told[-1].kind is StatusKind.NORMAL
            assert made.notices == []


async def test_a_conversation_goes_to_the_fallback_too() -> None:
    async with FakeMistral() as first, FakeMistral([Answer(text=["hello"])]) as second:
        await first.stop()
        rows = [{"provider": "codestral", "base_url": second.url}]
        resolved = settings(
            chat__provider="mistral", chat__base_url=first.url, chat__fallbacks=rows
        )
        async with session(resolved) as made:
            chat = await made.app.connect_chat()
            request = ChatRequest(messages=[{"role": "user", "content": "hi"}], max_tokens=8)
            assert await text_of(chat.chat(request)) == "hello"


async def test_right_after_new_settings_the_same_endpoint_answers_over_the_same_connection() -> (
    None
):
    async with FakeMistral(lambda _: says("answer")) as fake:
        place = {"fim.provider": "mistral", "fim.base_url": fake.url}
        async with session(settings(**place)) as made:
            assert await made.shown("x") == ("answer()", "mistral")
            made.app.configure(settings(**place, **{"fim.max_tokens": 77}))
            assert await made.shown("y") == ("answer()", "mistral")
            await made.app.ready()
            assert await made.shown("z") == ("answer()", "mistral")
    assert [request.body["max_tokens"] > 77 for request in fake.completions][1:] == [False, False]
    assert fake.connections == 1


async def test_an_endpoint_that_is_no_longer_wanted_is_not_asked_once_more() -> None:
    async with (
        FakeMistral(lambda _: says("old")) as old,
        FakeMistral(lambda _: says("new")) as new,
        session(settings(fim__provider="mistral", fim__base_url=old.url)) as made,
    ):
        assert await made.shown("x") == ("old()", "mistral")
        made.app.configure(settings(fim__provider="mistral", fim__base_url=new.url))
        assert await made.shown("y") is None
        await made.app.ready()
        assert await made.shown("z") == ("new()", "mistral")
        made.app.configure(settings(fim__provider="local", fim__base_url=new.url))
        assert await made.shown("v") is None
        await made.app.ready()
        assert await made.shown("w") is None
    assert (len(old.completions), len(new.completions)) == (1, 1)


async def test_a_key_that_has_changed_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeMistral(lambda _: says("answer")) as fake:
        place = {"fim.provider": "mistral", "fim.base_url": fake.url}
        monkeypatch.setitem(ENVIRON, "MISTRAL_API_KEY", "wrong")
        async with session(settings(**place)) as made:
            assert await made.shown("x") is None
            monkeypatch.setitem(ENVIRON, "MISTRAL_API_KEY", KEY)
            made.app.configure(settings(**place, **{"fim.max_tokens": 77}))
            await made.app.ready()
            assert await made.shown("y") == ("answer()", "mistral")


async def test_without_its_key_an_endpoint_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async with session(settings(fim__provider="mistral")) as made:
        assert made.app.provider == "mistral"
        monkeypatch.delitem(ENVIRON, "MISTRAL_API_KEY")
        made.app.configure(settings(fim__provider="mistral", fim__max_tokens=77))
        await made.app.ready()
        assert made.app.provider == "local"


async def test_what_was_replaced_is_closed_before_the_end() -> None:
    """Its connection, too, though the session ends right after."""
    hangs = Answer(end="hang", after_bytes=0)
    async with FakeMistral([hangs]) as fake:
        made = Session(settings(fim__provider="mistral", fim__base_url=fake.url))
        await made.app.ready()
        asking = asyncio.ensure_future(made.shown())
        request = await fake.arrival()
        before = asyncio.all_tasks()
        made.app.configure(settings(fim__provider="local"))
        await made.app.close()
        assert asyncio.all_tasks() <= before
        await asyncio.wait_for(request.hung_up.wait(), PATIENCE_S)
        await asyncio.wait_for(asking, PATIENCE_S)


async def test_an_answer_under_way_ends_where_the_endpoint_stays() -> None:
    hangs = Answer(end="hang", after_bytes=0)
    async with FakeMistral([hangs]) as fake:
        endpoint = {"fim__provider": "mistral", "fim__base_url": fake.url}
        async with session(settings(**endpoint)) as made:
            asking = asyncio.ensure_future(made.shown())
            request = await fake.arrival()
            made.app.configure(settings(**endpoint, completion__multiline="never"))
            await asyncio.wait_for(request.hung_up.wait(), PATIENCE_S)
            await asyncio.wait_for(asking, PATIENCE_S)


async def test_who_stops_waiting_for_conversations_does_not_stop_the_others() -> None:
    async with session(settings(chat__provider="mistral")) as made:
        first = asyncio.ensure_future(made.app.connect_chat())
        second = asyncio.ensure_future(made.app.connect_chat())
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).name == "mistral"
        assert first.cancelled()


async def test_what_is_found_out_is_kept_in_the_cache_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[StrategyCache | None] = []

    def build(endpoint: Endpoint) -> FimProvider:
        given.append(endpoint.strategy_cache)
        return ScriptedProvider()

    spec = replace(PROVIDERS["mistral"], build_fim=build)
    monkeypatch.setattr("devstral_lsp.endpoints.connect.PROVIDERS", {"mistral": spec})
    monkeypatch.setitem(ENVIRON, "DEVSTRAL_CACHE", str(tmp_path))
    async with session(settings(fim__provider="mistral")):
        (known,) = given
    assert known is not None
    known.put("http://nas:1", "m", "suffix")
    assert StrategyCache(tmp_path / "paths").get("http://nas:1", "m") == "suffix"


async def test_who_refactors_without_a_key_is_told_the_editors_command() -> None:
    extension = EditorExtension(key_command="Editor: Set Key")
    app = App(settings(fim__provider="local"), extension=extension, environ={})
    with pytest.raises(RefactorRefused, match='run "Editor: Set Key"'):
        await app.connect_chat()
    await app.close()


async def test_settings_that_cannot_be_read_leave_local_alone_until_they_can() -> None:
    async with FakeMistral(lambda _: says("second")) as fake:
        own = {"fim__base_url": fake.url, "chat__base_url": fake.url}
        good, bad = settings(**own), settings(**own, context__enabled="no")
        async with session(bad) as made:
            assert await made.shown() is None
            assert made.told[-1] == Status(StatusKind.WARNING, bad.narrowed)
            with pytest.raises(RefactorRefused, match="until its settings can be read"):
                await made.app.connect_chat()
            assert made.notices == []
            made.app.configure(good)
            await made.app.ready()
            assert await made.shown("y") == ("second()", "mistral")
            assert made.told[-1].kind is StatusKind.NORMAL
            asked = len(fake.received)
            made.app.configure(bad)
            assert await made.shown("z") is None
            await made.app.ready()
            assert await made.shown("z") is None
            assert len(fake.received) == asked


def printing_each_line_once(folder: Path, *lines: str) -> list[str]:
    """A key command that prints the next of `lines` at each call, and the last one for ever."""
    for number, line in enumerate(lines):
        (folder / f"{number}").write_text(line)
    code = (
        "import pathlib, sys; keys = sorted(pathlib.Path(sys.argv[1]).glob('[0-9]'));"
        "print(keys[0].read_text()); len(keys) > 1 and keys[0].unlink();"
        "(pathlib.Path(sys.argv[1]) / 'calls').open('a').write('.')"
    )
    return [sys.executable, "-c", code, str(folder)]


async def test_an_expired_key_is_renewed_by_its_command_for_the_same_keystroke(
    tmp_path: Path,
) -> None:
    kept: list[Secret] = []
    command = printing_each_line_once(tmp_path, "expired", KEY)
    async with FakeMistral(lambda _: says("answer"), key=KEY) as fake:
        place = {"provider": "mistral", "base_url": fake.url, "api_key_command": command}
        own = {f"fim.{name}": value for name, value in place.items()}
        trusted = {"fim.trusted_hosts": [fake.url]}
        app = App(settings(**own, **trusted), environ={}, keep_secret=kept.append)
        await app.ready()
        found = await app.completer.complete(request_at("x = │\n"))
        assert [each.text for each in found] == ["answer()"]
        assert [each.reveal() for each in kept] == ["expired", KEY]
        await app.completer.complete(request_at("y = │\n"))
        await app.close()
    assert [each.headers["authorization"] for each in fake.completions] == [
        "Bearer expired",
        f"Bearer {KEY}",
        f"Bearer {KEY}",
    ]
    assert (tmp_path / "calls").read_text() == ".."


async def test_a_key_that_stays_wrong_is_looked_up_once_and_the_endpoint_left_alone(
    tmp_path: Path,
) -> None:
    command = printing_each_line_once(tmp_path, "wrong")
    async with FakeMistral(lambda _: says("answer"), key=KEY) as fake:
        place = {"provider": "mistral", "base_url": fake.url, "api_key_command": command}
        own = {f"fim.{name}": value for name, value in place.items()}
        app = App(settings(**own, **{"fim.trusted_hosts": [fake.url]}), environ={})
        await app.ready()
        for name in "xyz":
            assert await app.completer.complete(request_at(f"{name} = │\n")) == []
        await app.close()
    assert len(fake.completions) == 1
    assert (tmp_path / "calls").read_text() == ".."


async def test_conversations_renew_their_key_too(tmp_path: Path) -> None:
    command = printing_each_line_once(tmp_path, "old", "older", KEY)
    async with FakeMistral([Answer(text=["hello"])], key=KEY) as fake:
        place = {"provider": "mistral", "base_url": fake.url, "api_key_command": command}
        own = {f"chat.{name}": value for name, value in place.items()}
        app = App(settings(**own, **{"chat.trusted_hosts": [fake.url]}), environ={})
        chat = await app.connect_chat()
        request = ChatRequest(messages=[{"role": "user", "content": "hi"}], max_tokens=8)
        with pytest.raises(Unauthorized):
            await text_of(chat.chat(request))
        assert await text_of(chat.chat(request)) == "hello"
        await app.close()
