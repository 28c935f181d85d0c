"""What a whole session leaves in its log: enough for a report, and nothing of the user's.

The user's words, the model's, a path, an instruction and a key are marked; each mark would be found
wherever it came from.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.e2e.conftest import StartEditor
from tests.support import replies
from tests.support.answers import Answer, failure
from tests.support.editor import Editor, Place
from tests.support.fake_mistral import KEY, FakeMistral
from tests.support.fake_server import Received
from tests.support.workbench import EVERYTHING, Workbench

pytestmark = pytest.mark.long

MARK = "zanzibar"
CODE = f"""\
import os


def {MARK}_total({MARK}_values):
    {MARK}_result = 0
    for {MARK}_value in {MARK}_values:
        {MARK}_result = {MARK}_result + {MARK}_value│
    return {MARK}_result
"""
INVOKED = types.InlineCompletionTriggerKind.Invoked
COMPLAINT = {"object": "error", "message": f"{MARK}: {KEY}", "type": MARK, "code": MARK}
BAD: list[Answer] = [
    failure(401, COMPLAINT, x_request_id="0123abcd"),
    failure(400, COMPLAINT),
    failure(503, COMPLAINT),
    Answer(failing={"error": COMPLAINT}),
    Answer(raw=f'data: {{"{MARK}\n\n'.encode()),
    Answer(text=(f"```\n{MARK}",)),
    Answer(text=()),
]
OWN = {"title": f"Ask {MARK}", "prompt": f"{MARK} {{names}}"}


def _code(request: Received) -> Answer:
    """An answer of either kind."""
    if "messages" in request.body:
        return replies.code(f"def {MARK}_total({MARK}_values):\n    return sum({MARK}_values)\n")
    return Answer(text=(f" + {MARK}_more",))


async def _session(start: StartEditor, fake: FakeMistral, **variables: Any) -> Editor:
    for kind in ("FIM", "CHAT"):
        variables[f"DEVSTRAL_{kind}_BASE_URL"] = fake.url
    variables.update(MISTRAL_API_KEY=KEY, DEVSTRAL_COMPLETION_DEBOUNCE_MS="0")
    options = {"refactor": {"actions": [OWN]}}
    info = types.ClientInfo("Nova", "12.1")
    return await start(EVERYTHING, initialization_options=options, client_info=info, **variables)


async def _typed(editor: Editor, place: Place, fake: FakeMistral) -> None:
    """Keys, answered in every way that there is; the last one while the endpoint is left alone."""
    await editor.inline(place)
    for answer in (*BAD, BAD[0]):
        fake.answer_always(answer)
        place = editor.type(place, f" - {MARK}")
        await editor.inline(place, INVOKED)
    await editor.inline(editor.type(place, f" - {MARK}"))


async def _refactored(bench: Workbench, place: Place, fake: FakeMistral) -> None:
    """An action that succeeds, and one of their own that comes to nothing."""
    fake.script = _code
    await bench.resolve(await bench.action(place, "Simplify"))
    fake.answer_always(replies.code(f"def {MARK}_total(:"))
    await bench.resolve(await bench.action(place, OWN["title"]))


async def test_a_session_is_told_without_a_word_of_the_users(
    start: StartEditor, tmp_path: Path
) -> None:
    file = tmp_path / "log"
    async with FakeMistral(_code, strict=False) as fake:
        log = {"DEVSTRAL_LOG_LEVEL": "debug", "DEVSTRAL_LOG_FILE": str(file)}
        editor = await _session(start, fake, **log)
        bench = Workbench(editor)
        place = bench.open(CODE, f"file:///{MARK}/{MARK}.py")
        await _typed(editor, place, fake)
        await _refactored(bench, place, fake)
        editor.tell("textDocument/didFocus", {"textDocument": {MARK: [MARK]}})
        await editor.inline(place)
    await editor.stop()
    written = file.read_text(encoding="utf-8")
    assert MARK not in written
    assert KEY not in written
    told = [
        *("for Nova 12.1", "completions come from mistral", "environment: chat.base_url"),
        *("the model codestral-latest at 127.0.0.1", "keystroke: automatic, document"),
        *("keystroke: invoked", "Unauthorized, status 401, request 0123abcd", "dropped by"),
        *(
            "is left alone",
            "refactor: simplify",
            "edits: ",
            "an action of their own",
            "UnusableReply",
        ),
        "request: /v1/chat/completions at 127.0.0.1",
    ]
    assert [each for each in told if each not in written] == [], written


async def test_by_itself_a_session_says_nothing(start: StartEditor, tmp_path: Path) -> None:
    file = tmp_path / "log"
    async with FakeMistral(_code, strict=False) as fake:
        editor = await _session(start, fake, DEVSTRAL_LOG_FILE=str(file))
        await editor.inline(editor.open(CODE))
    assert file.read_text(encoding="utf-8") == ""


async def test_whoever_turns_it_on_later_is_introduced_then(
    start: StartEditor, tmp_path: Path
) -> None:
    file = tmp_path / "log"
    async with FakeMistral(_code, strict=False) as fake:
        editor = await _session(start, fake, DEVSTRAL_LOG_FILE=str(file))
        place = editor.open(CODE)
        await editor.inline(place)
        assert file.read_text(encoding="utf-8") == ""
        editor.push({"devstral": {"log": {"level": "info"}}})
        await editor.inline(place)
    written = file.read_text(encoding="utf-8")
    assert "for Nova 12.1" in written
    assert "editor: log.level" in written
    assert "keystroke" not in written
