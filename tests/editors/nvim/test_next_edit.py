"""Next edits in Neovim: seen, gone to, taken, refused."""

from __future__ import annotations

import pytest

from tests.editors.nvim.session import Session
from tests.editors.support.waiting import until
from tests.editors.support.wiretap import Wiretap

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]

SHOWN = "textDocument/didShowInlineEdit"
EXECUTE = "workspace/executeCommand"
ACCEPTED, REFUSED = "devstral.nextEdits.accepted", "devstral.nextEdits.refused"


def text(name: str, first: str, second: str) -> str:
    """Code with a variable that is bound once and used once, under these names.

    Each test has a variable of its own: what is learned in one file is proposed in the next.
    """
    return (
        f"def first_of_{name}(value):\n    {first} = value\n    print(value)\n"
        f"    return {second}\n\n\n"
        f"def second_of_{name}(value):\n    print(value)\n    return value\n"
    )


async def renamed(nvim: Session, name: str) -> Wiretap:
    """Rename the variable of a new file where it is bound; its use is left as it is."""
    wire = await nvim.opened(f"{name}.py", text(name, f"{name}_count", f"{name}_count").encode())
    await nvim.normal()
    await nvim.terminal.type(f"2G^cw{name}_sum")
    await nvim.normal()
    return wire


def drawn(name: str) -> str:
    return rf"return {name}_count{name}_sum$"


def half(name: str) -> bytes:
    return text(name, f"{name}_sum", f"{name}_count").encode()


def executed(wire: Wiretap) -> list[str]:
    return [each["params"]["command"] for each in wire.by_editor(EXECUTE)]


async def at_line(nvim: Session, line: int) -> None:
    """Wait until the cursor is there, in normal mode."""
    await nvim.command("echo 'at' line('.')")
    await nvim.terminal.sees(rf"^at {line}$")


async def test_a_rename_is_seen_gone_to_and_taken(nvim: Session) -> None:
    wire = await renamed(nvim, "taken")
    await nvim.terminal.sees(drawn("taken"))
    await nvim.terminal.sees(r"» +return")
    assert len(await until("that it is told", lambda: wire.by_editor(SHOWN))) == 1
    await at_line(nvim, 2)
    await nvim.terminal.press("Tab")
    await at_line(nvim, 4)
    assert executed(wire) == []
    await nvim.terminal.press("Tab")
    await nvim.terminal.sees(r"return taken_sum$")
    await until("the acceptance", lambda: executed(wire) == [ACCEPTED])
    assert "»" not in nvim.terminal.text()
    await nvim.saved("taken.py", text("taken", "taken_sum", "taken_sum").encode())
    await nvim.terminal.type("u")
    await nvim.saved("taken.py", half("taken"))


async def test_escape_refuses(nvim: Session) -> None:
    wire = await renamed(nvim, "refused")
    await nvim.terminal.sees(drawn("refused"))
    await nvim.terminal.press("Escape")
    await nvim.terminal.sees(r"return refused_count$")
    await until("the refusal", lambda: executed(wire) == [REFUSED])
    (shown,) = wire.by_editor(SHOWN)
    (refusal,) = wire.by_editor(EXECUTE)
    assert refusal["params"]["arguments"] == shown["params"]["item"]["command"]["arguments"]
    await nvim.saved("refused.py", half("refused"))


async def test_without_an_edit_the_keys_are_what_they_were(nvim: Session) -> None:
    wire = await nvim.opened("keys.py", text("keys", "keys_count", "keys_count").encode())
    await nvim.normal()
    await nvim.command("nnoremap <buffer> <Esc> :echo 'own escape'<CR>")
    await nvim.terminal.type("2G7G")
    nvim.terminal.send("\x0f")  # Ctrl-O
    await at_line(nvim, 2)
    await nvim.terminal.press("Tab")  # which is Ctrl-I
    await at_line(nvim, 7)
    await nvim.terminal.type("2G^cwkeys_sum\x03")
    await nvim.terminal.sees(drawn("keys"))
    await nvim.terminal.press("Escape")
    await nvim.terminal.sees(r"return keys_count$")
    assert "own escape" not in nvim.terminal.text()
    await nvim.terminal.press("Escape")
    await nvim.terminal.sees("own escape")
    assert executed(wire) == [REFUSED]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
async def test_line_ends_tabs_and_emoji_stay(nvim: Session, newline: str) -> None:
    name = "crlf" if newline == "\r\n" else "lf"
    old, new = f"\tprint('🎉', {name}_good)  # 🎉é", f"\tprint('🎉', {name}_best)  # 🎉é"

    def lines(*those: str) -> bytes:
        return newline.join([f"def {name}(b):", *those, "", "print('🎉')", ""]).encode()

    await nvim.opened(f"{name}.py", lines(old, old, old))
    await nvim.normal()
    await nvim.terminal.type(f"2Gf{name[0]}cw{name}_best")
    await nvim.normal()
    for line in (3, 4):
        await nvim.terminal.sees(rf"» .*{name}_good")
        await nvim.terminal.press("Tab")
        await at_line(nvim, line)
        await nvim.terminal.press("Tab")
    await nvim.saved(f"{name}.py", lines(new, new, new))
