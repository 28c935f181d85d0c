"""Next edits in Neovim: seen, gone to, taken, refused, and out of the way of ghost text."""

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

ASK, SHOWN = "textDocument/copilotInlineEdit", "textDocument/didShowInlineEdit"
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


async def held(nvim: Session, count: int) -> None:
    """Wait for this many pauses in insert mode."""
    await nvim.terminal.sees(rf"^held {count}$")


async def test_ghost_text_wins(nvim: Session) -> None:
    wire = await renamed(nvim, "covered")
    await nvim.terminal.sees(drawn("covered"))
    await nvim.command("set updatetime=300 | let g:held = 0")
    count = "let g:held += 1 | let &l:statusline = 'held ' .. g:held"
    await nvim.command(f"autocmd CursorHoldI <buffer> {count}")
    nvim.model.knows("ghostly = seen(it)\n")
    await nvim.terminal.type("Gogho")
    await nvim.sees("stly = seen(it)")
    await nvim.terminal.sees(r"return covered_count$")
    asked = len(wire.by_editor(ASK))
    for pauses, key in enumerate("stl", start=1):  # each longer than the plugin would wait
        await held(nvim, pauses)
        await nvim.terminal.type(key)
    await nvim.sees("y = seen(it)")
    assert len(wire.by_editor(ASK)) == asked
    await nvim.terminal.sees(r"return covered_count$")


async def test_another_file_gets_the_change_when_it_is_opened(nvim: Session) -> None:
    await renamed(nvim, "opened")
    await nvim.terminal.sees(drawn("opened"))
    await nvim.terminal.press("Tab", "Tab")
    await nvim.saved("opened.py", text("opened", "opened_sum", "opened_sum").encode())
    await nvim.opened("opened_next.py", text("next", "opened_count", "opened_count").encode())
    await nvim.normal()
    await nvim.terminal.sees(drawn("opened"))


async def test_an_edit_off_the_screen_is_pointed_to(nvim: Session) -> None:
    use = "print(far_count)"
    lines = [use, use, *["pass"] * 60, use, ""]
    await nvim.opened("far.py", "\n".join(lines).encode())
    await nvim.normal()
    await nvim.terminal.type("gg^ffcwfar_sum")
    await nvim.normal()
    await nvim.terminal.sees(r"» +print\(far_countfar_sum\)$")
    await nvim.terminal.press("Tab", "Tab")
    await nvim.terminal.sees(r"^ +print\(far_sum\) +» next edit in line 63$")
    await nvim.terminal.press("Tab")
    await nvim.terminal.sees(r"» +print\(far_countfar_sum\)$")
    assert "next edit in" not in nvim.terminal.text()


def functions(*bodies: str) -> bytes:
    """One function for each body, which is followed by another line."""
    parts = (
        f"def {name}(value):\n{body}    return value.{name}\n"
        for name, body in zip("abcde", bodies, strict=False)
    )
    return "\n\n".join(parts).encode()


CONNECT = """\
    connection = open_connection(host, port)
    connection.set_timeout(30)
    connection.login(user)
"""


async def test_lines_that_go_once_the_cursor_has_left_them(nvim: Session) -> None:
    await nvim.opened("gone.py", functions(CONNECT, CONNECT))
    await nvim.normal()
    wire = nvim.wire.from_now()
    await nvim.terminal.type("2G^3dd")
    await nvim.answered(wire, ASK)
    await nvim.terminal.type("j")
    await nvim.terminal.sees(r"^» +connection = open_connection")
    await nvim.terminal.press("Tab", "Tab")
    await nvim.saved("gone.py", functions("", ""))


async def test_a_letter_that_goes_in_normal_mode(nvim: Session) -> None:
    """The cursor stands where typing would have left it, and nothing is half typed."""
    await nvim.opened("letter.py", b"print(letters)\n" * 2 + b"pass\n")
    await nvim.normal()
    await nvim.terminal.type("1Gfsx")
    await nvim.terminal.sees(r"» +print\(lettersletter\)$")
    await nvim.terminal.press("Tab", "Tab")
    await nvim.saved("letter.py", b"print(letter)\n" * 2 + b"pass\n")


READ = """\
    handle = open_file(path, encoding)
    content = handle.read_everything()
    handle.close()
"""


async def test_fewer_lines_that_come_for_others(nvim: Session) -> None:
    await nvim.opened("fewer.py", functions(READ, READ, READ))
    await nvim.normal()
    for line in ("2G", "7G"):
        await nvim.terminal.type(f"{line}^3cccontent = read_all(path, encoding)")
        await nvim.normal()
    await nvim.terminal.sees(r"^» +handle = open_file")
    await nvim.terminal.sees(r"^ +handle.close\(\)\n +content = read_all\(path, encoding\)$")
    await nvim.terminal.press("Tab", "Tab")
    await nvim.saved("fewer.py", functions(*["    content = read_all(path, encoding)\n"] * 3))


async def test_a_line_that_comes(nvim: Session) -> None:
    before, new = functions("", "", "", "", ""), b"@cached\ndef"
    await nvim.opened("come.py", before)
    await nvim.normal()
    for line in ("1G", "6G", "11G"):
        await nvim.terminal.type(f"{line}O@cached")
        await nvim.normal()
    for name in "de":
        await nvim.terminal.sees(rf"^ +@cached\n» def {name}\(value\):$")
        await nvim.terminal.press("Tab", "Tab")
    await nvim.saved("come.py", before.replace(b"def", new))


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
