"""Quota that the servers of two windows share, as their users see it."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.e2e.conftest import StartEditor, key_for
from tests.support.answers import Answer
from tests.support.clients import VSCODE
from tests.support.fake_mistral import FakeMistral

pytestmark = pytest.mark.long

BY_HAND = types.InlineCompletionTriggerKind.Invoked
COPILOT = {"editorInfo": {"name": "vim", "version": "9"}, "editorPluginInfo": {"name": "x"}}


async def test_two_windows_share_a_cap_and_the_second_says_until_when(start: StartEditor) -> None:
    async with FakeMistral(lambda _: Answer(text=("answer()",))) as fake:
        limits = {"DEVSTRAL_LIMITS_REQUESTS_PER_MINUTE": "1", "DEVSTRAL_LOCAL_ENABLED": "false"}
        one = await start(VSCODE, **key_for(fake), **limits)
        other = await start(VSCODE, **key_for(fake), **limits)
        assert await one.inline(one.open("value = │\n"), BY_HAND)
        assert not await other.inline(other.open("value = │\n"), BY_HAND)
        await other.until(lambda: other.shown)
        assert len(fake.completions) == 1
        assert "1 of 1 requests a minute (limits.requests_per_minute) are used" in other.shown[0]
        assert "It can be sent at" in other.shown[0]


async def test_the_status_tells_how_much_is_used(start: StartEditor) -> None:
    async with FakeMistral(lambda _: Answer(text=("answer()",))) as fake:
        limits = {"DEVSTRAL_LIMITS_USD_PER_DAY": "2", "DEVSTRAL_LIMITS_REQUESTS_PER_MINUTE": "9"}
        editor = await start(initialization_options=COPILOT, **key_for(fake), **limits)
        assert await editor.inline(editor.open("value = │\n"), BY_HAND)
        told = "Used: $0.00 of $2.00 today, 1 of 9 requests in the last minute."
        await editor.until(lambda: any(told in str(each) for each in editor.statuses))
