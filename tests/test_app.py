"""From settings to providers: who answers, with which key, and what `local` is shown."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from devstral_lsp.app import App
from devstral_lsp.completion.clock import Clock
from devstral_lsp.completion.status import Status, StatusKind
from devstral_lsp.config.merge import ResolvedSettings, SettingsLayer, resolve
from devstral_lsp.config.setting_spec import Layer
from devstral_lsp.endpoints.notices import NO_KEY
from devstral_lsp.endpoints.resolve import fim_candidates
from devstral_lsp.providers import PROVIDERS
from devstral_lsp.providers.base import Notice
from devstral_lsp.text import Snapshot, Text
from tests.support.answers import Answer
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.familiar import ABOVE, BEGUN, REST, UNFINISHED
from tests.support.scripted import ScriptedProvider, request_at


def settings(layer: Layer = Layer.USER, **values: object) -> ResolvedSettings:
    values = {name.replace("__", "."): value for name, value in values.items()}
    return resolve([SettingsLayer(layer, layer.value, values)])


@asynccontextmanager
async def running(
    resolved: ResolvedSettings, environ: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[App, list[Notice]]]:
    notices: list[Notice] = []
    app = App(resolved, notify=notices.append, environ=environ or {}, clock=Clock())
    try:
        await app.ready()
        yield app, notices
    finally:
        await app.close()


@pytest.mark.parametrize(
    ("values", "environ", "provider", "address"),
    [
        ({}, {}, "local", None),
        ({}, {"MISTRAL_API_KEY": "m"}, "mistral", "https://api.mistral.ai"),
        ({}, {"CODESTRAL_API_KEY": "c"}, "codestral", "https://codestral.mistral.ai"),
        (
            {},
            {"CODESTRAL_API_KEY": "c", "MISTRAL_API_KEY": "m"},
            "mistral",
            "https://api.mistral.ai",
        ),
        ({"fim__provider": "local"}, {"MISTRAL_API_KEY": "m"}, "local", None),
        ({"fim__provider": "mistral"}, {}, "mistral", None),
        ({"fim__base_url": "http://127.0.0.1:9/v1"}, {}, "mistral", "http://127.0.0.1:9/v1"),
    ],
)
def test_who_completes(
    values: dict[str, object], environ: dict[str, str], provider: str, address: str | None
) -> None:
    chosen, *_ = fim_candidates(settings(**values), environ)
    assert chosen.provider == provider
    assert (chosen.endpoint.base_url if chosen.endpoint else None) == address


@pytest.mark.parametrize(
    ("provider", "address"),
    [
        ("ollama", "http://127.0.0.1:11434"),
        ("lmstudio", "http://127.0.0.1:1234"),
        ("vllm", "http://127.0.0.1:8000"),
    ],
)
def test_a_server_on_this_machine_needs_one_word(provider: str, address: str) -> None:
    chosen, *_ = fim_candidates(settings(fim__provider=provider), {"OLLAMA_API_KEY": "k"})
    assert chosen.notices == ()
    assert chosen.endpoint is not None
    assert chosen.endpoint.base_url == address
    assert chosen.endpoint.key is None


@pytest.mark.parametrize("provider", ["llamacpp", "tgi", "openai_compatible"])
def test_a_server_that_may_be_anywhere_needs_an_address(provider: str) -> None:
    chosen, *_ = fim_candidates(settings(fim__provider=provider), {"OPENAI_API_KEY": "k"})
    assert chosen.endpoint is None
    (notice,) = chosen.notices
    assert "fim.base_url" in notice.message
    there, *_ = fim_candidates(
        settings(fim__provider=provider, fim__base_url="http://127.0.0.1:1"), {}
    )
    assert there.endpoint is not None


@pytest.mark.parametrize(
    ("provider", "variable"),
    [
        ("openrouter", "OPENROUTER_API_KEY"),
        ("vercel", "AI_GATEWAY_API_KEY"),
        ("deepseek", "DEEPSEEK_API_KEY"),
    ],
)
def test_a_gateway_needs_a_key_of_its_own(provider: str, variable: str) -> None:
    chosen, *_ = fim_candidates(settings(fim__provider=provider), {"MISTRAL_API_KEY": "m"})
    assert chosen.endpoint is None
    assert variable in chosen.notices[0].message
    keyed, *_ = fim_candidates(settings(fim__provider=provider), {variable: "k"})
    assert keyed.endpoint is not None
    assert keyed.endpoint.key is not None


@pytest.mark.parametrize("values", [{}, {"fim__provider": "codestral"}])
def test_without_a_key_one_message_says_how_to_set_one(values: dict[str, object]) -> None:
    assert fim_candidates(settings(**values), {})[0].notices == (NO_KEY,)


def test_who_wants_local_is_not_asked_for_a_key() -> None:
    assert fim_candidates(settings(fim__provider="local"), {})[0].notices == ()


def test_a_key_that_the_editor_keeps_chooses_its_provider() -> None:
    kept = {"https://codestral.mistral.ai": "c"}
    chosen, *_ = fim_candidates(settings(), {}, kept.get)
    assert chosen.provider == "codestral"
    assert chosen.endpoint is not None
    assert chosen.endpoint.key is not None
    assert chosen.endpoint.key.reveal() == "c"


def test_a_key_that_the_editor_keeps_goes_to_the_host_it_is_kept_for() -> None:
    resolved = settings(Layer.EDITOR, fim__base_url="https://gateway.corp/v1")
    kept = {"https://gateway.corp": "g", "https://codestral.mistral.ai": "c"}
    chosen, *_ = fim_candidates(resolved, {"MISTRAL_API_KEY": "m"}, kept.get)
    assert chosen.endpoint is not None
    assert chosen.endpoint.key is not None
    assert chosen.endpoint.key.reveal() == "g"


def test_a_host_that_only_the_editor_names_gets_no_key() -> None:
    resolved = settings(Layer.EDITOR, fim__base_url="https://evil.example")
    chosen, *_ = fim_candidates(resolved, {"MISTRAL_API_KEY": "sekret"})
    assert chosen.endpoint is None
    (notice,) = chosen.notices
    assert "evil.example" in notice.message
    assert "sekret" not in notice.message


async def test_the_model_answers_and_local_when_it_does_not() -> None:
    async with FakeMistral([Answer(text=["answer_of_the_model()\n"])]) as fake:
        resolved = settings(fim__base_url=fake.url, completion__debounce_ms=0)
        async with running(resolved, {"MISTRAL_API_KEY": KEY}) as (app, notices):
            (completion,) = await app.completer.complete(request_at("x = │\n"))
            assert (completion.text, completion.provider) == ("answer_of_the_model()", "mistral")
            await fake.stop()
            document = "value = compute_total(first)\n" * 3 + "value = compute_t│\n"
            (completion,) = await app.completer.complete(request_at(document))
            assert (completion.text, completion.provider) == ("otal(first)", "local")
            assert notices == []


async def test_new_settings_apply_without_a_restart() -> None:
    local = settings(fim__provider="local")
    async with (
        FakeMistral(lambda _: Answer(text=["answer()\n"])) as fake,
        running(local, {"MISTRAL_API_KEY": KEY}) as (app, _),
    ):
        assert await app.completer.complete(request_at("x = │\n")) == []
        app.configure(settings(fim__base_url=fake.url))
        await app.ready()
        assert len(await app.completer.complete(request_at("x = │\n"))) == 1
        app.configure(settings(fim__base_url=fake.url, completion__enabled=False))
        await app.ready()
        assert await app.completer.complete(request_at("x = │\n")) == []


async def test_an_engine_that_was_replaced_is_let_go() -> None:
    gone = asyncio.Event()
    async with FakeMistral() as fake, running(settings(fim__base_url=fake.url)) as (app, _):
        app.changed(snapshot("open.py"))
        weakref.finalize(app.completer, gone.set)
        app.configure(settings(fim__base_url=fake.url, completion__multiline="never"))
        async with asyncio.timeout(5):
            await gone.wait()


def snapshot(name: str, text: str = "", language: str = "python") -> Snapshot:
    return Snapshot(f"file:///work/{name}", 1, language, Text.of(text))


def in_turn(told: list[Status]) -> list[StatusKind]:
    """The kinds, without what was told twice in a row."""
    kinds = [each.kind for each in told]
    return [kind for kind, before in zip(kinds, [None, *kinds], strict=False) if kind != before]


async def test_the_cells_of_a_file_are_not_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    local = Recording()
    spec = replace(PROVIDERS["local"], build_fim=lambda _: local)
    monkeypatch.setattr("devstral_lsp.app.PROVIDERS", {**PROVIDERS, "local": spec})
    async with running(settings()) as (app, _):
        app.changed(snapshot("n.ipynb#a"))
        app.changed(snapshot("n.ipynb#b"))
    assert local.told[-1] == "learn file:///work/n.ipynb#a"


async def test_inactive_where_the_current_language_is_switched_off() -> None:
    told: list[Status] = []
    app = App(settings(completion__disabled_languages=["go"]), status=told.append, environ={})
    app.changed(snapshot("a.py"))
    app.changed(snapshot("b.go", language="go"))
    assert told[-1] == Status(StatusKind.INACTIVE, "Completion is switched off for go.")
    app.focused("file:///work/a.py")
    app.focused("file:///not/open.go")
    assert told[-1].kind is StatusKind.NORMAL
    app.focused("file:///work/b.go")
    app.closed("file:///work/b.go")
    wanted = [StatusKind.NORMAL, StatusKind.INACTIVE] * 2 + [StatusKind.NORMAL]
    assert in_turn(told) == wanted
    await app.close()


async def test_inactive_while_completion_is_switched_off() -> None:
    told: list[Status] = []
    app = App(settings(), status=told.append, environ={})
    app.configure(settings(completion__enabled=False))
    assert told[-1].kind is StatusKind.INACTIVE
    app.changed(snapshot("a.py"))
    await app.ready()
    app.configure(settings())
    assert in_turn(told) == [StatusKind.NORMAL, StatusKind.INACTIVE, StatusKind.NORMAL]
    await app.close()


HERE = f"""\
def load_passwords(folder: Path) -> dict[str, str]:
    path = folder / "passwords.json"
    with open(path, encoding="utf-8") as file:
{BEGUN}│
"""


class Recording(ScriptedProvider):
    """A `local` that only notes what it is told to learn and to forget."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def learn(self, name: str, text: str) -> None:
        self.told.append(f"learn {name}")

    def forget(self, name: str) -> None:
        self.told.append(f"forget {name}")


