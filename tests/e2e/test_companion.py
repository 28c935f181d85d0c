"""An extension of ours: it keeps the key, and asks again when it is told to."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from devstral_lsp.server.editor_extension import KEY_COMMAND
from tests.e2e.conftest import first_completion
from tests.support.answers import Answer
from tests.support.editor import PATIENCE_S
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.wire import Wire

pytestmark = pytest.mark.long

URI = "untitled:a"
EXTENSION = Path(__file__).parents[2] / "editors" / "vscode"
DECLARED = {"experimental": {"devstralKey": True, "devstralInlineCompletionReady": True}}


async def session(environ: dict[str, str], fake: FakeMistral, key: Any) -> Wire:
    """A session whose client answers the request for a key."""
    wire = await Wire.start({**environ, "DEVSTRAL_FIM_BASE_URL": fake.url})
    await wire.initialize(capabilities=DECLARED)
    while (message := await wire.receive()).get("method") != "devstral/key":
        wire.passed_over.append(message)
    assert message["params"] == {"host": fake.url}
    wire.reply(message["id"], key)
    item = {"uri": URI, "languageId": "python", "version": 7, "text": "def f():\n    \n"}
    wire.send("textDocument/didOpen", {"textDocument": item})
    return wire


def ask(wire: Wire, msg_id: int) -> None:
    place = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 4}}
    wire.send("textDocument/inlineCompletion", {**place, "context": {"triggerKind": 2}}, msg_id)


async def test_the_key_is_asked_for_and_leaves_no_trace(
    environ: dict[str, str], tmp_path: Path, mistral: FakeMistral
) -> None:
    log = tmp_path / "log"
    wire = await session(
        {**environ, "DEVSTRAL_LOG_FILE": str(log), "DEVSTRAL_LOG_LEVEL": "debug"},
        mistral,
        {"key": KEY},
    )
    ask(wire, 1)
    items = (await wire.answer(1))["result"]["items"]
    assert [each["insertText"] for each in items] == ["return a + b"]
    assert mistral.completions[0].headers["authorization"] == f"Bearer {KEY}"
    wire.send("shutdown", None, 2)
    await wire.answer(2)
    wire.send("exit")
    await wire.ended()
    assert KEY not in log.read_text()
    assert KEY not in await wire.standard_error()
    await wire.stop()


async def test_an_editor_without_the_key_is_no_trouble(
    environ: dict[str, str], mistral: FakeMistral
) -> None:
    for answer in (None, {"key": None}, {"key": 5}, "key", []):
        wire = await session(environ, mistral, answer)
        ask(wire, 1)
        while "result" not in (message := await wire.receive()):
            if message.get("method") == "devstral/key":  # once more, after the endpoint's refusal
                wire.reply(message["id"], answer)
        assert "authorization" not in mistral.received[-1].headers
        await wire.stop()


async def test_who_has_no_key_is_told_the_editors_command(environ: dict[str, str]) -> None:
    wire = await Wire.start(environ)
    await wire.initialize(capabilities=DECLARED)
    while (message := await wire.receive()).get("method") != "window/showMessage":
        if message.get("method") == "devstral/key":
            wire.reply(message["id"], {"key": None})
    assert f'"{KEY_COMMAND}"' in message["params"]["message"]
    assert "API_KEY" not in message["params"]["message"]
    await wire.stop()


def test_the_command_is_one_of_the_extensions() -> None:
    package, words = (
        json.loads((EXTENSION / name).read_text(encoding="utf-8"))
        for name in ("package.json", "package.nls.json")
    )
    commands = package["contributes"]["commands"]
    assert KEY_COMMAND in [
        f"{each['category']}: {words[each['title'].strip('%')]}" for each in commands
    ]


async def test_a_request_given_up_goes_on_and_is_told_of(environ: dict[str, str]) -> None:
    late = asyncio.Event()

    async def sleep(_: float) -> None:
        await late.wait()

    answers = (Answer(first_ms=1), Answer())
    async with FakeMistral(answers, strict=False, sleep=sleep) as fake:
        wire = await session(environ, fake, {"key": KEY})
        ask(wire, 1)
        upstream = await first_completion(fake)
        wire.send("$/cancelRequest", {"id": 1})
        assert (await wire.answer(1))["error"]["code"] == -32800
        late.set()
        ready = await told(wire)
        assert ready == {
            "textDocument": {"uri": URI, "version": 7},
            "position": {"line": 1, "character": 4},
        }
        assert not upstream.hung_up.is_set()
        ask(wire, 2)
        assert (await wire.answer(2))["result"]["items"][0]["insertText"] == "return a + b"
        assert len(fake.completions) == 1
        await wire.stop()


async def told(wire: Wire) -> Any:
    async with asyncio.timeout(PATIENCE_S):
        while (message := await wire.receive()).get("method") != "devstral/inlineCompletionReady":
            pass
    return message["params"]
