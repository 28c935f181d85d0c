"""Suggestions in Helix's completion menu: seen, previewed, typed through, taken."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tomllib

import pytest

from tests.editors.helix.install import Helix
from tests.editors.helix.session import CONFIGURATION, Session
from tests.editors.support.sample import FILES
from tests.editors.support.waiting import until

pytestmark = [pytest.mark.editors, pytest.mark.timeout(120)]
in_session = pytest.mark.asyncio(loop_scope="session")


@in_session
async def test_a_suggestion_is_previewed_whole_typed_through_and_taken(helix: Session) -> None:
    text = "def add(first, second):\n    total = first + second\n    return total\n"
    helix.model.knows(text)
    await helix.opened("through.py")
    await helix.insert()
    await helix.terminal.type("def ad")
    await helix.terminal.sees(r"add\(first, second\): …")
    asked = len(helix.fake.completions)
    await helix.terminal.type("d")
    await helix.terminal.sees(r"def add\s+add\(first, second\): …")
    await helix.terminal.press("Tab")
    await helix.terminal.sees(r" total = first \+ second *│?\s")
    assert len(helix.fake.completions) == asked, "what was typed was known already"
    await helix.terminal.press("Enter")
    await helix.saved("through.py", text.encode())


@in_session
async def test_a_key_ends_the_question_before_so_that_the_next_key_asks(helix: Session) -> None:
    """While a question is open, Helix asks no other, and it takes none back."""
    helix.model.knows("def subtracted(first, second):\n    return first - second\n")
    wire = await helix.opened("slowly.py")
    await helix.insert()
    gate, known = asyncio.Event(), len(helix.fake.completions)
    helix.model.gates.append(gate)
    await helix.terminal.type("def sub")
    await until("a stream", lambda: len(helix.fake.completions) > known)
    await helix.terminal.type("t")
    await until("an answer", lambda: not helix.open_questions(wire))
    asked = len(wire.by_editor("textDocument/completion"))
    await helix.terminal.type("r")
    await until("the next", lambda: len(wire.by_editor("textDocument/completion")) > asked)
    gate.set()
    await helix.terminal.sees(r"subtracted\(first, second\): …")


@pytest.mark.parametrize("name", FILES)
@in_session
async def test_files_on_disk_are_what_they_should_be(helix: Session, name: str) -> None:
    before, known, typed, after = FILES[name]
    helix.model.knows(known)
    wire = await helix.opened(name, before)
    await helix.terminal.type("ge")
    await helix.insert("o")
    await helix.terminal.type(typed[:-2])
    # While a question is open, Helix asks no other.
    await until("answers", lambda: not helix.open_questions(wire))
    await helix.terminal.type(typed[-2:])
    await until("the menu", helix.menu)
    await helix.terminal.press("Tab", "Enter")
    await helix.saved(name, after)


def test_our_languages_keep_their_own_servers(program: Helix) -> None:
    for each in tomllib.loads(CONFIGURATION.read_text())["language"]:
        told = subprocess.run(
            (str(program.program), "--health", each["name"]),
            env={**os.environ, **program.environ, "HOME": "/nonexistent"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert all(own in told for own in each["language-servers"] if own != "devstral")
