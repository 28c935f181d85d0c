"""Next edits in Emacs with eglot: seen, gone to, taken, refused, and out of ghost text's way."""

from __future__ import annotations

import pytest

from tests.editors.emacs.session import Session
from tests.editors.support.wiretap import Wiretap

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(120),
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


async def renamed(eglot: Session, name: str) -> Wiretap:
    """Rename the variable of a new file where it is bound; its use is left as it is."""
    wire = await eglot.opened(f"{name}.py", text(name, f"{name}count", f"{name}count"))
    await eglot.press("M-< C-n M-m M-d")
    await eglot.terminal.type(f"{name}sum")
    await eglot.press("C-n")
    return wire


def drawn(name: str) -> str:
    return f"return {name}count{name}sum"


def executed(wire: Wiretap) -> list[str]:
    return [each["params"]["command"] for each in wire.by_editor(EXECUTE)]


async def test_a_rename_is_seen_gone_to_and_taken(eglot: Session) -> None:
    wire = await renamed(eglot, "taken")
    await eglot.sees(drawn("taken"))
    assert len(await eglot.until("that it is told", lambda: wire.by_editor(SHOWN))) == 1
    await eglot.press("TAB")
    await eglot.sees(" L4 ")
    assert executed(wire) == []
    await eglot.press("TAB")
    await eglot.loses("takencount")
    await eglot.until("the acceptance", lambda: executed(wire) == [ACCEPTED])
    await eglot.saved("taken.py", text("taken", "takensum", "takensum"))
    await eglot.press("C-_")
    await eglot.saved("taken.py", text("taken", "takensum", "takencount"))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
async def test_line_ends_tabs_and_emoji_stay(eglot: Session, newline: str) -> None:
    name = "dos" if newline == "\r\n" else "unix"
    old, new = f"\tprint('🎉', {name}good)  # 🎉é", f"\tprint('🎉', {name}best)  # 🎉é"

    def lines(*those: str) -> bytes:
        return newline.join([f"def {name}(b):", *those, "", "print('🎉')", ""]).encode()

    await eglot.opened(f"{name}.py", lines(old, old, old))
    await eglot.press("M-< C-s")
    await eglot.terminal.type(f"{name}good")
    await eglot.press("RET M-DEL")
    await eglot.terminal.type(f"{name}best")
    await eglot.press("C-n")
    for line in (3, 4):
        await eglot.sees(f"{name}good{name}best")
        await eglot.press("TAB")
        await eglot.sees(f" L{line} ")
        await eglot.press("TAB")
    await eglot.saved(f"{name}.py", lines(new, new, new))


async def test_quit_refuses(eglot: Session) -> None:
    wire = await renamed(eglot, "refused")
    await eglot.sees(drawn("refused"))
    await eglot.press("C-g")
    await eglot.loses(drawn("refused"))
    await eglot.until("the refusal", lambda: executed(wire) == [REFUSED])
    (shown,) = wire.by_editor(SHOWN)
    (refusal,) = wire.by_editor(EXECUTE)
    assert refusal["params"]["arguments"] == shown["params"]["item"]["command"]["arguments"]
    await eglot.saved("refused.py", text("refused", "refusedsum", "refusedcount"))


async def test_ghost_text_wins(eglot: Session) -> None:
    wire = await renamed(eglot, "covered")
    await eglot.sees(drawn("covered"))
    eglot.model.knows("ghostly = seen(it)\n")
    await eglot.press("M->")
    await eglot.terminal.type("gho")
    await eglot.sees("ghostly = seen(it)")
    await eglot.loses(drawn("covered"))
    await eglot.press("TAB")
    half = text("covered", "coveredsum", "coveredcount")
    await eglot.saved("covered.py", half + b"ghostly = seen(it)")
    assert ACCEPTED not in executed(wire)


async def test_a_line_that_comes(eglot: Session) -> None:
    function = "def {0}(value):\n    return value.{0}\n"
    before = "\n\n".join(function.format(name) for name in "abcde").encode()
    await eglot.opened("come.py", before)
    await eglot.press("M-<")
    for _ in range(3):
        await eglot.terminal.type("@cached\r")
        await eglot.press("C-n C-n C-n C-n")
    for name, keys in (("d", "TAB"), ("e", "TAB TAB")):  # point is at the first already
        await eglot.sees(f"\n@cached\ndef {name}(value):")
        await eglot.press(keys)
    await eglot.saved("come.py", before.replace(b"def", b"@cached\ndef"))
