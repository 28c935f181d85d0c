"""Keys in Neovim beside its own: the menu, `.`, macros, Ctrl-C, closed brackets, events."""

from __future__ import annotations

import pytest

from tests.editors.nvim.session import Session
from tests.editors.support.waiting import until

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]

INLINE, INVOKED = "textDocument/inlineCompletion", 1


async def test_ctrl_c_leaves_no_ghost(nvim: Session) -> None:
    nvim.model.knows("left = behind(me)\n")
    await nvim.opened("left.py")
    await nvim.terminal.type("left = ")
    await nvim.sees("behind(me)")
    await nvim.terminal.press("Control+c")
    await nvim.sees("")
    await nvim.saved("left.py", b"left = \n")


async def test_a_closed_bracket_is_shown_once(nvim: Session) -> None:
    """A plugin that closes brackets has put one behind the cursor."""
    nvim.model.knows("closed = call(first, second")
    await nvim.opened("closed.py", b"closed = call()\n")
    await nvim.normal()
    await nvim.terminal.type("$i")
    await nvim.terminal.type("fi")
    await nvim.terminal.sees(r"closed = call\(first, second\)$")
    await nvim.terminal.press("Tab")
    await nvim.saved("closed.py", b"closed = call(first, second)\n")


async def test_further_lines_begin_behind_a_closed_bracket(nvim: Session) -> None:
    nvim.model.knows("def wide(a, b) -> int:\n    return a\n")
    await nvim.opened("wide.py", b"def wide():\n")
    await nvim.normal()
    await nvim.terminal.type("$hi")
    await nvim.terminal.type("a")
    await nvim.terminal.sees(r"def wide\(a, b\) -> int:$")
    assert "):)" not in nvim.terminal.text()


async def test_a_key_with_alt_types_nothing_where_there_is_no_suggestion(nvim: Session) -> None:
    await nvim.opened("alt.txt")
    await nvim.terminal.type("x")
    await nvim.terminal.press("Alt+n", "Alt+p", "Alt+\\")
    await nvim.terminal.type("y")
    await nvim.saved("alt.txt", b"xy\n")


async def test_a_suggestion_comes_by_a_key(nvim: Session) -> None:
    nvim.model.knows("asked = by_hand\n")
    wire = await nvim.opened("asked.py")
    await nvim.terminal.type("asked = ")
    await nvim.sees("by_hand")
    await nvim.terminal.press("Control+]")
    await nvim.sees("")
    await nvim.terminal.press("Alt+\\")
    await nvim.sees("by_hand")
    kinds = [each["params"]["context"]["triggerKind"] for each in wire.by_editor(INLINE)]
    assert kinds.count(INVOKED) == 1
    assert kinds[-1] == INVOKED
    await nvim.terminal.press("Tab")
    await nvim.saved("asked.py", b"asked = by_hand\n")


async def test_the_previous_suggestion(nvim: Session) -> None:
    nvim.model.knows("turn = first(items)\n", others=["turn = last(items)\n"])
    await nvim.opened("turn.py")
    await nvim.terminal.type("turn = ")
    await nvim.sees("first(items)")
    await nvim.terminal.press("Alt+p")
    await until("the other one", lambda: "last(items)" in nvim.ghost())
    await nvim.terminal.press("Alt+p")
    await until("the first one", lambda: "first(items)" in nvim.ghost())


async def test_a_dot_repeats_what_was_accepted(nvim: Session) -> None:
    nvim.model.knows("again = and_again(more)\n")
    await nvim.opened("dot.py")
    await nvim.terminal.type("again = ")
    await nvim.sees("and_again(more)")
    await nvim.terminal.press("Tab")
    await nvim.normal()
    await nvim.terminal.type(".")
    await nvim.saved("dot.py", b"again = and_again(more)again = and_again(more)\n")


async def test_a_macro_repeats_what_was_accepted(nvim: Session) -> None:
    nvim.model.knows("recorded = and_played\n")
    await nvim.opened("macro.py")
    await nvim.normal()
    await nvim.terminal.type("qqorecorded = ")
    await nvim.sees("and_played")
    await nvim.terminal.press("Tab")
    await nvim.normal()
    await nvim.terminal.type("q")
    await nvim.terminal.type("@q")
    await nvim.saved("macro.py", b"\n" + b"recorded = and_played\n" * 2)


async def with_menu(nvim: Session, name: str) -> None:
    """Have ghost text and, above it, a menu in which nothing is selected."""
    nvim.model.knows(f"{name} = menus_of(all)\n")
    await nvim.opened(f"{name}.py", b"menus_of\nmenus_on\n")
    await nvim.normal()
    await nvim.command("set completeopt=menuone,noselect")
    await nvim.terminal.type(f"o{name} = menu")
    await nvim.sees("s_of(all)")
    nvim.terminal.send("\x0e")  # Ctrl-N
    await nvim.terminal.sees(r"^~ +menus_on")


async def test_tab_takes_a_suggestion_beside_a_menu_without_a_selection(nvim: Session) -> None:
    """Which 'autocomplete' of 0.12 opens at nearly every key."""
    await with_menu(nvim, "beside")
    await nvim.terminal.press("Tab")
    await nvim.saved("beside.py", b"menus_of\nmenus_on\nbeside = menus_of(all)\n")


async def test_tab_is_the_menus_where_an_item_is_selected(nvim: Session) -> None:
    await with_menu(nvim, "within")
    nvim.terminal.send("\x0e\x0e")
    await nvim.terminal.sees("within = menus_on")
    nvim.terminal.send("\x19")  # Ctrl-Y
    await nvim.saved("within.py", b"menus_of\nmenus_on\nwithin = menus_on\n")


async def test_others_hear_of_a_suggestion(nvim: Session) -> None:
    """By events, and by asking whether there is one."""
    nvim.model.knows("heard = of(it)\n")
    await nvim.opened("heard.py")
    await nvim.normal()
    await nvim.command("let g:heard = []")
    for each in ("Shown", "Accepted", "Hidden"):
        note = f"call add(g:heard, '{each}:' .. luaeval('require(\"devstral\").is_visible()'))"
        await nvim.command(f"autocmd User Devstral{each} {note}")
    await nvim.terminal.type("aheard = ")
    await nvim.sees("of(it)")
    await nvim.terminal.press("Tab")
    await nvim.terminal.sees(r"heard = of\(it\)")
    await nvim.normal()
    await nvim.command("echo g:heard")
    await nvim.terminal.sees(r"^\['Shown:v:true', .*'Accepted:")
    await nvim.command("autocmd! User")


async def test_a_key_of_the_users_own(nvim: Session) -> None:
    nvim.model.knows("plugged = in_here\n")
    await nvim.opened("plugged.py")
    await nvim.normal()
    await nvim.command("imap <M-l> <Plug>(devstral-accept)")
    await nvim.terminal.type("aplugged = ")
    await nvim.sees("in_here")
    await nvim.terminal.press("Alt+l")
    await nvim.saved("plugged.py", b"plugged = in_here\n")


async def test_other_servers_suggestions_are_not_switched_on(nvim: Session) -> None:
    """Neovim 0.12 can show those of every server."""
    nvim.model.knows("ours = alone\n")
    await nvim.opened("ours.py")
    await nvim.terminal.type("ours = ")
    await nvim.sees("alone")
    await nvim.normal()
    inline = "vim.lsp.inline_completion"
    await nvim.command(f"echo 'on:' luaeval('({inline} and {inline}.is_enabled()) == true')")
    await nvim.terminal.sees("on: v:false")
