"""A Linux desktop's Secret Service: GNOME's, for real; the key is stored by `keyring set`."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.keyrings.conftest import ANSWER, SOON_S, Commands, suggested
from tests.hostile.keyrings.desktop import Desktop
from tests.support.fake_mistral import KEY, FakeMistral

pytestmark = pytest.mark.timeout(300)  # the first run installs


@pytest.fixture
def environ(environ: dict[str, str], desktop: Desktop, packages: Path) -> dict[str, str]:
    """The key is in the keyring of an unlocked desktop."""
    found = {**environ, **desktop.environ, "PYTHONPATH": str(packages)}
    store(found, f"{KEY}\n")
    return found


def store(environ: dict[str, str], key: str) -> None:
    """As a user does it who pipes the key in."""
    command = (sys.executable, "-m", "keyring", "set", "devstral-lsp", "mistral")
    subprocess.run(command, input=key.encode(), env=environ, check=True, timeout=30)


async def test_a_key_that_was_stored_is_found(
    environ: dict[str, str], start: Any, mistral: FakeMistral, tmp_path: Path
) -> None:
    assert await suggested(await start()) == [ANSWER]
    assert {each.headers["authorization"] for each in mistral.received} == {f"Bearer {KEY}"}
    commands = Commands(environ, tmp_path)
    told = await asyncio.to_thread(commands.doctor)
    assert f"from keyring, sent to {mistral.url}" in told
    assert told.splitlines()[-1] == "All is well."
    assert ANSWER in await asyncio.to_thread(commands.complete)


async def test_a_line_end_is_no_part_of_it(environ: dict[str, str], start: Any) -> None:
    store(environ, f" {KEY}\r\n\r\n")
    assert await suggested(await start()) == [ANSWER]


async def test_one_that_is_locked_is_told(
    environ: dict[str, str], start: Any, desktop: Desktop, tmp_path: Path
) -> None:
    desktop.lock()
    editor = await start()
    assert await suggested(editor) == []
    await editor.until(lambda: editor.shown_about("keyring is locked"))
    commands = Commands(environ, tmp_path)
    for command in (commands.doctor, commands.complete):
        told = await asyncio.to_thread(command)
        assert told.count("The keyring is locked") == 1


async def test_one_that_never_answers_holds_nothing_up(
    environ: dict[str, str], start: Any, desktop: Desktop
) -> None:
    desktop.hang()
    editor = await start()
    assert await suggested(editor) == []  # and `start` sees to it that it ends


async def test_an_answer_that_comes_late_is_taken(
    environ: dict[str, str], start: Any, desktop: Desktop
) -> None:
    desktop.hang()
    editor = await start()
    assert await suggested(editor) == []
    desktop.go_on()
    async with asyncio.timeout(SOON_S):
        while await suggested(editor) != [ANSWER]:
            pass  # It waits for a pause in the typing each time.


@pytest.mark.parametrize("words", [("doctor",), ("complete", __file__ + ":1")], ids=len)
async def test_who_waits_for_one_that_never_answers_may_give_up(
    environ: dict[str, str], desktop: Desktop, tmp_path: Path, words: tuple[str, ...]
) -> None:
    desktop.hang()
    interrupted = Commands(environ, tmp_path).interrupted
    assert await asyncio.to_thread(interrupted, *words) == 130
