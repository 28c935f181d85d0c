"""Next edits in VS Code: seen, gone to, taken, refused, and out of the way of other things."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from tests.editors.support.waiting import until
from tests.editors.support.wiretap import Wiretap
from tests.editors.vscode.session import Session

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]

ASK, SHOWN = "textDocument/copilotInlineEdit", "textDocument/didShowInlineEdit"
EXECUTE = "workspace/executeCommand"
ACCEPTED, REFUSED = "devstral.nextEdits.accepted", "devstral.nextEdits.refused"


def text(name: str, first: str, second: str) -> bytes:
    """Code with a variable that is bound once and used once, under these names.

    Each test has a variable of its own: what is learned in one file is proposed in the next.
    """
    return (
        f"def first_of_{name}(value):\n    {first} = value\n    print(value)\n"
        f"    return {second}\n\n\n"
        f"def second_of_{name}(value):\n    print(value)\n    return value\n"
    ).encode()


def half(name: str) -> bytes:
    return text(name, f"{name}_sum", f"{name}_count")


async def replace_word(vscode: Session, word: str, leave: str = "ArrowDown") -> None:
    """Replace the word after the cursor, and leave the line by a key."""
    await vscode.window.press("Control+Shift+ArrowRight")
    await vscode.window.type(word)
    await vscode.window.press(leave)


async def renamed(vscode: Session, name: str) -> Wiretap:
    """Rename the variable of a new file where it is bound; its use is left as it is."""
    content = text(name, f"{name}_count", f"{name}_count")
    wire = await vscode.opened(f"{name}.py", content, "2:5")
    await replace_word(vscode, f"{name}_sum")
    return wire


async def shows(vscode: Session, *drawn: str, lines: list[int]) -> None:
    """Wait until an edit is drawn, with an arrow beside these lines."""
    seen: list[object] = [None]

    async def look() -> bool:
        seen.append((await vscode.window.drawn(), await vscode.window.arrows()))
        return seen[-1] == (list(drawn), lines)

    await until(f"{drawn} beside {lines}", look, instead=lambda: seen[-1])
    await asyncio.sleep(0.3)  # the keys know it a moment later than the screen, which nothing shows


async def shows_nothing(vscode: Session) -> None:
    await shows(vscode, lines=[])


async def at_line(vscode: Session, line: int) -> None:
    """Wait until the cursor is there."""
    place = vscode.window.page.locator(".statusbar-item a", has_text=re.compile(rf"Ln {line},"))
    await place.first.wait_for()


def executed(wire: Wiretap) -> list[str]:
    return [each["params"]["command"] for each in wire.by_editor(EXECUTE)]


async def test_a_rename_is_seen_gone_to_and_taken(vscode: Session, pictures: Path) -> None:
    wire = await renamed(vscode, "taken")
    await shows(vscode, "taken_sum", lines=[4])
    assert len(await until("that it is told", lambda: wire.by_editor(SHOWN))) == 1
    await at_line(vscode, 3)
    await vscode.window.page.get_by_text("taken_count", exact=True).first.hover()
    await vscode.window.page.locator(".monaco-hover", has_text="Next edit: Tab").first.wait_for()
    await vscode.window.picture(pictures / "vscode-next-edit.png", (0, 0, 820, 420))
    await vscode.window.press("Tab")
    await at_line(vscode, 4)
    assert executed(wire) == []
    await vscode.window.press("Tab")
    await shows_nothing(vscode)
    await until("the acceptance", lambda: executed(wire) == [ACCEPTED])
    await vscode.window.saved("taken.py", text("taken", "taken_sum", "taken_sum"))
    await vscode.window.press("Control+Z")
    await vscode.window.saved("taken.py", half("taken"))


async def test_an_edit_moves_along_with_lines_above_it(vscode: Session) -> None:
    wire = await renamed(vscode, "moved")
    await shows(vscode, "moved_sum", lines=[4])
    await vscode.window.press("Control+Home")
    await vscode.window.type("\n\n")
    await shows(vscode, "moved_sum", lines=[6])
    await vscode.window.press("ArrowDown", "Tab", "Tab")
    await until("the acceptance", lambda: executed(wire) == [ACCEPTED])
    await vscode.window.saved("moved.py", b"\n\n" + text("moved", "moved_sum", "moved_sum"))


async def test_another_file_gets_the_change_when_it_is_opened(vscode: Session) -> None:
    wire = await renamed(vscode, "opened")
    await shows(vscode, "opened_sum", lines=[4])
    await vscode.window.press("Tab", "Tab")
    await until("the acceptance", lambda: executed(wire) == [ACCEPTED])
    await vscode.window.saved("opened.py", text("opened", "opened_sum", "opened_sum"))
    await vscode.opened("opened_next.py", text("next", "opened_sum", "opened_count"), "1:1")
    await shows(vscode, "opened_sum", lines=[4])


def functions(*bodies: str) -> bytes:
    """One function for each body, which is followed by another line."""
    parts = (
        f"def {name}(value):\n{body}    return value.{name}\n"
        for name, body in zip("abcde", bodies, strict=False)
    )
    return "\n\n".join(parts).encode()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
async def test_line_ends_tabs_and_emoji_stay(vscode: Session, newline: str) -> None:
    # Of its own among the files of other tests, one of which would be opened instead.
    name = "dos_ends" if newline == "\r\n" else "unix_ends"
    old, new = f"\tprint('🎉', {name}_good)  # 🎉é", f"\tprint('🎉', {name}_best)  # 🎉é"

    def lines(*those: str) -> bytes:
        return newline.join([f"def {name}(b):", *those, "", "print('🎉')", ""]).encode()

    column = old.index(name) + 2  # from 1, and the emoji is two units
    await vscode.opened(f"{name}.py", lines(old, old, old), f"2:{column}")
    await replace_word(vscode, f"{name}_best", leave="ArrowUp")
    for line in (3, 4):
        await shows(vscode, f"{name}_best", lines=[line])
        await vscode.window.press("Tab")
        await at_line(vscode, line)
        await vscode.window.press("Tab")
    await shows_nothing(vscode)
    await vscode.window.saved(f"{name}.py", lines(new, new, new))


async def test_escape_refuses(vscode: Session) -> None:
    wire = await renamed(vscode, "refused")
    await shows(vscode, "refused_sum", lines=[4])
    await vscode.window.press("Escape")
    await shows_nothing(vscode)
    await until("the refusal", lambda: executed(wire) == [REFUSED])
    (shown,) = wire.by_editor(SHOWN)
    (refusal,) = wire.by_editor(EXECUTE)
    assert refusal["params"]["arguments"] == shown["params"]["item"]["command"]["arguments"]
    await vscode.window.press("Home", "Tab")
    indented = half("refused").replace(b"    print", b"        print", 1)
    await vscode.window.saved("refused.py", indented)


async def test_ghost_text_wins(vscode: Session) -> None:
    wire = await renamed(vscode, "covered")
    await shows(vscode, "covered_sum", lines=[4])
    vscode.model.knows("ghostly = seen(it)\n")
    await vscode.window.press("Control+End")
    await vscode.window.type("gho")
    await vscode.window.sees("stly = seen(it)")
    await shows_nothing(vscode)
    asked = len(wire.by_editor(ASK))
    await vscode.window.type("stl", delay_ms=300)
    await vscode.window.sees("y = seen(it)")
    assert len(wire.by_editor(ASK)) == asked
    await vscode.window.press("Tab")
    await vscode.window.saved("covered.py", half("covered") + b"ghostly = seen(it)")
    assert ACCEPTED not in executed(wire)


async def test_tab_indents_on_an_empty_line(vscode: Session) -> None:
    await renamed(vscode, "blank")
    await shows(vscode, "blank_sum", lines=[4])
    await vscode.window.press("ArrowDown", "ArrowDown")
    await at_line(vscode, 5)
    await asyncio.sleep(0.3)  # until the extension knows it, which nothing shows
    await vscode.window.press("Tab")
    at = half("blank").index(b"\n\n") + 1
    await vscode.window.saved("blank.py", half("blank")[:at] + b"    " + half("blank")[at:])


async def test_a_line_that_comes(vscode: Session) -> None:
    before = functions("", "", "", "", "")
    await vscode.opened("come.py", before, "1:1")
    for _ in range(3):
        await vscode.window.type("@cached\n")
        await vscode.window.press(*["ArrowDown"] * 4)
    for line, keys in ((16, ["Tab"]), (21, ["Tab", "Tab"])):  # the cursor is at the first already
        await shows(vscode, " ⏎ @cached", lines=[line])
        await vscode.window.press(*keys)
    await shows_nothing(vscode)
    await vscode.window.saved("come.py", before.replace(b"def", b"@cached\ndef"))
