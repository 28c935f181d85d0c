"""Ghost text in Emacs beside what else completes: previews, menus, the status, hooks, commands."""

from __future__ import annotations

from typing import Any

import pytest

from tests.editors.emacs.session import Session
from tests.editors.support.wiretap import Wiretap

pytestmark = [
    pytest.mark.editors,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]

INLINE, MENU = "textDocument/inlineCompletion", "textDocument/completion"


async def evaluated(session: Session, code: str) -> None:
    """Evaluate an expression."""
    await session.press("M-:")
    await session.sees("Eval:")
    session.terminal.send(code)
    await session.press("RET")
    await session.loses("Eval:")


async def test_one_ghost_beside_a_preview_of_candidates(eglot: Session) -> None:
    eglot.model.knows("preview = previewed(once)\n")
    wire = await eglot.opened("preview.py")
    await evaluated(eglot, "(setq completion-preview-minimum-symbol-length 1)")
    await evaluated(eglot, "(completion-preview-mode)")
    await eglot.terminal.type("preview = previ")
    await eglot.sees("preview = previewed(once)")
    await eglot.terminal.type("ew")
    await eglot.sees("preview = previewed(once)")
    assert eglot.terminal.text().count("ewed(once)") == 1
    assert not wire.by_editor(MENU), "the ghost text is enough"
    await eglot.press("TAB")
    await eglot.saved("preview.py", b"preview = previewed(once)")


async def test_a_candidate_from_elsewhere_gives_way_to_the_ghost(eglot: Session) -> None:
    eglot.model.knows("target = elsewhere_of(all)\n", least=len("target = elsew"))
    await eglot.opened("elsewhere.py")
    word = '(save-excursion (skip-syntax-backward "w_") (point)) (point) \'("elsewhere_on")'
    capf = f"(lambda () (list {word}))"
    await evaluated(eglot, f"(setq-local completion-at-point-functions (list {capf}))")
    await evaluated(eglot, "(completion-preview-mode)")
    await eglot.terminal.type("target = else")
    await eglot.sees("target = elsewhere_on")
    await eglot.terminal.type("w")
    await eglot.sees("target = elsewhere_of(all)")
    await eglot.terminal.type("here_")
    await eglot.sees("target = elsewhere_of(all)")
    assert "on" not in eglot.terminal.text().splitlines()[0]


async def test_a_suggestion_comes_by_a_key(eglot: Session) -> None:
    eglot.model.knows("asked = by_hand\n")
    wire = await eglot.opened("asked.py")
    await eglot.terminal.type("asked = ")
    await eglot.sees("by_hand")
    await eglot.press("C-g")
    await eglot.loses("by_hand")
    await eglot.press("C-c - SPC")
    await eglot.sees("by_hand")
    kinds = [each["params"]["context"]["triggerKind"] for each in wire.by_editor(INLINE)]
    assert kinds[-1] == 1


async def test_hooks_run(eglot: Session) -> None:
    eglot.model.knows("hooked = here(it)\n")
    await eglot.opened("hooked.py")
    await evaluated(eglot, "(setq h nil)")
    for name in ("shown-hook", "hidden-hook"):
        note = f"(push (cons '{name} (devstral-visible-p)) h)"
        await evaluated(eglot, f"(add-hook 'devstral-{name} (lambda () {note}))")
    note = "(lambda (text) (push text h))"
    await evaluated(eglot, f"(add-hook 'devstral-accepted-functions {note})")
    await eglot.terminal.type("hooked = ")
    await eglot.sees("here(it)")
    await eglot.press("TAB")
    await evaluated(eglot, "(prin1 (list 'heard (reverse h)))")
    await eglot.sees('(heard ((shown-hook . t) (hidden-hook) "here(it)"))')


async def test_one_ghost_in_lsp_mode(lsp_mode: Session) -> None:
    lsp_mode.model.knows("single = singled(out)\n")
    await lsp_mode.opened("single.py")
    await evaluated(lsp_mode, "(setq completion-preview-minimum-symbol-length 1)")
    await evaluated(lsp_mode, "(completion-preview-mode)")
    await lsp_mode.terminal.type("single = sing")
    await lsp_mode.sees("single = singled(out)")
    await lsp_mode.terminal.type("le")
    await lsp_mode.sees("single = singled(out)")
    assert lsp_mode.terminal.text().count("d(out)") == 1


async def test_snoozed_and_switched_off(session: Session) -> None:
    wire = session.wire.from_now()
    await session.opened("snoozed.py")
    await session.command("devstral-snooze")
    await session.sees("Minutes (0 ends it, empty: until restart): 15")
    await session.press("RET")
    await session.sees("15 minutes")
    await evaluated(session, "(devstral-snooze 0)")
    for command in ("devstral-toggle", "devstral-toggle-language"):
        for said in ("off", "on"):
            await session.command(command)
            await session.sees(f"switched {said}")
    sent = await session.until("all", lambda: commands(wire, 6))
    assert [each["command"].removeprefix("devstral.") for each in sent[:2]] == ["snooze"] * 2
    assert [each.get("arguments") for each in sent[2:]] == [[], [], *[[{"language": "python"}]] * 2]


def commands(wire: Wiretap, count: int) -> list[dict[str, Any]]:
    """The commands that were sent, once there are so many."""
    sent = [each["params"] for each in wire.by_editor("workspace/executeCommand")]
    return sent if len(sent) == count else []
