"""The panel of alternatives, in Copilot's dialect."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.conftest import key_for
from tests.support.answers import Answer
from tests.support.fake_mistral import FakeMistral
from tests.support.wire import Wire

pytestmark = pytest.mark.long

METHOD = "textDocument/copilotPanelCompletion"
URI = "untitled:panel"
SAID = ("return a + b", "return b + a", "return sum((a, b))")


async def opened(environ: dict[str, str], fake: FakeMistral) -> Wire:
    wire = await Wire.start({**environ, **key_for(fake)})
    await wire.initialize()
    text = "def f(a, b):\n    "
    item = {"uri": URI, "languageId": "python", "version": 1, "text": text}
    wire.send("textDocument/didOpen", {"textDocument": item})
    return wire


def params(**more: Any) -> dict[str, Any]:
    position = {"line": 1, "character": 4}
    return {"textDocument": {"uri": URI, "version": 1}, "position": position, **more}


def texts(items: list[Any]) -> list[str]:
    return [each["insertText"] for each in items]


async def test_alternatives_are_answered(environ: dict[str, str]) -> None:
    async with FakeMistral([Answer(text=(each,)) for each in SAID], strict=False) as fake:
        wire = await opened(environ, fake)
        wire.send(METHOD, params(), 1)
        items = (await wire.answer(1))["result"]["items"]
        assert texts(items)[0] == SAID[0]
        assert sorted(texts(items)) == sorted(SAID)
        assert all(each["command"]["command"] == "devstral.accepted" for each in items)
        assert len(fake.completions) == 3
        await wire.stop()


async def test_with_a_token_they_come_one_after_the_other(environ: dict[str, str]) -> None:
    async with FakeMistral([Answer(text=(each,)) for each in SAID], strict=False) as fake:
        wire = await opened(environ, fake)
        wire.send(METHOD, params(partialResultToken="alternatives"), 1)
        assert (await wire.answer(1))["result"] == {"items": []}
        told = [each["params"] for each in wire.passed_over if each.get("method") == "$/progress"]
        parts = [each["value"]["items"] for each in told if each["token"] == "alternatives"]
        assert texts(parts[0]) == [SAID[0]], "the first is not held back"
        assert sorted(texts([each for part in parts for each in part])) == sorted(SAID)
        await wire.stop()


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"partialResultToken": "some token"},
        {"textDocument": {"uri": URI}, "position": {"line": "1"}},
        {"textDocument": {"uri": "file:///closed"}, "position": {"line": 0, "character": 0}},
        params(partialResultToken=[1]),
    ],
)
async def test_params_that_make_no_sense_are_an_error(
    environ: dict[str, str], mistral: FakeMistral, wrong: Any
) -> None:
    wire = await opened(environ, mistral)
    wire.send(METHOD, wrong, 1)
    assert (await wire.answer(1))["error"]["code"] == -32602
    await wire.stop()


async def test_what_is_switched_off_has_none(environ: dict[str, str], mistral: FakeMistral) -> None:
    wire = await opened(environ, mistral)
    toggle = {"command": "devstral.toggle", "arguments": [{"uri": URI}]}
    wire.send("workspace/executeCommand", toggle, 1)
    await wire.answer(1)
    wire.send(METHOD, params(), 2)
    assert (await wire.answer(2))["result"] == {"items": []}
    assert not mistral.completions
    await wire.stop()
