"""The debug log's line of a refactor: what was asked, what came of it, nothing of what is said."""

from __future__ import annotations

import json
import logging
import re
from contextlib import aclosing, suppress
from pathlib import Path

import pytest

from devstral_lsp.errors import DevstralError, ProviderError, Unauthorized
from devstral_lsp.observability.trace import Subject, run_traced
from devstral_lsp.providers.base import ChatRequest
from devstral_lsp.refactor.trace import traced_chat
from devstral_lsp.refactor.types import ActionOffer
from devstral_lsp.text import Snapshot, Span, Text
from tests.refactor.test_engine import BROKEN, NEW, Room, answer
from tests.support.scripted_chat import Saying, ScriptedChat

LOGGER = "devstral_lsp.refactor.trace"
THEIRS = ("total", "items", "price", "Simplify", "other", "a.py")
NAMED = json.dumps({"code": NEW, "imports": [], "files": [{"path": "../total.py", "code": "x"}]})

STORIES: list[tuple[list[str | Saying | ProviderError], list[str]]] = [
    ([answer()], ["edits: 1, files: 1", "asked scripted", "first text after"]),
    ([answer(BROKEN), answer()], ["edits: 1", "asked once more, since: With the edit"]),
    ([answer(BROKEN)] * 2, ["failed: UnusableReply, With the edit", "asked once more"]),
    ([NAMED] * 2, ["failed: UnusableReply"]),
    ([Saying((answer()[:20],))] * 2, ["failed: UnusableReply, The reply", "asked once more"]),
    (
        [Unauthorized("a price", status=401)],
        [
            "failed: Unauthorized, status 401 after",
            "0 tokens in (0 cached), 0 out; HTTP 401, error after",
        ],
    ),
]


@pytest.mark.parametrize(("answers", "words"), STORIES)
async def test_its_line_says(
    answers: list[str | Saying | ProviderError],
    words: list[str],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    room = Room(tmp_path, ScriptedChat(*answers))
    with caplog.at_level(logging.DEBUG, "devstral_lsp"), suppress(DevstralError):
        await room.run()
    (line,) = (each for each in caplog.messages if each.startswith("refactor: "))
    assert [each for each in words if each not in line] == [], line
    assert "an action of their own, 110 code points of document" in line
    assert [each for each in THEIRS if each in caplog.text.replace("code points", "")] == []


async def test_an_action_of_ours_is_named_and_what_it_was_told_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    room = Room(tmp_path, ScriptedChat())
    snapshot = Snapshot("file:///secret/path.py", 1, "python", Text.of("secret = 1\n"))
    offer = ActionOffer(
        action="instruct",
        title="secret title",
        kind="refactor.rewrite",
        span=Span(0, 10),
        argument="secret wish",
    )
    with caplog.at_level(logging.DEBUG, LOGGER), pytest.raises(DevstralError):
        await room.refactorer.run(offer, snapshot)
    assert caplog.messages[0].startswith("refactor: instruct, 10 code points of document")
    assert "secret" not in caplog.text


async def test_above_that_level_nothing_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    room = Room(tmp_path, ScriptedChat(Unauthorized("no")))
    with caplog.at_level(logging.INFO, "devstral_lsp"), pytest.raises(Unauthorized):
        await room.run()
    assert caplog.messages == []


async def test_what_was_hung_up_counts_as_far_as_it_came(caplog: pytest.LogCaptureFixture) -> None:
    messages = [{"role": "user", "content": "a"}]
    chat, request = ScriptedChat(answer()), ChatRequest(messages=messages, max_tokens=99)

    async def hang_up() -> None:
        async with aclosing(traced_chat(chat, request, lambda: 0.0)) as chunks:
            async for chunk in chunks:
                if chunk.text:
                    return

    with caplog.at_level(logging.DEBUG):
        work = (lambda: Subject("hung up"), hang_up, lambda _: ("came", {"result": "edits"}))
        await run_traced(logging.getLogger("tests"), *work)
    assert re.search(r"about \d+ tokens in \(0 cached\), \d+ out; hung up after", caplog.text)