async def test_the_document_in_focus_is_the_one_that_local_sees_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    local = Recording()
    spec = replace(PROVIDERS["local"], build_fim=lambda _: local)
    monkeypatch.setattr("devstral_lsp.app.PROVIDERS", {**PROVIDERS, "local": spec})
    async with running(settings()) as (app, _):
        app.changed(snapshot("a.py"))
        app.changed(snapshot("b.py"))
        local.told.clear()
        for uri in ("file:///work/b.py", "file:///work/a.py", "file:///not/open.py"):
            app.focused(uri)
    assert local.told == ["forget /work/a.py", "learn /work/b.py"]


async def test_local_completes_from_the_other_open_documents() -> None:
    async with running(settings()) as (app, _):
        app.changed(snapshot("other.py", ABOVE))
        request = request_at(HERE)
        assert await app.completer.complete(request) == []
        app.changed(request.snapshot)
        await app.wait_until_indexed()
        (completion,) = await app.completer.complete(request)
        assert completion.text
        assert REST.startswith(completion.text)


async def test_local_completes_from_the_workspace_folder(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(ABOVE)
    async with running(settings()) as (app, _):
        app.set_workspace_folders([tmp_path])
        await app.wait_until_indexed()
        (completion,) = await app.completer.complete(request_at(HERE))
        assert completion.text
        assert REST.startswith(completion.text)


async def test_switched_off_local_says_nothing() -> None:
    async with running(settings(local__enabled=False)) as (app, _):
        assert await app.completer.complete(request_at(UNFINISHED + "│")) == []
