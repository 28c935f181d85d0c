"""Ghost text in VS Code: seen, typed through, accepted whole and in part, cycled, late."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.editors.support.sample import FILES, INDENTED
from tests.editors.support.waiting import until
from tests.editors.support.wiretap import Wiretap
from tests.editors.vscode.session import Session
from tests.support.answers import Answer

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]

INLINE = "textDocument/inlineCompletion"
SHOWN, PARTLY = "textDocument/didShowCompletion", "textDocument/didPartiallyAcceptCompletion"


async def test_typed_through_and_accepted(vscode: Session, pictures: Path) -> None:
    text = "def add(first, second):\n    total = first + second\n    return total\n"
    vscode.model.knows(text)
    wire = await vscode.opened("through.py")
    await vscode.window.type("def ad")
    rest = text.rstrip().removeprefix("def ad")
    await vscode.window.sees(rest)
    await vscode.window.picture(pictures / "vscode-ghost.png", (0, 0, 820, 420))
    asked = len(vscode.fake.completions)
    await vscode.window.type("d(fi")
    await vscode.window.sees(rest.removeprefix("d(fi"))
    assert len(vscode.fake.completions) == asked, "what was typed was known already"
    await vscode.window.press("Tab")
    await until("the acceptance", lambda: wire.by_editor("workspace/executeCommand"))
    assert wire.by_editor(SHOWN)
    await vscode.window.saved("through.py", text.rstrip().encode())


async def test_a_word_is_accepted_and_told(vscode: Session) -> None:
    vscode.model.knows("width = measure(screen, unit)\n")
    wire = await vscode.opened("word.py")
    await vscode.window.type("width = mea")
    await vscode.window.sees("sure(screen, unit)")
    await vscode.window.press("Control+ArrowRight")
    await vscode.window.sees("(screen, unit)")
    (told,) = await until("word of it", lambda: wire.by_editor(PARTLY))
    assert told["params"]["acceptedLength"] == len("measure")
    await vscode.window.press("Control+ArrowRight", "Control+ArrowRight")
    await vscode.window.sees(", unit)")
    await vscode.window.saved("word.py", b"width = measure(screen")
    assert not wire.by_editor("workspace/executeCommand"), "that is for the whole"


async def test_another_suggestion(vscode: Session) -> None:
    vscode.model.knows("pick = first(items)\n", others=["pick = last(items)\n"])
    await vscode.opened("another.py")
    await vscode.window.type("pick = ")
    await vscode.window.sees("first(items)")
    await vscode.window.press("Alt+]")
    await vscode.window.sees("last(items)")
    await vscode.window.press("Tab")
    await vscode.window.saved("another.py", b"pick = last(items)")


async def test_escape_hides_and_the_next_key_shows_again(vscode: Session) -> None:
    vscode.model.knows("hidden = nothing_to_see()\n")
    await vscode.opened("hidden.py")
    await vscode.window.type("hidden = no")
    await vscode.window.sees("thing_to_see()")
    await vscode.window.press("Escape")
    await vscode.window.sees("")
    await vscode.window.type("t")
    await vscode.window.sees("hing_to_see()")
    await vscode.window.saved("hidden.py", b"hidden = not")


async def test_what_comes_after_vs_code_has_given_up_is_shown_all_the_same(vscode: Session) -> None:
    vscode.model.knows("tardy_but_right = True\n")
    wire = await vscode.opened("tardy.py")
    asked = len(vscode.fake.completions)
    gate = asyncio.Event()
    vscode.model.gates.append(gate)
    vscode.model.pace = Answer(first_ms=1)
    await vscode.window.type("tardy_bu", delay_ms=10)
    await until("the last request", lambda: _is_last_given_up(wire, len("tardy_bu")))
    gate.set()
    await vscode.window.sees("t_right = True")
    assert wire.by_server("devstral/inlineCompletionReady")
    assert len(vscode.fake.completions) == asked + 1
    await vscode.window.press("Tab")
    await vscode.window.saved("tardy.py", b"tardy_but_right = True")


async def test_the_first_lines_are_given_in_time_and_the_rest_follows(vscode: Session) -> None:
    """Whether the first lines get to the screen in time is VS Code's matter."""
    text = "def slowly(value):\n    first = value\n    return first\n"
    vscode.model.knows(text)
    wire = await vscode.opened("slowly.py")
    at_once, later = asyncio.Event(), asyncio.Event()
    at_once.set()
    vscode.model.gates += [at_once, later]
    vscode.model.pace = Answer(between_ms=1)
    vscode.model.pieces_of_lines = True
    await vscode.window.type("def slo", delay_ms=10)
    first = await until("the first line", lambda: _last_answer(wire))
    assert [each["insertText"] for each in first["result"]["items"]] == ["slowly(value):"]
    later.set()
    await vscode.window.sees(text.rstrip().removeprefix("def slo"))
    await vscode.window.press("Tab")
    await vscode.window.saved("slowly.py", text.rstrip().encode())


def _is_last_given_up(wire: Wiretap, character: int) -> bool:
    """Whether VS Code has cancelled its request at this place."""
    requests = wire.by_editor(INLINE)
    at = [each["id"] for each in requests if each["params"]["position"]["character"] == character]
    return bool(at) and at[-1] in [
        each["params"]["id"] for each in wire.by_editor("$/cancelRequest")
    ]


def _last_answer(wire: Wiretap) -> dict[str, Any] | None:
    requests = wire.by_editor(INLINE)
    answer = wire.answer_of_server(requests[-1]) if requests else None
    return answer if answer and answer.get("result", {}).get("items") else None


@pytest.mark.parametrize("name", FILES)
async def test_files_on_disk_are_what_they_should_be(vscode: Session, name: str) -> None:
    """The editor does not indent by itself here, so that stands in the file already."""
    before, known, typed, after = FILES[name]
    vscode.model.knows(known)
    await vscode.opened(name, before + (b"\t" if name == INDENTED else b""))
    await vscode.window.type(typed)
    await until("a suggestion", vscode.window.ghost)
    await vscode.window.press("Tab")
    await vscode.window.saved(name, after.rstrip())


async def test_alternatives_stand_side_by_side_and_one_is_used(
    vscode: Session, pictures: Path
) -> None:
    whole = "many = first_of_all()\n"
    others = ["many = second_one()\n", "many = third_of_them()\n"]
    vscode.model.knows(whole, others)
    await vscode.opened("many.py")
    await vscode.window.type("many = ")
    await vscode.window.sees("first_of_all()")
    await vscode.window.command("Devstral: Show Alternatives")
    lenses = vscode.window.page.locator(".codelens-decoration a", has_text="Use this")

    async def all_are_there() -> bool:
        return await lenses.count() == 3

    await until("three alternatives", all_are_there)
    await vscode.window.picture(pictures / "vscode-alternatives.png")
    await lenses.nth(2).click()
    await until("the panel to close", lambda: _is_gone(vscode, "Alternatives"))
    used = ("many = second_one()", "many = third_of_them()")

    async def in_the_text() -> str:
        """The one that stands there, once one does."""
        shown = await _active_text(vscode)
        return next((each for each in used if each in shown), "")

    content = await until("one of them in the text", in_the_text)
    await vscode.window.saved("many.py", content.encode())


async def _is_gone(vscode: Session, title: str) -> bool:
    return not await vscode.window.page.locator(".tab", has_text=title).count()


async def _active_text(vscode: Session) -> str:
    lines = vscode.window.page.locator(".editor-instance .view-lines")
    return (await lines.first.inner_text()).replace("\u00a0", " ")
