"""Ghost text in Neovim: seen, typed through, accepted whole and in part, cycled, late."""

from __future__ import annotations

import asyncio

import pytest

from tests.editors.nvim.session import Session
from tests.editors.support.sample import FILES
from tests.editors.support.waiting import until
from tests.support.answers import Answer

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]

SHOWN, PARTLY = "textDocument/didShowCompletion", "textDocument/didPartiallyAcceptCompletion"
EXECUTE = "workspace/executeCommand"


async def test_typed_through_and_accepted(nvim: Session) -> None:
    text = "def add(first, second):\n    total = first + second\n    return total\n"
    nvim.model.knows(text)
    wire = await nvim.opened("through.py")
    await nvim.terminal.type("def ad")
    rest = text.rstrip().removeprefix("def ad")
    await nvim.sees(rest)
    asked = len(nvim.fake.completions)
    await nvim.terminal.type("d(fi")
    await nvim.sees(rest.removeprefix("d(fi"))
    assert len(nvim.fake.completions) == asked, "what was typed was known already"
    await nvim.terminal.press("Tab")
    await until("the acceptance", lambda: wire.by_editor(EXECUTE))
    assert wire.by_editor(SHOWN)
    await nvim.saved("through.py", text.encode())


async def test_a_suggestion_is_taken_right_after_a_key(nvim: Session) -> None:
    nvim.model.knows("speedy = typist(keys)\n")
    await nvim.opened("speedy.py")
    await nvim.terminal.type("speedy = ")
    await nvim.sees("typist(keys)")
    nvim.terminal.send("ty\t")
    await nvim.saved("speedy.py", b"speedy = typist(keys)\n")


async def test_what_is_typed_against_a_suggestion_stays(nvim: Session) -> None:
    nvim.model.knows("wanted = this(one)\n")
    await nvim.opened("against.py")
    await nvim.terminal.type("wanted = ")
    await nvim.sees("this(one)")
    nvim.terminal.send("x\t")
    await nvim.saved("against.py", b"wanted = x  \n")  # as the key does in Python


async def test_a_word_and_a_line_are_accepted_and_told(nvim: Session) -> None:
    nvim.model.knows("for row in rows:\n    print(row)\n    count += 1\n")
    wire = await nvim.opened("word.py")
    await nvim.terminal.type("for r")
    await nvim.sees("ow in rows:\n    print(row)\n    count += 1")
    await nvim.terminal.press("Alt+Right")
    await nvim.sees(" in rows:\n    print(row)\n    count += 1")
    (told,) = await until("word of it", lambda: wire.by_editor(PARTLY))
    assert told["params"]["acceptedLength"] == len("row")
    await nvim.terminal.press("Alt+End")
    await nvim.sees("    print(row)\n    count += 1")
    await nvim.terminal.press("Alt+End")
    await nvim.sees("    count += 1")
    assert not wire.by_editor(EXECUTE), "that is for the whole"
    await nvim.saved("word.py", b"for row in rows:\n    print(row)\n")


async def test_another_suggestion(nvim: Session) -> None:
    nvim.model.knows("pick = first(items)\n", others=["pick = last(items)\n"])
    await nvim.opened("another.py")
    await nvim.terminal.type("pick = ")
    await nvim.sees("first(items)")
    await nvim.terminal.press("Alt+n")
    await until("the other one", lambda: "last(items)" in nvim.ghost())
    await nvim.terminal.press("Tab")
    await nvim.saved("another.py", b"pick = last(items)\n")


async def test_a_key_hides_and_the_next_one_shows_again(nvim: Session) -> None:
    nvim.model.knows("hidden = nothing_to_see()\n")
    await nvim.opened("hidden.py")
    await nvim.terminal.type("hidden = no")
    await nvim.sees("thing_to_see()")
    await nvim.terminal.press("Control+]")
    await nvim.sees("")
    await nvim.terminal.type("t")
    await nvim.sees("hing_to_see()")
    await nvim.saved("hidden.py", b"hidden = not\n")


async def test_undo_takes_back_the_suggestion_alone(nvim: Session) -> None:
    nvim.model.knows("undone = and_done()\n")
    await nvim.opened("undone.py")
    await nvim.terminal.type("undone = ")
    await nvim.sees("and_done()")
    await nvim.terminal.press("Tab")
    await nvim.saved("undone.py", b"undone = and_done()\n")
    await nvim.terminal.type("u")
    await nvim.saved("undone.py", b"undone = \n")


async def test_a_late_answer_is_shown_unless_the_text_has_moved_on(nvim: Session) -> None:
    nvim.model.knows("tardy_but_right = True\n")
    await nvim.opened("tardy.py")
    gate = asyncio.Event()
    nvim.model.gates.append(gate)
    nvim.model.pace = Answer(first_ms=1)
    asked = len(nvim.fake.completions)
    await nvim.terminal.type("tardy_bu")
    await until("the question", lambda: len(nvim.fake.completions) > asked)
    await nvim.terminal.type("t_")
    gate.set()
    await nvim.sees("right = True")
    await nvim.terminal.press("Tab")
    await nvim.saved("tardy.py", b"tardy_but_right = True\n")


@pytest.mark.parametrize("name", FILES)
async def test_files_on_disk_are_what_they_should_be(nvim: Session, name: str) -> None:
    before, known, typed, after = FILES[name]
    nvim.model.knows(known)
    await nvim.opened(name, before)
    await nvim.normal()
    await nvim.terminal.type(f"o{typed}")
    await until("a suggestion", nvim.ghost)
    await nvim.terminal.press("Tab")
    await nvim.saved(name, after)
