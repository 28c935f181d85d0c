"""Keyrings in a file, and those that do not work: the package for real, its backend by variable."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.keyrings.conftest import ANSWER, Commands, suggested
from tests.support.fake_mistral import KEY, FakeMistral

pytestmark = pytest.mark.timeout(300)  # the first run installs

PLAIN = "keyrings.alt.file.PlaintextKeyring"
ENCRYPTED = "keyrings.alt.file.EncryptedKeyring"
MISBEHAVES = f"""
import sys
from keyring.backend import KeyringBackend

class Unkind(KeyringBackend):
    priority = 9

    def get_password(self, service, username):
        print("{KEY}", file=sys.stderr)
        raise ArithmeticError("{KEY}")

    set_password = None
"""
PASSWORD = "a password"
ENCRYPTS = f"""
import keyring
ring = keyring.get_keyring()
ring.keyring_key = "{PASSWORD}"
ring.set_password("devstral-lsp", "mistral", "{KEY}")
"""


@pytest.fixture
def environ(environ: dict[str, str], packages: Path, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "unkind.py").write_text(MISBEHAVES)
    return {**environ, "PYTHONPATH": f"{packages}:{tmp_path}", "PYTHON_KEYRING_BACKEND": PLAIN}


def run(environ: dict[str, str], *words: str, said: str = "") -> None:
    command = (sys.executable, *words)
    subprocess.run(command, input=said.encode(), env=environ, check=True, timeout=30)


async def test_a_plain_file(
    environ: dict[str, str], start: Any, mistral: FakeMistral, tmp_path: Path
) -> None:
    run(environ, "-m", "keyring", "set", "devstral-lsp", "mistral", said=f"{KEY}\r\n")
    assert await suggested(await start()) == [ANSWER]
    assert {each.headers["authorization"] for each in mistral.received} == {f"Bearer {KEY}"}
    assert "from keyring" in await asyncio.to_thread(Commands(environ, tmp_path).doctor)


async def test_one_for_another_provider_is_not_taken(environ: dict[str, str], start: Any) -> None:
    run(environ, "-m", "keyring", "set", "devstral-lsp", "codestral", said=KEY)
    assert await suggested(await start()) == []


async def test_one_that_asks_for_a_password_neither_gets_one_nor_eats_messages(
    environ: dict[str, str], start: Any, tmp_path: Path
) -> None:
    environ["PYTHON_KEYRING_BACKEND"] = ENCRYPTED
    run(environ, "-c", ENCRYPTS)
    editor = await start(PYTHON_KEYRING_BACKEND=ENCRYPTED)
    assert await suggested(editor) == []
    await editor.until(lambda: editor.shown_about("The keyring gave no key (EOFError)."))
    told = await asyncio.to_thread(Commands(environ, tmp_path).doctor)
    assert "The keyring gave no key (EOFError)." in told


async def test_nor_does_it_ask_on_the_terminal_that_the_editor_draws_on(
    environ: dict[str, str], tmp_path: Path
) -> None:
    environ["PYTHON_KEYRING_BACKEND"] = ENCRYPTED
    run(environ, "-c", ENCRYPTS)
    told = await asyncio.to_thread(Commands(environ, tmp_path).doctor_on_a_terminal)
    assert "The keyring gave no key (EOFError)." in told
    assert "Please enter password" not in told


@pytest.mark.parametrize(
    ("backend", "told"),
    [("unkind.Unkind", "ArithmeticError"), ("no_such.Keyring", "ModuleNotFoundError")],
)
async def test_one_that_does_not_work_is_told(
    environ: dict[str, str], start: Any, tmp_path: Path, backend: str, told: str
) -> None:
    editor = await start(PYTHON_KEYRING_BACKEND=backend)
    assert await suggested(editor) == []
    await editor.until(lambda: editor.shown_about(f"The keyring gave no key ({told})."))
    environ["PYTHON_KEYRING_BACKEND"] = backend
    commands = Commands(environ, tmp_path)
    for command in (commands.doctor, commands.complete):
        assert f"({told})" in await asyncio.to_thread(command)


@pytest.mark.parametrize("missing", ["package", "keyring"])
async def test_none_at_all_is_no_trouble(
    environ: dict[str, str], start: Any, tmp_path: Path, missing: str
) -> None:
    """Neither without the extra, nor on a machine that keeps no keys."""
    if missing == "package":
        environ["PYTHONPATH"] = ""
    environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    editor = await start(**environ)
    assert await suggested(editor) == []
    assert not editor.shown_about("keyring")
    assert "keyring gave" not in await asyncio.to_thread(Commands(environ, tmp_path).doctor)
