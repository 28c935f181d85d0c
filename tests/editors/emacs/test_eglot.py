"""Emacs with eglot and `devstral-mode`: ghost text in every way, and the menu."""

from __future__ import annotations

import pytest

from tests.editors.emacs.session import Session
from tests.editors.support.sample import FILES, INDENTED
from tests.editors.support.wiretap import Wiretap

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]

SHOWN, PARTLY = "textDocument/didShowCompletion", "textDocument/didPartiallyAcceptCompletion"


async def test_typed_through_and_accepted(eglot: Session) -> None:
    text = "def add(first, second):\n    total = first + second\n    return total\n"
    eglot.model.knows(text)
    wire = await eglot.opened("through.py")
    await eglot.terminal.type("def ad")
    await eglot.sees("def add(first, second):\n    total = first + second\n    return")
    asked = len(wire.by_editor("textDocument/inlineCompletion"))
    await eglot.terminal.type("d(fi")
    await eglot.sees("def add(first, second):\n    total = first + second\n    return")
    assert len(wire.by_editor("textDocument/inlineCompletion")) == asked, "it is shown already"
    await eglot.press("TAB")
    await eglot.until("the acceptance", lambda: wire.by_editor("workspace/executeCommand"))
    assert wire.by_editor(SHOWN)
    await eglot.saved("through.py", text.rstrip().encode())


async def test_words_are_accepted_and_told(eglot: Session) -> None:
    eglot.model.knows('wide = "\U0001f600" + measure(screen, unit)\n')
    wire = await eglot.opened("word.py")
    await eglot.terminal.type("wide = ")
    await eglot.sees("+ measure(screen, unit)")
    await eglot.press("M-f M-f M-f M-f M-f")
    told = await eglot.until("words of it", lambda: _lengths(wire, 5))
    blank = told[0] - len('"')  # It is the item's own if that came before the blank was typed.
    assert [each - blank for each in told] == [1, 3, 4, 6, 14], "in UTF-16"
    await eglot.sees("+ measure(screen, unit)")
    await eglot.saved("word.py", 'wide = "\U0001f600" + measure'.encode())
    assert not wire.by_editor("workspace/executeCommand"), "that is for the whole"


async def test_a_line_is_accepted(eglot: Session) -> None:
    eglot.model.knows("def lines(all):\n    first = all\n    return first\n")
    wire = await eglot.opened("lines.py")
    await eglot.terminal.type("def li")
    await eglot.sees("    return first")
    await eglot.press("C-e C-e")
    await eglot.until("two lines of it", lambda: _lengths(wire, 2))
    await eglot.sees("    return first")
    await eglot.saved("lines.py", b"def lines(all):\n    first = all")


def _lengths(wire: Wiretap, count: int) -> list[int]:
    """The lengths that were told, once there are so many."""
    told = [each["params"]["acceptedLength"] for each in wire.by_editor(PARTLY)]
    return told if len(told) == count else []


async def test_another_suggestion(eglot: Session) -> None:
    eglot.model.knows("pick = first(items)\n", others=["pick = last(items)\n"])
    await eglot.opened("another.py")
    await eglot.terminal.type("pick = f")
    await eglot.sees("pick = first(items)")
    await eglot.terminal.type("i")
    await eglot.sees("pick = first(items)")
    await eglot.press("DEL DEL")
    await eglot.sees("pick = first(items)")
    await eglot.press("M-n")
    await eglot.sees("pick = last(items)")
    await eglot.press("M-p")
    await eglot.sees("pick = first(items)")
    await eglot.press("M-n")
    await eglot.sees("pick = last(items)")
    await eglot.press("TAB")
    await eglot.saved("another.py", b"pick = last(items)")


async def test_dismissed_until_the_next_key(eglot: Session) -> None:
    eglot.model.knows("hidden = nothing_to_see()\n")
    await eglot.opened("hidden.py")
    await eglot.terminal.type("hidden = no")
    await eglot.sees("nothing_to_see()")
    await eglot.press("C-g")
    await eglot.loses("thing_to_see()")
    await eglot.terminal.type("t")
    await eglot.sees("nothing_to_see()")
    await eglot.saved("hidden.py", b"hidden = not")


async def test_what_is_typed_against_goes_and_comes_again_when_taken_back(eglot: Session) -> None:
    eglot.model.knows("against = measured\n")
    await eglot.opened("against.py")
    await eglot.terminal.type("against = mea")
    await eglot.sees("against = measured")
    await eglot.terminal.type("n")
    await eglot.loses("sured")
    await eglot.press("DEL")
    await eglot.sees("against = measured")
    await eglot.press("TAB")
    await eglot.saved("against.py", b"against = measured")


async def test_text_behind_the_cursor_stays_where_it_is(eglot: Session) -> None:
    eglot.model.knows("inner = call(first, second")
    await eglot.opened("inner.py", b"inner = call()")
    await eglot.press("C-b")
    await eglot.terminal.type("fi")
    await eglot.sees("inner = call(first, second)")
    await eglot.press("TAB")
    await eglot.saved("inner.py", b"inner = call(first, second)")


async def test_a_suggestion_takes_the_place_of_what_the_cursor_stands_before(
    eglot: Session,
) -> None:
    eglot.model.knows("def area(w, h) -> int:\n")
    await eglot.opened("area.py", b"def area():")
    await eglot.press("C-b C-b")
    await eglot.terminal.type("w")
    await eglot.sees("def area(w, h) -> int:")
    await eglot.press("TAB")
    await eglot.saved("area.py", b"def area(w, h) -> int:")


async def test_undo_takes_back_the_suggestion_and_does_not_ask_again(eglot: Session) -> None:
    eglot.model.knows("undone = and_done()\n")
    await eglot.opened("undone.py")
    await eglot.terminal.type("undone = ")
    await eglot.sees("and_done()")
    await eglot.press("TAB")
    await eglot.saved("undone.py", b"undone = and_done()")
    wire = eglot.wire.from_now()
    await eglot.command("undo")
    await eglot.saved("undone.py", b"undone = ")
    assert not wire.by_editor("textDocument/inlineCompletion")


async def test_completion_at_point_has_the_same_without_ghost_text(eglot: Session) -> None:
    eglot.model.knows("menu = served(at, once)\n")
    await eglot.opened("menu.py")
    await eglot.command("devstral-mode")
    await eglot.terminal.type("menu = ser")
    await eglot.press("C-M-i")
    await eglot.sees("served(at, once)")
    await eglot.saved("menu.py", b"menu = served(at, once)")


@pytest.mark.parametrize("name", [each for each in FILES if each != INDENTED])
async def test_files_on_disk_are_what_they_should_be(eglot: Session, name: str) -> None:
    """Emacs brings no mode for Go that would indent by itself."""
    before, known, typed, after = FILES[name]
    eglot.model.knows(known)
    wire = await eglot.opened(name, before)
    eglot.terminal.send(typed)
    await eglot.until("a suggestion", lambda: wire.by_editor(SHOWN))
    await eglot.press("TAB")
    await eglot.saved(name, after.rstrip())
