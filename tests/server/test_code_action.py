"""What the offers at a place look like to each kind of client."""

from __future__ import annotations

import copy
import threading
from dataclasses import replace
from typing import Any

import pytest

from devstral_lsp.refactor.types import ActionOffer, Diagnostic, DiagnosticSeverity
from devstral_lsp.server.action_data import ActionData
from devstral_lsp.text import Span
from tests.server.conftest import StartInside
from tests.server.orders import OFFER, TEXT, code_actions, ordered
from tests.support.inside import at
from tests.support.workbench import EVERYTHING, NOTHING

PREFERRED = replace(OFFER, is_preferred=True)
DISABLED = replace(OFFER, disabled="There is nothing to simplify.")
FOREIGN = {
    "range": at(1, 0, 6),
    "message": "second is never used",
    "severity": 2,
    "code": 7,
    "source": "other",
    "data": {"fix": [1, 2]},
    "somethingNew": True,
}


def without(*path: str) -> Any:
    """Everything but one ability."""
    capabilities = copy.deepcopy(EVERYTHING)
    inner = capabilities
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return capabilities


async def test_an_action_carries_its_order_and_no_edit(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    session.engine.offered = [PREFERRED]
    uri = session.open(TEXT)
    (made,) = await code_actions(session, uri, at(1, 0))
    assert made == {
        "title": "Simplify",
        "kind": "refactor.rewrite",
        "isPreferred": True,
        "data": ordered(uri, PREFERRED),
    }
    assert ActionData.from_json(made["data"]) == ActionData(OFFER, uri, 1)


async def test_actions_are_found_beside_the_event_loop(
    inside: StartInside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A selection in a line of 100 kB takes long to parse."""
    session = inside(EVERYTHING)
    session.engine.offered = [PREFERRED]
    find, threads = session.engine.offers, []

    def offers(*asked: Any) -> list[ActionOffer]:
        threads.append(threading.get_ident())
        return find(*asked)

    monkeypatch.setattr(session.engine, "offers", offers)
    await code_actions(session, session.open(TEXT), at(1, 0))
    assert len(threads) == 1
    assert threads != [threading.get_ident()]


@pytest.mark.parametrize("missing", ["dataSupport", "resolveSupport"])
async def test_an_action_that_cannot_be_resolved_is_a_command(
    inside: StartInside, missing: str
) -> None:
    session = inside(without("textDocument", "codeAction", missing))
    session.engine.offered = [OFFER]
    uri = session.open(TEXT)
    (made,) = await code_actions(session, uri, at(1, 0))
    assert made == {
        "title": "Simplify",
        "kind": "refactor.rewrite",
        "command": {
            "title": "Simplify",
            "command": "devstral.apply",
            "arguments": [ordered(uri)],
        },
    }


async def test_a_client_without_actions_gets_commands(inside: StartInside) -> None:
    session = inside(NOTHING)
    session.engine.offered = [PREFERRED, DISABLED]
    uri = session.open(TEXT)
    assert await code_actions(session, uri, at(1, 0)) == [
        {"title": "Simplify", "command": "devstral.apply", "arguments": [ordered(uri)]}
    ]


@pytest.mark.parametrize(
    ("ability", "offer"), [("isPreferredSupport", PREFERRED), ("disabledSupport", DISABLED)]
)
async def test_what_a_client_does_not_know_is_left_out(
    inside: StartInside, ability: str, offer: Any
) -> None:
    session = inside(without("textDocument", "codeAction", ability))
    session.engine.offered = [offer]
    made = await code_actions(session, session.open(TEXT), at(1, 0))
    assert all("isPreferred" not in each and "disabled" not in each for each in made)
    assert len(made) == (0 if offer.disabled else 1)


async def test_a_disabled_action_says_why_and_carries_nothing(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    session.engine.offered = [DISABLED]
    (made,) = await code_actions(session, session.open(TEXT), at(1, 0))
    assert made["disabled"] == {"reason": DISABLED.disabled}
    assert "data" not in made
    assert "command" not in made


async def test_diagnostics_come_back_as_they_were_sent(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    seen = Diagnostic(
        Span(10, 16), "second is never used", DiagnosticSeverity.WARNING, "other", "7"
    )
    session.engine.offered = [replace(OFFER, kind="quickfix", diagnostics=(seen,))]
    (made,) = await code_actions(session, uri, at(1, 0), diagnostics=[FOREIGN])
    assert session.engine.selections[0].diagnostics == (seen,)
    assert made["diagnostics"] == [FOREIGN]


async def test_a_diagnostic_that_is_half_wrong_costs_nobody_the_actions(
    inside: StartInside,
) -> None:
    session = inside(EVERYTHING)
    session.engine.offered = [OFFER]
    odd = {"range": at(1, 0, 6), "message": "odd", "severity": 99, "tags": "none"}
    assert await code_actions(session, session.open(TEXT), at(1, 0), diagnostics=[odd])
    (seen,) = session.engine.selections[0].diagnostics
    assert seen == Diagnostic(Span(10, 16), "odd", DiagnosticSeverity.ERROR)


async def test_what_was_said_of_the_text_before_is_known(inside: StartInside) -> None:
    """Editors send what is at the range; the rest of the file was seen as the cursor moved."""
    session = inside(EVERYTHING)
    uri = session.open(TEXT)
    await code_actions(session, uri, at(1, 0), diagnostics=[FOREIGN])
    await code_actions(session, uri, at(3, 0))
    assert [each.message for each in session.engine.selections[1].other_diagnostics] == [
        FOREIGN["message"]
    ]
    session.change(uri, 2, {"range": at(4, 0), "text": "x"})
    await code_actions(session, uri, at(3, 0))
    assert session.engine.selections[2].other_diagnostics == ()


@pytest.mark.parametrize(("kind", "automatic"), [(1, False), (2, True), (None, False)])
async def test_says_who_asks_and_for_what(
    inside: StartInside, kind: int | None, automatic: bool
) -> None:
    session = inside(EVERYTHING)
    context = {} if kind is None else {"triggerKind": kind}
    await code_actions(session, session.open(TEXT), at(1, 2, 5), only=["refactor"], **context)
    (selection,) = session.engine.selections
    assert selection.automatic is automatic
    assert selection.span == Span(12, 15)
    assert session.engine.only == [("refactor",)]


async def test_a_document_that_is_not_open_has_none(inside: StartInside) -> None:
    session = inside(EVERYTHING)
    session.engine.offered = [OFFER]
    assert await code_actions(session, "file:///elsewhere.py", at(0, 0)) == []
