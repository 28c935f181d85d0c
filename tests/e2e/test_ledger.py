"""What a session writes down, and that nothing of the user's is in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.e2e.conftest import key_for
from tests.support.answers import Answer
from tests.support.editor import Editor, Place
from tests.support.fake_mistral import KEY, FakeMistral

pytestmark = pytest.mark.long

MARK = "zanzibar"
URI = f"file:///home/{MARK}/{MARK}.py"
ANSWER = f"return {MARK}_one + {MARK}_two\n"
FAST = {"DEVSTRAL_COMPLETION_DEBOUNCE_MS": "0"}


async def accept(editor: Editor, place: Place, item: types.InlineCompletionItem) -> Place:
    """Insert an item's text behind what it covers, and say so, as editors do."""
    assert item.command is not None
    assert item.range is not None
    covered = item.range.end.character - item.range.start.character
    after = editor.type(place, str(item.insert_text)[covered:])
    command = types.ExecuteCommandParams(item.command.command, item.command.arguments)
    await editor.client.workspace_execute_command_async(command)
    return after


def stats(environ: dict[str, str], *arguments: str) -> str:
    """What `devstral-lsp stats` prints."""
    command = [sys.executable, "-m", "devstral_lsp", "stats", *arguments]
    return subprocess.run(
        command, env=environ, capture_output=True, text=True, check=True, encoding="utf-8"
    ).stdout


def all_bytes(folder: Path) -> bytes:
    """Everything in the files below a folder, their names included."""
    files = [each for each in sorted(folder.rglob("*")) if each.is_file()]
    return b"".join(os.fsencode(each) + each.read_bytes() for each in files)


async def test_a_session_ends_in_statistics_without_a_word_of_the_users(
    environ: dict[str, str], tmp_path: Path
) -> None:
    state = tmp_path / "state"
    async with FakeMistral(lambda _: Answer(text=[ANSWER]), strict=False) as fake:
        info = types.ClientInfo("Nova", "12.1")
        variables = {**key_for(fake), **FAST, "DEVSTRAL_STATE": str(state)}
        editor = await Editor.start({**environ, **variables}, client_info=info)
        place = editor.open(f"def {MARK}():\n    │", URI)
        (item,) = await editor.inline(place)
        await editor.inline(await accept(editor, place, item))
        await editor.stop()
    known = {**environ, "DEVSTRAL_STATE": str(state)}
    told: dict[str, Any] = json.loads(stats(known, "--json", "--by", "editor"))
    (group,) = told["by_editor"]
    assert (group["group"], group["shown"], group["accepted"]) == ("Nova", 1, 1)
    assert group["characters"] == len(ANSWER.rstrip())
    assert group["requests"] >= 1
    assert group["prompt_tokens"] > 0
    assert group["cost_usd"] > 0
    assert told["latency_ms"]["total_ms"]["p50"] > 0
    assert "100%" in stats(known)
    written = all_bytes(state)
    assert b"SQLite format 3" in written
    assert MARK.encode() not in written
    assert KEY.encode() not in written
    assert b"return" not in written


async def test_switched_off_nothing_is_written(environ: dict[str, str], tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with FakeMistral(lambda _: Answer(text=[ANSWER]), strict=False) as fake:
        off = {"DEVSTRAL_USAGE_ENABLED": "false", "DEVSTRAL_STATE": str(state)}
        editor = await Editor.start({**environ, **key_for(fake), **FAST, **off})
        await editor.inline(editor.open(f"def {MARK}():\n    │", URI))
        await editor.stop()
    names = {each.name for each in state.rglob("*") if each.is_file()}
    assert not [each for each in names if not each.startswith("budget-")], "limits count on"
