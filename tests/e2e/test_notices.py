"""`window/showMessage`, `window/logMessage`, `didChangeStatus`: what a user is told, and when."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types

from tests.e2e.conftest import LOCAL_KNOWS, StartEditor, key_for
from tests.support.answers import Answer, failure
from tests.support.clients import HELIX, NEOVIM
from tests.support.fake_mistral import FakeMistral

pytestmark = pytest.mark.long

COPILOT = {"editorInfo": {"name": "vim", "version": "9"}, "editorPluginInfo": {"name": "x"}}


async def test_without_a_key_one_message_says_how_to_set_one(start: StartEditor) -> None:
    editor = await start()
    place = editor.open(LOCAL_KNOWS)
    assert await editor.inline(place)
    await editor.until(lambda: editor.shown)
    editor.push({"completion": {"debounce_ms": 70}})
    assert await editor.inline(place)
    assert len(editor.shown) == 1
    assert "MISTRAL_API_KEY" in editor.shown[0]


async def test_who_has_chosen_local_is_not_told_about_keys(start: StartEditor) -> None:
    """Also when the editor says so only when it is asked."""
    editor = await start(NEOVIM, configuration={"devstral": {"fim": {"provider": "local"}}})
    assert await editor.inline(editor.open(LOCAL_KNOWS))
    assert editor.shown == []


async def test_a_failing_endpoint_is_one_line_and_no_pop_up_beside_a_status(
    start: StartEditor,
) -> None:
    refusal = failure(401, {"detail": "Unauthorized"})
    async with FakeMistral(lambda _: refusal, strict=False) as fake:
        editor = await start(initialization_options=COPILOT, **key_for(fake))
        place = editor.open(LOCAL_KNOWS)
        for _ in range(3):
            assert await editor.inline(place, types.InlineCompletionTriggerKind.Invoked)
        await editor.until(lambda: editor.logged)
        assert editor.shown == []
        assert len(editor.logged) == 1


async def test_without_a_status_each_outage_pops_up_once(start: StartEditor) -> None:
    """It goes on while its reason changes or the document has completion off, as Markdown here."""
    busy = failure(503, {"detail": "ServerOverloaded"}, retry_after="0")
    limit = failure(429, {"detail": "Too many"}, retry_after="0")
    off = {"completion": {"disabled_languages": ["markdown"]}}
    answers = [busy, limit, busy, Answer(), limit, limit]
    async with FakeMistral(lambda _: answers[turn], strict=False) as fake:
        editor = await start(HELIX, initialization_options=off, **key_for(fake))
        for turn, shown in enumerate((1, 1, 1, 1, 2, 2)):
            asked = len(fake.completions)
            place = editor.open(LOCAL_KNOWS, f"untitled:{turn}")
            await editor.inline(place, types.InlineCompletionTriggerKind.Invoked)
            assert len(fake.completions) > asked
            editor.open("│", f"untitled:{turn}.md", "markdown")
            assert len(editor.shown) == shown, (turn, editor.shown)
        first, second = editor.client.messages
        assert first.type is second.type is types.MessageType.Warning
        assert first.message == editor.logged[0]


@pytest.mark.parametrize(
    ("capabilities", "options", "told"),
    [
        (NEOVIM, COPILOT, True),  # The other way to ask is in tests/server/test_client.py.
        (NEOVIM, {}, False),
    ],
)
async def test_status_goes_to_those_who_ask_for_it(
    start: StartEditor, capabilities: Any, options: Any, told: bool
) -> None:
    async with FakeMistral(lambda _: Answer(), strict=False) as fake:
        editor = await start(capabilities, initialization_options=options, **key_for(fake))
        (item,) = await editor.inline(editor.open("def f(a, b):\n    │"))
        assert item.insert_text == "return a + b"
        if told:
            await editor.until(lambda: len(editor.statuses) > 2)
            assert [(each.kind, each.busy) for each in editor.statuses] == [
                ("Normal", False),
                ("Normal", True),
                ("Normal", False),
            ]
        else:
            assert editor.statuses == []
        assert editor.shown == []
