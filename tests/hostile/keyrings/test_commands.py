"""Commands that are to print the key, for real, behind a server, `doctor` and `complete`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.keyrings.conftest import ANSWER, Commands, suggested
from tests.support.fake_mistral import KEY, FakeMistral

ASKS = "printf 'Password: ' > /dev/tty && read -r word < /dev/tty && echo " + KEY
NO_USE = [
    pytest.param(ASKS, "ended with exit code", id="asks-on-a-terminal"),
    pytest.param(f"echo {KEY}; exit 1", "ended with exit code 1", id="fails"),
    pytest.param(f"echo {KEY} >&2", "printed nothing on its first line", id="only-on-stderr"),
    pytest.param("read -r word; echo $word", "printed nothing", id="asks-on-stdin"),
    pytest.param(f"kill -9 $$; echo {KEY}", "ended with exit code -9", id="is-killed"),
]


def named(environ: dict[str, str], script: str) -> dict[str, str]:
    """What a user writes into the user file to have a key printed by this script."""
    command = json.dumps(["sh", "-c", script])
    Path(environ["DEVSTRAL_CONFIG"]).write_text(f"[fim]\napi_key_command = {command}\n")
    return environ


@pytest.mark.parametrize(
    "script", [f"echo {KEY}; echo a note", f"echo a note >&2; printf ' {KEY}\\r\\n'"]
)
async def test_the_first_line_is_the_key(
    environ: dict[str, str], start: Any, mistral: FakeMistral, tmp_path: Path, script: str
) -> None:
    named(environ, script)
    assert await suggested(await start()) == [ANSWER]
    assert {each.headers["authorization"] for each in mistral.received} == {f"Bearer {KEY}"}
    commands = Commands(environ, tmp_path)
    assert "from command, sent to" in await asyncio.to_thread(commands.doctor)
    assert ANSWER in await asyncio.to_thread(commands.complete)


@pytest.mark.parametrize(("script", "told"), NO_USE)
async def test_one_that_is_of_no_use_is_told(
    environ: dict[str, str], start: Any, tmp_path: Path, script: str, told: str
) -> None:
    named(environ, script)
    editor = await start()
    assert await suggested(editor) == []
    await editor.until(lambda: editor.shown_about(f"The command for the key {told}"))
    commands = Commands(environ, tmp_path)
    for command in (commands.doctor, commands.complete):
        assert f"The command for the key {told}" in await asyncio.to_thread(command)


async def test_one_that_hangs_holds_up_neither_the_first_completion_nor_the_end(
    environ: dict[str, str], start: Any
) -> None:
    named(environ, "sleep 300 | cat")
    assert await suggested(await start()) == []  # and `start` sees to it that it ends


@pytest.mark.parametrize("words", [("doctor",), ("complete", __file__ + ":1")], ids=len)
async def test_who_waits_for_one_that_hangs_may_give_up(
    environ: dict[str, str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    interrupted = Commands(named(environ, "sleep 300"), tmp_path).interrupted
    assert await asyncio.to_thread(interrupted, *words) == 130


async def test_none_asks_on_the_terminal_that_the_editor_draws_on(
    environ: dict[str, str], tmp_path: Path
) -> None:
    told = await asyncio.to_thread(Commands(named(environ, ASKS), tmp_path).doctor_on_a_terminal)
    assert "The command for the key ended with exit code" in told
    assert "Password" not in told
